"""Builds the addon's wheel: `python -m devtools.wheel` puts it into dist/."""

import shutil
import sys
import tempfile
from pathlib import Path

from devtools import paths
from devtools.steps import run

DESCRIPTION = ("setup.py", "pyproject.toml", "README.rst", "LICENSE")
# The tests of the models, which the wheel carries, and what they stand on.
SHARED = ("tests/models", "devtools/local_icloud")


def build(target: Path) -> Path:
    """Build the wheel into the folder `target` and return its path.

    From a copy: setuptools would leave its own folders in the checkout, and take files deleted long
    ago from them.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "source"
        copy.mkdir()
        for name in DESCRIPTION:
            if (paths.ROOT / name).exists():
                shutil.copy(paths.ROOT / name, copy)
        for place in (*(addon.name for addon in paths.addons()), *SHARED):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(paths.ROOT / place, copy / place, ignore=ignored)
        built = Path(folder) / "dist"
        options = ["--wheel", "--no-isolation", "--outdir", built, copy]
        run([sys.executable, "-m", "build", *options])
        (wheel,) = built.glob("*.whl")
        target.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(wheel, target))


if __name__ == "__main__":
    print(build(paths.ROOT / "dist"))
