"""Files as they stand in a calendar before anybody is measured: an iPhone's, and ours."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
# All of them lie in what is shown in Odoo: none before today, none after a year.
DAYS = 350
FIRST_HOUR = 8
HOURS = 10
BOOKING = timedelta(minutes=30)
_SPACE = uuid.UUID("5c5a4a0e-3c56-4c8f-8f1e-5b1f6d3c9a77")


def tomorrow() -> date:
    """Where the hosts are."""
    return datetime.now(ZONE).date() + timedelta(days=1)


def of_phone(count: int) -> Iterator[tuple[str, str]]:
    """(name of the file, text) of so many meetings of an hour, as a phone writes them."""
    first = tomorrow()
    for number in range(count):
        day = first + timedelta(days=number % DAYS)
        start = datetime.combine(day, time(FIRST_HOUR + number // DAYS % HOURS))
        uid = str(uuid.uuid5(_SPACE, str(number))).upper()
        yield (
            f"{uid}.ics",
            _TEXT.format(
                uid=uid, number=number, start=start, stop=start + timedelta(hours=1)
            ).replace("\n", "\r\n"),
        )


def changed(text: str, word: str) -> str:
    """The same meeting with another title."""
    return text.replace("SUMMARY:Meeting", f"SUMMARY:{word} meeting")


def of_bookings(count: int, moved: timedelta = timedelta()) -> Iterator[tuple[str, str]]:
    """(name of the file, text) of so many bookings, written as we write them."""
    # Here, because addons can only be imported once Odoo has started.
    from odoo.addons.icloud_calendar_sync.ical.write import Session, write

    for number, start in enumerate(starts(count)):
        uid = str(uuid.uuid5(_SPACE, f"booking {number}")).upper()
        session = Session(
            uid=uid,
            start=start + moved,
            stop=start + moved + BOOKING,
            zone=ZONE.key,
            title=f"First visit: Guest {number}",
            description=f"Guest {number}\nguest{number}@example.net",
            location="Salon, 12 Rose Street",
        )
        yield f"{uid}.ics", write(session, now=datetime.now(UTC)).decode()


def starts(count: int) -> Iterator[datetime]:
    """Aware UTC starts of so many bookings, one after the other."""
    midnight = datetime.combine(tomorrow() + timedelta(days=1), time(), UTC)
    return (midnight + number * BOOKING for number in range(count))


_TEXT = """BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//iPhone OS 19.0//EN
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CREATED:20260101T080000Z
DTEND;TZID=Europe/Berlin:{stop:%Y%m%dT%H%M%S}
DTSTAMP:20260101T080000Z
DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}
LAST-MODIFIED:20260101T080000Z
SEQUENCE:0
SUMMARY:Meeting {number}
TRANSP:OPAQUE
UID:{uid}
END:VEVENT
END:VCALENDAR
"""
