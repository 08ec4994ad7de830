"""Static checks of the tree: `python -m devtools.lint [name …]`. All run; any finding fails."""

import os
import subprocess
import sys
from collections.abc import Sequence

from devtools import paths
from devtools.machine import venv


def checks() -> dict[str, list[str]]:
    """The name and the command of each check."""
    addons = [addon.name for addon in paths.addons()]
    # Not the OCA's: its author, a README in each addon (ours is at the top), and one file for all
    # that a model does (ours has one for each idea).
    others = "manifest-required-author,missing-readme,consider-merging-classes-inherited"
    pylint = ["pylint", f"--disable={others}", *addons]
    found = {"ruff check": ["ruff", "check"], "ruff format": ["ruff", "format", "--check"]}
    found["imports"] = ["lint-imports", "--no-logo", "--no-cache"]
    found["unused functions"] = ["python", "-m", "devtools.unused"]
    return found | ({"pylint-odoo": pylint} if addons else {})


def main(names: Sequence[str]) -> int:
    failed = []
    chosen = {name: command for name, command in checks().items() if not names or name in names}
    for name, command in chosen.items():
        print(f"… {name}", flush=True)
        if subprocess.run(command, cwd=paths.ROOT, env={**os.environ, **venv.path()}).returncode:
            failed.append(name)
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
