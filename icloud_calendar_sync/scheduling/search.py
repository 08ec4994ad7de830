"""From facts about hosts, rooms and rules to the starts that are offered, and back to the reasons.

Each rule is a set of allowed starts. What is listed lies in all of them; why a start is not listed
is told by those it does not lie in; how it is taken is read from the same sets.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from .chain import chain_starts
from .facts import Facts, Host, Leg, Session
from .grid import Grid
from .intervals import Intervals, intersect, merge, shift, subtract
from .plans import Plan, Run, plans_at, taking_turns
from .rooms import rooms_free
from .slots import Rules, collective, next_to, round_robin
from .windows import clear_of, contains, within
from .working import WorkingTimes


class Offer(NamedTuple):
    """A start, with the hosts who can take it, its length, and seats and session of a class."""

    start: int
    hosts: list[int]
    duration: int
    seats_left: int = 1
    session: int | None = None


class Search:
    """Answers about one set of facts; what several hosts share is worked out once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._working = WorkingTimes(facts)
        self._rooms: dict[Hashable, Intervals] = {}

    # -- which starts --------------------------------------------------------------------------

    def offers(self) -> list[Offer]:
        """Return the starts that are offered, ascending."""
        if self.facts.kind == "class":
            return self._class_offers()
        offers = [Offer(start, hosts, self._longest(hosts)) for start, hosts in self._combined()]
        if self._may_hand_over:
            known = {offer.start for offer in offers}
            handed = [offer for offer in self._handed_offers() if offer.start not in known]
            offers = sorted(offers + handed)
        return offers

    def _longest(self, hosts: list[int]) -> int:
        """Minutes that the slowest of these takes for all legs."""
        if self._same_duration:
            return self._same_duration
        return max(self._whole[host].duration for host in hosts)

    @cached_property
    def _same_duration(self) -> int | None:
        """Minutes that everybody takes; None when they differ."""
        durations = {rules.duration for rules in self._whole.values()}
        return durations.pop() if len(durations) == 1 else None

    def _combined(self) -> list[tuple[int, list[int]]]:
        starts = self._starts_by_host
        if not starts:
            return []
        if self.facts.kind == "collective":
            return collective(starts) if len(starts) == len(self.facts.hosts) else []
        return round_robin(starts, self._fixed)

    @cached_property
    def _fixed(self) -> frozenset[int]:
        """Who comes anyway; a host of another kind may still be marked so from before."""
        is_round_robin = self.facts.kind == "round_robin"
        return frozenset(host.key for host in self.facts.hosts if host.fixed and is_round_robin)

    @cached_property
    def _whole(self) -> dict[int, Rules]:
        """All legs as one, for the hosts who do them all."""
        return {
            host.key: Rules(
                sum(leg.duration for leg in host.legs),
                self.facts.step,
                host.legs[0].before,
                host.legs[-1].after,
            )
            for host in self.facts.hosts
            if None not in host.legs
        }

    @cached_property
    def _starts_by_host(self) -> dict[int, list[int]]:
        return {
            host.key: self._starts(host) for host in self.facts.hosts if host.key in self._whole
        }

    def _starts(self, host: Host) -> list[int]:
        rules, busy = self._whole[host.key], self.facts.busy.get(host.key, [])
        everything = [(self.facts.earliest, self.facts.latest)]
        # As all of `_rules`; the busy times, of which there are many, in a faster way.
        starts = self._grid(host).clear_of(busy, rules)
        for rule in self._quotas_and_rooms(host):
            # Most rules forbid nothing most of the time.
            if rule.windows != everything:
                starts = within(starts, rule.windows)
        return self._next_to_bookings(host, starts, rules)

    def _rules(self, host: Host) -> list["Rule"]:
        """The rules for one host doing all legs, hours and neighbours aside."""
        bounds = self.facts.earliest, self.facts.latest
        clear = clear_of(self._busy(host), self._whole[host.key], *bounds)
        return [Rule("busy", clear), *self._quotas_and_rooms(host)]

    def _busy(self, host: Host) -> Intervals:
        return merge(self.facts.busy.get(host.key, []))

    def _quotas_and_rooms(self, host: Host) -> list["Rule"]:
        facts, rules = self.facts, []
        bounds = facts.earliest, facts.latest
        if full := facts.host_full.get(host.key):
            rules.append(Rule("host_full", subtract([bounds], full)))
        if facts.full:
            rules.append(Rule("full", self._outside_full))
        if any(leg.pools for leg in host.legs):
            rules.append(Rule("room", self._rooms_free(host.legs)))
        return rules

    @cached_property
    def _outside_full(self) -> Intervals:
        return subtract([(self.facts.earliest, self.facts.latest)], self.facts.full)

    def _grid(self, host: Host) -> Grid:
        """Starts on the grid of the working hours, for all legs."""
        return self._working.grid(host.hours, self._whole[host.key].duration)

    def _rooms_free(self, legs: tuple[Leg, ...], later: int = 0) -> Intervals:
        """Starts of the first leg at which each leg finds a free one in each of its pools.

        :param later: minutes after the window that it goes on
        """
        if (legs, later) not in self._rooms:
            start, stop = self.facts.earliest, self.facts.latest + later
            offset, windows = 0, [(start, stop)]
            for leg in legs:
                free = rooms_free(self.facts.room_busy, leg, start + offset, stop + offset)
                windows = intersect(windows, shift(free, -offset))
                offset += leg.duration
            self._rooms[legs, later] = windows
        return self._rooms[legs, later]

    def _next_to_bookings(self, host: Host, starts: list[int], rules: Rules) -> list[int]:
        if self.facts.reserved is None:
            return starts
        return next_to(starts, self.facts.reserved.get(host.key, []), self.facts.days, rules)

    # -- class ---------------------------------------------------------------------------------

    def _class_offers(self) -> list[Offer]:
        """New sessions where the host is free, and those that stand, as long as nothing else does.

        A day that has all its sessions still sells the seats of these.
        """
        (host,) = self.facts.hosts[:1] or (None,)
        if host is None:
            return []
        duration = self._whole[host.key].duration
        new = [
            Offer(start, [host.key], duration, self.facts.seats)
            for start in self._starts_by_host[host.key]
        ]
        standing = [
            Offer(
                session.start,
                [session.host],
                session.stop - session.start,
                session.seats_left,
                session.key,
            )
            for session in sorted(self.facts.sessions, key=lambda session: session.seats_left)
            if self.facts.earliest <= session.start < self.facts.latest
            and not self._meets_something_else(session)
        ]
        # Sessions of a former host may stand at the same time: one is offered, with most seats.
        return sorted({offer.start: offer for offer in new + standing}.values())

    def _meets_something_else(self, session: Session) -> bool:
        elsewhere = self.facts.busy_elsewhere.get(session.host, [])
        return bool(intersect([(session.start, session.stop)], elsewhere))

    # -- handed from host to host --------------------------------------------------------------

    @property
    def _may_hand_over(self) -> bool:
        return self.facts.hand_over and len(self.facts.hosts[0].legs) > 1

    def _handed_offers(self) -> list[Offer]:
        hosts_by_start = defaultdict(list)
        for key, starts in self._handed_first.items():
            for start in starts:
                hosts_by_start[start].append(key)
        return [Offer(start, hosts, self._longest_chain) for start, hosts in hosts_by_start.items()]

    @cached_property
    def _handed_first(self) -> dict[int, list[int]]:
        """{host: starts at which this host may begin, and somebody goes on}."""
        first, followed, starts = self._handed_legs[0], self._handed_starts, {}
        for host in self.facts.hosts:
            if host.key in first:
                windows, duration = first[host.key]
                windows = intersect(windows, shift(followed[1], -duration))
                if self.facts.full:
                    windows = intersect(windows, self._outside_full)
                free = within(self._working.grid(host.hours, duration).starts, windows)
                starts[host.key] = self._next_to_bookings(host, free, host.legs[0].rules())
        return starts

    @cached_property
    def _longest_chain(self) -> int:
        """Minutes of all legs, each by the slowest of those who do it."""
        by_leg = zip(*(host.legs for host in self.facts.hosts), strict=True)
        return sum(max((leg.duration for leg in legs if leg), default=0) for legs in by_leg)

    @cached_property
    def _handed_starts(self) -> list[Intervals]:
        return chain_starts(self._handed_legs)

    @cached_property
    def _handed_legs(self) -> list[dict[int, tuple[Intervals, int]]]:
        """For each leg {host: (starts at which the host may take it, its duration)}."""
        count = len(self.facts.hosts[0].legs)
        return [
            {
                host.key: (self._leg_windows(host, host.legs[number]), host.legs[number].duration)
                for host in self.facts.hosts
                if host.legs[number]
            }
            for number in range(count)
        ]

    def _leg_windows(self, host: Host, leg: Leg) -> Intervals:
        facts = self.facts
        # The later legs begin after the last start that is offered.
        bounds = facts.earliest, facts.latest + self._longest_chain
        windows = intersect(
            self._working.fitting(host.hours, leg.duration),
            clear_of(self._busy(host), leg.rules(), *bounds),
        )
        if full := facts.host_full.get(host.key):
            windows = subtract(windows, full)
        if leg.pools:
            windows = intersect(windows, self._rooms_free((leg,), self._longest_chain))
        return windows

    # -- how a start is taken ------------------------------------------------------------------

    def plans(self, start: int, ranked: Sequence[int]) -> Iterator[Plan]:
        """Yield the ways to take a start, best first; nothing when it is not offered.

        :param ranked: host keys, best first
        """
        return plans_at(start, self._divisions(start, ranked), self.facts.room_busy)

    def _divisions(self, start: int, ranked: Sequence[int]) -> Iterator[list[Run]]:
        """Yield how the legs may be divided among hosts."""
        for team in self._teams(start, ranked):
            yield [(team, self._host(team[0]).legs)]
        if self._may_hand_over:
            first = [key for key in ranked if start in self._handed_first.get(key, ())]
            for hosts in self._hand_overs(start, first, ranked, 0):
                is_one = len(set(hosts)) == 1
                if not (is_one and start in self._starts_by_host.get(hosts[0], ())):
                    yield self._runs(hosts)

    def _teams(self, start: int, ranked: Sequence[int]) -> Iterator[tuple[int, ...]]:
        free = next((hosts for moment, hosts in self._combined() if moment == start), [])
        ordered = [key for key in ranked if key in free]
        fixed = tuple(key for key in ordered if key in self._fixed)
        others = [key for key in ordered if key not in self._fixed]
        if ordered and (self.facts.kind == "collective" or not others):
            yield tuple(ordered)
            return
        for key in others:
            yield (key, *fixed)

    def _host(self, key: int) -> Host:
        return next(host for host in self.facts.hosts if host.key == key)

    def _hand_overs(
        self, start: int, takers: Sequence[int], ranked: Sequence[int], number: int
    ) -> Iterator[tuple[int, ...]]:
        """Yield which host takes leg `number`, one of `takers`, and each later one."""
        return taking_turns(
            self._handed_on(key, start, ranked, number)
            for key in takers
            if contains(self._handed_legs[number].get(key, ([], 0))[0], start)
        )

    def _handed_on(
        self, key: int, start: int, ranked: Sequence[int], number: int
    ) -> Iterator[tuple[int, ...]]:
        """Yield the same when `key` takes leg `number`."""
        legs, followed = self._handed_legs, self._handed_starts
        stop = start + legs[number][key][1]
        if number + 1 == len(legs):
            yield (key,)
        elif contains(followed[number + 1], stop):
            for others in self._hand_overs(stop, ranked, ranked, number + 1):
                yield (key, *others)

    def _runs(self, hosts: tuple[int, ...]) -> list[Run]:
        """What one host does without a break is one session."""
        numbered = enumerate(hosts)
        return [
            ((key,), tuple(self._host(key).legs[number] for number, _key in run))
            for key, run in groupby(numbered, key=lambda pair: pair[1])
        ]

    # -- why not -------------------------------------------------------------------------------

    def refusals(self, start: int) -> dict[int, list[str]]:
        """Return for each host the names of the rules that a start breaks.

        `service` (does not do them all), `hours`, `holiday`, `step`, `busy`, `room`, `full`,
        `host_full`, `adjacent`; none when the host could take it.
        """
        return {host.key: self._refusals_of(host, start) for host in self.facts.hosts}

    def _refusals_of(self, host: Host, start: int) -> list[str]:
        if host.key not in self._whole:
            return ["service"]
        broken = self._hours_refusals(host, start)
        broken += [rule.name for rule in self._rules(host) if not contains(rule.windows, start)]
        if not broken and start not in self._starts_by_host[host.key]:
            broken.append("adjacent")
        return broken

    def _hours_refusals(self, host: Host, start: int) -> list[str]:
        if start in self._grid(host).starts:
            return []
        duration = self._whole[host.key].duration
        if contains(self._working.fitting(host.hours, duration), start):
            return ["step"]
        weekly = self._working.fitting_but_for_holidays(host.hours, duration)
        return ["holiday" if contains(weekly, start) else "hours"]


class Rule(NamedTuple):
    name: str
    windows: Intervals
