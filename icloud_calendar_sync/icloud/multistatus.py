"""A WebDAV multistatus answer (RFC 4918 section 13) → plain values, however odd the answer."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from ..sentence import _
from . import parser
from .errors import BadAnswer, UntrustedHost, UnusableUrl
from .parser import Property
from .urls import Url, trusted
from .wire.failures import from_status

CALENDARSERVER = "{http://calendarserver.org/ns/}"

MAX_RESPONSES = 100_000
MAX_TOKEN_LENGTH = 1000
# How many addresses that cannot be used are named, and how much of each.
MAX_UNUSABLE = 20
MAX_SHOWN_LENGTH = 80

_STATUS = re.compile(r"HTTP/\d+(?:\.\d+)?\s+(\d{3})\b", re.ASCII)
# What stands in no ETag (RFC 9110 section 8.8.3), and what no database takes.
_NOT_IN_ETAGS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_NOTHING = Property(b"")


@dataclass(frozen=True, slots=True)
class Response:
    """What the answer says of one resource.

    `href` is its canonical path, `origin` the host that answered (scheme://host:port); `status`
    is 200 unless the resource as a whole has another. `properties` holds only those given with a
    2xx status: iCloud repeats missing ones empty under a 404, which must not hide the good values.
    """

    href: str
    origin: str
    status: int
    properties: Mapping[str, Property]

    @property
    def url(self) -> str:
        """The resource's absolute URL."""
        return self.origin + self.href

    def text(self, name: str) -> str:
        """The text of a property, without blanks around it; "" where there is none."""
        return self.content(name).decode("utf-8", "replace").strip()

    def content(self, name: str) -> bytes:
        """The text of a property as it is, in UTF-8; b"" where there is none."""
        return self._of(name).content

    def hrefs(self, name: str) -> tuple[str, ...]:
        """The DAV:href elements of a property, as sent."""
        return self._of(name).hrefs

    def tags(self, name: str) -> frozenset[str]:
        """The names of all elements in a property, at any depth."""
        return self._of(name).tags

    def components(self, name: str) -> frozenset[str]:
        """The `name` attributes of the CALDAV:comp elements of a property, upper case."""
        return self._of(name).components

    def _of(self, name: str) -> Property:
        return self.properties.get(name, _NOTHING)


class Multistatus(NamedTuple):
    """All responses, and the new sync token that a sync-collection REPORT gives.

    `path` is the canonical path that answered, after redirects. `unusable` are the beginnings of
    hrefs that are no URL, too long to keep, or on a foreign host and of another place than what was
    asked for: their responses are left out.
    """

    responses: list[Response]
    sync_token: str | None
    path: str
    unusable: tuple[str, ...]


@dataclass
class _Resolved:
    """Hrefs as sent → trusted absolute URLs."""

    base: Url
    hosts: frozenset[str]
    unusable: list[str] = field(default_factory=list)

    def url(self, href: str) -> Url | None:
        try:
            return trusted(href, self.hosts, self.base)
        except UnusableUrl:
            here = None
        except UntrustedHost:
            here = self._here(href)
        if not here and len(self.unusable) < MAX_UNUSABLE:
            self.unusable.append(shown(href))
        return here

    def _here(self, href: str) -> Url | None:
        """What lies below the resource that was asked for, whatever the server calls its host.

        Behind a proxy some name the host they know of themselves. It is the one that answered
        which is asked again, so the password goes nowhere else.
        """
        url = self.base.at(urlsplit(href).path)
        folder = self.base.path.rstrip("/") + "/"
        return url if (url.path.rstrip("/") + "/").startswith(folder) else None


def parse(body: bytes, base: Url, hosts: frozenset[str], most: int | None = None) -> Multistatus:
    """The answer's responses, in its order, repetitions included.

    :param base: who answered
    :param hosts: whom the operator trusts, see `urls.trusted`
    :param most: responses, at most MAX_RESPONSES
    :raise BadAnswer: not well-formed, with a DTD, too large, or no multistatus
    """
    answer = parser.read(
        body, most or MAX_RESPONSES, lambda line: 200 <= (_status(line) or 200) < 300
    )
    resolved = _Resolved(base, hosts)
    responses = [
        Response(url.path, sys.intern(url.origin), status, found)
        for hrefs, line, found in answer.entries
        for status in (_status(line) or 200,)
        # RFC 4918 section 14.24: a response without propstat may name several hrefs.
        for href in hrefs
        if (url := resolved.url(href))
    ]
    token = usable_token(answer.sync_token)
    return Multistatus(responses, token, base.path, tuple(resolved.unusable))


def shown(text: str, most: int = MAX_SHOWN_LENGTH) -> str:
    """As much of a text from outside as a person needs to find what is meant, in one line."""
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "…"


def own(responses: list[Response], path: str) -> Response:
    """The response for the resource that was asked for, by canonical path.

    A lone one counts whatever it is called: iCloud has named principals otherwise than asked.

    :raise ICloudError: the one for its status, when that is an error
    """
    lone = responses if len(responses) == 1 else []
    found = _same(responses, path) or lone
    if not found:
        raise BadAnswer(_("The server's answer holds nothing about what was asked."))
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
    if not tag or len(tag) > MAX_TOKEN_LENGTH or _NOT_IN_ETAGS.search(tag):
        return ""
    return tag if len(tag) > 1 and tag[0] == tag[-1] == '"' else f'"{tag}"'


def _status(line: str) -> int | None:
    found = _STATUS.match(line)
    return int(found[1]) if found else None
