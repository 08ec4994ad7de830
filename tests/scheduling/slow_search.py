"""The search once more, slow and obvious: every minute is asked, everybody and every room tried."""

from functools import cache
from itertools import groupby, product

from icloud_calendar_sync.scheduling.facts import Facts, Host, Leg
from icloud_calendar_sync.scheduling.intervals import Intervals
from icloud_calendar_sync.scheduling.plans import Part, Plan
from icloud_calendar_sync.scheduling.rooms import Use
from icloud_calendar_sync.scheduling.search import Offer
from tests.scheduling.clock import anchor, minutes

# What the clocks of these zones show is that much later than UTC, always.
AHEAD = {"UTC": 0, "Asia/Kathmandu": 345}


def total(legs: tuple[Leg, ...]) -> int:
    return sum(leg.duration for leg in legs)


class SlowSearch:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.window = range(facts.earliest, facts.latest)
        self.by_key = {host.key: host for host in facts.hosts}
        self.busy = {host.key: minutes(facts.busy.get(host.key, [])) for host in facts.hosts}
        self.room_busy = {room: minutes(spans) for room, spans in facts.room_busy.items()}
        self.full = minutes(facts.full)
        self.host_full = {key: minutes(spans) for key, spans in facts.host_full.items()}
        self.holidays = {key: minutes(hours.holidays) for key, hours in facts.hours.items()}
        self.free_alone = cache(self._free_alone)
        self.handed = cache(self._handed)

    # -- one leg, or all of one host -----------------------------------------------------------

    def fits(self, host: Host, duration: int, start: int, *, step=1, holidays=True) -> bool:
        hours = self.facts.hours[host.hours]
        wall = start + AHEAD[hours.zone]

        def fits_in(stretches: Intervals) -> bool:
            return any(
                first <= wall
                and wall + duration <= last
                and (wall - anchor(first, last, wall)) % step == 0
                for first, last in stretches
            )

        closed = holidays and not self.holidays[host.hours].isdisjoint(
            range(start, start + duration)
        )
        return fits_in(hours.opened) or (fits_in(hours.weekly) and not closed)

    def rooms(self, leg: Leg, start: int) -> list[tuple[Use, ...]]:
        padded = range(start - leg.before, start + leg.duration + leg.after)
        return [
            tuple(Use(room, padded.start, padded.stop) for room in chosen)
            for chosen in product(*leg.pools)
            if len(set(chosen)) == len(chosen)
            and all(self.room_busy.get(room, set()).isdisjoint(padded) for room in chosen)
        ]

    def leg_refused(self, host: Host, leg: Leg | None, start: int) -> bool:
        return (
            leg is None
            or not self.fits(host, leg.duration, start)
            or not self.busy[host.key].isdisjoint(
                range(start - leg.before, start + leg.duration + leg.after)
            )
            or start in self.host_full.get(host.key, ())
            or not self.rooms(leg, start)
        )

    def is_beside(self, host: Host, start: int, free: list[int]) -> bool:
        """Whether no other free start of the day lies between this one and a booking of it."""
        if self.facts.reserved is None:
            return True
        reserved = self.facts.reserved.get(host.key, [])
        for first, last in self.facts.days:
            today = [span for span in reserved if span[0] < last and span[1] > first]
            others = [other for other in free if first <= other < last]
            if first <= start < last and today:
                return any(
                    not any(start < other < begin or end <= other < start for other in others)
                    for begin, end in today
                )
        return True

    # -- one host for all ----------------------------------------------------------------------

    def refusals_of(self, host: Host, start: int) -> list[str]:
        broken = self.refusals_but_adjacent(host, start)
        if broken or self.is_beside(host, start, self.free_alone(host.key)):
            return broken
        return ["adjacent"]

    def refusals_but_adjacent(self, host: Host, start: int) -> list[str]:
        if None in host.legs:
            return ["service"]
        duration = total(host.legs)
        padded = range(start - host.legs[0].before, start + duration + host.legs[-1].after)
        moments = [start + total(host.legs[:number]) for number in range(len(host.legs))]
        broken = {
            "busy": not self.busy[host.key].isdisjoint(padded),
            "full": start in self.full,
            "host_full": start in self.host_full.get(host.key, ()),
            "room": not all(map(self.rooms, host.legs, moments)),
        }
        if not self.fits(host, duration, start, step=self.facts.step):
            if self.fits(host, duration, start):
                broken["step"] = True
            elif self.fits(host, duration, start, holidays=False):
                broken["holiday"] = True
            else:
                broken["hours"] = True
        return sorted(name for name, applies in broken.items() if applies)

    def _free_alone(self, key: int) -> list[int]:
        """The starts at which a host could take it alone, neighbours aside."""
        host = self.by_key[key]
        return [
            start
            for start in self.window
            if None not in host.legs
            and self.fits(host, total(host.legs), start, step=self.facts.step)
            and not self.refusals_but_adjacent(host, start)
        ]

    def alone(self, start: int) -> list[int]:
        return [
            host.key
            for host in self.facts.hosts
            if start in self.free_alone(host.key)
            and self.is_beside(host, start, self.free_alone(host.key))
        ]

    # -- several hosts -------------------------------------------------------------------------

    def together(self, start: int) -> list[int]:
        """The free hosts, if these are enough."""
        free, everybody = set(self.alone(start)), set(self.by_key)
        fixed = {host.key for host in self.facts.hosts if host.fixed}
        if self.facts.kind == "collective":
            enough = free == everybody
        elif self.facts.kind == "round_robin" and fixed:
            enough = fixed <= free and (free > fixed or fixed == everybody)
        else:
            enough = True
        return [key for key in self.by_key if key in free] if enough else []

    def teams(self, start: int, ranked: list[int]) -> set[tuple[int, ...]]:
        free = [key for key in ranked if key in self.together(start)]
        if self.facts.kind == "collective":
            return {tuple(free)} if free else set()
        fixed = tuple(
            key for key in free if self.by_key[key].fixed and self.facts.kind == "round_robin"
        )
        others = [key for key in free if key not in fixed]
        return {(key, *fixed) for key in others} or ({fixed} if fixed else set())

    def chains(self, start: int, legs: int = 0) -> list[tuple[int, ...]]:
        """Who may take which of the legs from this number on, neighbours aside."""
        if legs == len(self.facts.hosts[0].legs):
            return [()]
        return [
            (host.key, *others)
            for host in self.facts.hosts
            if not self.leg_refused(host, host.legs[legs], start)
            for others in self.chains(start + host.legs[legs].duration, legs + 1)
        ]

    def begins(self, host: Host, start: int) -> bool:
        """Whether a host may begin a chain then, if somebody goes on."""
        leg = host.legs[0]
        return (
            self.facts.hand_over
            and start not in self.full
            and leg is not None
            and self.fits(host, leg.duration, start, step=self.facts.step)
        )

    def _handed(self) -> dict[int, list[tuple[int, ...]]]:
        """{start: who may take which leg}."""
        handed = {}
        for start in self.window:
            first = {host.key for host in self.facts.hosts if self.begins(host, start)}
            chains = self.chains(start) if first else []
            handed[start] = [keys for keys in chains if keys[0] in first]
        begun = {
            key: [start for start in self.window if key in {keys[0] for keys in handed[start]}]
            for key in self.by_key
        }
        return {
            start: [
                keys
                for keys in chains
                if self.is_beside(self.by_key[keys[0]], start, begun[keys[0]])
            ]
            for start, chains in handed.items()
        }

    def chains_at(self, start: int) -> list[tuple[int, ...]]:
        return self.handed()[start] if len(self.facts.hosts[0].legs) > 1 else []

    # -- answers -------------------------------------------------------------------------------

    def offers(self) -> list[Offer]:
        if self.facts.kind == "class":
            return self.class_offers()
        slowest = zip(*(host.legs for host in self.facts.hosts), strict=True)
        longest = sum(max((leg.duration for leg in legs if leg), default=0) for legs in slowest)
        offers = []
        for start in self.window:
            if hosts := self.together(start):
                durations = [total(self.by_key[key].legs) for key in hosts]
                offers.append(Offer(start, hosts, max(durations)))
            elif first := {keys[0] for keys in self.chains_at(start)}:
                offers.append(Offer(start, [key for key in self.by_key if key in first], longest))
        return offers

    def class_offers(self) -> list[Offer]:
        (host,) = self.facts.hosts
        offers = []
        for start in self.window:
            standing = [
                session
                for session in self.facts.sessions
                if session.start == start
                and minutes(self.facts.busy_elsewhere.get(session.host, [])).isdisjoint(
                    range(session.start, session.stop)
                )
            ]
            if standing:
                best = sorted(standing, key=lambda session: session.seats_left)[-1]
                length = best.stop - best.start
                offers.append(Offer(start, [best.host], length, best.seats_left, best.key))
            elif self.alone(start):
                offers.append(Offer(start, [host.key], total(host.legs), self.facts.seats))
        return offers

    def plans(self, start: int, ranked: list[int]) -> set[Plan]:
        divided = [[(team, self.by_key[team[0]].legs)] for team in self.teams(start, ranked)]
        divided += [self.runs(keys) for keys in self.chains_at(start)]
        return {plan for runs in divided for plan in self.with_rooms(runs, start)}

    def runs(self, keys: tuple[int, ...]) -> list[tuple[tuple[int, ...], tuple[Leg, ...]]]:
        return [
            ((key,), tuple(self.by_key[key].legs[number] for number in numbers))
            for key, numbers in groupby(range(len(keys)), key=lambda number: keys[number])
        ]

    def with_rooms(self, runs, start: int) -> list[Plan]:
        plans: list[Plan] = [()]
        for hosts, legs in runs:
            moments = [start + total(legs[:number]) for number in range(len(legs))]
            stop = start + total(legs)
            plans = [
                (
                    *plan,
                    Part(hosts, legs, start, stop, tuple(use for uses in chosen for use in uses)),
                )
                for plan in plans
                for chosen in product(*map(self.rooms, legs, moments))
            ]
            start = stop
        return plans
