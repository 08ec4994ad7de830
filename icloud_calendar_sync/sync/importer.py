"""Reads what is new in the calendars of one account. Changes nothing, here or there."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from ..icloud.changes import Changes, Held, changes_by_asking
from ..icloud.client import Client
from ..icloud.discovery import RemoteCalendar
from ..icloud.errors import ICloudError, Unauthorized, Unavailable
from .budget import Budget
from .home import Home
from .news import CalendarNews, Known, Listing, Need, Part, Watched, Window
from .resources import Resources

Look = Generator[Listing | Need | Part | CalendarNews, Known | None, None]

# One calendar that cannot be had is its own trouble; a second one is the account's.
MOST_FAILED = 2


def look(client: Client, home_url: str, watched: Iterable[Watched], window: Window) -> Look:
    """One request when nothing changed: the listing shows every calendar's token.

    Yields a `Listing`; of each calendar with news a `Need` or two, to be answered with a `Known`,
    and a `Part` at a time; at last its `CalendarNews`. Only a `Need` needs an answer. It ends with
    the first word that the server wants to be left alone.

    :raise ICloudError: not even the listing came
    :raise zoneinfo.ZoneInfoNotFoundError: there is no such zone as the window's
    """
    # Before any file is read: it is not the files' fault.
    ZoneInfo(window.zone)
    home = Home(client, home_url)
    calendars = home.calendars()
    yield Listing(home.url, calendars)
    by_href, looking, failed = {each.href: each for each in calendars}, None, 0
    for each in watched:
        listed = by_href.get(each.href)
        if not listed or is_idle(each, listed):
            continue
        looking = looking or _Look(client, home, window)
        news = yield from looking.into(each, listed)
        error = news.error or news.late
        failed += isinstance(error, Unavailable)
        if failed == MOST_FAILED or _is_of_all(error):
            return


def is_idle(watched: Watched, listed: RemoteCalendar) -> bool:
    """Whether there is nothing to be read in a calendar."""
    token = listed.sync_token or listed.ctag
    return bool(token) and token == watched.listed_token and not watched.is_due


def _is_of_all(error: ICloudError | None) -> bool:
    if isinstance(error, Unavailable):
        return error.status == 429 or error.retry_after is not None
    return isinstance(error, Unauthorized)


class _Look:
    def __init__(self, client: Client, home: Home, window: Window):
        self._client, self._home, self._window = client, home, window
        self._resources: Resources | None = None
        self._budget: Budget | None = None

    def into(
        self, watched: Watched, listed: RemoteCalendar
    ) -> Generator[Need | Part | CalendarNews, Known | None, CalendarNews]:
        """One calendar; the news that it returns was yielded, too."""
        try:
            news = yield from self._despite_doubts(lambda: self._into(watched, listed))
        except ICloudError as error:
            news = CalendarNews(watched.key, error=error)
        yield news
        return news

    def _despite_doubts(self, work: Callable[[], Generator]) -> Generator:
        """As `Home.do`, for work that asks on its way, and that may end late as well as badly.

        What was read before its end was stored by then, and is not read again.
        """
        news, error = yield from self._tried(work)
        if error is None:
            return news
        try:
            if not self._home.may_be_wrong(error):
                raise error
            news, error = yield from self._tried(work)
            if error is None:
                return news
            raise self._home.truth(error) from error.__cause__
        except ICloudError as its:
            if news is None:
                raise
            return replace(news, late=its)

    def _tried(self, work: Callable[[], Generator]) -> Generator:
        """The news, if there are any, and what ended them."""
        try:
            news = yield from work()
        except ICloudError as error:
            return None, error
        return news, news.late

    def _into(
        self, watched: Watched, listed: RemoteCalendar
    ) -> Generator[Need | Part, Known, CalendarNews]:
        token = listed.sync_token or listed.ctag
        news = CalendarNews(watched.key, listed_token=token, sync_token=watched.sync_token)
        if token and token == watched.listed_token:
            known, changed = (yield Need(watched.key, frozenset())), {}
        else:
            changes, known = yield from self._changes(watched)
            changed = changes.changed
            news = replace(
                news,
                removed=changes.removed,
                sync_token=changes.token,
                problems=changes.problems,
            )
            # A server that lists a token and does not know it yet lags.
            is_behind = watched.sync_token == changes.token != (listed.sync_token or changes.token)
            if is_behind:
                news = replace(news, listed_token=None)
            if changes.doubtful:
                news = replace(news, listed_token=None, sync_token=watched.sync_token)
        resources = self._with_budget(known)
        self._budget.release(known.key, (known.held.get(href, 0) for href in news.removed))
        return (yield from resources.added_to(news, known, changed))

    def _changes(self, watched: Watched) -> Generator[Need, Known, tuple[Changes, Known]]:
        asking = changes_by_asking(self._client, watched.href, watched.sync_token)
        try:
            hrefs = next(asking)
            while True:
                known = yield Need(watched.key, hrefs)
                hrefs = asking.send(Held(known.etags, known.count, known.fresh))
        except StopIteration as done:
            return done.value, known

    def _with_budget(self, known: Known) -> Resources:
        if self._resources is None:
            self._budget = Budget(known.kept)
            self._resources = Resources(self._client, self._window, self._budget)
        return self._resources
