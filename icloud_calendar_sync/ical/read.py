"""A calendar resource to the occurrences that it has in a window."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from icalendar.parser import Parameters
from icalendar.prop import vDDDTypes

from .lines import Component, Line, Malformed, parse
from .series import Event, Length, Moment, Occurrence, Window, expand_series
from .text import clean_line, unescape
from .zones import Zones

TITLE_LENGTH = 255
MAX_DATES = 10_000
MAX_PROBLEMS = 20
MAX_TRAVEL_MINUTES = 1_440
# No event lasts longer; it keeps sums of durations in the range of Python's timedelta.
LONGEST = timedelta(days=36_600)
DAY = timedelta(days=1)
ZERO = timedelta(0)
# Zones that only the file defines are followed this long after the window, so that an override of
# a far occurrence keeps its key while the window moves on.
ZONE_MARGIN = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one resource says about a window.

    `occurrences` are sorted by start. `more_after`: something starts after the window, or may.
    `problems` are plain sentences about what could not be followed. `recurring` is False when the
    resource is a single event, whose only occurrence has no identity beside the resource: its
    `original_start` follows its start.
    """

    uid: str
    occurrences: tuple[Occurrence, ...]
    more_after: bool
    problems: tuple[str, ...]
    recurring: bool = False


def read(
    data: bytes,
    window_start: datetime,
    window_stop: datetime,
    zone: str,
    addresses: frozenset[str],
) -> Reading:
    """Return the occurrences of a resource that touch [window_start, window_stop), both aware.

    `zone` is the host's, for all-day and floating times; `addresses` are the host's, in lower case.
    Cancelled occurrences are left out; free, declined and empty ones are not busy. A resource
    without events, such as a task, has none. Raises `Malformed` when nothing of it can be read,
    and `zoneinfo.ZoneInfoNotFoundError` for an unknown host's zone.
    """
    calendars = [component for component in parse(data) if component.name == "VCALENDAR"]
    if not calendars:
        raise Malformed("There is no calendar in the data.")
    components = [child for calendar in calendars for child in calendar.children]
    window = Window(window_start.astimezone(UTC), window_stop.astimezone(UTC), ZoneInfo(zone))
    definitions = [child for child in components if child.name == "VTIMEZONE"]
    zones = Zones(definitions, window.host, window.stop.replace(tzinfo=None) + ZONE_MARGIN)
    reader = _Reader(zones, addresses)
    uid, events = reader.events([child for child in components if child.name == "VEVENT"])
    found = expand_series(events, window)
    problems = dict.fromkeys([*reader.problems, *zones.problems, *found.problems])
    recurring = any(event.rules or event.rdates or event.recurrence_id for event in events)
    problems = tuple(islice(problems, MAX_PROBLEMS))
    return Reading(uid, found.occurrences, found.more_after, problems, recurring)


