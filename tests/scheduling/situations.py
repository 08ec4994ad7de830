"""Random facts about a few hours: all kinds and all rules, often several at once."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

from icloud_calendar_sync.scheduling.facts import Facts, Host, Hours, Leg, Session
from icloud_calendar_sync.scheduling.intervals import Intervals, merge, shift
from tests.scheduling.one_day import MONDAY
from tests.scheduling.slow_search import AHEAD

KINDS = ("class", "round_robin", "collective", "service", "service", "service")
POOLS = ((), (), (), ((101,),), ((101, 102),), ((101,), (103,)), ((101, 102), (102,)))
TWO_OF_TWO = ((101, 102), (101, 102))


def situation(random: Random, only_adjacent: bool | None = None) -> Facts:
    kind = random.choice(KINDS)
    team, its_days = hosts(random, kind), days(random)
    booked = {host.key: spans(random, 1, 60) for host in team}
    elsewhere = {host.key: spans(random, 2, 60) for host in team}
    sessions = class_sessions(random) if kind == "class" else []
    own = [(each.start, each.stop) for each in sessions if each.host == 1]
    if only_adjacent is None:
        only_adjacent = random.random() < 0.3
    return Facts(
        kind=kind,
        step=random.choice([5, 15, 20]),
        earliest=MONDAY + random.choice([0, 31]),
        latest=its_days[-1][1] - random.choice([0, 47]),
        hosts=team,
        hours={"a": hours(random), "b": hours(random)},
        busy={host.key: merge(booked[host.key] + elsewhere[host.key] + own) for host in team},
        room_busy={room: spans(random, 2, 60) for room in (101, 102, 103)},
        reserved=booked if only_adjacent else None,
        days=its_days,
        full=sometimes(random, lambda: spans(random, 1, 120), []),
        host_full=sometimes(random, lambda: {1: spans(random, 1, 120)}, {}),
        hand_over=kind == "service" and random.random() < 0.7,
        seats=10,
        sessions=sessions,
        busy_elsewhere=elsewhere,
    )


def sometimes(random: Random, make: Callable[[], Any], otherwise: Any) -> Any:
    return make() if random.random() < 0.3 else otherwise


def spans(random: Random, most: int, longest: int, shortest: int = 5) -> Intervals:
    """Merged stretches, on a grid of five minutes, in the six hours it is all about."""
    starts = [MONDAY + 5 * random.randint(0, 72) for _span in range(random.randint(0, most))]
    return merge((start, start + random.randrange(shortest, longest + 1, 5)) for start in starts)


def hours(random: Random) -> Hours:
    zone = random.choice(list(AHEAD))
    start = MONDAY + 5 * random.randint(0, 20)
    weekly = merge([(start, start + 5 * random.randint(20, 50)), *spans(random, 2, 120, 30)])
    opened = sometimes(random, lambda: spans(random, 1, 120), [])
    holidays = sometimes(random, lambda: spans(random, 1, 90), [])
    return Hours(zone, shift(weekly, AHEAD[zone]), shift(opened, AHEAD[zone]), holidays)


def hosts(random: Random, kind: str) -> list[Host]:
    legs = [
        Leg(
            random.choice([15, 20, 30, 45]),
            random.choice([0, 0, 10]),
            random.choice([0, 0, 5, 40]),
            random.choice([*POOLS, TWO_OF_TWO]),
        )
        for _leg in range(random.randint(1, 3) if kind == "service" else 1)
    ]
    return [
        Host(
            key,
            random.choice("ab"),
            tuple(by_host(random, leg) if kind == "service" else leg for leg in legs),
            random.random() < 0.3,
        )
        for key in range(1, 2 if kind == "class" else random.randint(2, 4))
    ]


def by_host(random: Random, leg: Leg) -> Leg | None:
    """As usual, or slower, or not at all."""
    slower = replace(leg, duration=leg.duration + 15)
    return random.choice([leg, leg, leg, slower, None])


def days(random: Random) -> list[tuple[int, int]]:
    """Days of two hours or so: more of them in the same time."""
    edges = [MONDAY]
    for _day in range(3):
        edges.append(edges[-1] + random.randint(100, 140))
    return list(pairwise(edges))


def class_sessions(random: Random) -> list[Session]:
    """Some of the host, and some of a former one."""
    return [
        Session(10 * host + number, host, start, stop, random.randint(0, 3))
        for host in (1, 9)
        for number, (start, stop) in enumerate(spans(random, 2, 60))
    ]
