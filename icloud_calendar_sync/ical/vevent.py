"""The properties of a VEVENT to plain values. What cannot be read is named, and blocks."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from urllib.parse import unquote

from ..sentence import Sentence, _
from .events import Answer, Event
from .lines import Component, Malformed
from .moments import DAY, ZERO, Length, Moment, midnight, parse_duration, parse_time
from .text import clean_line, storable, unescape
from .zones import Zones

# RFC 5321 section 4.5.3.1.3 allows 254 octets, each of which may be quoted, and more may follow.
MAX_ADDRESS_LENGTH = 2_000
TITLE_LENGTH = 255
MAX_DATES = 10_000
MAX_TRAVEL_MINUTES = 1_440
HOUR = timedelta(hours=1)
NONE = Length(ZERO, ZERO)


class Reader:
    """Reads the VEVENTs of one file. `addresses` are the host's, in lower case.

    `floating`: something was read on the host's clock. `incomplete`: there are dates that were not
    read, so that nothing is known for sure.
    """

    def __init__(self, zones: Zones, addresses: frozenset[str]) -> None:
        self.zones = zones
        self.addresses = addresses
        self.problems: list[Sentence] = []
        self.floating = False
        self.incomplete = False

    def events(self, components: list[Component]) -> tuple[str, list[Event]]:
        """Return the UID of the first event and all events that have it. Raises `Malformed`."""
        uids = [storable(unescape(self._text(component, "UID"))) for component in components]
        if not uids:
            return "", []
        if len(set(uids)) > 1:
            self.problems.append(_("The file holds several events: only the first was read."))
        events, lost_series = [], None
        for component, uid in zip(components, uids, strict=True):
            if uid != uids[0]:
                continue
            try:
                events.append(self._event(component))
            except Malformed as error:
                self.problems.append(error.sentence)
                if component.first("RECURRENCE-ID") is None:
                    lost_series = error
        if lost_series and all(event.recurrence_id for event in events):
            # A few changed occurrences must not pass for all there is: then what an earlier
            # reading of the series found would be given up.
            raise lost_series
        if not events:
            raise Malformed(self.problems[-1])
        return uids[0], events

    def _event(self, component: Component) -> Event:
        start = self._moment(component, "DTSTART", None)
        if start is None:
            raise Malformed(_("The event has no start."))
        clock = start.zone or self.zones.host
        original, and_future = self._original(component, start)
        length = self._length(component, start)
        rdates = (
            (moment, self._unreadable_length(moment) if unknown and length == NONE else lasts)
            for moment, lasts, unknown in self._dates(component, "RDATE", clock)
        )
        return Event(
            start=start,
            length=length,
            title=clean_line(unescape(self._text(component, "SUMMARY")), TITLE_LENGTH),
            marked_free=self._text(component, "TRANSP").upper() == "TRANSPARENT",
            answer=self._answer(component),
            cancelled=self._text(component, "STATUS").upper() == "CANCELLED",
            sequence=self._sequence(component),
            travel=self._travel(component),
            recurrence_id=original,
            and_future=and_future,
            rules=self._rules(component, "RRULE"),
            exrules=self._rules(component, "EXRULE"),
            rdates=tuple(rdates),
            exdates=tuple(moment for moment, *_end in self._dates(component, "EXDATE", clock)),
        )

    def _original(self, component: Component, start: Moment) -> tuple[Moment | None, bool]:
        """Return the RECURRENCE-ID and whether it is for the future as well.

        One that cannot be read must not free the time that is written beside it: the event is
        then one of its own.
        """
        found = component.first("RECURRENCE-ID")
        if found is None:
            return None, False
        try:
            original = self._moment(component, "RECURRENCE-ID", start.zone or self.zones.host)
            parameters, _value = found.parts(time=True)
        except Malformed as error:
            self.problems.append(error.sentence)
            return start, False
        return original, parameters.get("RANGE", "").upper() == "THISANDFUTURE"

    def _length(self, component: Component, start: Moment) -> Length:
        """Return how long the event lasts, with the defaults of RFC 5545 section 3.6.1."""
        length = Length(DAY if start.all_day else ZERO, ZERO)
        for read in (self._until_end, self._for_duration):
            try:
                found = read(component, start)
            except Malformed as error:
                self.problems.append(error.sentence)
                length = self._unreadable_length(start)
                continue
            if found is not None:
                length = found
                break
        if length.days + length.rest < ZERO:
            self.problems.append(_("The event ends before it starts."))
            length = self._unreadable_length(start)
        return Length(max(length.days, DAY), ZERO) if start.all_day else length

    def _until_end(self, component: Component, start: Moment) -> Length | None:
        clock = start.zone or self.zones.host
        end = self._moment(component, "DTEND", clock)
        if end is None:
            return None
        if start.all_day:
            host = self.zones.host
            last = end.wall if end.all_day else end.utc(host).astimezone(host).replace(tzinfo=None)
            return Length(-(-(last - start.wall) // DAY) * DAY, ZERO)
        end = Moment(end.wall, end.zone or clock)
        apart, on_clock = _apart(start, end), end.wall - start.wall
        # A start that the clock jumps over comes after the times that follow it on the clock.
        jumped = apart <= ZERO < on_clock and end.zone == start.zone
        return Length(ZERO, on_clock if jumped else apart)

    def _for_duration(self, component: Component, start: Moment) -> Length | None:
        duration = component.first("DURATION")
        if duration is None:
            return None
        try:
            days, rest = parse_duration(duration.parts(time=True)[1])
        except ValueError as error:
            raise Malformed(_("The duration of the event cannot be read.")) from error
        return Length(-(-(days + rest) // DAY) * DAY, ZERO) if start.all_day else Length(days, rest)

    def _unreadable_length(self, start: Moment) -> Length:
        """Return the rest of the host's day, an hour at least: no length would mean that it is
        free, and nobody knows how long it is."""
        if start.all_day:
            return Length(DAY, ZERO)
        self.floating = True
        host = self.zones.host
        there = Moment(start.utc(host).astimezone(host).replace(tzinfo=None), host)
        rest = _apart(there, Moment(midnight(there.wall), host).moved(DAY))
        return Length(ZERO, max(rest, HOUR))

    def _moment(self, component: Component, name: str, clock: tzinfo | None) -> Moment | None:
        found = component.first(name)
        if found is None:
            return None
        parameters, value = found.parts(time=True)
        return self._time(name, value, parameters, clock)

    def _rules(self, component: Component, name: str) -> tuple[str, ...]:
        rules = []
        for current in component.every(name):
            try:
                rules.append(current.parts()[1])
            except Malformed as error:
                self.problems.append(error.sentence)
        return tuple(rules)

    def _dates(
        self, component: Component, name: str, clock: tzinfo
    ) -> list[tuple[Moment, Length | None, bool]]:
        """Return the values of RDATE or EXDATE, each with whether its end could not be read.

        Those that cannot be read at all are named and skipped.
        """
        if not component.every(name):
            return []
        dates = []
        values = self._values(component, name)
        for value, parameters in islice(values, MAX_DATES):
            try:
                if value:
                    dates.append(self._date(name, value, parameters, clock))
            except Malformed as error:
                self.problems.append(error.sentence)
        if next(values, None):
            # What was not excluded blocks, which is safe. What was not added does not.
            self.incomplete = self.incomplete or name == "RDATE"
            self.problems.append(
                _("Only the first %(most)s dates of %(name)s were read.", most=MAX_DATES, name=name)
            )
        return dates

    def _values(self, component: Component, name: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        for current in component.every(name):
            try:
                parameters, text = current.parts(time=True)
            except Malformed as error:
                self.problems.append(error.sentence)
                continue
            yield from ((value.strip(), parameters) for value in text.split(","))

    def _date(
        self, name: str, value: str, parameters: Mapping[str, str], clock: tzinfo
    ) -> tuple[Moment, Length | None, bool]:
        """Return a time, and the length of a PERIOD, whose second part is an end or a duration."""
        value, _slash, end = value.partition("/")
        start = self._time(name, value, parameters, clock)
        if not end or start.all_day:
            return start, None, False
        try:
            if end.lstrip("+-")[:1] in ("P", "p"):
                length = parse_duration(end)
            else:
                length = Length(ZERO, _apart(start, self._time(name, end, parameters, clock)))
        except (ValueError, Malformed):
            length = None
        if length is None or length.days + length.rest < ZERO:
            # The event's own length stands in, where it has one.
            self.problems.append(_("The end of a time in %(name)s cannot be read.", name=name))
            return start, None, True
        return start, length, False

    def _time(
        self, name: str, value: str, parameters: Mapping[str, str], clock: tzinfo | None
    ) -> Moment:
        """Return a time. One without a zone is on `clock`, None meaning the host's."""
        try:
            parsed = parse_time(value)
        except (ValueError, OverflowError) as error:
            raise Malformed(_("The time in %(name)s cannot be read.", name=name)) from error
        if not isinstance(parsed, datetime) or parameters.get("VALUE", "").upper() == "DATE":
            self.floating = self.floating or clock is None
            return Moment(midnight(parsed), None)
        return Moment(parsed.replace(tzinfo=None), parsed.tzinfo or self._zone(parameters, clock))

    def _zone(self, parameters: Mapping[str, str], clock: tzinfo | None) -> tzinfo:
        tzid = parameters.get("TZID", "").strip()
        if tzid:
            return self.zones.get(tzid)
        if clock is not None:
            return clock
        self.floating = True
        return self.zones.host

    def _answer(self, component: Component) -> Answer | None:
        """Return what the host said to the invitation, None where there is none.

        Several addresses may mean the host: declined is what all of them declined. An invitation
        without a PARTSTAT was not answered (RFC 5545 section 3.2.12).
        """
        answers = {
            parameters.get("PARTSTAT", "").upper() or "NEEDS-ACTION"
            for parameters in self._of_the_host(component, "ATTENDEE")
        }
        if not answers:
            return None
        if answers == {"DECLINED"}:
            return Answer.DECLINED
        is_organizer = any(True for _one in self._of_the_host(component, "ORGANIZER"))
        if answers <= {"NEEDS-ACTION", "DECLINED"} and not is_organizer:
            return Answer.NONE
        return Answer.GIVEN

    def _of_the_host(self, component: Component, name: str) -> Iterator[Mapping[str, str]]:
        """Yield the parameters of the lines that name the host. The EMAIL parameter comes first:
        iCloud rewrites the address itself to that of a principal."""
        for current in component.every(name):
            try:
                parameters, value = current.parts()
            except Malformed as error:
                self.problems.append(error.sentence)
                continue
            if _address(parameters.get("EMAIL") or value) in self.addresses:
                yield parameters

    def _travel(self, component: Component) -> int:
        value = self._text(component, "X-APPLE-TRAVEL-DURATION")
        try:
            travel = sum(parse_duration(value), ZERO) if value else ZERO
        except ValueError:
            self.problems.append(_("The travel time cannot be read."))
            return 0
        return min(max(travel // timedelta(minutes=1), 0), MAX_TRAVEL_MINUTES)

    def _sequence(self, component: Component) -> int:
        value = self._text(component, "SEQUENCE")
        return int(value) if value.isdecimal() and len(value) < 12 else 0

    def _text(self, component: Component, name: str) -> str:
        """Return the value of a property without which the event still can be read."""
        found = component.first(name)
        try:
            return found.parts()[1] if found else ""
        except Malformed as error:
            self.problems.append(error.sentence)
            return ""


def _address(value: str) -> str:
    """Return the e-mail address of a calendar user, in lower case; "" where it is too long for one.

    A mailto URI may quote any letter (RFC 6068 section 2); what follows a question mark is not
    the address.
    """
    if len(value) > MAX_ADDRESS_LENGTH:
        return ""
    scheme, colon, rest = value.strip().partition(":")
    if colon and scheme.lower() == "mailto":
        value = unquote(rest.partition("?")[0])
    return value.strip().lower()


def _apart(start: Moment, end: Moment) -> timedelta:
    zone = end.zone or start.zone
    return end.utc(zone) - start.utc(start.zone)
