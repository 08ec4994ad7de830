"""Chains of services and maxima: who wants what at the same time."""

from datetime import datetime, timedelta
from typing import ClassVar

from benchmarks.race.scenario import VISITORS, Round, Scenario, newcomer
from benchmarks.race.shop import SLOT, Offer, Shop
from benchmarks.race.visitors import ByPage

_DAY = timedelta(days=1)


class OneChain(Scenario):
    """A service of each host, one after the other: all of it, or nothing."""

    name = "one chain of two hosts"
    hosts = 2

    def _open(self, shop: Shop) -> Offer:
        return shop.menu(self.hosts, **self.values)

    def _round(self, start: datetime) -> Round:
        attempts = [
            self.visitors.new(newcomer(start), self.offer.services) for _number in range(VISITORS)
        ]
        return Round(self.offer, attempts, 1, 1)


class OneChainOnThePage(OneChain):
    name = "one chain of two hosts, on the page"
    way = ByPage


class OppositeChains(OneChain):
    """Some begin with one host, some with the other, and half of them half a service later.

    Two that begin together fit side by side, in opposite order; with any other they overlap.
    """

    name = "chains in opposite order"

    def _round(self, start: datetime) -> Round:
        attempts = [
            self.visitors.new(newcomer(begin), services)
            for begin in (start, start + SLOT / 2)
            for services in (self.offer.services, self.offer.services[::-1])
            for _number in range(VISITORS // 4)
        ]
        return Round(self.offer, attempts, 2, 2)


class ChainMoves(OneChain):
    """Chains of either order move to one time, where others book."""

    name = "moves of chains against bookings"

    def _round(self, start: datetime) -> Round:
        there, back = self.offer.services, self.offer.services[::-1]
        attempts = [self.visitors.new(newcomer(start), there) for _number in range(VISITORS - 6)]
        for number in range(3):
            before = start + SLOT * (2 + 2 * number)
            for services in (there, back):
                wish = newcomer(before)
                booking_id = self.offer.book(wish, services)
                attempts.append(self.visitors.move(wish, booking_id, start))
        return Round(self.offer, attempts, 2, 2)


class MostADay(Scenario):
    """Every time of the day is free, and the day takes three."""

    name = "three a day, at any time"
    apart = _DAY
    most: ClassVar[int] = 3
    values: ClassVar = {"max_per_day": most}

    def _round(self, start: datetime) -> Round:
        starts = [start + SLOT * number for number in range(VISITORS)]
        return Round(self.offer, self._newcomers(starts), self.most, self.most)


class MostADayForEach(MostADay):
    """Each of two hosts takes two a day: who loses one host gets the other."""

    name = "two a day for each of two hosts"
    hosts = 2
    most = 4
    values: ClassVar = {"host_max_per_day": 2}


class MovesBetweenFullDays(MostADay):
    """Two days with one place left each; in both, some want to the other."""

    name = "moves between days that are full"
    apart = 2 * _DAY
    movers: ClassVar[int] = 4
    values: ClassVar = {"max_per_day": movers + 1}

    def _round(self, start: datetime) -> Round:
        attempts = []
        for before, wanted in ((start, start + _DAY), (start + _DAY, start)):
            for number in range(self.movers):
                later = SLOT * (10 + number)
                attempts.append(self._mover(before + SLOT * number, wanted + later))
        attempts += self._newcomers(
            day + SLOT * (20 + number) for day in (start, start + _DAY) for number in range(4)
        )
        # All movers, and who takes the two places more that there are.
        return Round(self.offer, attempts, 2, 2 * self.movers + 2)


class MostForACustomer(Scenario):
    """One customer, many tabs."""

    name = "two for one customer, in many tabs"
    apart = _DAY
    most: ClassVar[int] = 2
    values: ClassVar = {"customer_max": most}

    def _round(self, start: datetime) -> Round:
        email = newcomer(start).email
        wishes = [newcomer(start + SLOT * number) for number in range(VISITORS)]
        attempts = [self.visitors.new(wish._replace(email=email)) for wish in wishes]
        return Round(self.offer, attempts, self.most, self.most)
