"""Keeps iCloud's events out of Microsoft's calendar; installs itself beside microsoft_calendar."""

from . import models
