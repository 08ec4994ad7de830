"""REPORT: which ones iCloud answers, and how its answers differ from the standard's."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from .. import dialect
from ..dialect import CALDAV, DAV
from ..kept.store import Store
from ..messages import Answer, Request, empty, html, listing
from .expansion import mark_expanded

_COMPONENT = f"{CALDAV}comp-filter"
_PROPERTY = f"{CALDAV}prop-filter"
_RANGE = f"{CALDAV}time-range"
_ABSENT = f"{CALDAV}is-not-defined"
_DATA = f"{CALDAV}calendar-data"


def report(request: Request, store: Store) -> Answer:
    try:
        wanted = dialect.read(request.body)
    except ValueError:
        return html(400)
    if wanted is None or wanted.tag not in _REPORTS:
        return html(400)
    collection = store.collection(request.path)
    if collection is None:
        return empty(404)
    if not collection.tag:
        return html(400)
    return _REPORTS[wanted.tag](request, wanted, store)


def _ask(request: Request, wanted: ET.Element, store: Store) -> ET.Element | Answer:
    answer = store.ask(request, ET.tostring(wanted), request.depth)
    return ET.fromstring(answer.body) if answer.status == 207 else empty(answer.status)


def query(request: Request, wanted: ET.Element, store: Store) -> Answer:
    """calendar-query: a component filter is mandatory, and some filters find nothing at all."""
    filters = wanted.findall(f"{CALDAV}filter/{_COMPONENT}/{_COMPONENT}")
    if not filters:
        return html(500)
    if any(map(_finds_nothing, filters)):
        return listing(ET.Element(f"{DAV}multistatus"))
    answer = _ask(request, wanted, store)
    if isinstance(answer, Answer):
        return answer
    expand = wanted.find(f"{DAV}prop/{_DATA}/{CALDAV}expand")
    if expand is not None:
        mark_expanded(answer, store)
    return listing(answer)


def _finds_nothing(component: ET.Element) -> bool:
    """Searches that come back empty on iCloud, as probed by others (icloud profile of caldav)."""
    if component.find(f"{_COMPONENT}/{_RANGE}") is not None:  # when an alarm rings
        return True
    if component.get("name") == "VTODO" and component.find(_RANGE) is not None:
        return True
    for each in component.findall(_PROPERTY):
        name = each.get("name", "").upper()
        absent = each.find(_ABSENT) is not None
        if absent and name not in ("CATEGORIES", "CLASS"):
            return True
        if name == "CATEGORIES" and not absent:
            return True
    return False


def multiget(request: Request, wanted: ET.Element, store: Store) -> Answer:
    """calendar-multiget: a missing member is a 404 of its own, the others are delivered."""
    answer = _ask(request, wanted, store)
    return answer if isinstance(answer, Answer) else listing(answer)


def sync(request: Request, wanted: ET.Element, store: Store) -> Answer:
    """sync-collection: names and ETags only, any DAV:limit ignored, the collection listed too.

    An invalid token is a 403 without the DAV:valid-sync-token that RFC 6578 section 3.2 asks for.
    """
    answer = _ask(request, wanted, store)
    if isinstance(answer, Answer):
        return answer
    names = [name.tag for name in wanted.find(f"{DAV}prop") or ()]
    for position, response in enumerate(answer):
        if response.tag == f"{DAV}response" and response.find(f"{DAV}propstat") is not None:
            answer[position] = _without_data(response)
    own = dialect.response(request.path, [], [ET.Element(name) for name in names])
    answer.insert(0, own)
    return listing(answer)


def _without_data(response: ET.Element) -> ET.Element:
    found, missing = dialect.properties_of(response)
    kept = [given for given in found if given.tag != _DATA]
    if len(kept) < len(found):
        missing = [*missing, ET.Element(_DATA)]
    return dialect.response(response.findtext(f"{DAV}href"), kept, missing)


_REPORTS = {
    f"{CALDAV}calendar-query": query,
    f"{CALDAV}calendar-multiget": multiget,
    f"{DAV}sync-collection": sync,
}
