"""PROPFIND and PROPPATCH below an account's home: Radicale's answer, with iCloud's values in it."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from .. import dialect
from ..accounts import Account
from ..dialect import APPLE, CALDAV, DAV, SERVER, element
from ..kept.fixtures import KINDS, Kind
from ..kept.storage import Collection
from ..kept.store import KIND, Store
from ..messages import Answer, Request, empty, html, listing

_NAMESPACES = {"": DAV, "C": CALDAV, "CS": SERVER}
_REPORTS = ("C:calendar-query", "C:calendar-multiget", "sync-collection")
NAMED_COLOR = "#CB30E0FF"
Overlays = dict[str, Callable[["Place"], ET.Element | None]]


@dataclass(frozen=True)
class Place:
    """One collection of an account, as an overlay sees it."""

    account: Account
    collection: Collection
    kind_name: str
    store: Store

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_name]


def kind_of(collection: Collection) -> Kind:
    return KINDS[collection.get_meta(KIND) or "calendar"]


def find(request: Request, store: Store) -> Answer:
    """PROPFIND; RFC 4918 section 9.1 lets a server refuse an infinite depth with 403."""
    try:
        wanted = dialect.read(request.body)
    except ValueError:
        return html(400)
    if request.depth not in ("0", "1"):
        return empty(403)
    everything = wanted is None or wanted.find(f"{DAV}prop") is None
    with store.exclusive():  # what Radicale has listed must still be there
        answer = store.ask(request, request.body, request.depth)
        if answer.status != 207:
            return empty(answer.status)
        multistatus = ET.fromstring(answer.body)
        for position, response in enumerate(multistatus):
            multistatus[position] = _translate(response, request.account, store, everything)
    return listing(multistatus)


def _translate(
    response: ET.Element, account: Account, store: Store, everything: bool
) -> ET.Element:
    path = dialect.path_of(response)
    found, missing = dialect.properties_of(response)
    if everything:
        found = [given for given in found if given.tag != f"{DAV}resourcetype"]
    overlays = OVERLAYS if path.endswith("/") else MEMBER_OVERLAYS
    if any(given.tag in overlays for given in (*found, *missing)):
        collection = store.collection(path.rpartition("/")[0] + "/")
        place = Place(account, collection, collection.get_meta(KIND) or "calendar", store)
        found, missing = _lay_over(place, overlays, found, missing)
    return dialect.response(response.findtext(f"{DAV}href"), found, missing)


def _lay_over(
    place: Place, overlays: Overlays, found: list[ET.Element], missing: list[ET.Element]
) -> tuple[list[ET.Element], list[ET.Element]]:
    kept, lost = [], []
    theirs = [(given, given) for given in found] + [(given, None) for given in missing]
    for given, answer in theirs:
        ours = overlays[given.tag](place) if given.tag in overlays else answer
        if ours is None:
            lost.append(ET.Element(given.tag))
        else:
            kept.append(ours)
    return kept, lost


def _tag(short: str) -> str:
    prefix, _, name = short.rpartition(":")
    return _NAMESPACES[prefix] + name


def _resource_type(place: Place) -> ET.Element:
    types = [element(_tag(short)) for short in place.kind.types]
    return element(f"{DAV}resourcetype", element(f"{DAV}collection"), *types)


def _privileges(place: Place) -> ET.Element:
    each = [element(f"{DAV}privilege", element(_tag(short))) for short in place.kind.privileges]
    return element(f"{DAV}current-user-privilege-set", *each)


def _components(place: Place) -> ET.Element | None:
    stored = place.collection.get_meta("C:supported-calendar-component-set")
    names = place.kind.components or stored
    if not names:
        return None
    each = [element(f"{CALDAV}comp", name=name) for name in names.split(",")]
    return element(f"{CALDAV}supported-calendar-component-set", *each)


def _name(place: Place) -> ET.Element | None:
    if place.kind_name == "home":
        return element(f"{DAV}displayname", place.account.email.partition("@")[0])
    name = place.collection.get_meta("D:displayname")
    return element(f"{DAV}displayname", name) if name else None


def _color(place: Place) -> ET.Element | None:
    """Always with alpha; a colour set by name comes back as the same purple, whatever the name."""
    stored = place.collection.get_meta("ICAL:calendar-color")
    if not stored:
        return None
    if not re.fullmatch("#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?", stored):
        stored = NAMED_COLOR
    return element(f"{APPLE}calendar-color", (stored + "FF")[:9].upper())


def _ctag(place: Place) -> ET.Element | None:
    if place.kind_name == "home":
        calendars = place.store.calendars(place.account.home)
        tokens = " ".join(sorted(calendar.journal.token for calendar in calendars))
        token = hashlib.sha256(tokens.encode()).hexdigest()
    elif place.collection.tag:
        token = place.collection.journal.token
    else:
        return None
    return element(f"{SERVER}getctag", token)


def _token(place: Place) -> ET.Element | None:
    if not place.collection.tag:
        return None
    return element(f"{DAV}sync-token", place.collection.journal.token)


def _reports(place: Place) -> ET.Element:
    names = _REPORTS if place.collection.tag else ()
    each = [
        element(f"{DAV}supported-report", element(f"{DAV}report", element(_tag(short))))
        for short in names
    ]
    return element(f"{DAV}supported-report-set", *each)


def _principal(tag: str) -> Callable[[Place], ET.Element]:
    return lambda place: element(tag, element(f"{DAV}href", place.account.principal_path))


def _never(place: Place) -> None:
    """Radicale would read a whole calendar to answer this; iCloud has no answer either."""


OVERLAYS: Overlays = {
    f"{DAV}resourcetype": _resource_type,
    f"{DAV}current-user-privilege-set": _privileges,
    f"{DAV}displayname": _name,
    f"{DAV}supported-report-set": _reports,
    f"{DAV}sync-token": _token,
    f"{DAV}owner": _principal(f"{DAV}owner"),
    f"{DAV}current-user-principal": _principal(f"{DAV}current-user-principal"),
    f"{DAV}getcontentlength": _never,
    f"{DAV}getlastmodified": _never,
    f"{CALDAV}supported-calendar-component-set": _components,
    f"{SERVER}getctag": _ctag,
    f"{APPLE}calendar-color": _color,
}
MEMBER_OVERLAYS: Overlays = {
    tag: OVERLAYS[tag]
    for tag in (
        f"{DAV}current-user-privilege-set",
        f"{DAV}owner",
        f"{DAV}current-user-principal",
    )
}


def patch(request: Request, store: Store) -> Answer:
    """PROPPATCH of a calendar; the other collections have nothing one may set."""
    try:
        wanted = dialect.read(request.body)
    except ValueError:
        return html(400)
    collection = store.collection(request.path)
    if wanted is None or collection is None:
        return html(400) if collection else empty(404)
    if not collection.tag or "write-properties" not in kind_of(collection).privileges:
        return empty(403)
    answer = store.ask(request, request.body, "0")
    if answer.status != 207:
        return empty(answer.status)
    return listing(ET.fromstring(answer.body))
