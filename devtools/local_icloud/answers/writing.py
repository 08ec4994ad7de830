"""PUT of one calendar object: iCloud's checks, in iCloud's order."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from radicale import item as radicale_item
from radicale import pathutils

from ..kept.storage import BadDataError, Collection, parse_item
from ..kept.store import Store
from ..messages import Answer, Request, empty, html
from . import scheduling
from .properties import kind_of

MAX_BYTES = 20_000_000
MAX_ATTENDEES = 300


@dataclass
class Upload:
    """One PUT on its way through the checks; `new` is set once the body has been parsed."""

    request: Request
    store: Store
    collection: Collection | None
    old: radicale_item.Item | None
    text: str = ""
    new: radicale_item.Item | None = None

    @property
    def events(self) -> list:
        return self.new.vobject_item.contents.get("vevent", [])


def put(request: Request, store: Store, postman: scheduling.Postman) -> Answer:
    """201 or 204, with the ETag only if what is stored is what was sent."""
    parent, _, name = request.path.rpartition("/")
    if not pathutils.is_safe_filesystem_path_component(name):
        return html(400)
    with store.exclusive():
        upload = Upload(request, store, store.collection(f"{parent}/"), store.member(request.path))
        for check in CHECKS:
            refusal = check(upload)
            if refusal is not None:
                return refusal
        text = postman.deliver(upload.text, upload.old, request.account)
        etag = store.write(request.path, text)
    answer = empty(204 if upload.old else 201)
    if text == upload.text:
        answer.headers["ETag"] = etag
    return answer


def _collection_exists(upload: Upload) -> Answer | None:
    if upload.collection is None:
        return empty(404)
    return None if upload.collection.tag else html(400)


def _may_write(upload: Upload) -> Answer | None:
    return None if kind_of(upload.collection).writable else empty(403)


def _preconditions_hold(upload: Upload) -> Answer | None:
    held = preconditions_hold(upload.request, upload.old, wildcard_backwards=True)
    return None if held else empty(412)


def _is_a_calendar_object(upload: Upload) -> Answer | None:
    try:
        upload.text = upload.request.body.decode()
        upload.new = parse_item(upload.collection, upload.text)
    except (BadDataError, UnicodeDecodeError):
        return html(400)
    has_method = "method" in upload.new.vobject_item.contents
    return html(400, "METHOD is not allowed") if has_method else None


def _component_fits(upload: Upload) -> Answer | None:
    name = upload.new.component_name
    if name == "VJOURNAL":
        return html(500)
    allowed = upload.collection.get_meta("C:supported-calendar-component-set") or "VEVENT"
    return None if name in allowed.split(",") else empty(403)


def _ends_somewhere(upload: Upload) -> Answer | None:
    """A timed event with neither DTEND nor DURATION, which RFC 5545 allows, is a 404 here."""
    for event in upload.events:
        start = event.contents.get("dtstart")
        timed = start and isinstance(start[0].value, datetime.datetime)
        if timed and not {"dtend", "duration"} & event.contents.keys():
            return empty(404)
    return None


def _keeps_its_uid(upload: Upload) -> Answer | None:
    changed = upload.old is not None and upload.old.uid != upload.new.uid
    return empty(403) if changed else None


def _uid_is_free(upload: Upload) -> Answer | None:
    """One UID stands in one place of the account, in whichever calendar."""
    place = upload.store.place_of(upload.request.path, upload.new.uid)
    return empty(412) if place not in (None, upload.request.path) else None


def _is_not_too_large(upload: Upload) -> Answer | None:
    attendees = max((len(event.contents.get("attendee", ())) for event in upload.events), default=0)
    too_large = len(upload.request.body) > MAX_BYTES or attendees > MAX_ATTENDEES
    return empty(403) if too_large else None


CHECKS: tuple[Callable[[Upload], Answer | None], ...] = (
    _collection_exists,
    _may_write,
    _preconditions_hold,
    _is_a_calendar_object,
    _component_fits,
    _ends_somewhere,
    _keeps_its_uid,
    _uid_is_free,
    _is_not_too_large,
)


def preconditions_hold(
    request: Request, old: radicale_item.Item | None, *, wildcard_backwards: bool = False
) -> bool:
    """If-Match and If-None-Match (RFC 9110 section 13.1); in a PUT iCloud has `*` backwards."""
    match, none_match = request.header("If-Match"), request.header("If-None-Match")
    etag = old.etag if old else None
    if none_match and etag and (none_match.strip() == "*" or etag in _tags(none_match)):
        return False
    if match.strip() == "*":
        return (etag is None) == wildcard_backwards
    return not match or (etag is not None and etag in _tags(match))


def _tags(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",")]
