"""Zones, and what their clocks show."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@cache
def all_zones() -> frozenset[str]:
    """IANA names; `available_timezones` walks through a folder at each call."""
    return frozenset(available_timezones())


def to_local(moment: datetime, zone: str) -> datetime:
    """A naive UTC time as the clock of a zone shows it, aware."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def local_day(moment: datetime, zone: str) -> date:
    """The date a naive UTC time has in a zone."""
    return to_local(moment, zone).date()


def local_midnight(day: date, zone: str) -> datetime:
    """Naive UTC time at which a date begins in a zone (an IANA name)."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
