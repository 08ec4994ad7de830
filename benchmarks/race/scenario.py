"""What a scenario is: a booking type of its own, and rounds of attempts at the same moment."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from benchmarks.race.shop import Offer, Shop, Wish
from benchmarks.race.visitors import Attempt, ByApi, ByPage

VISITORS = 16
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Round:
    """Attempts that are made at the same moment, and how many places may end in SOLD.

    A place is a seat of a class, and a booking of any other kind.
    """

    offer: Offer
    attempts: Sequence[Attempt]
    least: int
    most: int


class Scenario(ABC):
    """A booking type of its own, and a fresh time for each round."""

    name: ClassVar[str]
    hosts: ClassVar[int] = 1
    way: ClassVar[type[ByApi] | type[ByPage]] = ByApi
    values: ClassVar[dict[str, Any]] = {}
    # From one round to the next: none reaches into another.
    apart: ClassVar[timedelta] = timedelta(hours=6)

    def __init__(self, shop: Shop) -> None:
        self.offer = self._open(shop)
        self.visitors = self.way(self.offer)
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        self._starts = (
            datetime.combine(tomorrow, time(), UTC) + self.apart * number
            for number in itertools.count()
        )

    def _open(self, shop: Shop) -> Offer:
        return shop.offer(self.hosts, **self.values)

    def next_round(self) -> Round:
        """:raise Exception: it could not even be prepared"""
        return self._round(next(self._starts))

    @abstractmethod
    def _round(self, start: datetime) -> Round: ...

    def _newcomers(self, starts: Iterable[datetime]) -> list[Attempt]:
        """Somebody new for each start."""
        return [self.visitors.new(newcomer(start)) for start in starts]

    def _booked(self, start: datetime, seats: int = 1) -> tuple[Wish, int]:
        """Somebody who has booked before the round begins, and their booking's id."""
        wish = newcomer(start, seats)
        return wish, self.offer.book(wish)

    def _mover(self, before: datetime, wanted: datetime) -> Attempt:
        wish, booking_id = self._booked(before)
        return self.visitors.move(wish, booking_id, wanted)

    def _canceller(self, start: datetime, method: str = "action_cancel") -> Attempt:
        wish, booking_id = self._booked(start)
        return ByApi(self.offer).give_back(wish, booking_id, method)


def newcomer(start: datetime, seats: int = 1) -> Wish:
    """Somebody whom nobody knows yet."""
    name = f"Visitor {next(_numbers)}"
    return Wish(name, f"{name.replace(' ', '').lower()}@example.com", start, seats)
