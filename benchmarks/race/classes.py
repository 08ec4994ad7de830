"""Who wants which seats of a class at the same time."""

from datetime import datetime, timedelta
from typing import ClassVar

from benchmarks.race.scenario import VISITORS, Round, Scenario, newcomer
from benchmarks.race.visitors import ByPage

LATER = timedelta(hours=2)


class OpeningAClass(Scenario):
    """Nobody has booked this start: one opens the session, the others join it."""

    name = "opening a class of twelve"
    seats: ClassVar[int] = 12
    values: ClassVar = {"kind": "class", "seats": seats}

    def _round(self, start: datetime) -> Round:
        newcomers = self._newcomers([start] * VISITORS)
        return Round(self.offer, newcomers, self.seats, self.seats)


class OpeningAClassOnThePage(OpeningAClass):
    name = "opening a class, on the page"
    way = ByPage


class LastSeats(Scenario):
    """Two, three or one: who wants more than are left leaves them to others."""

    name = "the last ten seats, 1 to 3 each"
    seats: ClassVar[int] = 10
    values: ClassVar = {"kind": "class", "seats": seats + 1, "seats_per_booking": 3}

    def _round(self, start: datetime) -> Round:
        self._booked(start)
        # So many want one that none can stay empty.
        wishes = [3, 2, 1, 1] * (VISITORS // 4)
        attempts = [self.visitors.new(newcomer(start, seats)) for seats in wishes]
        return Round(self.offer, attempts, self.seats, self.seats)


class OneLastSeat(Scenario):
    name = "one last seat, on the page"
    way = ByPage
    values: ClassVar = {"kind": "class", "seats": 2}

    def _round(self, start: datetime) -> Round:
        self._booked(start)
        return Round(self.offer, self._newcomers([start] * VISITORS), 1, 1)


class ClassMoves(Scenario):
    """Two sessions with one seat left each; in both, some want to the other."""

    name = "moves between two class sessions"
    movers: ClassVar[int] = 4
    values: ClassVar = {"kind": "class", "seats": movers + 1}

    def _round(self, start: datetime) -> Round:
        both = (start, start + LATER)
        attempts = [
            self._mover(before, wanted)
            for before, wanted in (both, both[::-1])
            for _number in range(self.movers)
        ]
        attempts += self._newcomers(both * (VISITORS // 2 - self.movers))
        # All movers, and who takes the two seats more that there are.
        return Round(self.offer, attempts, 2, 2 * self.movers + 2)


class ClassCancels(Scenario):
    """A full session: some give their seats back while others ask for them."""

    name = "cancels of a class against bookings"
    seats: ClassVar[int] = 5
    values: ClassVar = {"kind": "class", "seats": seats}

    def _round(self, start: datetime) -> Round:
        cancels = [self._canceller(start) for _seat in range(self.seats)]
        newcomers = self._newcomers([start] * (VISITORS - self.seats))
        return Round(self.offer, [*cancels, *newcomers], 0, self.seats)


class LastOneLeaves(Scenario):
    """The only one in a session leaves it while others come: nobody joins what is given up."""

    name = "the last one leaves as others come"
    values: ClassVar = {"kind": "class", "seats": VISITORS}

    def _round(self, start: datetime) -> Round:
        cancel, move = self._canceller(start), self._mover(start + LATER, start)
        newcomers = self._newcomers([start] * (VISITORS - 2))
        return Round(self.offer, [cancel, move, *newcomers], VISITORS - 1, VISITORS - 1)


class EverybodyLeaves(Scenario):
    """All of a session cancel: who is the last gives the host's time back."""

    name = "everybody leaves a class"
    values: ClassVar = {"kind": "class", "seats": VISITORS}

    def _round(self, start: datetime) -> Round:
        cancels = [self._canceller(start) for _seat in range(VISITORS)]
        return Round(self.offer, cancels, 0, 0)
