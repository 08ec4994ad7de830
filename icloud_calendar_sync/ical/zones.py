"""Time zones: the VTIMEZONE that we write, and the zones that a file names or defines.

icalendar's `Timezone.from_tzid` is not used: it puts the onset of summer time at 03:00 (7.3), where
RFC 5545 section 3.6.5 wants the time on the clock before the change, 02:00. Whoever believes such a
VTIMEZONE is an hour off for an hour.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar.prop import vUTCOffset

from ..sentence import Sentence, _
from .lines import Component, Malformed, line
from .moments import midnight, parse_time
from .rules import BadRule, Rule, parse_rule
from .text import clean_line, unescape
from .walk import CountsTooFar, OutOfWork, Work, walk
from .zone_names import named, olson

# Counted over a whole file. iCloud's own definitions have some twenty parts for a century, but
# those zones are known by name.
MAX_OBSERVANCES = 40
# Different names in one file; a trip around the world needs a few.
MAX_NAMES = 200
MAX_STEPS = 5_000
ZERO = timedelta(0)
# Some writers let their zones begin in year 1, from where no offset can be subtracted.
EARLIEST = datetime.combine(date(2, 1, 1), time.min)
LATEST = datetime.combine(date(9998, 1, 1), time.min)
# Others begin in 1601, and no event in a window depends on so much history.
FOLLOWED_FROM = datetime.combine(date(1970, 1, 1), time.min)


class _Change(NamedTuple):
    """The clock shows `wall` (on the old offset) when the offset becomes `after`."""

    wall: datetime
    before: timedelta
    after: timedelta


class FileZone(tzinfo):
    """A zone that only a file defines, from its changes of offset."""

    def __init__(self, changes: list[_Change]) -> None:
        changes = sorted(changes, key=lambda change: change.wall - change.before)
        self._moments = [change.wall - change.before for change in changes]
        # A time that the clock jumps over counts by the offset before, one that happens twice is
        # the first of both (RFC 5545 section 3.3.5).
        self._walls = [change.wall + max(ZERO, change.after - change.before) for change in changes]
        # The other answer to both (fold=1, PEP 495).
        self._folded = [change.wall + min(ZERO, change.after - change.before) for change in changes]
        self._offsets = [changes[0].before, *(change.after for change in changes)]

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        if dt is None:
            return None
        walls = self._folded if dt.fold else self._walls
        return self._offsets[bisect_right(walls, dt.replace(tzinfo=None))]

    def fromutc(self, dt: datetime) -> datetime:
        return dt + self._offsets[bisect_right(self._moments, dt.replace(tzinfo=None))]


class Zones:
    """What the TZIDs of one file mean. `host` (the host's zone) stands in for unknown ones.

    `upper` (naive) is how far the zones that the file defines are followed. `unknown`: the host's
    zone had to stand in.
    """

    def __init__(self, definitions: list[Component], host: ZoneInfo, upper: datetime) -> None:
        self.host = host
        self.unknown = False
        self.problems: list[Sentence] = []
        self._definitions: dict[str, Component] = {}
        for definition in reversed(definitions):
            tzid = definition.first("TZID")
            self._definitions[_plain_name(tzid.raw.partition(":")[2]) if tzid else ""] = definition
        self._upper = upper
        self._observances_left = MAX_OBSERVANCES
        self._known: dict[str, tzinfo] = {}

    def get(self, tzid: str) -> tzinfo:
        """Return the zone.

        The tz database wins over the file, whose history may be old or cut; the file wins over
        what a name only seems to say.
        """
        if tzid not in self._known:
            found = self._find(tzid) if len(self._known) < MAX_NAMES else None
            if found is None:
                self.unknown = True
                self.problems.append(
                    _(
                        "The time zone %(name)s is unknown: the host's is used.",
                        name=clean_line(tzid, 60),
                    )
                )
            self._known[tzid] = found or self.host
        return self._known[tzid]

    def _find(self, tzid: str) -> tzinfo | None:
        return olson(tzid) or self._defined(tzid) or named(tzid)

    def _defined(self, tzid: str) -> FileZone | None:
        definition = self._definitions.get(_plain_name(tzid))
        observances = definition.children if definition else []
        changes = [change for each in observances for change in self._changes(each)]
        return FileZone(changes) if changes else None

    def _changes(self, observance: Component) -> list[_Change]:
        self._observances_left -= 1
        if self._observances_left < 0:
            return []
        try:
            before = vUTCOffset.from_ical(_value(observance, "TZOFFSETFROM"))
            after = vUTCOffset.from_ical(_value(observance, "TZOFFSETTO"))
            start = _naive(_value(observance, "DTSTART"))
            walls = [start, *_further(observance, start, self._upper, before)]
            walls = [min(max(wall, EARLIEST), LATEST) for wall in walls]
            return [_Change(wall, before, after) for wall in walls]
        except (ValueError, TypeError, OverflowError, Malformed, BadRule):
            self.problems.append(_("A part of a time zone in the file cannot be read."))
            return []


@lru_cache(maxsize=256)
def vtimezone(tzid: str, first_year: int, last_year: int) -> Component:
    """Return a VTIMEZONE for the whole of those years, one part for each change of offset."""
    zone = ZoneInfo(tzid)
    moment, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    first = moment.astimezone(zone)
    component = Component("VTIMEZONE", [line(f"TZID:{tzid}")], [_observance(first, first)])
    while moment < end:
        following = moment + timedelta(days=1)
        if _offset(zone, moment) != _offset(zone, following):
            change = _change_between(zone, moment, following)
            before = (change - timedelta(seconds=1)).astimezone(zone)
            component.children.append(_observance(before, change.astimezone(zone)))
        moment = following
    return component


def _observance(before: datetime, after: datetime) -> Component:
    """Return the part that begins at `after`, an aware local time; `before` is just before it.

    It begins at the time on the old clock. It is called summer time when there is more of that
    than before: in the tz database Dublin has summer time backwards, in winter, and readers get
    lost when DAYLIGHT is behind STANDARD.
    """
    onset = after.astimezone(UTC).replace(tzinfo=None) + before.utcoffset()
    more = after.dst() > before.dst() or after.dst() == before.dst() > ZERO
    lines = [
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{vUTCOffset(before.utcoffset()).to_ical()}",
        f"TZOFFSETTO:{vUTCOffset(after.utcoffset()).to_ical()}",
        f"TZNAME:{after.tzname()}",
    ]
    return Component("DAYLIGHT" if more else "STANDARD", [line(raw) for raw in lines])


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second with another offset than `before`."""
    old = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset()


def _plain_name(tzid: str) -> str:
    """Return a name as text: in a definition it is TEXT, beside a time a parameter."""
    return unescape(tzid).strip()


def _value(component: Component, name: str) -> str:
    found = component.first(name)
    if found is None:
        raise Malformed(_("The property %(name)s is missing.", name=name))
    return found.parts()[1]


def _naive(value: str) -> datetime:
    """Return a local time; a plain date, which some writers put here, counts as its midnight."""
    parsed = parse_time(value)
    return parsed.replace(tzinfo=None) if isinstance(parsed, datetime) else midnight(parsed)


def _further(
    observance: Component, start: datetime, upper: datetime, before: timedelta
) -> list[datetime]:
    """Return the onsets after the first. Only yearly rules are followed: no clock has others."""
    walls = []
    for current in observance.every("RDATE"):
        walls += [_naive(value) for value in current.parts()[1].split(",")[:MAX_OBSERVANCES]]
    for current in observance.every("RRULE")[:1]:
        rule = parse_rule(current.parts()[1], timezone(before))
        if rule.frequency == "YEARLY":
            walls += _onsets(rule, start, upper)
    return walls


def _onsets(rule: Rule, start: datetime, upper: datetime) -> list[datetime]:
    walls = []
    try:
        for wall in walk(rule, start, FOLLOWED_FROM, upper, Work(MAX_STEPS)):
            if wall >= upper:
                break
            walls.append(wall)
    except (OutOfWork, CountsTooFar) as error:
        raise BadRule(_("A recurrence rule cannot be understood.")) from error
    return walls
