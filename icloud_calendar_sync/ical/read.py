"""A calendar resource to the occurrences that it has in a window."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from ..sentence import Sentence, _
from .events import Occurrence, Window
from .lines import Malformed, parse
from .series import MAX_OCCURRENCES, expand_series
from .vevent import Reader
from .walk import MAX_STEPS, Work
from .zones import Zones

MAX_PROBLEMS = 20
# Zones that only the file defines are followed this long after the window, so that an override of
# a far occurrence keeps its key while the window moves on.
ZONE_MARGIN = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one resource says about a window.

    `occurrences` are sorted by start. `more_after`: something starts after the window, or may.
    `problems` are plain sentences about what could not be followed. `recurring` is False when the
    resource is a single event, whose only occurrence has no identity beside the resource: its
    `original_start` follows its start. `floating`: something in it was read on the host's clock (a
    day, a time without a zone or with an unknown one), so that it means other moments when the
    host moves to another zone. `known_until` (aware UTC): the series was cut, and is complete only
    before that moment; None: complete for the window. What was found after it blocks all the same.
    """

    uid: str
    occurrences: tuple[Occurrence, ...]
    more_after: bool
    problems: tuple[Sentence, ...]
    recurring: bool = False
    floating: bool = False
    known_until: datetime | None = None


def read(
    data: bytes,
    window_start: datetime,
    window_stop: datetime,
    zone: str,
    addresses: frozenset[str],
    *,
    most: int = MAX_OCCURRENCES,
    steps: int = MAX_STEPS,
    deadline: float | None = None,
) -> Reading:
    """Return the occurrences of a resource that touch [window_start, window_stop), both aware.

    `zone` is the host's, for all-day and floating times; `addresses` are the host's, in lower case.
    Cancelled occurrences are left out; free, declined and empty ones are not busy. A resource
    without events, such as a task, has none.

    At most `most` occurrences are returned, for at most `steps` of work on its rules (a step takes
    a few microseconds), which begins before `deadline` (of `time.monotonic()`): what is cut shows
    in `known_until`. Occurrences that follow each other without a gap are not merged, so a series
    by the minute is cut after a day or so.

    Raises `Malformed` when nothing of it can be read, and `zoneinfo.ZoneInfoNotFoundError` for an
    unknown host's zone.
    """
    calendars = [component for component in parse(data) if component.name == "VCALENDAR"]
    if not calendars:
        raise Malformed(_("There is no calendar in the data."))
    components = [child for calendar in calendars for child in calendar.children]
    window = Window(window_start.astimezone(UTC), window_stop.astimezone(UTC), ZoneInfo(zone))
    definitions = [child for child in components if child.name == "VTIMEZONE"]
    zones = Zones(definitions, window.host, window.stop.replace(tzinfo=None) + ZONE_MARGIN)
    reader = Reader(zones, addresses)
    uid, events = reader.events([child for child in components if child.name == "VEVENT"])
    found = expand_series(events, window, max(most, 0), Work(steps, deadline))
    problems = dict.fromkeys([*reader.problems, *zones.problems, *found.problems])
    known_until = found.known_until
    if reader.incomplete:
        known_until = window.start
    return Reading(
        uid=uid,
        occurrences=found.occurrences,
        more_after=found.more_after or reader.incomplete,
        problems=tuple(islice(problems, MAX_PROBLEMS)),
        recurring=any(event.rules or event.rdates or event.recurrence_id for event in events),
        floating=reader.floating or zones.unknown,
        known_until=known_until,
    )
