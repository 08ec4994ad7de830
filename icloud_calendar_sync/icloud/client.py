"""Requests to a CalDAV server: hosts, redirects, time, sizes.

The only file that sends, and the only one that imports caldav.

caldav is here for its elements: what a PROPFIND, a sync-collection or a calendar-multiget is made
of (RFC 4918, 6578 and 4791), each a class with the right name and namespace, put together with "+".
Nothing else of it is used: its client follows redirects with the password, reads answers of any
size, and builds a tree of them. 1.6 and later releases share these classes; version 2 and later
cannot be installed beside Odoo 19, because they replace urllib3.

urllib3 is used without requests, which reads the body of every redirect by itself, whole and
unpacked, whatever it is told, keeps cookies, and rewrites URLs. Only the list of authorities to
trust is asked of requests, so that it is the one that all of Odoo uses.
"""

import base64
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple
from weakref import finalize

from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement
from lxml import etree
from requests.certs import where as certificates
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from ..sentence import _
from .errors import (
    BadAnswer,
    Forbidden,
    ICloudError,
    NotFound,
    PreconditionFailed,
    Refused,
    TimedOut,
    TokenInvalid,
)
from .multistatus import (
    Multistatus,
    Response,
    canonical_etag,
    own,
    parse,
    require_good,
)
from .urls import Url, canonical_path, trusted
from .wire import body as answer_body
from .wire.connections import shared
from .wire.failures import ConnectionReset, from_network, from_status

_logger = logging.getLogger(__name__)

# All of them below what the connection itself lets through: wallclock.MAX_ANSWER_BYTES.
MAX_MULTISTATUS_BYTES = 32 * 1024 * 1024
MAX_RESOURCE_BYTES = 2 * 1024 * 1024
# What a body nobody needs is read up to, so that its connection can be used again.
MAX_IDLE_BODY_BYTES = 64 * 1024
MAX_HOPS = 5

_REDIRECTS = frozenset({301, 302, 307, 308})
_REPEATABLE = frozenset({"PROPFIND", "REPORT", "GET"})
# What a proxy or an outage puts in place of an event. Of other types some servers are careless.
_NO_CALENDARS = frozenset({"text/html", "application/xhtml+xml", "application/json"})
_HEADERS = {"User-Agent": "icloud_calendar_sync", "Accept-Encoding": "gzip", "Accept": "*/*"}


@dataclass(frozen=True)
class Resource:
    """One .ics resource: canonical path, ETag ("" if the server gave none), iCalendar bytes."""

    href: str
    etag: str
    data: bytes


class _Call(NamedTuple):
    method: str
    headers: Mapping[str, str | bytes]
    body: bytes
    wanted: frozenset[int]
    limit: int
    expires: float


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    url: Url
    body: bytes


