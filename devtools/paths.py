"""Where the tools keep their things.

Standard library only: `devtools/setup` runs before any package is there.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "icloud_calendar_sync"
LOCK_FILE = ROOT / "devtools" / "requirements.lock"
ADDONS_LOCK = ROOT / "devtools" / "addons.lock"

# Everything made inside the checkout; `make clean` deletes it.
DEV = ROOT / ".dev"
VENV = DEV / "venv"
PYTHON = VENV / "bin" / "python"
LOGS = DEV / "log"
ODOO_DATA = DEV / "odoo-data"
ODOO_CONF = DEV / "odoo.conf"


def cache() -> Path:
    """The folder outside the checkout for what every checkout of this machine may share."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    folder = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return folder / "icloud_calendar_sync"


def addons() -> list[Path]:
    """The folders of our addons: each top folder `icloud_calendar_sync*` that holds a manifest."""
    return sorted(path.parent for path in ROOT.glob("icloud_calendar_sync*/__manifest__.py"))
