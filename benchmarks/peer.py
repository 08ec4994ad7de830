"""OCA's resource_booking, in a folder of its own that only the benchmark puts on any path."""

import hashlib
from pathlib import Path

from devtools import paths
from devtools.steps import built_whole, exclusive, run, step

MODULE = "resource_booking"
LOCK_FILE = paths.ROOT / "benchmarks" / "peer.lock"


def fetch() -> Path:
    """The folder that holds it, and `odoo/addons` below it; fetched unless it is there."""
    digest = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()[:12]
    folder = paths.DEV / f"peer-{digest}"
    with exclusive(paths.DEV / "peer.lock", "another benchmark"):
        if not folder.exists():
            with step(f"the peer, {MODULE}"), built_whole(folder) as partial:
                pip = [paths.PYTHON, "-m", "pip", "install", "--quiet"]
                # Without what it requires: pip would look for Odoo, which no index has.
                options = ["--no-deps", "--require-hashes", "--target", partial]
                run([*pip, *options, "-r", LOCK_FILE])
    return folder


def addons(folder: Path) -> Path:
    """Where its modules are, for Odoo's addons path."""
    return folder / "odoo" / "addons"
