"""Faults within an answer that looks right at first: one small class each."""
# ruff: noqa: ARG002 (the signatures are those of Fault)

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from collections.abc import Callable

from .. import dialect
from ..dialect import CALDAV, DAV
from ..messages import HTML, XML, Answer, Request, empty
from .faults import Fault
from .outages import WI_FI


def _sync_token(request: Request) -> str:
    """The sync token that a request carries, or an empty text."""
    try:
        wanted = dialect.read(request.body)
    except ValueError:
        return ""
    return "" if wanted is None else wanted.findtext(f"{DAV}sync-token") or ""


class TokenExpired(Fault):
    """A sync token is refused, whichever way Apple feels like: 403, 410, 409, 412, 400.

    `explained` adds the DAV:valid-sync-token element of RFC 6578 section 3.2.
    """

    name = "token_expired"
    methods = ("REPORT",)

    def __init__(self, *, status: int = 403, explained: bool = False, **common) -> None:
        super().__init__(**common)
        self._status, self._explained = status, explained

    def matches(self, request: Request) -> bool:
        return _sync_token(request) != ""

    def before(self, request: Request) -> Answer:
        if not self._explained:
            return empty(self._status)
        error = dialect.element(f"{DAV}error", dialect.element(f"{DAV}valid-sync-token"))
        return Answer(self._status, {"Content-Type": XML}, dialect.write(error))


class TokenForgotten(Fault):
    """A sync token is worth nothing any more, and nobody says so: everything is listed."""

    name = "token_forgotten"
    methods = ("REPORT",)

    def matches(self, request: Request) -> bool:
        return _sync_token(request) != ""

    def before(self, request: Request) -> None:
        wanted = dialect.read(request.body)
        wanted.find(f"{DAV}sync-token").text = ""
        request.body = ET.tostring(wanted)


class EmptyMultistatus(Fault):
    """A listing or a report finds nothing at all; a sync then gives its `token`, or none."""

    name = "empty_multistatus"
    methods = ("REPORT", "PROPFIND")

    def __init__(self, *, token: bool = False, **common) -> None:
        super().__init__(**common)
        self._token = token

    def after(self, request: Request, answer: Answer) -> Answer:
        for each in list(answer.multistatus if answer.multistatus is not None else ()):
            if each.tag != f"{DAV}sync-token" or not self._token:
                answer.multistatus.remove(each)
        return answer


class NonsenseMember(Fault):
    """A page of HTML stands where the iCalendar of one `member` should: in reports and in a GET."""

    name = "nonsense_member"
    methods = ("REPORT", "GET")

    def after(self, request: Request, answer: Answer) -> Answer:
        if request.method == "GET":
            return Answer(200, {"Content-Type": HTML, **answer.headers}, WI_FI)
        for response in answer.multistatus if answer.multistatus is not None else ():
            if dialect.path_of(response).startswith(self._member):
                for data in response.iter(f"{CALDAV}calendar-data"):
                    data.text = WI_FI.decode()
        return answer


class NoETag(Fault):
    """The answer to a PUT does not say the new ETag; `everywhere`: no answer ever says one."""

    name = "no_etag"

    def __init__(self, *, everywhere: bool = False, **common) -> None:
        super().__init__(**common)
        self._everywhere = everywhere

    def matches(self, request: Request) -> bool:
        return self._everywhere or request.method == "PUT"

    def after(self, request: Request, answer: Answer) -> Answer:
        return self._with_etags(request, answer, lambda _etag: "")

    def _with_etags(self, request: Request, answer: Answer, change: Callable[[str], str]) -> Answer:
        """The answer with other ETags; those that become "" are left out."""
        if etag := change(answer.headers.pop("ETag", "")):
            answer.headers["ETag"] = etag
        if answer.multistatus is not None:
            for prop in answer.multistatus.iter(f"{DAV}prop"):
                for given in prop.findall(f"{DAV}getetag"):
                    given.text = change(given.text or "")
                    if not given.text:
                        prop.remove(given)
        return answer


class WeakETag(NoETag):
    """The answer to a PUT gives a weak ETag; `everywhere`: all answers do."""

    name = "weak_etag"

    def after(self, request: Request, answer: Answer) -> Answer:
        return self._with_etags(request, answer, lambda etag: etag and f"W/{etag}")


class DriftingETag(NoETag):
    """With each listing of the calendars all ETags become others, and nothing else does."""

    name = "drifting_etag"

    def __init__(self, **common) -> None:
        super().__init__(everywhere=True, **common)
        self._age = 0

    def before(self, request: Request) -> None:
        if request.method == "PROPFIND" and request.path.endswith("/calendars/"):
            self._age += 1
        match = request.header("If-Match")
        if self._mark in match:
            request.headers = copy.copy(request.headers)
            del request.headers["If-Match"]
            request.headers["If-Match"] = match.replace(self._mark, '"')

    def after(self, request: Request, answer: Answer) -> Answer:
        return self._with_etags(request, answer, lambda tag: tag and tag[:-1] + self._mark)

    @property
    def _mark(self) -> str:
        return f'~{self._age}"'


