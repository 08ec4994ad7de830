"""Who wants what at the same time, where a time is sold once to each host or team."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import ClassVar

from benchmarks.race.scenario import VISITORS, Round, Scenario
from benchmarks.race.shop import SLOT, Offer, Shop
from benchmarks.race.visitors import Attempt, ByApi, ByPage


class OneSlot(Scenario):
    """Everybody wants the same start, which is sold so many times."""

    sold: ClassVar[int] = 1

    def _round(self, start: datetime) -> Round:
        return Round(self.offer, self._newcomers([start] * VISITORS), self.sold, self.sold)


class OneSlotOfOneHost(OneSlot):
    name = "one slot of one host"


class OneSlotOfThreeHosts(OneSlot):
    name = "one slot of three hosts"
    hosts = sold = 3


class FairSlotOnThePage(OneSlot):
    name = "fair shares of two, on the page"
    hosts = sold = 2
    way = ByPage
    values: ClassVar = {"distribution": "fair"}


class OneSlotOfATeam(OneSlot):
    """Who comes takes all hosts at once, or none."""

    name = "one slot of a team of three"
    hosts = 3
    values: ClassVar = {"kind": "collective"}


class OneSlotOfAFixedHost(OneSlot):
    """One host comes to every booking, with one of two others: it is sold once."""

    name = "a fixed host and one of two"
    hosts = 3

    def _open(self, shop: Shop) -> Offer:
        return shop.offer(self.hosts, fixed=1)


class OneSlotWithARoom(OneSlot):
    """Three hosts are free, and one room."""

    name = "one room for three hosts"
    hosts = 3
    needed: ClassVar[str] = "room_ids"
    count: ClassVar[int] = 1

    def _open(self, shop: Shop) -> Offer:
        return shop.offer(self.hosts, **{self.needed: shop.rooms(self.count)})


class OneSlotWithTwoRooms(OneSlotWithARoom):
    name = "two rooms for three hosts"
    count = sold = 2


class OneSlotWithEquipment(OneSlotWithARoom):
    """Both pieces are needed by everybody."""

    name = "equipment for three hosts"
    needed = "equipment_ids"
    count = 2


class OverlappingSlots(Scenario):
    """Different starts that no host can take both, buffers included."""

    name = "overlapping slots of two hosts"
    hosts = 2
    values: ClassVar = {"slot_step": 10, "buffer_before": 5, "buffer_after": 10}

    def _round(self, start: datetime) -> Round:
        # 20 minutes from the first to the last, and a session takes 45.
        starts = [start + timedelta(minutes=10 * (number % 3)) for number in range(VISITORS)]
        return Round(self.offer, self._newcomers(starts), self.hosts, self.hosts)


class MovesAgainstBookings(Scenario):
    name = "moves against bookings"
    hosts = 2

    def _round(self, start: datetime) -> Round:
        attempts = self._newcomers([start] * (VISITORS // 2))
        for number in range(VISITORS // 2):
            attempts.append(self._mover(start + SLOT * (1 + number // self.hosts), start))
        return Round(self.offer, attempts, self.hosts, self.hosts)


class MovesOnThePage(MovesAgainstBookings):
    name = "moves against bookings, on the pages"
    way = ByPage


class TeamMoves(MovesAgainstBookings):
    """Each move takes three hosts and gives three back."""

    name = "moves of a team against bookings"
    values: ClassVar = {"kind": "collective"}

    def _round(self, start: datetime) -> Round:
        attempts = self._newcomers([start] * (VISITORS // 2))
        for number in range(VISITORS // 2):
            attempts.append(self._mover(start + SLOT * (1 + number), start))
        return Round(self.offer, attempts, 1, 1)


class MovesInARow(Scenario):
    """Everybody wants the time of the next, with either host; the last time is free.

    Who comes when the next has just left gets through: who locks what, and in which order?
    """

    name = "moves in a row"
    hosts = 2

    def _round(self, start: datetime) -> Round:
        times = [start + SLOT * number for number in range(VISITORS // self.hosts + 1)]
        attempts = [
            self._mover(before, wanted)
            for before, wanted in pairwise(times)
            for _host in range(self.hosts)
        ]
        return Round(self.offer, attempts, self.hosts, len(attempts))


class CancelsAgainstBookings(Scenario):
    """A full slot is given back while others ask for it."""

    name = "cancels against bookings"
    hosts = 3

    def _round(self, start: datetime) -> Round:
        cancels = [self._canceller(start) for _host in range(self.hosts)]
        newcomers = self._newcomers([start] * (VISITORS - self.hosts))
        return Round(self.offer, [*cancels, *newcomers], 0, self.hosts)


class DeclinesAgainstRequests(Scenario):
    """A booking that waits for approval holds its time until the host says no."""

    name = "declines against requests"
    hosts = 2
    values: ClassVar = {"needs_approval": True}

    def _round(self, start: datetime) -> Round:
        declines = [self._canceller(start, "action_decline") for _host in range(self.hosts)]
        newcomers = self._newcomers([start] * (VISITORS - self.hosts))
        return Round(self.offer, [*declines, *newcomers], 0, self.hosts)


class BackOfficeAgainstPage(Scenario):
    """Staff drag sessions to a time that visitors book at this moment."""

    name = "sessions dragged against the page"
    hosts = 2
    way = ByPage

    def _round(self, start: datetime) -> Round:
        attempts = self._newcomers([start] * (VISITORS // 2))
        attempts += [
            self._dragged(start + SLOT * (1 + number // self.hosts), start)
            for number in range(VISITORS // 2)
        ]
        return Round(self.offer, attempts, self.hosts, self.hosts)

    def _dragged(self, before: datetime, wanted: datetime) -> Attempt:
        wish, booking_id = self._booked(before)
        return ByApi(self.offer).drag(wish, self.offer.session(booking_id), wanted)
