"""Reads what is new in the calendars of one account. Changes nothing, here or there."""

import hashlib
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ..ical.read import Malformed, Reading, read
from ..ical.write import remote_fingerprint
from ..icloud.changes import MAX_BATCH, Fetched, changes_since, fetch
from ..icloud.client import Client, Resource
from ..icloud.discovery import RemoteCalendar, discover, list_calendars
from ..icloud.errors import (
    BadAnswer,
    ICloudError,
    NotFound,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from ..icloud.multistatus import shown
from ..sentence import Sentence, _
from .budget import MAX_RESOURCES, Budget

_logger = logging.getLogger(__name__)

MAX_UID_LENGTH = 8_000
MAX_PROBLEM_LENGTH = 500

# What PostgreSQL refuses in a text, or Python in UTF-8.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


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
    come into the window, or must be read anew for another reason (the host's zone changed);
    `ours`: UIDs of the copies we pushed into the account; `fresh`: hrefs of those pushed since the
    last look; `held`: href → how many occurrences of a resource are kept, where there are any.
    """

    key: int
    href: str
    listed_token: str | None
    sync_token: str | None
    etags: Mapping[str, str]
    again: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    held: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """One new or changed resource: a copy of ours with its fingerprint, a reading, or a problem.

    A file that nobody can read is set aside: it has a problem and no `unknown_from`, and closes
    nothing. `unknown_from` (aware UTC) says that the file can be read and was not, or not to its
    end, because it would cost too much: from that moment on the host must not count as free. What
    has no `reading` then shall be read again with the next look.
    """

    href: str
    etag: str
    reading: Reading | None = None
    our_uid: str | None = None
    fingerprint: str | None = None
    problem: Sentence | None = None
    unknown_from: datetime | None = None


@dataclass(frozen=True)
class CalendarNews:
    """The answer for one calendar; with `error` nothing of it may be stored.

    `late` ended the look before all that changed was fetched: what was found may be stored, and
    the tokens are still the old ones, so that the next look goes on. Without it a calendar that is
    larger than one look would never be read. `problems` name what the calendar lists under an
    address that cannot be used.
    """

    key: int
    found: tuple[Found, ...] = ()
    removed: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    listed_token: str | None = None
    sync_token: str | None = None
    error: ICloudError | None = None
    late: ICloudError | None = None
    problems: tuple[Sentence, ...] = ()


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
    """One request when nothing changed: the listing shows every calendar's token.

    :raise zoneinfo.ZoneInfoNotFoundError: there is no such zone as the window's
    """
    # Before any file is read: it is not the files' fault.
    ZoneInfo(window.zone)
    known = tuple(known)
    try:
        home_url, calendars = _listing(client, home_url)
    except ICloudError as error:
        return AccountNews(error=error)
    by_href = {calendar.href: calendar for calendar in calendars}
    listed = [(each, by_href[each.href]) for each in known if each.href in by_href]
    looking = _Look(client, window, Budget({each.key: each.held for each in known}))
    return AccountNews(home_url, calendars, tuple(looking.into_each(listed)))


def _listing(client: Client, home_url: str) -> tuple[str, tuple[RemoteCalendar, ...]]:
    try:
        return home_url, list_calendars(client, home_url)
    except (NotFound, Unreachable):
        # The account may live on another host by now: ask at the front door.
        found = discover(client)
        return found.home_url, found.calendars


class _Look:
    def __init__(self, client: Client, window: Window, budget: Budget):
        self._client, self._window, self._budget = client, window, budget

    def into_each(self, listed: Iterable) -> Iterator[CalendarNews]:
        for known, calendar in listed:
            try:
                news = self._into(known, calendar)
                yield news
                if news.late:
                    return
            except ICloudError as error:
                yield CalendarNews(known.key, error=error)
                if isinstance(error, (Unauthorized, Unavailable)):
                    return

    def _into(self, known: Known, calendar: RemoteCalendar) -> CalendarNews:
        token = calendar.sync_token or calendar.ctag
        news = CalendarNews(known.key, listed_token=token, sync_token=known.sync_token)
        changed = {}
        if not token or token != known.listed_token:
            changes = changes_since(self._client, known.href, known.sync_token, known.etags)
            changed = changes.changed
            news = replace(
                news,
                removed=changes.removed,
                sync_token=changes.token,
                problems=changes.problems,
            )
        self._budget.release(known.key, (known.held.get(href, 0) for href in news.removed))
        return self._with_resources(news, known, changed)

    def _with_resources(
        self, news: CalendarNews, known: Known, changed: Mapping[str, str]
    ) -> CalendarNews:
        # A server may keep silent about what came and went between two looks (RFC 6578 section
        # 3.5.2), so a copy that we put there in between is asked for by name.
        unheard = known.fresh - changed.keys() - news.removed
        # Least known first: what no look had the time for comes to its turn with the next.
        again = sorted(known.again - news.removed, key=lambda href: known.held.get(href, 0))
        due = [*changed, *unheard]
        found, missing, late = [], set(), None
        try:
            for fetched in self._fetched(known, list(dict.fromkeys((*due, *again)))):
                found += [self._read(resource, known) for resource in fetched.resources]
                found += [
                    Found(href, changed.get(href, known.etags.get(href, "")), problem=reason)
                    for href, reason in fetched.unreadable.items()
                ]
                missing |= fetched.missing
        except Unavailable as error:
            done = missing.union(each.href for each in found)
            if not done:
                raise
            # What is only read again stays due, and comes with the next look.
            late = None if done.issuperset(due) and isinstance(error, TimedOut) else error
        if late:
            tokens = {"listed_token": known.listed_token, "sync_token": known.sync_token}
            news = replace(news, late=late, **tokens)
        return replace(
            news,
            found=tuple(found),
            removed=news.removed | (missing & unheard),
            missing=frozenset(missing - unheard),
        )

    def _fetched(self, known: Known, hrefs: list[str]) -> Iterator[Fetched]:
        """Some at a time: each file is forgotten as soon as it is read."""
        if not self._budget.has_room_for(len(hrefs)):
            raise BadAnswer(
                _(
                    "The account has more than %(count)s events, which is more than can be read.",
                    count=MAX_RESOURCES,
                )
            )
        for start in range(0, len(hrefs), MAX_BATCH):
            yield fetch(self._client, known.href, hrefs[start : start + MAX_BATCH])

    def _read(self, resource: Resource, known: Known) -> Found:
        held = known.held.get(resource.href, 0)
        most = self._budget.most(known.key, held)
        if not most:
            return Found(
                resource.href,
                resource.etag,
                problem=_(
                    "The account has more occurrences than can be read. Until there are fewer, "
                    "times that this event may take are not offered."
                ),
                unknown_from=self._window.start,
            )
        before = time.thread_time()
        found = self._understood(resource, known, most)
        count = len(found.reading.occurrences) if found.reading else held
        self._budget.spend(known.key, count - held, time.thread_time() - before)
        return found

    def _understood(self, resource: Resource, known: Known, most: int) -> Found:
        href, etag, window = resource.href, resource.etag, self._window
        try:
            reading = read(
                resource.data,
                window.start,
                window.stop,
                window.zone,
                window.addresses,
                most=most,
                deadline=time.monotonic() + self._budget.seconds,
            )
            if reading.uid in known.ours:
                fingerprint = remote_fingerprint(resource.data, reading.uid)
                return Found(href, etag, our_uid=reading.uid, fingerprint=fingerprint)
        except Malformed as error:
            return Found(href, etag, problem=_bounded(error.args[0]))
        except Exception as error:
            # Whatever stands in this one file, the others shall not wait for it.
            _logger.exception("The file %s could not be read", shown(href))
            reason = shown(str(error) or type(error).__name__)
            problem = _("This event cannot be read: %(reason)s", reason=reason)
            return Found(href, etag, problem=problem)
        return Found(href, etag, _storable(reading), unknown_from=reading.known_until)


def _storable(reading: Reading) -> Reading:
    """The reading with a UID and problems of a size and of letters that can be kept."""
    uid, problems = reading.uid, reading.problems
    if len(uid) > MAX_UID_LENGTH or _UNSTORABLE.search(uid):
        # Still one of its own: cut or cleaned it could become another's.
        uid = f"sha256:{hashlib.sha256(uid.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return replace(reading, uid=uid, problems=tuple(map(_bounded, problems)))


def _bounded(problem: str) -> Sentence:
    if len(problem) > MAX_PROBLEM_LENGTH or _UNSTORABLE.search(problem):
        return Sentence(shown(problem, MAX_PROBLEM_LENGTH))
    return problem if isinstance(problem, Sentence) else Sentence(problem)
