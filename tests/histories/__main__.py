"""Random histories: `python -m tests.histories [--count 1000] [--seed N] [--lanes 2]`.

Prints what failed, step by step, and at last what there was; not zero if anything failed.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from devtools import paths

# So far apart that no two lanes ever come to the same seed.
APART = 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(APART))
    parser.add_argument("--lanes", type=int, default=2, help="processes side by side")
    parser.add_argument("--addons", type=Path, default=paths.ROOT)
    parser.add_argument("--faults", default="", help="only these, separated by commas; or none")
    parser.add_argument("--only", default="", help="only these changes, separated by commas")
    parser.add_argument("--first", action="store_true", help="stop at the first failure")
    parser.add_argument("--shrink", action="store_true", help="look for a shorter one")
    parser.add_argument("--tell", action="store_true", help="print every history")
    chosen = parser.parse_args()
    return _one(chosen) if chosen.lanes == 1 else _several(chosen)


def _one(chosen: argparse.Namespace) -> int:
    # Odoo is loaded in the processes that need it alone.
    from tests.histories.run import run

    begin = time.monotonic()
    total = run(chosen)
    report(total, time.monotonic() - begin)
    return 1 if total["failures"] else 0


def _several(chosen: argparse.Namespace) -> int:
    """Each lane prints its own failures; their totals are added up."""
    begin = time.monotonic()
    share = -(-chosen.count // chosen.lanes)
    words = [word for word in ("first", "shrink", "tell") if getattr(chosen, word)]
    lanes = []
    for number in range(chosen.lanes):
        command = [sys.executable, "-m", "tests.histories", "--lanes", "1", "--count", str(share)]
        command += ["--faults", chosen.faults, "--only", chosen.only]
        command += ["--seed", str(chosen.seed + number * APART), "--addons", str(chosen.addons)]
        command += [f"--{word}" for word in words]
        lanes.append(
            subprocess.Popen(
                command, cwd=paths.ROOT, env=os.environ, stdout=subprocess.PIPE, text=True
            )
        )
    total: Counter[str] = Counter()
    for lane in lanes:
        output, _errors = lane.communicate()
        *failures, last = output.splitlines() or [""]
        print("\n".join(failures), flush=True)
        total.update(_totals(last))
    report(total, time.monotonic() - begin)
    return 1 if total["failures"] or any(lane.returncode for lane in lanes) else 0


def report(total: Counter[str], seconds: float) -> None:
    """The last line: one number for each word."""
    print(", ".join(f"{count} {name}" for name, count in total.items()), f"in {seconds:.0f} s")


def _totals(line: str) -> dict[str, int]:
    """What `report` printed."""
    pairs = (part.split(" ", 1) for part in line.rpartition(" in ")[0].split(", "))
    return {name: int(count) for count, name in pairs if count.isdecimal()}


if __name__ == "__main__":
    sys.exit(main())
