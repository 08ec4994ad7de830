"""Dates, times and durations as written (RFC 5545 sections 3.3.4 to 3.3.9), read for what they say.

icalendar refuses a time of 24:00, weeks beside days and fractions, and reads PT36H as a day on the
clock and twelve hours. An end that cannot be read makes an event look shorter than it is, so
whatever is plainly said is read here.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from typing import NamedTuple

DAY = timedelta(days=1)
ZERO = timedelta(0)
# No event lasts longer; it keeps sums of durations in the range of Python's timedelta.
LONGEST = timedelta(days=36_600)
# A wall clock is less than a day from UTC.
CLOCK_MARGIN = timedelta(days=2)
_FIRST = datetime.combine(date.min, time.min) + CLOCK_MARGIN
_LAST = datetime.combine(date.max, time.min) - CLOCK_MARGIN
_TIME = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z?))?", re.IGNORECASE
)
_NUMBER = r"(?:([0-9]{1,18}(?:[.,][0-9]{1,9})?)%s)?"
_DURATION = re.compile(
    r"([+-]?)P"
    + _NUMBER % "W"
    + _NUMBER % "D"
    + "(?:T"
    + "".join(map(_NUMBER.__mod__, "HMS"))
    + ")?",
    re.IGNORECASE,
)
_SECONDS = (604_800, 86_400, 3_600, 60, 1)


class Length(NamedTuple):
    """How long an event lasts: `days` on the clock and then `rest` of real time.

    RFC 5545 section 3.8.5.3: an end (DTEND) repeats with the same exact duration, a DURATION with
    the same nominal one.
    """

    days: timedelta
    rest: timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as written: `wall` (naive) on the clock of `zone`, or a day when `zone` is None."""

    wall: datetime
    zone: tzinfo | None

    @property
    def all_day(self) -> bool:
        return self.zone is None

    def utc(self, host: tzinfo) -> datetime:
        """Return the moment in UTC; a day begins at the host's midnight."""
        wall = min(max(self.wall, _FIRST), _LAST)
        return wall.replace(tzinfo=self.zone or host).astimezone(UTC)

    def earliest_utc(self, host: tzinfo) -> datetime:
        """Return the first moment in UTC that this or any later time on the clock may be.

        Where the clock is put forward, a time that is jumped over counts by the old offset, and
        comes after those that follow it on the clock.
        """
        wall = min(max(self.wall, _FIRST), _LAST).replace(tzinfo=self.zone or host)
        return min(wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))

    def on_clock_of(self, other: "Moment") -> datetime:
        """Return the wall time of this moment on the clock of another."""
        if self.zone is None or other.zone is None:
            return self.wall
        return self.utc(self.zone).astimezone(other.zone).replace(tzinfo=None)

    def moved(self, delta: timedelta) -> "Moment":
        """Return the moment that much later on the same clock."""
        try:
            return Moment(self.wall + delta, self.zone)
        except OverflowError:
            return Moment(_LAST if delta > ZERO else _FIRST, self.zone)


def parse_time(value: str) -> date | datetime:
    """Return a date, a naive datetime, or an aware one in UTC. Raises `ValueError`.

    24:00 is the midnight that follows; seconds may be left out; a leap second counts as the one
    before it, as section 3.3.12 wants from whoever has none.
    """
    match = _TIME.fullmatch(value.strip())
    if match is None:
        raise ValueError(value)
    day = date(*map(int, match.groups()[:3]))
    if match[4] is None:
        return day
    hour, minute, second = (int(number or 0) for number in match.groups()[3:6])
    zone = UTC if match[7] else None
    if (hour, minute, second) == (24, 0, 0):
        return datetime.combine(day, time.min, zone) + DAY
    return datetime.combine(
        day, time(hour, minute, min(second, 59) if second <= 60 else second, tzinfo=zone)
    )


def parse_duration(value: str) -> Length:
    """Return weeks and days as time on the clock, hours and less as real time.

    What is longer than a century is a century. Raises `ValueError`.
    """
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()[1:]):
        raise ValueError(value)
    weeks, days, *clock = (
        Fraction((number or "0").replace(",", ".")) * seconds
        for number, seconds in zip(match.groups()[1:], _SECONDS, strict=True)
    )
    whole_days, part_of_day = divmod(weeks + days, _SECONDS[1])
    sign = -1 if match[1] == "-" else 1
    longest = LONGEST.days * _SECONDS[1]
    return Length(
        sign * timedelta(days=min(int(whole_days), LONGEST.days)),
        sign * timedelta(seconds=min(math.ceil(part_of_day + sum(clock)), longest)),
    )


def midnight(day: date) -> datetime:
    """Return the first moment of a day, or of the day of a wall time."""
    return datetime.combine(day, time.min)


def digits(day: date) -> str:
    """Return YYYYMMDD; strftime drops the zeros of early years, and keys are compared as text."""
    return f"{day.year:04}{day.month:02}{day.day:02}"
