"""Between Odoo's naive UTC datetimes and the engine's integer minutes since 1970."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1)
_DAY = 24 * 60


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH.date()).days


def end_of_hours(hour: float) -> int:
    """Minutes since midnight at which hours end; the last minute of a day is its end.

    Odoo's own fields let nobody type 24:00: until 23:59 means until midnight.
    """
    minutes = round(hour * 60)
    return _DAY if minutes == _DAY - 1 else minutes


def minutes_down(moment: datetime) -> int:
    """Whole minutes since 1970 of a naive UTC time."""
    return int(moment.replace(tzinfo=UTC).timestamp()) // 60


def minutes_up(moment: datetime) -> int:
    """The next whole minute of a naive UTC time."""
    return -(-int(moment.replace(tzinfo=UTC).timestamp()) // 60)


def from_minutes(minutes: int) -> datetime:
    """Naive UTC time of minutes since 1970."""
    return _EPOCH + timedelta(minutes=minutes)


@lru_cache(maxsize=8192)
def iso_from_minutes(minutes: int) -> str:
    """ISO 8601, in UTC with Z: a month of slots has hundreds, the next question the same."""
    return from_minutes(minutes).isoformat(timespec="seconds") + "Z"
