"""Reads what is new in the calendars of one account. Changes nothing, here or there."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from ..icloud.changes import changes_since
from ..icloud.client import Client
from ..icloud.discovery import RemoteCalendar, discover, list_calendars
from ..icloud.errors import ICloudError, NotFound, Unauthorized, Unavailable, Unreachable
from .budget import Budget
from .news import AccountNews, CalendarNews, Known, Window
from .resources import Resources


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
        self._client, self._budget = client, budget
        self._resources = Resources(client, window, budget)

    def into_each(self, listed: Iterable) -> Iterator[CalendarNews]:
        for known, calendar in listed:
            try:
                news = self._into(known, calendar)
                yield news
                if isinstance(news.late, Unavailable):
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
                listed_token=None if changes.doubtful else token,
                sync_token=known.sync_token if changes.doubtful else changes.token,
                problems=changes.problems,
            )
        self._budget.release(known.key, (known.held.get(href, 0) for href in news.removed))
        return self._resources.added_to(news, known, changed)
