"""Account → principal → home → calendars (RFC 5397, RFC 4791 section 6.2)."""

import logging
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from ..sentence import _
from .client import Client
from .errors import Forbidden, NotFound, Unauthorized
from .multistatus import CALENDARSERVER, Response, usable_token
from .parser import CALDAV, DAV

_logger = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")

MAX_CALENDARS = 200
# Inbox, reminders and the like among them; Apple allows 100 calendars and lists.
MAX_MEMBERS = 2_000
MAX_NAME_LENGTH = 100
MAX_ADDRESSES = 100
MAX_ADDRESS_LENGTH = 254

# iCloud now and then refuses a first try, or names a principal without its account number.
_TRIES = 3
_PAUSE_SECONDS = 0.3

_PRINCIPAL = DAV + "current-user-principal"
_HOME = CALDAV + "calendar-home-set"
_ADDRESSES = CALDAV + "calendar-user-address-set"

_NAME = DAV + "displayname"
_TYPE = DAV + "resourcetype"
_COMPONENTS = CALDAV + "supported-calendar-component-set"
_COLOR = "{http://apple.com/ns/ical/}calendar-color"
_PRIVILEGES = DAV + "current-user-privilege-set"
_SYNC_TOKEN = DAV + "sync-token"
_CTAG = CALENDARSERVER + "getctag"
_LISTED = (_NAME, _TYPE, _COMPONENTS, _COLOR, _PRIVILEGES, _SYNC_TOKEN, _CTAG)

_NOT_FOR_EVENTS = {
    CALDAV + "schedule-inbox",
    CALDAV + "schedule-outbox",
    CALENDARSERVER + "notification",
    CALENDARSERVER + "subscribed",
}
# Control characters, those that turn the direction of the text after them, those without width
# (but for the joiners of emoji and scripts), and invisible copies of ASCII.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
_MAY_WRITE = {DAV + "all", DAV + "write", DAV + "write-content", DAV + "bind"}


@dataclass(frozen=True)
class RemoteCalendar:
    """One calendar for events, as the listing shows it.

    `href` is its canonical path and ends with "/"; `color` is "#RRGGBB" or "".
    """

    href: str
    name: str
    color: str
    writable: bool
    sync_token: str | None
    ctag: str | None


@dataclass(frozen=True)
class Discovery:
    """Where an account's calendars are, and which.

    `home_url` is absolute (scheme://host:port/path/); `addresses` are the lower-case e-mail
    addresses that mean the user, the Apple ID among them.
    """

    home_url: str
    addresses: frozenset[str]
    calendars: tuple[RemoteCalendar, ...]


def discover(client: Client) -> Discovery:
    """Find everything from the client's start URL on; the client is then bound to the home's host.

    :raise Forbidden: after some tries
    :raise NotFound: no account or no calendars there
    """

    def found() -> Discovery:
        home_url, addresses = _home(client)
        return Discovery(home_url, addresses, list_calendars(client, home_url))

    return _despite_refusals(found)


def find_home(client: Client) -> tuple[str, frozenset[str]]:
    """What the front door alone says: where the home is, and who is meant (see `Discovery`).

    :raise Unauthorized: it does not accept the password, which is then sent nowhere any more
    :raise Forbidden: after some tries
    :raise NotFound: no account or no calendars there
    """
    return _despite_refusals(lambda: _home(client))


def list_calendars(client: Client, home_url: str) -> tuple[RemoteCalendar, ...]:
    """The calendars for events, at the price of one request; binds the client to the home's host.

    :param home_url: `Discovery.home_url`
    """
    home = client.bind(home_url)
    answer = client.members(home, _LISTED, MAX_MEMBERS)
    for address in answer.unusable:
        _logger.warning("A calendar is left out, because its address cannot be used: %s", address)
    found: dict[str, RemoteCalendar] = {}
    for response in answer.responses:
        if _is_for_events(response):
            calendar = _calendar(response)
            found.setdefault(calendar.href, calendar)
    return tuple(found.values())[:MAX_CALENDARS]


def _despite_refusals(work: Callable[[], _Answer]) -> _Answer:
    for _try in range(_TRIES - 1):
        try:
            return work()
        except Forbidden:
            time.sleep(_PAUSE_SECONDS)
    return work()


def _home(client: Client) -> tuple[str, frozenset[str]]:
    principal = client.propfind(_bind_to_principal(client), (_HOME, _ADDRESSES), depth=0)[0]
    homes = principal.hrefs(_HOME)
    if not homes:
        raise NotFound(_("The account has no calendars; is iCloud Calendar switched on for it?"))
    home = _collection(client.bind(homes[0], principal.url))
    return client.base_url + home, _addresses(client, principal)


def _bind_to_principal(client: Client) -> str:
    for _try in range(_TRIES):
        start = client.propfind(client.bind_to_start(), (_PRINCIPAL,), depth=0)[0]
        if DAV + "unauthenticated" in start.tags(_PRINCIPAL):
            raise Unauthorized(_("The server took no notice of the Apple ID and password."))
        principals = start.hrefs(_PRINCIPAL)
        if not principals:
            raise NotFound(_("There is no calendar account at this address."))
        path = client.bind(principals[0], start.url, is_front=True)
        # Apple's principals are /<number>/principal/; without the number the next step gets 403.
        if path.strip("/") != "principal":
            break
        time.sleep(_PAUSE_SECONDS)
    return path


def _addresses(client: Client, principal: Response) -> frozenset[str]:
    hrefs = principal.hrefs(_ADDRESSES)[:MAX_ADDRESSES]
    mails = (unquote(href[7:]) for href in hrefs if href[:7].lower() == "mailto:")
    known = (mail for mail in mails if len(mail) <= MAX_ADDRESS_LENGTH and mail.isprintable())
    return frozenset(mail.strip().lower() for mail in (*known, client.apple_id))


def _is_for_events(response: Response) -> bool:
    types, components = response.tags(_TYPE), response.components(_COMPONENTS)
    return (
        response.status < 400
        and CALDAV + "calendar" in types
        and not types & _NOT_FOR_EVENTS
        and (not components or "VEVENT" in components)
    )


def _calendar(response: Response) -> RemoteCalendar:
    # A server that tells no privileges at all gets the benefit of the doubt.
    is_writable = _PRIVILEGES not in response.properties or bool(
        response.tags(_PRIVILEGES) & _MAY_WRITE
    )
    return RemoteCalendar(
        href=_collection(response.href),
        name=_name(response),
        color=_color(response.text(_COLOR)),
        writable=is_writable,
        sync_token=usable_token(response.text(_SYNC_TOKEN)),
        ctag=usable_token(response.text(_CTAG)),
    )


def _collection(path: str) -> str:
    return path.rstrip("/") + "/"


def _name(response: Response) -> str:
    segment = response.href.rstrip("/").rpartition("/")[2]
    names = (_seen(text) for text in (response.text(_NAME), unquote(segment)))
    return next(filter(None, names), str(_("Calendar")))


def _seen(text: str) -> str:
    """`text` as one short line; "" when nothing of it would be seen."""
    # Cut first: a name of megabytes is not worth looking at.
    line = _UNSEEN.sub("", " ".join(text[: MAX_NAME_LENGTH * 10].split()))[:MAX_NAME_LENGTH]
    # Letters, numbers, punctuation, symbols; not the joiners alone.
    return line if any(unicodedata.category(letter)[0] in "LNPS" for letter in line) else ""


def _color(text: str) -> str:
    found = re.match(r"#[0-9A-Fa-f]{6}(?=([0-9A-Fa-f]{2})?$)", text)
    return found[0].upper() if found else ""
