"""Keeps iCloud's events out of Google's calendar; installs itself beside google_calendar."""

from . import models
