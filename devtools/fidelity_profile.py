"""Sets what caldav-server-tester saw beside what the real iCloud is known to do.

Runs in the environment of fidelity.lock, as a script: reads the tester's report in its `hints`
format (a Python literal; its JSON leaves features out) from standard input, writes JSON rows.
"""

import ast
import json
import sys

from caldav import compatibility_hints

FeatureSet = compatibility_hints.FeatureSet


def rows(seen: dict, known: dict) -> list[dict]:
    """One row a feature: name, real, ours, and whether the profile states it.

    A feature that the profile leaves out counts in it as what the standard says.
    """
    ours, real = FeatureSet(seen), FeatureSet(known)
    found = []
    for name in sorted(FeatureSet.FEATURES):
        kind = FeatureSet.find_feature(name).get("type", "server-feature")
        levels = [each.is_supported(name, str) for each in (real, ours)]
        if kind not in FeatureSet._UNCHECKABLE_FEATURE_TYPES and "unknown" not in levels[:1]:
            stated = name in known
            found.append({"name": name, "real": levels[0], "ours": levels[1], "stated": stated})
    return found


if __name__ == "__main__":
    report = ast.literal_eval(sys.stdin.read())
    json.dump(rows(report, compatibility_hints.icloud), sys.stdout)
