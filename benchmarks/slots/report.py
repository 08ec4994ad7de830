"""What `make bench-slots` came to: a line for each size, and whether the goal is reached."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

GOAL_HOSTS, GOAL_RATIO, GOAL_QUERIES = 50, 50.0, 12
# Linear: from there on so many times the hosts take that much more, and a bit for chance.
GOAL_GROWTH = 1.25


class Run(NamedTuple):
    seconds: float
    queries: int


class Result(NamedTuple):
    """The medians of both sides at one size, and how many starts both offer, or one alone."""

    hosts: int
    ours: Run
    peer: Run
    both: int
    ours_alone: int
    peer_alone: int

    @property
    def ratio(self) -> float:
        return self.peer.seconds / self.ours.seconds

    def __str__(self) -> str:
        ours, theirs = (
            f"{run.seconds * 1000:.1f} ms ({run.queries} queries)" for run in (self.ours, self.peer)
        )
        return f"{self.hosts} hosts: ours {ours}, peer {theirs}, {self.ratio:.1f} x"

    @property
    def starts(self) -> str:
        """Whether both answered the same, in words."""
        if self.ours_alone or self.peer_alone:
            return (
                f"{self.hosts} hosts: both offer {self.both} starts,"
                f" ours alone {self.ours_alone}, the peer alone {self.peer_alone}"
            )
        return f"{self.hosts} hosts: both offer the same {self.both} starts"


def growth(results: Iterable[Result]) -> Iterator[str]:
    """How much longer more hosts take, in words."""
    for few, many in pairwise(results):
        hosts, seconds = _factors(few, many)
        yield f"{hosts:.0f} x the hosts of {few.hosts}: ours {seconds:.1f} x the time"


def _factors(few: Result, many: Result) -> tuple[float, float]:
    """How many times the hosts, and the time."""
    return many.hosts / few.hosts, many.ours.seconds / few.ours.seconds


def verdict(results: Sequence[Result]) -> Iterator[str]:
    """Why the goal is missed; nothing when it is reached."""
    for result in results:
        if result.ours_alone or result.peer_alone or not result.both:
            yield f"the answers differ: {result.starts}"
        if result.hosts != GOAL_HOSTS:
            continue
        if result.ratio < GOAL_RATIO:
            yield f"{result.ratio:.1f} x at {GOAL_HOSTS} hosts, less than {GOAL_RATIO:.0f} x"
        if result.ours.queries > GOAL_QUERIES:
            yield f"{result.ours.queries} queries, more than {GOAL_QUERIES}"
    for few, many in pairwise(results):
        hosts, seconds = _factors(few, many)
        if few.hosts >= GOAL_HOSTS and seconds > GOAL_GROWTH * hosts:
            yield f"{many.hosts} hosts take {seconds:.1f} x the time of {few.hosts}: not linear"
