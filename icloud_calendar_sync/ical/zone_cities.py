"""Zones by the cities that Exchange lists: "(UTC+01:00) Amsterdam, Berlin, Bern, Rome".

That is what Windows shows people, and no name of any list that machines use. The cities say the
zone all the same where the tz database has some of them, all of these have kept the same time, and
the offset in front is theirs. Where one city says something else, nothing is guessed.
"""

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

_SHOWN = re.compile(
    r"\((?:utc|gmt)\s*(?:(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2}))?\)"
    r"\s*(?P<places>[^()]{1,200})",
    re.IGNORECASE,
)
# The same in words that are the Windows name but for two.
_COUNTRIES = re.compile(r"\([^()]*\)\s*([a-z]+) time \((?:us & canada|canada)\)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[,;]\s*")
# Years in which the cities must have agreed; longer ago they need not.
_YEARS = 2012, 2037
_STEP = timedelta(days=7)
_LATELY = timedelta(days=366)


class _Clock(NamedTuple):
    """How far it is ahead of UTC: the first week of each offset, and which is that of winter."""

    changes: tuple[tuple[datetime, timedelta], ...]
    winter: timedelta


def by_cities(tzid: str) -> ZoneInfo | None:
    """Return the zone that all known cities of such a name keep, None where they differ."""
    match = _SHOWN.fullmatch(tzid.strip())
    if match is None:
        return None
    size = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    offset = -size if match["sign"] == "-" else size
    places = _SEPARATOR.split(match["places"].strip().casefold())
    names = sorted({name for place in places for name in _cities().get(place, ())})
    clocks = {_clock(name) for name in names}
    if len(clocks) != 1:
        return None
    [clock] = clocks
    return ZoneInfo(names[0]) if clock.winter == offset else None


def windows_name(tzid: str) -> str:
    """Return the Windows name of "(UTC-05:00) Eastern Time (US & Canada)", "" of others."""
    match = _COUNTRIES.fullmatch(tzid.strip())
    return f"{match[1].casefold()} standard time" if match else ""


@lru_cache(maxsize=1)
def _cities() -> dict[str, list[str]]:
    """{a city: the zones called so}"""
    found = defaultdict(list)
    for name in available_timezones():
        area, slash, city = name.rpartition("/")
        if slash and not area.startswith("Etc"):
            found[city.replace("_", " ").casefold()].append(name)
    return found


@lru_cache(maxsize=1_000)  # More than there are.
def _clock(name: str) -> _Clock:
    zone, offset, changes = ZoneInfo(name), None, []
    moment, end = datetime(_YEARS[0], 1, 1, tzinfo=UTC), datetime(_YEARS[1], 1, 1, tzinfo=UTC)
    while moment < end:
        before, offset = offset, moment.astimezone(zone).utcoffset()
        if offset != before:
            changes.append((moment, offset))
        moment += _STEP
    lately = changes[-2:] if changes[-1][0] > end - _LATELY else changes[-1:]
    return _Clock(tuple(changes), min(offset for _moment, offset in lately))
