"""What every test needs before it is collected."""

import sys
import types
from pathlib import Path

from hypothesis import HealthCheck, settings

ADDON = Path(__file__).resolve().parent.parent / "icloud_calendar_sync"

# The addon's own __init__ imports Odoo. The plain rooms (icloud, ical, scheduling, sync) must be
# testable without it, so `icloud_calendar_sync` stands here as a bare package over the same folder.
_package = types.ModuleType("icloud_calendar_sync")
_package.__path__ = [str(ADDON)]
sys.modules.setdefault("icloud_calendar_sync", _package)

# A machine with much else to do is slow, and no test is red for that.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
