"""What is wished of one account, in the order of its urgency, and what became of it."""

import heapq
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from ..ical.write import Session, Standing
from ..icloud.errors import ICloudError


@dataclass(frozen=True)
class Order:
    """One remote event that shall be present (with this content) or absent (`session` None).

    `may_exist`: it was tried before. `elsewhere` are the paths it would have in the account's
    other calendars: a host may have dragged it there on the phone. `tries` counts this one, too.
    The lowest `rank` goes first.
    """

    key: int
    revision: int
    href: str
    uid: str
    session: Session | None
    may_exist: bool
    elsewhere: tuple[str, ...] = ()
    tries: int = 1
    rank: tuple = ()

    @property
    def calendar(self) -> str:
        """The path of the calendar it shall be in."""
        return folder(self.href)


@dataclass(frozen=True)
class Result:
    """What became of an order. `error` None: iCloud holds what was wished, at `href`.

    `before` is what stood there and was read; None: nothing, or it was not read.
    """

    order: Order
    href: str
    etag: str | None = None
    error: ICloudError | None = None
    before: Standing | None = None


class Feed:
    """The orders that wait, the lowest rank first. One thread adds, another takes."""

    def __init__(self, orders: Iterable[Order] = ()):
        self._heap: list[tuple] = []
        self._lock = threading.Lock()
        self._numbers = count()
        self.add(orders)

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, orders: Iterable[Order]) -> None:
        """More of them, as urgent as each one's rank says."""
        with self._lock:
            for order in orders:
                heapq.heappush(self._heap, (order.rank, next(self._numbers), order))

    def take(self, most: int | None = None) -> list[Order]:
        """The most urgent ones; all of them unless told how many."""
        with self._lock:
            size = len(self._heap) if most is None else min(most, len(self._heap))
            return [heapq.heappop(self._heap)[2] for _each in range(size)]


def folder(href: str) -> str:
    """The path of the collection that a resource is in."""
    return href.rpartition("/")[0] + "/"


def name(href: str) -> str:
    """The last part of a resource's path."""
    return href.rpartition("/")[2]
