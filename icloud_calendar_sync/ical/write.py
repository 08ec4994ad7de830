"""A session to the event that stands in iCloud, and what stands there to a fingerprint.

What the host added on the phone is kept line by line as it came: alarms, travel time, attachments,
categories, properties that nobody knows. Only what `_OURS` names is replaced.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..sentence import _
from .lines import Component, Line, Malformed, line, parse, serialise
from .moments import ZERO, parse_duration
from .text import clean, clean_line, escape, unescape
from .vevent import MAX_TRAVEL_MINUTES
from .zone_names import olson
from .zones import vtimezone

PRODID = "-//icloud_calendar_sync//Odoo//EN"
TITLE_LENGTH = 255
LOCATION_LENGTH = 500
DESCRIPTION_LENGTH = 8_000
MAX_SEQUENCE = 2**31 - 2

_UTC_NAMES = {"UTC", "UCT", "Zulu", "Universal"}
_OURS = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DURATION",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "STATUS",
    "TRANSP",
    "SEQUENCE",
    "LAST-MODIFIED",
}
# A session is one event at one time: a repetition added on the phone would fill days that Odoo
# knows nothing of, because our UID is never imported.
_REPETITION = {"RRULE", "RDATE", "EXDATE", "EXRULE"}
# The second one is added by iCloud itself, depending on what was asked for. ORGANIZER and ATTENDEE
# are not among these: we never write them, because Apple would mail the customers, but whom the
# host invited on the phone stays invited. Leaving them out would make Apple send a cancellation.
_DROPPED = {"REQUEST-STATUS", "X-RECURRENCE-EXCEPTION"} | _REPETITION


@dataclass(frozen=True)
class Session:
    """What a calendar shows. `start` and `stop` are aware UTC, `zone` an IANA name.

    `sequence` counts the changes that a customer was sent: it becomes SEQUENCE in a file made from
    nothing, where no older file says the number. It is no part of the fingerprint. `cancelled`
    takes the event of that UID out of the customer's calendar; its sequence must be higher than
    that of the file sent before.
    """

    uid: str
    start: datetime
    stop: datetime
    zone: str
    title: str
    description: str
    location: str
    tentative: bool = False
    sequence: int = 0
    cancelled: bool = False


class Fields(NamedTuple):
    """Our part of an event. Times are "zone:wall", or ":…Z"."""

    start: str
    stop: str
    title: str
    description: str
    location: str
    status: str
    transparency: str = "OPAQUE"
    repeats: bool = False


@dataclass(frozen=True)
class Standing:
    """What stands in iCloud of a copy of ours.

    `fields` None: our UID is not there, or what is there cannot be read. `travel`: minutes of
    travel time before the start, which the host added.
    """

    fields: Fields | None
    travel: int = 0

    @property
    def fingerprint(self) -> str | None:
        """See `remote_fingerprint`."""
        return self.fields and _hash(self.fields)


def write(session: Session, existing: bytes | None = None, *, now: datetime) -> bytes:
    """Return the resource to PUT: new, or `existing` with our properties replaced.

    `now` is aware. Times carry the session's zone and its VTIMEZONE; they are in UTC for a zone
    that is UTC or unknown, and for the second of two equal wall times. An `existing` that cannot
    be read, or that does not hold our UID, is replaced altogether.
    """
    fields = fields_of(session)
    calendar, previous = _find(existing, session.uid) if existing is not None else (None, None)
    zones = _timezones(session, fields)
    if calendar is None:
        header = ["VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN"]
        calendar = Component("VCALENDAR", [line(raw) for raw in header])
    replaced = {_tzid(zone) for zone in zones}
    kept = [
        child
        for child in calendar.children
        if not (child.name == "VTIMEZONE" and _tzid(child) in replaced)
        and not _is_event(child, session.uid)
    ]
    event = _event(session, fields, previous, now)
    header = _header(calendar)
    if session.cancelled:
        # Mail programs take an event away for this alone; an entry without ORGANIZER has nobody
        # whom an answer could go to.
        header.append(line("METHOD:CANCEL"))
    # Ours first: of a file that holds several events, which none should, readers take one.
    return serialise(Component("VCALENDAR", header, [*zones, event, *kept]))


def fingerprint(session: Session) -> str:
    """Return a hash of our part of the event, as it survives any server."""
    return _hash(fields_of(session))


def remote_fingerprint(data: bytes, uid: str) -> str | None:
    """Return the same hash of what stands in iCloud; None if our UID is not there or unreadable.

    It is equal while our fields are as we wrote them and nobody made the event repeat, however the
    lines are folded or ordered and whatever else was added.
    """
    try:
        return standing(data, uid).fingerprint
    except Malformed:
        return None


def standing(data: bytes, uid: str) -> Standing:
    """Return what stands there of the copy with our UID.

    Raises `Malformed` when the data is no whole calendar: then it says nothing of the copy.
    """
    calendars = [component for component in parse(data) if component.name == "VCALENDAR"]
    if not calendars:
        raise Malformed(_("There is no calendar in the data."))
    calendar, event = _find_in(calendars, uid)
    if event is None:
        return Standing(None)
    try:
        return Standing(_fields_in(event, calendar), _travel(event))
    except Malformed:
        return Standing(None, _travel(event))


def _travel(event: Component) -> int:
    value = _text(event, "X-APPLE-TRAVEL-DURATION")
    try:
        length = sum(parse_duration(value), ZERO) if value else ZERO
    except ValueError:
        return 0
    return min(max(length // timedelta(minutes=1), 0), MAX_TRAVEL_MINUTES)


def _hash(fields: Fields) -> str:
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()


def fields_of(session: Session) -> Fields:
    """Return our part of the event, as it survives any server."""
    zone = None if session.zone.removeprefix("Etc/") in _UTC_NAMES else olson(session.zone)
    return Fields(
        start=_time(session.start, zone),
        stop=_time(session.stop, zone),
        title=clean_line(session.title, TITLE_LENGTH),
        description=clean(session.description, DESCRIPTION_LENGTH),
        location=clean(session.location, LOCATION_LENGTH),
        status=_status(session),
    )


def _status(session: Session) -> str:
    if session.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if session.tentative else "CONFIRMED"


def _fields_in(event: Component, calendar: Component) -> Fields:
    """Return our part of a stored event; what RFC 5545 gives a default for may be missing."""
    same_uid = [child for child in calendar.children if _is_event(child, _uid(event))]
    return Fields(
        start=_time_in(event, "DTSTART"),
        stop=_time_in(event, "DTEND"),
        title=clean_line(unescape(_value(event, "SUMMARY")), TITLE_LENGTH),
        description=clean(unescape(_value(event, "DESCRIPTION")), DESCRIPTION_LENGTH),
        location=clean(unescape(_value(event, "LOCATION")), LOCATION_LENGTH),
        status=_value(event, "STATUS").upper() or "CONFIRMED",
        transparency=_value(event, "TRANSP").upper() or "OPAQUE",
        repeats=len(same_uid) > 1 or any(current.name in _REPETITION for current in event.lines),
    )


def _time(moment: datetime, zone: ZoneInfo | None) -> str:
    moment = moment.astimezone(UTC).replace(microsecond=0)
    if zone is not None:
        wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        if wall.replace(tzinfo=zone).astimezone(UTC) == moment:
            return f"{zone.key}:{wall:%Y%m%dT%H%M%S}"
    return f":{moment:%Y%m%dT%H%M%SZ}"


def _time_in(event: Component, name: str) -> str:
    found = event.first(name)
    if found is None:
        return ""
    parameters, value = found.parts()
    tzid = "" if value.endswith("Z") else str(parameters.get("TZID") or "")
    return f"{tzid}:{value}"


def _event(
    session: Session, fields: Fields, previous: Component | None, now: datetime
) -> Component:
    """Return the VEVENT: our lines, then the host's lines and alarms."""
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        f"UID:{session.uid}",
        f"DTSTAMP:{stamp}",
        _time_line("DTSTART", fields.start),
        _time_line("DTEND", fields.stop),
        f"SUMMARY:{escape(fields.title)}",
        *([f"DESCRIPTION:{escape(fields.description)}"] if fields.description else []),
        *([f"LOCATION:{escape(fields.location)}"] if fields.location else []),
        f"STATUS:{fields.status}",
        f"TRANSP:{fields.transparency}",
        f"SEQUENCE:{_sequence(session, fields, previous)}",
        f"LAST-MODIFIED:{stamp}",
    ]
    if previous is None or previous.first("CREATED") is None:
        lines.append(f"CREATED:{stamp}")
    kept = _kept(fields, previous) if previous else []
    children = previous.children if previous else []
    return Component("VEVENT", [*map(line, lines), *kept], children)


