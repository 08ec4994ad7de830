"""The virtual environment `.dev/venv`, made from the lock files. Standard library only."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from devtools import paths
from devtools.steps import exclusive, run, step, write_whole

STAMP = paths.VENV / "lock.stamp"


def prepare() -> None:
    """Make the environment unless it is whole, of these lock files, this Python and this place."""
    with exclusive(paths.DEV / "venv.lock", "another set-up of this checkout"):
        wanted = _wanted_stamp()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        # Not built elsewhere and renamed: a virtual environment knows its own path. The stamp,
        # written last, is what makes it whole.
        shutil.rmtree(paths.VENV, ignore_errors=True)
        with step("virtual environment"):
            run([sys.executable, "-m", "venv", paths.VENV])
        with step("Python packages of devtools/requirements.lock"):
            pip = [paths.PYTHON, "-m", "pip", "install", "--quiet"]
            run([*pip, "--require-hashes", "-r", paths.LOCK_FILE])
            # What they require is there already, or no index has it: see addons.in.
            run([*pip, "--require-hashes", "--no-deps", "-r", paths.ADDONS_LOCK])
        write_whole(STAMP, wanted)


def _wanted_stamp() -> str:
    identity = f"{sys.version}\n{paths.VENV}\n".encode()
    locks = paths.LOCK_FILE.read_bytes() + paths.ADDONS_LOCK.read_bytes()
    return hashlib.sha256(identity + locks).hexdigest()


def point_at_odoo(folder: Path) -> None:
    """Put `folder`, which holds the package `odoo`, on the environment's path."""
    for site in paths.VENV.glob("lib/python3*/site-packages"):
        write_whole(site / "odoo-19.pth", f"{folder}\n")


def path() -> dict[str, str]:
    """PATH with the environment's programs first."""
    return {"PATH": f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
