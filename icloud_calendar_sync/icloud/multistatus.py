"""A WebDAV multistatus answer (RFC 4918 section 13) → plain values, however odd the answer."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from .errors import BadAnswer
from .failures import from_status
from .urls import Url

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDARSERVER = "{http://calendarserver.org/ns/}"

MAX_RESPONSES = 100_000
MAX_TOKEN_LENGTH = 1000
# A full listing has about 30 of these marks a response. They bound what lxml builds from a body
# of nothing but tags or attributes, at a hundred bytes or more each.
MAX_MARKS = 4_000_000

_STATUS = re.compile(r"HTTP/\d+(?:\.\d+)?\s+(\d{3})\b")


@dataclass(frozen=True)
class Response:
    """What the answer says of one resource.

    `href` is its canonical path, `url` the same with the host that answered; `status` is 200
    unless the resource as a whole has another. `properties` holds only those given with a 2xx
    status: iCloud repeats missing ones empty under a 404, which must not hide the good values.
    """

    href: str
    url: str
    status: int
    properties: Mapping[str, etree._Element]

    def text(self, name: str) -> str:
        """The text of a property, without blanks around it; "" where there is none."""
        return self.data(name).strip()

    def data(self, name: str) -> str:
        """The text of a property as it is; "" where there is none."""
        element = self.properties.get(name)
        return "" if element is None else "".join(element.itertext())

    def hrefs(self, name: str) -> tuple[str, ...]:
        """The DAV:href elements of a property, as sent."""
        found = (each.text or "" for each in self._below(name, DAV + "href"))
        return tuple(href.strip() for href in found if href.strip())

    def tags(self, name: str) -> frozenset[str]:
        """The names of all elements in a property, at any depth."""
        return frozenset(each.tag for each in self._below(name))

    def components(self, name: str) -> frozenset[str]:
        """The `name` attributes of the CALDAV:comp elements of a property, upper case."""
        return frozenset(
            each.get("name", "").upper() for each in self._below(name, CALDAV + "comp")
        )

    def _below(self, name: str, *tags: str) -> Iterator[etree._Element]:
        element = self.properties.get(name)
        return iter(()) if element is None else element.iterdescendants(*tags)


class Multistatus(NamedTuple):
    """All responses, and the new sync token that a sync-collection REPORT gives."""

    responses: list[Response]
    sync_token: str | None


def parse(body: bytes, resolve: Callable[[str], Url]) -> Multistatus:
    """The answer's responses, in its order, repetitions included.

    :param resolve: href as sent → trusted absolute URL
    :raise BadAnswer: not well-formed, with a DTD, too large, or no multistatus
    :raise UntrustedHost: from `resolve`, for an href on a foreign host
    """
    root = _tree(body)
    if root.tag != DAV + "multistatus":
        raise BadAnswer("The server's answer is not the kind of list that was asked for.")
    responses = []
    for element in root.iterchildren(DAV + "response"):
        responses += _responses(element, resolve)
        if len(responses) > MAX_RESPONSES:
            raise BadAnswer(f"The server listed more than {MAX_RESPONSES} resources.")
    return Multistatus(responses, usable_token(root.findtext(DAV + "sync-token") or ""))


def own(responses: list[Response], path: str) -> Response:
    """The response for the resource that was asked for, by canonical path.

    A lone one counts whatever it is called: iCloud has named principals otherwise than asked.

    :raise ICloudError: the one for its status, when that is an error
    """
    lone = responses if len(responses) == 1 else []
    found = _same(responses, path) or lone
    if not found:
        raise BadAnswer("The server's answer holds nothing about what was asked.")
    require_good(found, found[0].href)
    return found[0]


def require_good(responses: list[Response], path: str) -> None:
    """:raise ICloudError: what the answer says of the resource at `path` is an error"""
    for each in _same(responses, path):
        if each.status >= 400:
            raise from_status(each.status)


def _same(responses: list[Response], path: str) -> list[Response]:
    return [each for each in responses if each.href.rstrip("/") == path.rstrip("/")]


def usable_token(text: str) -> str | None:
    """A sync token or ctag, if there is one of a size to keep."""
    token = text.strip()
    return token if 0 < len(token) <= MAX_TOKEN_LENGTH else None


def canonical_etag(text: str) -> str:
    """`text` as a strong, quoted ETag, or "" for none.

    The same version comes weak or strong and quoted or not, depending on header, XML and proxies
    on the way; If-Match only ever accepts a strong one (RFC 9110 section 13.1.1).
    """
    tag = " ".join(text.split()).removeprefix("W/")
    if not tag or len(tag) > MAX_TOKEN_LENGTH:
        return ""
    return tag if len(tag) > 1 and tag[0] == tag[-1] == '"' else f'"{tag}"'


def _tree(body: bytes) -> etree._Element:
    if sum(body.count(mark) for mark in (b"<", b'"', b"'")) > MAX_MARKS:
        raise BadAnswer("The server's answer is too large.")
    try:
        root = etree.fromstring(_utf8(body), _parser())
    except etree.XMLSyntaxError as error:
        raise BadAnswer("The server's answer is not well-formed XML.") from error
    if root.getroottree().docinfo.doctype:
        raise BadAnswer("The server's answer has a DTD, which none of this kind needs.")
    return root


def _parser() -> etree.XMLParser:
    # `encoding` overrules what the document says of itself, which may be a charset nobody knows.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _utf8(body: bytes) -> bytes:
    """A name in another charset costs that name its umlauts, not the user the calendar."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace").encode()
    return body


def _responses(element: etree._Element, resolve: Callable[[str], Url]) -> Iterator[Response]:
    status = _status(element) or 200
    properties = {
        value.tag: value
        for propstat in element.iterchildren(DAV + "propstat")
        if 200 <= (_status(propstat) or 200) < 300
        for value in propstat.iterfind(DAV + "prop/*")
    }
    # RFC 4918 section 14.24: a response without propstat may name several hrefs.
    for href in element.iterchildren(DAV + "href"):
        url = resolve((href.text or "").strip())
        yield Response(url.path, str(url), status, properties)


def _status(element: etree._Element) -> int | None:
    found = _STATUS.match((element.findtext(DAV + "status") or "").strip())
    return int(found[1]) if found else None
