"""Server-side expansion as iCloud delivers it: instances, with three marks on the calendar."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from icalendar import Calendar

from .. import dialect
from ..dialect import CALDAV
from ..kept.store import Store


def mark_expanded(multistatus: ET.Element, store: Store) -> None:
    """Add Apple's marks to every expanded series in a calendar-query's answer."""
    for response in multistatus:
        for data in response.iter(f"{CALDAV}calendar-data"):
            member = store.member(dialect.path_of(response))
            if member is not None and data.text and "RECURRENCE-ID" in data.text:
                data.text = _marked(data.text, member.serialize())


def _marked(expanded: str, original: str) -> str:
    """Each instance also carries the time of the query as a first, second DTSTAMP."""
    marks = ["BEGIN:VCALENDAR", "X-EXPANDED:True"]
    for master in Calendar.from_ical(original).walk("VEVENT"):
        if "RRULE" in master:
            rule = master["RRULE"].to_ical().decode().replace(";", "\\;").replace(",", "\\,")
            marks.append(f"X-MASTER-DTSTART:{master['DTSTART'].to_ical().decode()}")
            marks.append(f"X-MASTER-RRULE:{rule}")
    text = expanded.replace("BEGIN:VCALENDAR", "\n".join(marks), 1)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return text.replace("BEGIN:VEVENT", f"BEGIN:VEVENT\nDTSTAMP:{stamp}")
