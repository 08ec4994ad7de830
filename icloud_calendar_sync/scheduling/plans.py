"""From who takes which legs to plans: when each session is, and in which rooms."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice, product
from typing import Any, NamedTuple

from .facts import Leg
from .intervals import Intervals
from .rooms import Use, room_choices

# One start, many ways to take it: others may be faster, but not that often.
MOST_PLANS = 40

# Who does which legs without a break: one session.
Run = tuple[tuple[int, ...], tuple[Leg, ...]]


class Part(NamedTuple):
    """One session of a plan: who comes (the first invites), which legs, when, and the rooms."""

    hosts: tuple[int, ...]
    legs: tuple[Leg, ...]
    start: int
    stop: int
    rooms: tuple[Use, ...]

    @property
    def padded(self) -> tuple[int, int]:
        return self.start - self.legs[0].before, self.stop + self.legs[-1].after


Plan = tuple[Part, ...]


def plans_at(
    start: int, divisions: Iterable[list[Run]], room_busy: Mapping[int, Intervals]
) -> Iterator[Plan]:
    """Yield at most MOST_PLANS plans, best first.

    :param divisions: how the legs may be divided among hosts, best first
    """
    # Whoever lost a race for a host or a room asks for another of both next.
    by_division = (
        _with_rooms(runs, start, room_busy, turn)
        for turn, runs in enumerate(islice(divisions, MOST_PLANS))
    )
    return islice(taking_turns(by_division), MOST_PLANS)


def taking_turns(iterators: Iterable[Iterator[Any]]) -> Iterator[Any]:
    """Yield the first of each, then the second of each, and so on.

    An iterator is asked when its turn comes and not before: where each asks others in turn, as many
    hosts may take each of many legs, asking ahead would walk all of them for the first answer.
    """
    waiting, asked = iter(iterators), []
    while True:
        for iterator in waiting:
            try:
                yield next(iterator)
            except StopIteration:
                continue
            asked.append(iterator)
        if not asked:
            return
        waiting, asked = iter(asked), []


def _with_rooms(
    runs: list[Run], start: int, room_busy: Mapping[int, Intervals], turn: int
) -> Iterator[Plan]:
    """Yield a plan for each choice of free rooms; the first `turn` choices come last."""
    choices, moment = [], start
    for leg in chain.from_iterable(legs for _hosts, legs in runs):
        of_leg = list(islice(room_choices(room_busy, leg, moment), MOST_PLANS))
        cut = turn % len(of_leg) if of_leg else 0
        choices.append(of_leg[cut:] + of_leg[:cut])
        moment += leg.duration
    for chosen in product(*choices):
        yield _plan(runs, iter(chosen), start)


def _plan(runs: list[Run], rooms_by_leg: Iterator[tuple[Use, ...]], start: int) -> Plan:
    parts = []
    for hosts, legs in runs:
        stop = start + sum(leg.duration for leg in legs)
        rooms = tuple(chain.from_iterable(islice(rooms_by_leg, len(legs))))
        parts.append(Part(hosts, legs, start, stop, rooms))
        start = stop
    return tuple(parts)
