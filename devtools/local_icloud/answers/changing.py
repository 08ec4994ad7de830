"""DELETE, MOVE and MKCALENDAR."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote, urlsplit

from .. import dialect
from ..dialect import APPLE, CALDAV, DAV
from ..kept.fixtures import create
from ..kept.store import Store
from ..messages import Answer, Request, empty, html
from .properties import kind_of
from .scheduling import Postman
from .writing import preconditions_hold

# iCloud refuses very short names and odd characters without saying which; these are guesses.
CALENDAR_ID = re.compile(r"[A-Za-z0-9._~@+-]{3,128}")
_NEEDED = ("home", "inbox", "outbox", "notification")


def delete(request: Request, store: Store, postman: Postman) -> Answer:
    """204; whoever was invited to the event, or to an event of the calendar, is told."""
    with store.exclusive():
        collection = store.collection(request.path)
        if collection is not None:
            return _delete_calendar(request, store, postman)
        member = store.member(request.path)
        if member is None:
            return empty(404)
        if "unbind" not in kind_of(member.collection).privileges:
            return empty(403)
        if not preconditions_hold(request, member):
            return empty(412)
        postman.cancel(member, request.account)
        store.remove(request.path)
    return empty(204)


def _delete_calendar(request: Request, store: Store, postman: Postman) -> Answer:
    """A calendar shared to me goes from my list; the ones every account needs stay."""
    parts = request.path.strip("/").split("/")
    if len(parts) != 3 or parts[2] in _NEEDED:
        return empty(403)
    for member in store.members(request.path):
        postman.cancel(member, request.account)
    store.remove(request.path)
    return empty(204)


def move(request: Request, store: Store) -> Answer:
    """201, or 204 over an existing object; only within one home."""
    destination = unquote(urlsplit(request.header("Destination")).path)
    home = f"{request.account.home}/"
    if not destination.startswith(home) or destination.endswith("/"):
        return empty(403)
    with store.exclusive():
        member = store.member(request.path)
        target = store.collection(destination.rpartition("/")[0] + "/")
        if member is None or target is None or not target.tag:
            return empty(404)
        if not (kind_of(member.collection).writable and kind_of(target).writable):
            return empty(403)
        if member.component_name not in target.get_meta("C:supported-calendar-component-set"):
            return empty(403)
        replaced = store.member(destination)
        if replaced is not None and request.header("Overwrite").upper() != "T":
            return empty(412)
        if not preconditions_hold(request, member):
            return empty(412)
        store.move(request.path, destination)
    return empty(204 if replaced else 201)


def make_calendar(request: Request, store: Store) -> Answer:
    """201 for a calendar of one component type; two types are refused with a page of HTML."""
    try:
        wanted = dialect.read(request.body)
    except ValueError:
        return html(400)
    path = request.path.rstrip("/") + "/"
    home, _, name = path.rstrip("/").rpartition("/")
    if home != str(request.account.home) or not CALENDAR_ID.fullmatch(name):
        return html(400)
    asked = wanted if wanted is not None else ET.Element(f"{CALDAV}mkcalendar")
    text = {each.tag: each.text or "" for each in asked.findall(f"{DAV}set/{DAV}prop/*")}
    components = [each.get("name", "") for each in asked.iter(f"{CALDAV}comp")]
    if len(components) > 1 or not {"VEVENT", "VTODO"}.issuperset(components):
        return html(400, "SupportedCalendarComponentSet: one of VEVENT and VTODO")
    with store.exclusive():
        if store.collection(path) is not None:
            return html(405)
        shown, color = text.get(f"{DAV}displayname", name), text.get(f"{APPLE}calendar-color", "")
        create(store, path, "calendar", shown, color, *components)
    return empty(201)