class _Reader:
    def __init__(self, zones: Zones, addresses: frozenset[str]) -> None:
        self.zones = zones
        self.addresses = addresses
        self.problems: list[str] = []

    def events(self, components: list[Component]) -> tuple[str, list[Event]]:
        """Return the UID of the first event and all events that have it."""
        uids = [unescape(self._text(component, "UID")) for component in components]
        if not uids:
            return "", []
        if len(set(uids)) > 1:
            self.problems.append("The file holds several events: only the first was read.")
        events = []
        for component, uid in zip(components, uids, strict=True):
            if uid != uids[0]:
                continue
            try:
                events.append(self._event(component))
            except Malformed as error:
                self.problems.append(str(error))
        if not events:
            raise Malformed(self.problems[-1])
        return uids[0], events

    def _event(self, component: Component) -> Event:
        start = self._moment(component, "DTSTART", self.zones.host)
        if start is None:
            raise Malformed("The event has no start.")
        clock = start.zone or self.zones.host
        recurrence = component.first("RECURRENCE-ID")
        free = self._text(component, "TRANSP").upper() == "TRANSPARENT"
        return Event(
            start=start,
            length=self._length(component, start),
            title=clean_line(unescape(self._text(component, "SUMMARY")), TITLE_LENGTH),
            busy=not free and not self._declined(component),
            cancelled=self._text(component, "STATUS").upper() == "CANCELLED",
            sequence=self._sequence(component),
            travel=self._travel(component),
            recurrence_id=self._moment(component, "RECURRENCE-ID", clock),
            and_future=recurrence is not None
            and recurrence.parts()[0].get("RANGE", "") == "THISANDFUTURE",
            rules=tuple(current.parts()[1] for current in component.every("RRULE")),
            rdates=tuple(self._dates(component, "RDATE", clock)),
            exdates=tuple(moment for moment, _length in self._dates(component, "EXDATE", clock)),
        )

    def _length(self, component: Component, start: Moment) -> Length:
        """Return how long the event lasts, with the defaults of RFC 5545 section 3.6.1."""
        clock = start.zone or self.zones.host
        end = self._moment(component, "DTEND", clock)
        duration = component.first("DURATION")
        if end is not None and start.all_day:
            length = Length(_midnight(end.wall) - _midnight(start.wall), ZERO)
        elif end is not None:
            length = Length(ZERO, _apart(start, Moment(end.wall, end.zone or clock)))
        elif duration is not None:
            length = _nominal(duration, start.all_day)
        else:
            length = Length(DAY if start.all_day else ZERO, ZERO)
        if length.days + length.rest < ZERO:
            self.problems.append("The event ends before it starts.")
            length = Length(ZERO, ZERO)
        return Length(max(length.days, DAY), ZERO) if start.all_day else length

    def _moment(self, component: Component, name: str, clock: tzinfo) -> Moment | None:
        found = component.first(name)
        if found is None:
            return None
        parameters, value = found.parts()
        moment, _length = self._parse_time(name, value, parameters, clock)
        return moment

    def _dates(
        self, component: Component, name: str, clock: tzinfo
    ) -> list[tuple[Moment, Length | None]]:
        """Return the values of RDATE or EXDATE; those that cannot be read are named and skipped."""
        lines = [current.parts() for current in component.every(name)]
        values = ((value, parameters) for parameters, text in lines for value in text.split(","))
        dates = []
        for value, parameters in islice(values, MAX_DATES):
            try:
                if value:
                    dates.append(self._parse_time(name, value, parameters, clock))
            except Malformed as error:
                self.problems.append(str(error))
        if next(values, None):
            self.problems.append(f"Only the first {MAX_DATES} dates of {name} were read.")
        return dates

    def _parse_time(
        self, name: str, value: str, parameters: Parameters, clock: tzinfo
    ) -> tuple[Moment, Length | None]:
        """Return a time, and the length of a PERIOD. A time without a zone is on `clock`."""
        try:
            parsed = vDDDTypes.from_ical(value.strip().upper())
        except (ValueError, OverflowError) as error:
            raise Malformed(f"The time in {name} cannot be read.") from error
        period = parsed if isinstance(parsed, tuple) else None
        parsed = period[0] if period else parsed
        tzid = str(parameters.get("TZID") or "").strip()
        if isinstance(parsed, datetime):
            zone = parsed.tzinfo or (self.zones.get(tzid) if tzid else clock)
            if parameters.get("VALUE") == "DATE":
                return Moment(_midnight(parsed), None), None
            start = Moment(parsed.replace(tzinfo=None), zone)
            return start, _period_length(period, start) if period else None
        if not isinstance(parsed, date):
            raise Malformed(f"The time in {name} cannot be read.")
        return Moment(datetime.combine(parsed, time.min), None), None

    def _declined(self, component: Component) -> bool:
        """Return whether the host said no. The EMAIL parameter comes first: iCloud rewrites the
        address itself to that of a principal."""
        answers = []
        for current in component.every("ATTENDEE"):
            parameters, value = self._parts(current)
            address = str(parameters.get("EMAIL") or value).lower().removeprefix("mailto:")
            if address in self.addresses:
                answers.append(str(parameters.get("PARTSTAT", "")).upper())
        return bool(answers) and all(answer == "DECLINED" for answer in answers)

    def _travel(self, component: Component) -> int:
        value = self._text(component, "X-APPLE-TRAVEL-DURATION")
        try:
            travel = vDDDTypes.from_ical(value) if value else ZERO
        except (ValueError, OverflowError):
            travel = None
        if not isinstance(travel, timedelta):
            self.problems.append("The travel time cannot be read.")
            return 0
        return min(max(travel // timedelta(minutes=1), 0), MAX_TRAVEL_MINUTES)

    def _sequence(self, component: Component) -> int:
        value = self._text(component, "SEQUENCE")
        return int(value) if value.isdecimal() and len(value) < 10 else 0

    def _text(self, component: Component, name: str) -> str:
        """Return the value as written, "" where there is none."""
        found = component.first(name)
        return self._parts(found)[1] if found else ""

    def _parts(self, current: Line) -> tuple[Parameters, str]:
        """Return parameters and value; a line that cannot be read is named and counts as empty."""
        try:
            return current.parts()
        except Malformed as error:
            self.problems.append(str(error))
            return Parameters(), ""


def _nominal(duration: Line, all_day: bool) -> Length:
    try:
        lasts = vDDDTypes.from_ical(duration.parts()[1].upper())
    except (ValueError, OverflowError) as error:
        raise Malformed("The duration of the event cannot be read.") from error
    if not isinstance(lasts, timedelta):
        raise Malformed("The duration of the event cannot be read.")
    lasts = min(lasts, LONGEST)
    if all_day:
        return Length(timedelta(days=-(-lasts // DAY)), ZERO)
    return Length(timedelta(days=lasts.days), timedelta(seconds=lasts.seconds))


def _period_length(period: tuple, start: Moment) -> Length:
    """Return the length of a PERIOD, whose second part is an end or a duration."""
    end = period[1]
    if isinstance(end, timedelta):
        return Length(ZERO, min(max(end, ZERO), LONGEST))
    return Length(ZERO, max(_apart(start, Moment(end.replace(tzinfo=None), start.zone)), ZERO))


def _apart(start: Moment, end: Moment) -> timedelta:
    return end.utc(end.zone) - start.utc(start.zone)


def _midnight(wall: datetime) -> datetime:
    return datetime.combine(wall, time.min)
