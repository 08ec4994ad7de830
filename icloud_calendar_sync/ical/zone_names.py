"""What a zone's name says by itself: a name of the tz database, of Windows, or an offset."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from .zone_cities import by_cities, windows_name

_WINDOWS = {name.casefold(): olson for name, olson in WINDOWS_TO_OLSON.items()}
# Exchange writes the second, Outlook's list of zones shows the others.
_UTC_NAMES = {
    "z",
    "zulu",
    "utc",
    "gmt",
    "etc/utc",
    "tzone://microsoft/utc",
    "microsoft/utc",
    "coordinated universal time",
    "(utc) coordinated universal time",
    "(gmt) coordinated universal time",
}
# East of Greenwich is plus, as people write it. The sign of Etc/GMT+5 is the other way round: that
# is a name of the tz database, which is asked first.
_OFFSET = re.compile(r"\(?(?:utc|gmt)?\s*([+-])([0-9]{1,2})(?::?([0-9]{2}))?\)?")


# Files beside the zones: this machine's clock, and what has none.
_NO_ZONES = {"localtime", "posixrules", "Factory"}


def olson(tzid: str) -> ZoneInfo | None:
    """Return the zone of that name in the tz database, None where there is none."""
    try:
        return ZoneInfo(tzid) if tzid and tzid not in _NO_ZONES else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: a name of a folder, "Europe", or one too long for the file system.
        return None


def named(tzid: str) -> tzinfo | None:
    """Return the zone that a name says which the tz database does not know exactly so."""
    plain = tzid.strip().casefold()
    if plain in _UTC_NAMES:
        return UTC
    windows = _WINDOWS.get(plain) or _WINDOWS.get(windows_name(tzid), "")
    known = olson(windows) or _offset(plain) or by_cities(tzid)
    return known or olson(_tz_database().get(plain, "")) or _olson_at_end(tzid)


@lru_cache(maxsize=1)
def _tz_database() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def _offset(tzid: str) -> tzinfo | None:
    match = _OFFSET.fullmatch(tzid)
    if match is None:
        return None
    hours, minutes = int(match[2]), int(match[3] or 0)
    if hours > 15 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if match[1] == "-" else offset)


def _olson_at_end(tzid: str) -> ZoneInfo | None:
    """Return the zone of a TZID such as `/vendor.example/2024/Europe/Berlin`."""
    parts = tzid.split("/")[-4:]
    candidates = ("/".join(parts[index:]) for index in range(1, len(parts)))
    return next((zone for zone in map(olson, candidates) if zone), None)
