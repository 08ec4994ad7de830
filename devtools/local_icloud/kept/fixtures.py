"""The collections every account starts with, and what iCloud says each of them is."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from ..accounts import Account
from .store import KIND, Store


@dataclass(frozen=True)
class Kind:
    """What a collection may do: its resource types besides collection, and its privileges."""

    types: tuple[str, ...]
    privileges: tuple[str, ...]
    components: str | None = None

    @property
    def writable(self) -> bool:
        return "bind" in self.privileges


_OWNER = (
    "read",
    "C:read-free-busy",
    "read-current-user-privilege-set",
    "write",
    "write-properties",
    "write-content",
    "bind",
    "unbind",
)
_READER = ("read", "C:read-free-busy", "read-current-user-privilege-set")

KINDS = {
    "home": Kind((), _OWNER, "VEVENT,VTODO,VFREEBUSY"),
    "calendar": Kind(("C:calendar",), _OWNER),
    "shared-owner": Kind(("C:calendar", "CS:shared-owner"), _OWNER),
    "shared": Kind(("C:calendar", "CS:shared"), _OWNER),
    "shared-read-only": Kind(("C:calendar", "CS:shared"), _READER),
    "inbox": Kind(("C:schedule-inbox",), (*_READER, "C:schedule-deliver", "unbind"), "VEVENT"),
    "outbox": Kind(("C:schedule-outbox",), ("read", "C:schedule-send"), "VEVENT,VTODO"),
    "notification": Kind(("CS:notification",), ("read", "unbind")),
}


def furnish(store: Store, account: Account) -> None:
    """Create the account's collections; what a kept folder already holds stays as it is."""
    create(store, f"{account.home}/", "home", "", "")
    create(store, account.calendar_path("home"), "calendar", "Home", "#1BADF8FF")
    create(store, account.calendar_path("work"), "calendar", "Work", "#63DA38FF")
    family = str(uuid.uuid5(uuid.NAMESPACE_URL, account.email)).upper()
    create(store, account.calendar_path(family), "shared-owner", "Family", "#FF9500FF")
    club, holidays = _shared_id(account, "club"), _shared_id(account, "holidays")
    create(store, account.calendar_path(club), "shared", "Club", "#CC73E1FF")
    create(store, account.calendar_path(holidays), "shared-read-only", "School holidays", "#FF2968")
    create(store, account.calendar_path("tasks"), "calendar", "Reminders", "#5856D6FF", "VTODO")
    for kind in ("inbox", "outbox", "notification"):
        create(store, account.calendar_path(kind), kind, "", "")


def _shared_id(account: Account, name: str) -> str:
    """A calendar that somebody shared with the account has an id of 64 characters."""
    return hashlib.sha256(f"{account.email} {name}".encode()).hexdigest()


def create(
    store: Store, path: str, kind: str, name: str, color: str, components: str = "VEVENT"
) -> None:
    if store.collection(path) is not None:
        return
    properties = {KIND: kind}
    if "C:calendar" in KINDS[kind].types or kind == "inbox":
        properties["tag"] = "VCALENDAR"
        properties["C:supported-calendar-component-set"] = components
    if name:
        properties["D:displayname"] = name
    if color:
        properties["ICAL:calendar-color"] = color
    store.create(path, properties)
