"""What this addon adds to the calendar of Outlook's sync. Imports nothing of ours."""

from . import calendar_event
