"""Dialogs of the back office. They call models and import no room."""

from . import base_module_uninstall
from . import icloud_booking_preview
from . import icloud_booking_publish
from . import icloud_booking_why
from . import icloud_health_view
