"""Which hosts may see the password, and the one way a path is written."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from ..sentence import _
from .errors import UntrustedHost, UnusableUrl

# Of a canonical path, and of what it is made from. Apple's have some 150 characters.
MAX_HREF_LENGTH = 8_000

# RFC 1035 section 2.3.4. What is longer ends as a UnicodeError in the resolver.
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)({_LABEL}(\.{_LABEL})*|[0-9a-f:.]*:[0-9a-f:.]*)")
_QUERY = re.compile(r"[?#]")
_DEFAULT_PORTS = {"https": 443, "http": 80}
# "+" is quoted, because some servers read a bare one as a blank.
_LITERAL = "@:!$&'()*,;="
_PLAIN = re.compile(r"[A-Za-z0-9_.~@:!$&'()*,;=-]*+")


def canonical_path(path: str) -> str:
    """`path` quoted our way, so that "%40" and "@" compare equal; segments stay segments.

    Begins with exactly one slash: put after a host, nothing in a path can become part of the host.
    """
    segments = path.lstrip("/").split("/")
    return "/" + "/".join(
        segment if _PLAIN.fullmatch(segment) else _quoted(segment) for segment in segments
    )


# All resources of a calendar have the same way to it.
@lru_cache(maxsize=64)
def _quoted(segment: str) -> str:
    # As bytes, because a lone surrogate is no UTF-8.
    return quote(unquote_to_bytes(segment.encode("utf-8", "replace")), safe=_LITERAL)


@dataclass(frozen=True)
class Url:
    """An absolute URL taken apart; `str()` is put together from the checked parts alone.

    That matters: two parsers may find two hosts in one odd text ("https://a\\@b/"), and the one
    that connects must not be the other one.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """scheme://host:port"""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return self.origin + self.path

    def at(self, path: str) -> "Url":
        """The same host, another path."""
        return Url(self.scheme, self.host, self.port, canonical_path(path))


def trusted(reference: str, operators_hosts: frozenset[str], base: Url | None = None) -> Url:
    """`reference` (absolute, or relative to `base`) if the password may be sent there.

    That is https to icloud.com and below, and what the operator named as host:port; plain http
    only to a loopback address among the latter.

    :raise UntrustedHost: any other
    :raise UnusableUrl: whatever is not a URL, or longer than MAX_HREF_LENGTH
    """
    if len(reference) > MAX_HREF_LENGTH:
        raise UnusableUrl(_("The server gave an address that is too long to be used."))
    if base and reference.startswith("/") and not reference.startswith("//"):
        # Nearly every href, thousands of them in a listing: a path on a host that is trusted.
        url = base.at(_QUERY.split(reference, maxsplit=1)[0])
    else:
        url = _parsed_reference(reference, base)
    if len(url.path) > MAX_HREF_LENGTH:
        raise UnusableUrl(_("The server gave an address that is too long to be used."))
    if not _is_trusted(url.scheme, url.host, url.port, operators_hosts):
        raise UntrustedHost(
            _("%(host)s is not trusted, so the password was not sent there.", host=url.origin)
        )
    return url


def _parsed_reference(reference: str, base: Url | None) -> Url:
    try:
        return _parsed(urljoin(str(base), reference) if base else reference)
    except ValueError as error:
        raise UnusableUrl(_("The server gave an address that is not a usable URL.")) from error


def _parsed(text: str) -> Url:
    parts = urlsplit(text)
    host = (parts.hostname or "").lower()
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise ValueError("no http(s) URL with a plain host name")
    if "@" in parts.netloc:
        raise ValueError("user information in a URL")
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    return Url(parts.scheme, host, port, canonical_path(parts.path or "/"))


# Asked for each of the thousands of hrefs in a listing.
@lru_cache(maxsize=256)
def _is_trusted(scheme: str, host: str, port: int, operators_hosts: frozenset[str]) -> bool:
    is_apple = host == "icloud.com" or host.endswith(".icloud.com")
    if is_apple and scheme == "https" and port == 443:
        return True
    if scheme == "http" and not _is_loopback(host):
        return False
    named = {entry.lower() for entry in operators_hosts}
    host_and_port = Url(scheme, host, port, "/").origin.partition("://")[2]
    is_default = port == _DEFAULT_PORTS[scheme]
    return host_and_port in named or (is_default and host_and_port.rpartition(":")[0] in named)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
