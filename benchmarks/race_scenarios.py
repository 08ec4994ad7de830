"""Who wants what at the same time: one small class each."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import ClassVar

from benchmarks.race_shop import SLOT, Offer, Shop
from benchmarks.race_visitors import Attempt, ByApi, ByPage

VISITORS = 16
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Round:
    """Attempts that are made at the same moment, and how many of them may end in SOLD."""

    offer: Offer
    attempts: Sequence[Attempt]
    least: int
    most: int


class Scenario(ABC):
    """A booking type of its own, and a fresh time for each round."""

    name: ClassVar[str]
    hosts: ClassVar[int] = 1
    way: ClassVar[type[ByApi] | type[ByPage]] = ByApi
    values: ClassVar[dict] = {}

    def __init__(self, shop: Shop) -> None:
        self.offer = shop.offer(self.hosts, **self.values)
        self.visitors = self.way(self.offer)
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        # Six hours from one to the next: no round reaches into another.
        self._starts = (
            datetime.combine(tomorrow, time(), UTC) + timedelta(hours=6 * number)
            for number in itertools.count()
        )

    def next_round(self) -> Round:
        """:raise Exception: it could not even be prepared"""
        return self._round(next(self._starts))

    @abstractmethod
    def _round(self, start: datetime) -> Round: ...

    def _newcomers(self, count: int, start: datetime) -> list[Attempt]:
        return [self.visitors.new(_email(), start) for _number in range(count)]

    def _booked(self, start: datetime) -> tuple[str, int]:
        email = _email()
        return email, self.offer.book(email, start)


def _email() -> str:
    return f"visitor{next(_numbers)}@example.com"


class OneSlotOfOneHost(Scenario):
    name = "one slot of one host"

    def _round(self, start: datetime) -> Round:
        return Round(self.offer, self._newcomers(VISITORS, start), self.hosts, self.hosts)


class OneSlotOfThreeHosts(OneSlotOfOneHost):
    name = "one slot of three hosts"
    hosts = 3


class OneSlotOnThePage(OneSlotOfOneHost):
    name = "one slot of two hosts, on the page"
    hosts = 2
    way = ByPage


class OverlappingSlots(Scenario):
    """Different starts that no host can take both, buffers included."""

    name = "overlapping slots of two hosts"
    hosts = 2
    values: ClassVar = {"slot_step": 10, "buffer_before": 5, "buffer_after": 10}

    def _round(self, start: datetime) -> Round:
        # 20 minutes from the first to the last, and a session takes 45.
        attempts = [
            self.visitors.new(_email(), start + timedelta(minutes=10 * (number % 3)))
            for number in range(VISITORS)
        ]
        return Round(self.offer, attempts, self.hosts, self.hosts)


class MovesAgainstBookings(Scenario):
    name = "moves against bookings"
    hosts = 2

    def _round(self, start: datetime) -> Round:
        attempts = self._newcomers(VISITORS // 2, start)
        for number in range(VISITORS // 2):
            before = start + SLOT * (1 + number // self.hosts)
            email, booking_id = self._booked(before)
            attempts.append(self.visitors.move(email, booking_id, before, start))
        return Round(self.offer, attempts, self.hosts, self.hosts)


class MovesOnThePage(MovesAgainstBookings):
    name = "moves against bookings, on the pages"
    way = ByPage


class MovesInARow(Scenario):
    """Everybody wants the time of the next, with either host; the last time is free.

    Who comes when the next has just left gets through: who locks what, and in which order?
    """

    name = "moves in a row"
    hosts = 2

    def _round(self, start: datetime) -> Round:
        times = [start + SLOT * number for number in range(VISITORS // self.hosts + 1)]
        attempts = []
        for before, wanted in pairwise(times):
            for _host in range(self.hosts):
                email, booking_id = self._booked(before)
                attempts.append(self.visitors.move(email, booking_id, before, wanted))
        return Round(self.offer, attempts, self.hosts, len(attempts))


class CancelsAgainstBookings(Scenario):
    """A full slot is given back while others ask for it."""

    name = "cancels against bookings"
    hosts = 3

    def _round(self, start: datetime) -> Round:
        cancels = [
            self.visitors.cancel(*self._booked(start), before=start) for _host in range(self.hosts)
        ]
        newcomers = self._newcomers(VISITORS - self.hosts, start)
        return Round(self.offer, [*cancels, *newcomers], 0, self.hosts)


SCENARIOS: tuple[type[Scenario], ...] = (
    OneSlotOfOneHost,
    OneSlotOfThreeHosts,
    OneSlotOnThePage,
    OverlappingSlots,
    MovesAgainstBookings,
    MovesOnThePage,
    MovesInARow,
    CancelsAgainstBookings,
)
