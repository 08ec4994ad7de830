"""What stands in the demo hosts' iCloud calendars, as their phones would have written it."""

import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar

from devtools.local_icloud import LocalICloud

ZONE = ZoneInfo("Europe/Berlin")
FRIDAY = 4
WEEK = timedelta(days=7)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Wall clock time of the salon."""
    return datetime.combine(day, time(hour, minute), ZONE)


def today() -> date:
    return datetime.now(ZONE).date()


def working_day(number: int) -> date:
    """The first, second, … weekday after today."""
    day = today()
    while number:
        day += timedelta(days=1)
        number -= day.weekday() <= FRIDAY
    return day


def weekly(day: date, hour: int, minute: int = 0) -> datetime:
    """When a series began that has an occurrence on `day`: some weeks ago."""
    return at(day - 3 * WEEK, hour, minute)


def fill(cloud: LocalICloud, mara: str, jonas: str) -> None:
    """Write the events; all dates follow from today."""
    third, fourth, fifth = working_day(3), working_day(4), working_day(5)
    school_run = _event("School run", weekly(third, 15), minutes=30, uid="SCHOOL-RUN")
    school_run.add("rrule", {"freq": "weekly", "byday": ["MO", "TU", "WE", "TH", "FR"]})
    early = _event("School run, early today", at(third, 14), minutes=30, uid="SCHOOL-RUN")
    early.add("recurrence-id", at(third, 15))
    cloud.put_event(mara, "Home", _file(school_run, early))
    cloud.put_event(mara, "Home", _file(_event("Mum's birthday", fourth, transp="TRANSPARENT")))
    cloud.put_event(mara, "Family", _file(_event("Trip to the sea", fifth)))
    physio = _event("Physio", weekly(fourth, 8), minutes=60)
    physio.add("rrule", {"freq": "weekly"})
    physio.add("exdate", at(fourth + WEEK, 8))
    cloud.put_event(jonas, "Home", _file(physio))
    dentist = _event("Dentist", at(working_day(2), 9), minutes=90)
    cloud.put_event(jonas, "Home", _file(dentist))


def _event(
    title: str, start: date, *, minutes: int = 0, uid: str = "", **properties: str
) -> icalendar.Event:
    """A timed event of so many minutes, or one of a whole day."""
    event = icalendar.Event()
    event.add("uid", uid or str(uuid.uuid4()).upper())
    event.add("dtstamp", datetime.now(ZoneInfo("UTC")))
    event.add("summary", title)
    event.add("dtstart", start)
    event.add("dtend", start + (timedelta(minutes=minutes) or timedelta(days=1)))
    for name, value in properties.items():
        event.add(name, value)
    return event


def _file(*events: icalendar.Event) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Apple Inc.//iOS 19.0//EN")
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()