def _kept(fields: Fields, previous: Component) -> list[Line]:
    """Return the host's lines. The map pin and the HTML text go when what they show has changed."""
    dropped = _OURS | _DROPPED
    if clean(unescape(_text(previous, "LOCATION")), LOCATION_LENGTH) != fields.location:
        dropped = dropped | {"X-APPLE-STRUCTURED-LOCATION"}
    if clean(unescape(_text(previous, "DESCRIPTION")), DESCRIPTION_LENGTH) != fields.description:
        dropped = dropped | {"X-ALT-DESC"}
    return [current for current in previous.lines if current.name and current.name not in dropped]


def _sequence(session: Session, fields: Fields, previous: Component | None) -> int:
    """Return the SEQUENCE: one more when a time changed (RFC 5545 section 3.8.7.4)."""
    if previous is None:
        return min(max(session.sequence, 0), MAX_SEQUENCE)
    before = _text(previous, "SEQUENCE")
    number = int(before) if before.isdecimal() and len(before) < 12 else 0
    try:
        same = (_time_in(previous, "DTSTART"), _time_in(previous, "DTEND")) == fields[:2]
    except Malformed:
        same = False
    return min(number if same else number + 1, MAX_SEQUENCE)


def _time_line(name: str, time: str) -> str:
    tzid, _colon, value = time.partition(":")
    return f"{name};TZID={tzid}:{value}" if tzid else f"{name}:{value}"


