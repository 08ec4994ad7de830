"""Virtual environments of their own, for programs whose packages touch nobody else's."""

import hashlib
import shutil
import sys
from pathlib import Path

from devtools import paths
from devtools.steps import exclusive, run, step


def own_venv(name: str, title: str, lock_file: Path) -> Path:
    """Its folder; it holds exactly what the lock file names, and is made unless it is there."""
    identity = f"{sys.version}\n{paths.DEV}\n".encode() + lock_file.read_bytes()
    folder = paths.DEV / f"{name}-{hashlib.sha256(identity).hexdigest()[:12]}"
    whole = folder / "whole"
    with exclusive(paths.DEV / f"{name}.lock", f"another run of {name}"):
        if not whole.exists():
            # Not built elsewhere and renamed: a virtual environment knows its own path.
            shutil.rmtree(folder, ignore_errors=True)
            with step(title):
                run([sys.executable, "-m", "venv", folder])
                pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
                run([*pip, "--require-hashes", "-r", lock_file])
            whole.touch()
    return folder
