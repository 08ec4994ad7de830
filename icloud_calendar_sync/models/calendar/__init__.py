"""What Odoo's calendar gains: sessions, imported events, busy minutes. Imports `planning` alone."""

from . import icloud_busy
from . import calendar_attendee
from . import event
