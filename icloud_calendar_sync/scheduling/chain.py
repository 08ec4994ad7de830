"""Several services one after the other, by one host or handed from host to host."""

from collections.abc import Mapping, Sequence
from itertools import chain

from .intervals import Intervals, intersect, merge, shift

# {host: (when that host may start this service, how long it takes that host)}
Leg = Mapping[int, tuple[Intervals, int]]


def chain_starts(legs: Sequence[Leg]) -> list[Intervals]:
    """Return for each leg the times to start it so that all later legs follow without a gap.

    Whoever does a leg, any host of the next one may go on. UTC minutes.
    """
    allowed: list[Intervals] = []
    for leg in reversed(legs):
        windows = [
            # Where the next leg may start, less what this host takes, is where this one may.
            intersect(own, shift(allowed[-1], -duration)) if allowed else own
            for own, duration in leg.values()
        ]
        allowed.append(merge(chain.from_iterable(windows)))
    return allowed[::-1]