class Client:
    """One account on one host.

    Every method that sends may raise whatever of errors.py happens on the way: Unauthorized,
    Forbidden, NotFound, PreconditionFailed, Refused, Unavailable, Unreachable, TimedOut,
    BadAnswer, UntrustedHost. Paths may be quoted in any way; hrefs given back are canonical.

    `tally` counts what was sent: (method, HTTP status or the name of the error) → [how often,
    seconds].

    After a 401 nothing more is sent: each further try of a wrong password brings Apple closer to
    locking the account. Every call then raises Unauthorized at once. The front door (the host and
    path of `base_url`, and what discovery asks next) may still be asked, once, after a 401 of
    another place; see `believe_password`.

    :param base_url: where discovery starts
    :param trusted_hosts: host:port pairs that may see the password beside icloud.com
    :param timeout: seconds that one call may take, all in
    :param deadline: `time.monotonic()` value that no call may pass
    :raise UntrustedHost: `base_url` may not see the password
    """

    def __init__(
        self,
        base_url: str,
        apple_id: str,
        app_password: str,
        *,
        trusted_hosts: frozenset[str] = frozenset(),
        timeout: float = 15.0,
        deadline: float | None = None,
    ):
        self.apple_id = apple_id
        self._trusted_hosts = trusted_hosts
        self._timeout, self._deadline = timeout, deadline
        self._start = self._base = trusted(base_url, trusted_hosts)
        # Made by hand because requests encodes both as Latin-1; RFC 7617 prefers UTF-8.
        pair = base64.b64encode(f"{apple_id}:{app_password}".encode()).decode("ascii")
        self._authorization = f"Basic {pair}"
        self._connections = shared(certificates())
        self._connections.enter()
        self._leave = finalize(self, self._connections.leave)
        self.tally: dict[tuple[str, int | str], list[float]] = {}
        # Whether the front door is spoken with; whether it refused the password, or another did.
        self._is_front, self._is_locked, self._is_doubted = True, False, False

    def __repr__(self) -> str:
        return f"<Client {self.base_url}>"

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def close(self) -> None:
        """No more is asked: the last client of a process closes the connections."""
        self._leave()

    @property
    def base_url(self) -> str:
        """scheme://host:port of the host that answers."""
        return self._base.origin

    def bind_to_start(self) -> str:
        """Speak with the host of the constructor's URL again; returns that URL's path."""
        self._base, self._is_front = self._start, True
        return self._base.path

    def bind(self, reference: str, base: str | None = None, *, is_front: bool = False) -> str:
        """Speak with the host of `reference` from now on; returns its canonical path.

        :param base: `url` of the response that the reference was read from; None if absolute
        :param is_front: what is asked there belongs to the front door
        :raise UntrustedHost: the password may not be sent there
        """
        asked = trusted(base, self._trusted_hosts) if base else None
        self._base = trusted(reference, self._trusted_hosts, asked)
        self._is_front = is_front
        return self._base.path

    def believe_password(self) -> None:
        """The front door has just accepted it: a 401 that came from elsewhere stops nothing."""
        self._is_doubted = False

    def expire_in(self, seconds: float) -> None:
        """From now on no call passes that many seconds from now."""
        self._deadline = time.monotonic() + seconds

    def propfind(self, path: str, names: Iterable[str], depth: int) -> list[Response]:
        """The named properties (Clark notation) of a resource, with depth 1 of its members too.

        Depth 0 gives exactly one response with a good status, whatever href the server gave it.
        """
        responses = self._propfind(path, names, depth).responses
        return responses if depth else [own(responses, canonical_path(path))]

    def members(self, path: str, names: Iterable[str], most: int | None = None) -> Multistatus:
        """The named properties of a collection, which answers for itself, and of its members.

        :param most: a longer list is a BadAnswer
        """
        answer = self._propfind(path, names, 1, most)
        own(answer.responses, canonical_path(path))
        return answer

    def _propfind(
        self, path: str, names: Iterable[str], depth: int, most: int | None = None
    ) -> Multistatus:
        root = dav.Propfind() + dav.Prop().append(_element(name) for name in names)
        return self._list("PROPFIND", path, root, depth, most)

    def report(self, path: str, body: bytes | BaseElement, depth: int) -> Multistatus:
        """Send a REPORT (RFC 3253)."""
        return self._list("REPORT", path, body, depth)

    def sync_collection(self, path: str, token: str | None) -> Multistatus:
        """ETags of what changed since `token`, of everything without one (RFC 6578).

        Gone members come with status 404.

        :raise TokenInvalid: the token is refused, or else the permission is lost
        :raise Unavailable: also when the list has only begun (status 507)
        """
        since, level = dav.SyncToken(value=token or ""), dav.SyncLevel(value="1")
        root = dav.SyncCollection().append([since, level, dav.Prop() + dav.GetEtag()])
        try:
            # RFC 6578 wants depth 0, but iCloud is only known with what clients send it: 1.
            answer = self.report(path, root, depth=1)
            require_good(answer.responses, canonical_path(path))
        except (Forbidden, NotFound, PreconditionFailed, Refused) as error:
            # iCloud answers 403, others 400, 409, 410 or 412, hardly ever with a DAV:error.
            if token:
                raise TokenInvalid(_("The sync token was refused."), status=error.status) from error
            raise
        return answer

    def multiget(self, path: str, hrefs: Iterable[str]) -> list[Response]:
        """ETag and calendar-data of members of a calendar (RFC 4791 section 7.9)."""
        props = dav.Prop().append([dav.GetEtag(), cdav.CalendarData()])
        root = cdav.CalendarMultiGet() + props
        root += [dav.Href(value=href) for href in hrefs]
        return self.report(path, root, depth=1).responses

    def get(self, path: str) -> Resource:
        """One resource of at most MAX_RESOURCE_BYTES.

        :raise BadAnswer: also for a page that says of itself that it is one
        """
        answer = self._request("GET", path, {200}, limit=MAX_RESOURCE_BYTES)
        if _says_of_itself(answer) in _NO_CALENDARS:
            raise BadAnswer(_("The server's answer is no calendar data."))
        return Resource(canonical_path(path), _etag(answer), answer.body)

    def put(self, path: str, data: bytes, *, etag: str | None) -> str | None:
        """Write a resource: create it (None), or replace that version (an empty one: any).

        Never sent twice: after TimedOut, Unreachable or BadAnswer it may be there or not.

        :return: the new ETag, or None where the server did not tell
        :raise PreconditionFailed: exists already, or is another version
        """
        condition = {"If-None-Match": "*"} if etag is None else _if_match(etag)
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        return _etag(self._request("PUT", path, {200, 201, 204}, headers, data)) or None

    def delete(self, path: str, *, etag: str | None) -> None:
        """Remove a resource: exactly that version, or (no `etag`) any. Gone already is done.

        :raise PreconditionFailed: another version
        """
        self._request("DELETE", path, {200, 202, 204, 404, 410}, _if_match(etag))

    def _list(
        self,
        method: str,
        path: str,
        body: bytes | BaseElement,
        depth: int,
        most: int | None = None,
    ) -> Multistatus:
        if isinstance(body, BaseElement):
            body = etree.tostring(body.xmlelement(), encoding="utf-8", xml_declaration=True)
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}
        answer = self._request(method, path, {200, 207}, headers, body, MAX_MULTISTATUS_BYTES)
        return parse(answer.body, answer.url, self._trusted_hosts, most)

    def _request(
        self,
        method: str,
        path: str,
        wanted: set[int],
        headers: Mapping[str, str | bytes] = MappingProxyType({}),
        body: bytes = b"",
        limit: int = 0,
    ) -> _Answer:
        """The answer with a wanted status, redirects followed; `limit` 0: its body is not needed.

        Followed by hand, because each hop must be trusted, and gets method, body and password.
        """
        if self._is_locked or (self._is_doubted and not self._is_front):
            raise from_status(401)
        expires = time.monotonic() + self._timeout
        if self._deadline is not None:
            expires = min(expires, self._deadline)
        call = _Call(method, headers, body, frozenset(wanted), limit, expires)
        url, visited = self._base.at(path), set()
        while (answer := self._exchange(call, url)).status in _REDIRECTS:
            visited.add(url)
            url = self._redirected(answer, visited)
        if answer.status not in wanted:
            if answer.status == 401:
                self._is_locked |= self._is_front
                self._is_doubted = True
            raise from_status(answer.status, answer.headers.get("Retry-After"))
        return answer

    def _redirected(self, answer: _Answer, visited: set[Url]) -> Url:
        url = trusted(answer.headers.get("Location", ""), self._trusted_hosts, answer.url)
        if url in visited or len(visited) > MAX_HOPS:
            raise BadAnswer(_("The server redirects without end."))
        return url

    def _exchange(self, call: _Call, url: Url) -> _Answer:
        try:
            return self._counted(call, url)
        except ConnectionReset:
            if call.method not in _REPEATABLE:
                raise
            return self._counted(call, url)

    def _counted(self, call: _Call, url: Url) -> _Answer:
        started, outcome = time.monotonic(), ""
        try:
            answer = self._send(call, url, started)
            outcome = answer.status
            return answer
        except ICloudError as error:
            outcome = type(error).__name__
            raise
        finally:
            seconds = time.monotonic() - started
            count = self.tally.setdefault((call.method, outcome), [0, 0.0])
            count[0], count[1] = count[0] + 1, count[1] + seconds
            _logger.debug("%s %s %s %.0f ms", call.method, url.path, outcome, seconds * 1000)

    def _send(self, call: _Call, url: Url, started: float) -> _Answer:
        if call.expires <= started:
            raise TimedOut(_("There was no time left to ask the server."))
        try:
            response = self._connections.to(url).urlopen(
                call.method,
                url.path,
                headers={**_HEADERS, **call.headers, "Authorization": self._authorization},
                body=call.body or None,
                timeout=Timeout(total=call.expires - started),
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError, ValueError) as error:
            raise from_network(error) from error
        try:
            content = _content(response, call)
        finally:
            # Closes a connection whose answer was not read to its end; others are kept by then.
            response.close()
        return _Answer(response.status, response.headers, url, content)


def _content(response: HTTPResponse, call: _Call) -> bytes:
    is_needed = call.limit and response.status in call.wanted
    limit = call.limit if is_needed else MAX_IDLE_BODY_BYTES
    try:
        return answer_body.read(response, limit)
    except (TimedOut, BadAnswer) as error:
        if is_needed:
            raise
        # The status says it all; what is wrong with the text below it does not matter.
        _logger.debug("unread: %s", error)
        return b""


def _element(name: str) -> BaseElement:
    element = BaseElement()
    element.tag = name
    return element


def _if_match(etag: str | None) -> dict[str, bytes]:
    # As bytes, because http.client cannot send what is not Latin-1.
    return {"If-Match": canonical_etag(etag).encode()} if etag else {}


def _says_of_itself(answer: _Answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _etag(answer: _Answer) -> str:
    return canonical_etag(answer.headers.get("ETag", ""))
