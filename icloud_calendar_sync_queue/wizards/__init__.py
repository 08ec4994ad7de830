"""What this addon adds to the dialogs of the main one."""

from . import icloud_health_view