def _timezones(session: Session, fields: Fields) -> list[Component]:
    """Return the VTIMEZONE that the times name, with a year to spare on both sides."""
    tzids = {time.partition(":")[0] for time in (fields.start, fields.stop)} - {""}
    years = session.start.year - 1, session.stop.year + 1
    return [vtimezone(tzid, *years) for tzid in sorted(tzids)]


def _header(calendar: Component) -> list[Line]:
    """Return the calendar's own lines without METHOD, which no stored event has (RFC 4791 4.1)."""
    lines = [current for current in calendar.lines if current.name and current.name != "METHOD"]
    required = {"VERSION": "VERSION:2.0", "PRODID": f"PRODID:{PRODID}"}
    missing = [line(raw) for name, raw in required.items() if calendar.first(name) is None]
    return [*missing, *lines]


def _find(data: bytes, uid: str) -> tuple[Component | None, Component | None]:
    """Return the calendar and the event, not one of its overrides, that have our UID."""
    try:
        calendars = parse(data)
    except Malformed:
        # To the callers this is the same as an event that is not there.
        return None, None
    return _find_in(calendars, uid)


def _find_in(calendars: list[Component], uid: str) -> tuple[Component | None, Component | None]:
    for calendar in calendars:
        for child in calendar.children:
            if _is_event(child, uid) and child.first("RECURRENCE-ID") is None:
                return calendar, child
    return None, None


def _is_event(component: Component, uid: str) -> bool:
    return component.name == "VEVENT" and _uid(component) == uid


def _uid(component: Component) -> str:
    return unescape(_text(component, "UID"))


def _tzid(timezone: Component) -> str:
    return _text(timezone, "TZID")


def _value(component: Component, name: str) -> str:
    found = component.first(name)
    return found.parts()[1] if found else ""


def _text(component: Component, name: str) -> str:
    """Return the value, "" also for a line that cannot be read."""
    try:
        return _value(component, name)
    except Malformed:
        return ""
