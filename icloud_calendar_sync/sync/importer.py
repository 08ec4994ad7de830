"""Reads what is new in the calendars of one account. Changes nothing, here or there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..ical.read import Malformed, Reading, read
from ..ical.write import remote_fingerprint
from ..icloud.changes import changes_since, fetch
from ..icloud.client import Client, Resource
from ..icloud.discovery import RemoteCalendar, discover, list_calendars
from ..icloud.errors import ICloudError, NotFound, Unauthorized, Unavailable, Unreachable


@dataclass(frozen=True)
class Window:
    """Which occurrences are wanted (aware UTC) and how to read times without a zone."""

    start: datetime
    stop: datetime
    zone: str
    addresses: frozenset[str]


@dataclass(frozen=True)
class Known:
    """What Odoo knows of one calendar that it reads.

    `etags`: href → ETag of every resource we have; `again`: resources whose later occurrences
    come into the window; `ours`: UIDs of the copies we pushed into the account; `fresh`: hrefs
    of those pushed since the last look.
    """

    key: int
    href: str
    listed_token: str | None
    sync_token: str | None
    etags: Mapping[str, str]
    again: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """One new or changed resource: a copy of ours with its fingerprint, a reading, or a problem."""

    href: str
    etag: str
    reading: Reading | None = None
    our_uid: str | None = None
    fingerprint: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class CalendarNews:
    """The answer for one calendar; with `error` nothing of it may be stored."""

    key: int
    found: tuple[Found, ...] = ()
    removed: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    listed_token: str | None = None
    sync_token: str | None = None
    error: ICloudError | None = None


@dataclass(frozen=True)
class AccountNews:
    """The answer for one account; `error` only when not even the listing came.

    `home_url` is where the calendars are now: iCloud moves accounts from host to host.
    """

    home_url: str = ""
    calendars: tuple[RemoteCalendar, ...] = ()
    news: tuple[CalendarNews, ...] = ()
    error: ICloudError | None = None


def look(client: Client, home_url: str, known: Iterable[Known], window: Window) -> AccountNews:
    """One request when nothing changed: the listing shows every calendar's token."""
    try:
        home_url, calendars = _listing(client, home_url)
    except ICloudError as error:
        return AccountNews(error=error)
    by_href = {calendar.href: calendar for calendar in calendars}
    listed = [(each, by_href[each.href]) for each in known if each.href in by_href]
    return AccountNews(home_url, calendars, tuple(_look_into_each(client, listed, window)))


def _listing(client: Client, home_url: str) -> tuple[str, tuple[RemoteCalendar, ...]]:
    try:
        return home_url, list_calendars(client, home_url)
    except (NotFound, Unreachable):
        # The account may live on another host by now: ask at the front door.
        found = discover(client)
        return found.home_url, found.calendars


def _look_into_each(client: Client, listed: Iterable, window: Window) -> Iterator[CalendarNews]:
    for known, calendar in listed:
        try:
            yield _look_into(client, known, calendar, window)
        except ICloudError as error:
            yield CalendarNews(known.key, error=error)
            if isinstance(error, (Unauthorized, Unavailable)):
                return


def _look_into(
    client: Client, known: Known, calendar: RemoteCalendar, window: Window
) -> CalendarNews:
    token = calendar.sync_token or calendar.ctag
    unchanged = token and token == known.listed_token
    changed, removed, sync_token = {}, frozenset(), known.sync_token
    if not unchanged:
        changes = changes_since(client, known.href, known.sync_token, known.etags)
        changed, removed, sync_token = changes.changed, changes.removed, changes.token
    # A server may keep silent about what came and went between two looks (RFC 6578 section 3.5.2),
    # so a copy that we put there in between is asked for by name.
    unheard = known.fresh - changed.keys() - removed
    fetched = fetch(client, known.href, {*changed, *(known.again - removed), *unheard})
    return CalendarNews(
        key=known.key,
        found=(
            *(_read(resource, known, window) for resource in fetched.resources),
            *(
                Found(href, changed.get(href, known.etags.get(href, "")), problem=reason)
                for href, reason in fetched.unreadable.items()
            ),
        ),
        removed=removed | (fetched.missing & unheard),
        missing=fetched.missing - unheard,
        listed_token=token,
        sync_token=sync_token,
    )


def _read(resource: Resource, known: Known, window: Window) -> Found:
    try:
        reading = read(resource.data, window.start, window.stop, window.zone, window.addresses)
    except Malformed as error:
        return Found(resource.href, resource.etag, problem=str(error))
    if reading.uid in known.ours:
        fingerprint = remote_fingerprint(resource.data, reading.uid)
        return Found(resource.href, resource.etag, our_uid=reading.uid, fingerprint=fingerprint)
    return Found(resource.href, resource.etag, reading=reading)