class PoisonMember(Fault):
    """A member is listed, and nobody can read it: 404 in every multiget, and to a GET.

    `path` is the member's, or the calendar's to poison all of it.
    """

    name = "poison_member"
    methods = ("REPORT", "GET")

    def __init__(self, *, path: str = "", **common) -> None:
        super().__init__(**common)
        self._poisoned = path

    def matches(self, request: Request) -> bool:
        if request.method == "GET":
            return request.path.startswith(self._poisoned)
        return b"calendar-multiget" in request.body and self._poisoned.encode() in request.body

    def after(self, request: Request, answer: Answer) -> Answer:
        if request.method == "GET":
            return empty(404)
        if answer.multistatus is None:
            return answer
        for position, response in enumerate(answer.multistatus):
            if dialect.path_of(response).startswith(self._poisoned):
                href = response.findtext(f"{DAV}href")
                answer.multistatus[position] = dialect.gone(href)
        return answer


class StrayMembers(Fault):
    """A sync-collection lists members whose addresses lie elsewhere or cannot be used: `hrefs`."""

    name = "stray_members"
    methods = ("REPORT",)

    def __init__(self, *, hrefs: list[str], **common) -> None:
        super().__init__(**common)
        self._hrefs = hrefs

    def matches(self, request: Request) -> bool:
        return b"sync-collection" in request.body

    def after(self, request: Request, answer: Answer) -> Answer:
        members = (
            answer.multistatus.findall(f"{DAV}response") if answer.multistatus is not None else []
        )
        for href in self._hrefs if members else []:
            stray = copy.deepcopy(members[-1])
            stray.find(f"{DAV}href").text = href
            answer.multistatus.append(stray)
        return answer


class DuplicateHrefs(Fault):
    """Every report and every list of members has each of them twice."""

    name = "duplicate_hrefs"
    methods = ("REPORT", "PROPFIND")

    def matches(self, request: Request) -> bool:
        return request.method == "REPORT" or request.depth == "1"

    def after(self, request: Request, answer: Answer) -> Answer:
        if answer.multistatus is not None:
            answer.multistatus.extend(answer.multistatus.findall(f"{DAV}response"))
        return answer


class LateListing(Fault):
    """A sync-collection does not know yet what has just changed, and gives the old token back."""

    name = "late_listing"
    methods = ("REPORT",)

    def matches(self, request: Request) -> bool:
        return _sync_token(request) != ""

    def after(self, request: Request, answer: Answer) -> Answer:
        if answer.multistatus is not None:
            for response in answer.multistatus.findall(f"{DAV}response"):
                answer.multistatus.remove(response)
            answer.multistatus.find(f"{DAV}sync-token").text = _sync_token(request)
        return answer


class PartialListing(Fault):
    """A listing breaks off after `keep` members, with the 507 of RFC 6578 section 3.6."""

    name = "partial_listing"
    methods = ("REPORT", "PROPFIND")

    def __init__(self, *, keep: int = 1, **common) -> None:
        super().__init__(**common)
        self._keep = keep

    def after(self, request: Request, answer: Answer) -> Answer:
        if answer.multistatus is None:
            return answer
        members = answer.multistatus.findall(f"{DAV}response")
        members = [each for each in members if not dialect.path_of(each).endswith("/")]
        for each in members[self._keep :]:
            answer.multistatus.remove(each)
        status = dialect.element(f"{DAV}status", "HTTP/1.1 507 Insufficient Storage")
        href = dialect.element(f"{DAV}href", request.path)
        answer.multistatus.append(dialect.element(f"{DAV}response", href, status))
        return answer


class CollectionInQuery(Fault):
    """A calendar-query or multiget lists the calendar itself, with empty properties."""

    name = "collection_in_query"
    methods = ("REPORT",)

    def matches(self, request: Request) -> bool:
        return b"sync-collection" not in request.body

    def after(self, request: Request, answer: Answer) -> Answer:
        if answer.multistatus is not None:
            etag = ET.Element(f"{DAV}getetag")
            data = ET.Element(f"{CALDAV}calendar-data")
            answer.multistatus.insert(0, dialect.response(request.path, [etag], [data]))
        return answer


class PrincipalHrefBug(Fault):
    """The principal lacks its account number, as iCloud sometimes says for a while."""

    name = "principal_href_bug"
    methods = ("PROPFIND",)

    def matches(self, request: Request) -> bool:
        return request.path == "/"

    def after(self, request: Request, answer: Answer) -> Answer:
        if answer.multistatus is not None:
            for href in answer.multistatus.iter(f"{DAV}href"):
                href.text = "/principal/" if "principal" in (href.text or "") else href.text
        return answer
