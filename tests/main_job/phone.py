"""The host's iPhone: another client of the same account, which knows nothing of Odoo."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urljoin
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import icalendar
import requests

XML = {"Content-Type": "application/xml"}
_MAKE = """<?xml version="1.0"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{}</D:displayname>
</D:prop></D:set></C:mkcalendar>"""


def vevent(title: str, start: date, stop: date, *more: str, uid: str = "") -> str:
    """A VEVENT as the phone writes it: times in UTC, or days; `more` are whole lines."""
    title = title.replace(",", "\\,")
    return "\r\n".join(
        (
            "BEGIN:VEVENT",
            f"UID:{uid or str(uuid.uuid4()).upper()}",
            "DTSTAMP:20260101T000000Z",
            _time("DTSTART", start),
            _time("DTEND", stop),
            f"SUMMARY:{title}",
            *more,
            "END:VEVENT",
        )
    )


def vcalendar(*components: str) -> str:
    """A whole resource."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Apple Inc.//iOS 19.0//EN")
    return "\r\n".join((*head, *components, "END:VCALENDAR", ""))


def _time(name: str, value: date) -> str:
    if isinstance(value, datetime):
        return f"{name}:{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};VALUE=DATE:{value:%Y%m%d}"


_QUERY = """<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter>
</C:calendar-query>"""


class Phone:
    """One account's phone. `calendars` maps names to hrefs; hrefs are paths on the server."""

    def __init__(self, url: str, email: str, password: str, calendars: Mapping[str, str]) -> None:
        self.email, self.password = email, password
        self.calendars = dict(calendars)
        self._url, self._session = url, requests.Session()

    def create_calendar(self, href: str, name: str) -> str:
        self._ask("MKCALENDAR", href, _MAKE.format(escape(name)), XML)
        self.calendars[name] = href
        return href

    def add(self, calendar: str, title: str, start: date, stop: date, *more: str) -> str:
        """Create an event; its href."""
        return self.write(calendar, vcalendar(vevent(title, start, stop, *more)))

    def add_hour(self, calendar: str, title: str, start: datetime) -> str:
        return self.add(calendar, title, start, start + timedelta(hours=1))

    def write(self, calendar: str, text: str, name: str = "") -> str:
        """Store a resource, new or over an old one; its href."""
        href = f"{self.calendars[calendar]}{name or str(uuid.uuid4()).upper() + '.ics'}"
        self.put(href, text)
        return href

    def put(self, href: str, text: str) -> None:
        self._ask("PUT", href, text, {"Content-Type": "text/calendar"})

    def edit(self, href: str, change: Callable[[icalendar.Event], Any]) -> None:
        """Open the event, change it, save."""
        calendar = icalendar.Calendar.from_ical(self.read(href))
        change(calendar.events[0])
        self.put(href, calendar.to_ical().decode())

    def move(self, href: str, calendar: str) -> None:
        """Drag an event to another calendar."""
        target = self.calendars[calendar] + href.rpartition("/")[2]
        self._ask("MOVE", href, "", {"Destination": urljoin(self._url, target)})

    def delete(self, href: str) -> None:
        self._ask("DELETE", href)

    def read(self, href: str) -> str:
        return self._ask("GET", href).content.decode()

    def files(self, calendar: str) -> dict[str, str]:
        """href → text of every event in a calendar."""
        listing = self._ask("REPORT", self.calendars[calendar], _QUERY, {**XML, "Depth": "1"})
        found = {}
        for response in ElementTree.fromstring(listing.content):
            text = response.findtext(".//{urn:ietf:params:xml:ns:caldav}calendar-data")
            if text:
                found[unquote(response.findtext("{DAV:}href"))] = text
        return found

    def events(self, calendar: str = "Home") -> list[icalendar.Event]:
        """The events of a calendar; each file holds one."""
        return [
            icalendar.Calendar.from_ical(text).events[0] for text in self.files(calendar).values()
        ]

    def titles(self, calendar: str = "Home") -> list[str]:
        return sorted(str(event["SUMMARY"]) for event in self.events(calendar))

    def _ask(
        self, method: str, href: str, body: str = "", headers: Mapping[str, Any] | None = None
    ) -> requests.Response:
        answer = self._session.request(
            method,
            urljoin(self._url, href),
            data=body.encode(),
            headers=headers,
            auth=(self.email, self.password),
            timeout=20,
        )
        answer.raise_for_status()
        return answer
