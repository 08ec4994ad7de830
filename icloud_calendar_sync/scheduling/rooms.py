"""Rooms and equipment: of each pool of a leg one that is free, and no resource for two pools."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain, pairwise
from typing import NamedTuple

from .facts import Leg
from .intervals import Intervals, intersect, merge
from .windows import clear_of, contains


class Use(NamedTuple):
    """The time that one session takes from a room or a piece of equipment, buffers included."""

    resource: int
    start: int
    stop: int


def rooms_free(busy: Mapping[int, Intervals], leg: Leg, earliest: int, latest: int) -> Intervals:
    """Return the starts of a leg in [earliest, latest) at which it finds all that it needs.

    :param busy: merged, by resource
    """
    free = {
        room: clear_of(busy.get(room, []), leg.rules(), earliest, latest)
        for pool in leg.pools
        for room in pool
    }
    if len(free) == sum(len(pool) for pool in leg.pools):
        by_pool = (merge(chain.from_iterable(free[room] for room in pool)) for pool in leg.pools)
        return reduce(intersect, by_pool, [(earliest, latest)])
    # Pools that share a resource need two of them; from one edge to the next nothing changes.
    edges = {edge for windows in free.values() for window in windows for edge in window}
    return merge(
        (start, stop)
        for start, stop in pairwise(sorted(edges))
        if _has_choice(leg.pools, {room for room in free if contains(free[room], start)})
    )


def room_choices(busy: Mapping[int, Intervals], leg: Leg, start: int) -> Iterator[tuple[Use, ...]]:
    """Yield what a leg that begins at `start` may take, a resource of each pool."""
    free = {
        room
        for pool in leg.pools
        for room in pool
        if clear_of(busy.get(room, []), leg.rules(), start, start + 1)
    }
    padded = start - leg.before, start + leg.duration + leg.after
    for chosen in _choices(leg.pools, free):
        yield tuple(Use(room, *padded) for room in chosen)


def _has_choice(pools: Sequence[tuple[int, ...]], free: Collection[int]) -> bool:
    return next(_choices(pools, free), None) is not None


def _choices(pools: Sequence[tuple[int, ...]], free: Collection[int]) -> Iterator[tuple[int, ...]]:
    if not pools:
        yield ()
        return
    for room in pools[0]:
        if room in free:
            for others in _choices(pools[1:], free - {room}):
                yield (room, *others)
