"""Zones, and what their clocks show."""

from datetime import UTC, date, datetime, time, timedelta
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


def zone_words(zone: str, moment: datetime) -> str:
    """“New York (GMT−5)”: a zone as people know it, with its offset at a naive UTC time."""
    return f"{city_of(zone)} ({offset_words(moment, zone)})"


def offset_words(moment: datetime, zone: str) -> str:
    """“GMT−5”, at a naive UTC time."""
    minutes = int(to_local(moment, zone).utcoffset() / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    sign = "" if not minutes else "−" if minutes < 0 else "+"
    return f"GMT{sign}{hours or ''}{f':{rest:02}' if rest else ''}"


def city_of(zone: str) -> str:
    """“New York” of America/New_York."""
    return zone.rpartition("/")[2].replace("_", " ")
