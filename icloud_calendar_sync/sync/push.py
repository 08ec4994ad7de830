"""Carries out the wishes of one account: the most urgent first, each for itself.

What changes something that stands there is read first, many in one request; that version is then
replaced or deleted. What is gone is believed when a second look says so.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import NamedTuple

from ..ical.lines import Malformed
from ..ical.write import Standing, fingerprint, remote_fingerprint, standing, write
from ..icloud.client import Client, Resource
from ..icloud.errors import (
    BadAnswer,
    Forbidden,
    ICloudError,
    NotFound,
    PreconditionFailed,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from ..icloud.multistatus import shown
from ..sentence import _
from .home import Home
from .orders import Feed, Order, Result
from .standing import Calendars, Place

MAX_REASON_LENGTH = 200
# What is read in one request, and settled in one transaction.
BATCH = 50
# How quick the server is shows with the first few.
FIRST_BATCH = 10
# What takes longer is cut into smaller batches: between two of them a fresh booking has its turn.
SECONDS_OF_BATCH = 2.0
# So many in a row that fail: it is not them, even though the server still answers.
MOST_FAILURES = 5
SECONDS_OF_REST = 30
# So many refusals and nothing taken: the calendar does not let us write.
MOST_REFUSALS = 2
# So often a file that was cut off is left alone; then it is replaced.
TRIES_OF_BROKEN = 3

_TOO_MANY_REQUESTS = 429
_NOT_FOUND = (404, 410)
_NO_ANSWER = (Unreachable, TimedOut)

_logger = logging.getLogger(__name__)


class Unconfirmed(BadAnswer):
    """It was sent, and iCloud does not show it yet. Nothing is wrong; a later look will tell."""


class Batch(NamedTuple):
    """What became of some orders; `untried` are those of which nothing was asked."""

    results: list[Result]
    untried: list[Order]


class _Deleted(NamedTuple):
    """An order whose DELETE was sent, whether it was seen before that, and what stood there."""

    order: Order
    was_seen: bool
    before: Standing | None


class Run:
    """One account's turn. Plain Python: it runs in a thread that has no database.

    After it `stopped` says why no more was asked, or is None; `home.url` is where the account lives
    now.

    :param feed: orders; more may be added meanwhile
    :param now: returns aware UTC, for the events' time stamps
    :param begin_by: in `time.monotonic()`; later no order is begun
    """

    def __init__(
        self,
        client: Client,
        home_url: str,
        feed: Feed,
        now: Callable[[], datetime],
        begin_by: float = inf,
    ):
        self.home = Home(client, home_url)
        self.stopped: ICloudError | None = None
        self._client, self._feed, self._now, self._begin_by = client, feed, now, begin_by
        self._calendars = Calendars(client, self.home)
        self._size = FIRST_BATCH
        self._in_a_row = 0
        self._taken, self._refusals = Counter(), Counter()
        # Keys of what may have arrived: a PUT of it was refused by nobody.
        self._sent: set[int] = set()

    def batches(self) -> Generator[Batch]:
        """Carry out what is in the feed, until it is empty or the account has to stop."""
        while not self.is_over and (orders := self._feed.take(self._size)):
            began = time.monotonic()
            results = list(self._results(orders))
            done = {result.order.key for result in results}
            self._fit(len(results), time.monotonic() - began)
            yield Batch(results, [order for order in orders if order.key not in done])

    def end(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._begin_by = -inf

    @property
    def is_over(self) -> bool:
        """Whether nothing more is begun."""
        return self.stopped is not None or time.monotonic() > self._begin_by

    def _fit(self, count: int, seconds: float) -> None:
        fitting = SECONDS_OF_BATCH * count / max(seconds, 0.001)
        self._size = min(max(int(fitting), 1), BATCH)

    def _results(self, orders: list[Order]) -> Iterator[Result]:
        known = [order for order in orders if order.may_exist]
        for order in orders:
            if not order.may_exist and order.session:
                yield from self._alone(order, self._create)
        yield from self._read_and_changed(known)

    def _read_and_changed(self, orders: list[Order]) -> Iterator[Result]:
        there = self._read(orders) if orders and not self.is_over else {}
        lost, sent = [], []
        for order in orders:
            if order.session is None:
                # Its result comes when it is known to be gone.
                yield from self._alone(order, self._delete, there, sent)
            else:
                yield from self._alone(order, self._update, there, lost)
        if lost and not self.is_over:
            places = self._calendars.places(lost)
            for order in lost:
                yield from self._alone(order, self._put_back, places)
        if sent and not self.is_over:
            yield from self._gone(sent)

    # -- each for itself -----------------------------------------------------------------------

    def _alone(self, order: Order, work: Callable, *arguments) -> Iterator[Result]:
        """Yield what became of one order, if anything has by now."""
        if self.is_over:
            return
        try:
            result = work(order, *arguments)
        except Unauthorized as error:
            self.stopped = error
            if order.key in self._sent:
                # The password was refused behind it: iCloud has it, or may have it.
                unseen = Unconfirmed(_("iCloud does not show this event yet."))
                yield Result(order, order.href, error=unseen)
        except ICloudError as error:
            if isinstance(error, _NO_ANSWER) and self._has_moved():
                yield from self._alone(order, work, *arguments)
                return
            yield Result(order, order.href, error=error)
            self._count_failure(order, error)
        except Exception as error:
            # Whatever stands in this one event, the others shall not wait for it.
            _logger.exception("Remote event %s could not be handled", order.key)
            yield Result(order, order.href, error=_failure(error))
        else:
            self._in_a_row = 0
            if result:
                yield result

    def _has_moved(self) -> bool:
        """Whether the account lives elsewhere than where nobody answers; asked once in a run."""
        try:
            return self.home.has_moved()
        except Unauthorized as error:
            self.stopped = error
            return False

    def _count_failure(self, order: Order, error: ICloudError) -> None:
        if self.stopped:
            return
        if isinstance(error, (Unavailable, BadAnswer)) and not isinstance(error, Unconfirmed):
            self._stop_unless_alone(order, error)
        else:
            self._in_a_row = 0

    def _stop_unless_alone(self, order: Order, error: Unavailable | BadAnswer) -> None:
        """One resource that fails stops nobody else; a server that cannot answer stops all."""
        self._in_a_row += 1
        if _asks_for_rest(error):
            self.stopped = error
        elif self._in_a_row > MOST_FAILURES:
            # It answers, and takes none of these. A short rest, for another may be taken.
            self.stopped = Unavailable(
                error.sentence, status=error.status, retry_after=SECONDS_OF_REST
            )
        elif self._in_a_row > 1:
            try:
                self._calendars.ask(order.calendar)
            except (Forbidden, NotFound, Refused) as its:
                _logger.debug("%s answers: %s", order.calendar, its)
            except ICloudError as its:
                self.stopped = its

    # -- create and update ---------------------------------------------------------------------

    def _create(self, order: Order) -> Result:
        try:
            return self._stands(order, order.href, self._put(order, Resource(order.href, "", b"")))
        except PreconditionFailed:
            # Either our own PUT whose answer was lost, or iCloud's word for "this UID lives in
            # another calendar of the account".
            return self._put_where_found(order)

    def _put_where_found(self, order: Order) -> Result:
        try:
            return self._put_on(order, self._get(order, order.href))
        except NotFound:
            return self._put_back(order, self._calendars.places([order]), is_refused=True)

    def _update(self, order: Order, there: dict[str, Resource], lost: list[Order]) -> Result | None:
        try:
            found = there.get(order.href) or self._get(order, order.href)
        except NotFound:
            lost.append(order)
            return None
        return self._put_on(order, found)

    def _put_back(self, order: Order, places: dict[int, Place], is_refused: bool = False) -> Result:
        """Deleted or dragged away on the phone, or not seen yet: it is looked for elsewhere.

        :param places: where each order's name is listed, see `Calendars.places`
        :param is_refused: the server says that it is there
        """
        place = places[order.key]
        if isinstance(place, ICloudError):
            raise place
        if place and (place != order.href or is_refused):
            return self._put_on(order, self._get(order, place))
        new = Resource(order.href, "", b"")
        if is_refused:
            # Nobody else makes something of this name: the condition is what is refused.
            try:
                return self._stands(order, order.href, self._put(order, new, blind=True))
            except PreconditionFailed as error:
                raise PreconditionFailed(_hidden(), status=error.status) from error
        try:
            return self._stands(order, order.href, self._put(order, new))
        except PreconditionFailed:
            return self._put_on(order, self._get(order, order.href))

    def _put_on(self, order: Order, found: Resource) -> Result:
        """Our fields on top of what stands there; nothing is sent when they do already."""
        before = _standing(order, found)
        if before.fingerprint == fingerprint(order.session):
            return Result(order, found.href, found.etag or None, before=before)

        def put(there: Resource, blind: bool = False) -> str | None:
            return self._put(order, there, blind)

        etag = self._on_version(order, found, put)
        return self._stands(order, found.href, etag, before)

    def _put(self, order: Order, there: Resource, blind: bool = False) -> str | None:
        """PUT what is wished on top of what stands there, or anew; its ETag if there is one."""
        if self._refusals[order.calendar] >= MOST_REFUSALS and not self._taken[order.calendar]:
            raise Forbidden(_read_only(), status=403)
        data = write(order.session, there.data or None, now=self._now())
        # None creates, "" replaces whatever version stands there.
        etag = "" if blind else there.etag if there.data else None
        try:
            new = self.home.do(lambda: self._client.put(there.href, data, etag=etag))
        except (Unavailable, BadAnswer):
            self._sent.add(order.key)
            raise
        except Forbidden as error:
            self._refusals[order.calendar] += 1
            if self._refusals[order.calendar] >= MOST_REFUSALS and not self._taken[order.calendar]:
                raise Forbidden(_read_only(), status=403) from error
            refused = _("iCloud does not let Odoo write this event.")
            raise Forbidden(refused, status=403) from error
        except NotFound as error:
            raise self._why_not_found(order) from error
        self._taken[order.calendar] += 1
        self._sent.add(order.key)
        return new

    def _why_not_found(self, order: Order) -> ICloudError:
        """A 404 to a PUT: the calendar is gone, or else iCloud does not like the event."""
        try:
            self._calendars.ask(order.calendar)
        except NotFound:
            return NotFound(
                _(
                    "The calendar that bookings go to is no longer in iCloud. Choose another "
                    "primary calendar."
                ),
                status=404,
            )
        return Refused(_("iCloud does not take this event (status 404)."), status=404)

    def _stands(
        self, order: Order, href: str, etag: str | None, before: Standing | None = None
    ) -> Result:
        """The result of a PUT. Without an ETag in its answer it is looked at once."""
        if not etag:
            try:
                found = self._get(order, href)
            except NotFound as error:
                # Taken, and not shown yet: whether it was stored, a later look will tell.
                raise Unconfirmed(_("iCloud does not show this event yet.")) from error
            if remote_fingerprint(found.data, order.uid) != fingerprint(order.session):
                raise Unconfirmed(_("iCloud does not show this event as it was sent yet."))
            etag = found.etag or None
        return Result(order, href, etag, before=before)

    # -- delete --------------------------------------------------------------------------------

    def _delete(self, order: Order, there: dict[str, Resource], sent: list[_Deleted]) -> None:
        try:
            found = there.get(order.href) or self._version(order, order.href)
        except NotFound:
            found = None
        if found:
            self._delete_version(order, found)
        else:
            # What a server does not show it may have all the same.
            self._remove(Resource(order.href, "", b""))
        before = _standing(order, found) if found and found.data else None
        sent.append(_Deleted(order, found is not None, before))

    def _delete_version(self, order: Order, found: Resource) -> None:
        def delete(there: Resource, blind: bool = False) -> None:
            self._remove(replace(there, etag="") if blind else there)

        try:
            self._on_version(order, found, delete, self._version)
        except NotFound:
            return  # Gone between two requests, as wished: it is looked for in any case.

    def _remove(self, there: Resource) -> None:
        self.home.do(lambda: self._client.delete(there.href, etag=there.etag or None))

    def _gone(self, sent: list[_Deleted]) -> Iterator[Result]:
        """Yield the results of deletes: done is what a look at the calendars confirms."""
        unseen = [each.order for each in sent if not each.was_seen]
        places = self._calendars.places(unseen) if unseen else {}
        failed = set()
        for order in unseen:
            if isinstance(places[order.key], str):
                results = list(self._alone(order, self._delete_there, places[order.key]))
                failed.update(result.order.key for result in results)
                yield from results
        hrefs = {each.order.key: places.get(each.order.key, each.order.href) for each in sent}
        paths = {key: href for key, href in hrefs.items() if isinstance(href, str)}
        places.update(self._calendars.left(paths) if paths else {})
        for order, _was_seen, before in sent:
            if order.key not in failed:
                yield from self._alone(order, self._confirmed, places[order.key], before)

    def _delete_there(self, order: Order, place: str) -> None:
        self._delete_version(order, self._version(order, place))

    def _confirmed(self, order: Order, place: Place, before: Standing | None) -> Result:
        if isinstance(place, ICloudError):
            raise place
        if place:
            raise Unconfirmed(_("iCloud still shows this event, although it was deleted."))
        return Result(order, order.href, before=before)

    # -- versions ------------------------------------------------------------------------------

    def _read(self, orders: Iterable[Order]) -> dict[str, Resource]:
        """What can be read of many at once; the rest is asked for one by one, at its turn."""
        try:
            found = self._calendars.read([order.href for order in orders])
        except (Unauthorized, Unavailable) as error:
            if isinstance(error, _NO_ANSWER) and self._has_moved():
                return self._read(orders)
            if isinstance(error, Unauthorized) or _asks_for_rest(error):
                self.stopped = error
            return {}
        uids = {order.href: order for order in orders}
        return {
            href: each
            for href, each in found.items()
            # Without a version, or as something else than a calendar, it is asked for alone.
            if each.etag and _is_whole(uids[href], each)
        }

    def _get(self, order: Order, href: str) -> Resource:
        """:raise BadAnswer: what came is no calendar: it says nothing of the event"""
        found = self.home.do(lambda: self._client.get(href), NotFound, is_repeatable=True)
        if not _is_whole(order, found) and not _is_broken_for_good(order, found):
            raise BadAnswer(_("What iCloud gave out for this event is no calendar entry."))
        return found

    def _version(self, order: Order, href: str) -> Resource:
        """As `_get`; what cannot be read, without data: whatever it is, nothing shall stand there.

        :raise NotFound: no request finds it
        """
        try:
            return self._get(order, href)
        except (BadAnswer, Refused):
            return self._calendars.version(href)

    def _on_version(
        self, order: Order, there: Resource, act: Callable, look: Callable | None = None
    ) -> str | None:
        """Act on the very version that was read (RFC 9110 section 13.1.1).

        Once more if it changed in between. A server that refuses the condition although nobody
        changed anything (weak ETags, or some that change by themselves) is asked without it.

        :param look: reads it anew; `_get` unless told
        """
        look = look or self._get
        try:
            return act(there)
        except Refused as error:
            if error.status in _NOT_FOUND:
                raise
            again = there
        except PreconditionFailed:
            again = look(order, there.href)
            if again.etag != there.etag:
                try:
                    return act(again)
                except PreconditionFailed:
                    there, again = again, look(order, again.href)
            if _standing(order, again) != _standing(order, there):
                raise
        return act(again, blind=True)


def _asks_for_rest(error: ICloudError) -> bool:
    has_time = getattr(error, "retry_after", None) is not None
    return has_time or error.status == _TOO_MANY_REQUESTS


def _failure(error: Exception) -> BadAnswer:
    reason = shown(str(error) or type(error).__name__, MAX_REASON_LENGTH)
    return BadAnswer(_("This event failed in Odoo: %(reason)s", reason=reason))


def _read_only() -> str:
    return _(
        "iCloud does not let Odoo write into the primary calendar. Make it writable, or choose "
        "another one."
    )


def _hidden() -> str:
    return _(
        "iCloud says this event is in another calendar of the account, but none of those it "
        "shows us has it."
    )


def _standing(order: Order, found: Resource) -> Standing:
    try:
        return standing(found.data, order.uid)
    except Malformed:
        return Standing(None)


def _is_whole(order: Order, found: Resource) -> bool:
    try:
        standing(found.data, order.uid)
    except Malformed:
        return False
    return True


def _is_broken_for_good(order: Order, found: Resource) -> bool:
    """Whether this is what stands there, although nobody can read it: then it is replaced."""
    data = found.data.strip()
    if not data.startswith(b"BEGIN:VCALENDAR"):
        return False
    return data.endswith(b"END:VCALENDAR") or order.tries > TRIES_OF_BROKEN
