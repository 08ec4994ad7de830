"""Clocks read one minute at a time with zoneinfo: what the engine's answers are compared with."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1)
DAY = 1440
FOREVER = (-(10**9), 10**9)

# A zone, and a day on which something happens to its clock (or nothing at all).
CLOCK_DAYS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    # At midnight: a day that begins at one, and one whose last hour happens twice.
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2019, 2, 16)),
    # By half an hour.
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    # By a day: one that did not happen, and one that happened on the other side of the date line.
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    # Standard time changed for good, by a quarter of an hour; and a zone at such an offset.
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
    # Summer time is interrupted for Ramadan.
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("UTC", date(2026, 1, 1)),
]


def wall(day: date, clock: str = "00:00") -> int:
    """The wall minute of a time of day."""
    hour, minute = clock.split(":")
    return (
        (datetime(day.year, day.month, day.day) - EPOCH).days * DAY + int(hour) * 60 + int(minute)
    )


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) // 60


def iso(starts: Iterable[int]) -> list[str]:
    return [datetime.fromtimestamp(start * 60, UTC).strftime("%dT%H:%M") for start in starts]


@lru_cache
def shown_around(zone: str, day: date) -> dict[int, int]:
    """What the clock of the zone shows at each UTC minute of the days around this one."""
    tz, middle = ZoneInfo(zone), wall(day)
    return {
        moment: int(
            (datetime.fromtimestamp(moment * 60, tz).replace(tzinfo=None) - EPOCH).total_seconds()
        )
        // 60
        for moment in range(middle - 4 * DAY, middle + 5 * DAY)
    }


def minutes(intervals: Iterable[tuple[int, int]]) -> set[int]:
    return set(chain.from_iterable(range(start, stop) for start, stop in intervals))


@st.composite
def hours_around(draw, day: date) -> list[tuple[int, int]]:
    """Working hours on the day, the one before and the one after; some of them over midnight."""
    base = wall(day) - DAY
    cuts = draw(st.lists(st.integers(0, 3 * DAY // 5), min_size=2, max_size=8, unique=True))
    cuts = sorted(base + 5 * cut for cut in cuts)
    return list(zip(cuts[::2], cuts[1::2], strict=False))


def anchor(first: int, last: int, wall: int) -> int:
    """Where the grid of an interval begins for a minute in it: with the interval, or the day."""
    return first if last - first <= DAY else max(first, wall // DAY * DAY)
