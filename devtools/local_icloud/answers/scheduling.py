"""What Apple does with ORGANIZER and ATTENDEE: it rewrites them and writes mails to people.

Nothing leaves this machine: the mails are kept in a list, which our tests assert is empty.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from icalendar import Calendar, Event, vCalAddress
from radicale import item as radicale_item

from ..accounts import Account

DELIVERED = "1.2"
FOLD = re.compile(r"\r?\n[ \t]")


@dataclass(frozen=True)
class Mail:
    """One iMIP message that Apple would have sent (RFC 6047)."""

    method: str
    sender: str
    to: str
    uid: str
    summary: str


class Postman:
    """Delivers scheduling messages (RFC 6638 section 3) to a list.

    SCHEDULE-AGENT=CLIENT does not keep it from mailing: nobody has proved that it does on iCloud.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: list[Mail] = []

    @property
    def mails(self) -> list[dict[str, str]]:
        with self._lock:
            return [asdict(mail) for mail in self._mails]

    def deliver(self, text: str, old: radicale_item.Item | None, account: Account) -> str:
        """The text to store: unchanged, unless the account organises the event."""
        calendar = _read(text)
        organised = list(_organised(calendar, account))
        before = self._guests(old.serialize(), account) if old else {}
        after = {mail: event for event in organised for mail in self._invited(event)}
        self._send("CANCEL", {mail: before[mail] for mail in before.keys() - after.keys()}, account)
        self._send("REQUEST", after, account)
        if not after:
            return text
        for event in organised:
            _rewrite(event, account)
        return calendar.to_ical().decode()

    def cancel(self, old: radicale_item.Item, account: Account) -> None:
        """The event is deleted: everybody invited hears of it."""
        self._send("CANCEL", self._guests(old.serialize(), account), account)

    def _guests(self, text: str, account: Account) -> dict[str, Event]:
        events = _organised(_read(text), account)
        return {mail: event for event in events for mail in self._invited(event)}

    def _invited(self, event: Event) -> Iterator[str]:
        organizer = address_of(event["ORGANIZER"])
        for attendee in _attendees(event):
            if address_of(attendee) != organizer:
                yield address_of(attendee)

    def _send(self, method: str, guests: dict[str, Event], account: Account) -> None:
        with self._lock:
            for mail, event in guests.items():
                uid, summary = str(event.get("UID", "")), str(event.get("SUMMARY", ""))
                self._mails.append(Mail(method, account.email, mail, uid, summary))


def address_of(person: vCalAddress) -> str:
    """The real address: Apple moves it into the EMAIL parameter of what it stores."""
    text = str(person.params.get("EMAIL") or person)
    return text.lower().removeprefix("mailto:")


def _read(text: str) -> Calendar:
    """The calendar; an empty one where the text names no organizer or cannot be read."""
    if "ORGANIZER" not in FOLD.sub("", text).upper():
        return Calendar()
    try:
        return Calendar.from_ical(text)
    except ValueError:  # what cannot be read invites nobody
        return Calendar()


def _attendees(event: Event) -> list[vCalAddress]:
    attendees = event.get("ATTENDEE", [])
    return attendees if isinstance(attendees, list) else [attendees]


def _organised(calendar: Calendar, account: Account) -> Iterator[Event]:
    for event in calendar.walk("VEVENT"):
        organizer = event.get("ORGANIZER")
        ours = organizer is not None and address_of(organizer) in account.addresses
        if ours and _attendees(event):
            yield event


def _rewrite(event: Event, account: Account) -> None:
    """Addresses become principal URIs with the mail address beside them, as Apple stores them."""
    event["ORGANIZER"] = _moved(event["ORGANIZER"], account.principal_path)
    attendees = []
    for attendee in _attendees(event):
        mail = address_of(attendee)
        own = mail in account.addresses
        target = account.principal_path if own else f"mailto:2_{mail.encode().hex()}@imip.me.com"
        moved = _moved(attendee, target)
        if not own:
            moved.params["SCHEDULE-STATUS"] = DELIVERED
        attendees.append(moved)
    event["ATTENDEE"] = attendees


def _moved(person: vCalAddress, target: str) -> vCalAddress:
    moved = vCalAddress(target)
    moved.params.update(person.params)
    moved.params["EMAIL"] = address_of(person)
    return moved
