"""What `make bench-sync` came to: a line for each row, and whether the goals are reached."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

# What each side of a row is called, where it was measured.
OURS, PEER, BARE, WITHOUT = "ours", "vdirsyncer", "bare requests", "without us"
ONE_WORKER, TWO_WORKERS = "one worker", "two workers"


class Row(NamedTuple):
    """One kind of work: the seconds of every round of each side, and what else is to be told."""

    key: str
    title: str
    seconds: Mapping[str, Sequence[float]]
    notes: tuple[str, ...] = ()

    def median(self, side: str) -> float:
        return median(self.seconds[side])

    def ratio(self, side: str, other: str) -> float:
        """How many times as long one side takes as the other."""
        return self.median(side) / self.median(other)

    def __str__(self) -> str:
        sides = (f"{side} {_in_words(self.median(side))}" for side in self.seconds)
        return f"{self.title}: {'; '.join((', '.join(sides), *self.notes))}"


def _in_words(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


class Goal(NamedTuple):
    """What a row must reach: `measure` of it, at most so much, or at least."""

    key: str
    words: str
    measure: Callable[[Row], float]
    limit: float
    unit: str = "x"
    at_least: bool = False

    def is_reached(self, row: Row) -> bool:
        value = self.measure(row)
        return value >= self.limit if self.at_least else value <= self.limit

    def judged(self, row: Row) -> str:
        """The goal, the figure, and a sign that says whether it is reached."""
        sign = "✓" if self.is_reached(row) else "✗"
        bound = "at least" if self.at_least else "at most"
        value, limit = f"{self.measure(row):.2f} {self.unit}", f"{self.limit:g} {self.unit}"
        return f"{sign} {row.title}: {self.words} {value} (goal: {bound} {limit})"


def _times(side: str, other: str) -> Callable[[Row], float]:
    return lambda row: row.ratio(side, other)


_SECONDS = {"measure": lambda row: row.median(OURS), "unit": "s"}
_BY_BARE = {"words": "the time of the bare requests", "measure": _times(OURS, BARE), "limit": 1.4}
GOALS = (
    Goal("first-import", "the time of vdirsyncer", _times(OURS, PEER), 1.0),
    Goal("nothing-changed", **_BY_BARE),
    Goal("one-changed", **_BY_BARE),
    Goal("push-new", **_BY_BARE),
    Goal("push-new", "as fast as vdirsyncer", _times(PEER, OURS), 1.4, at_least=True),
    Goal("push-changed", **_BY_BARE),
    Goal("plain-event", "the time without the addon", _times(OURS, WITHOUT), 1.08),
    Goal("idle-1000", "one worker takes", limit=8.0, **_SECONDS),
    Goal("idle-10000", "one worker takes", limit=60.0, **_SECONDS),
    Goal("queue", "as fast as one", _times(ONE_WORKER, TWO_WORKERS), 1.7, at_least=True),
)


def judged(rows: Iterable[Row]) -> Iterator[tuple[Goal, Row]]:
    """Each goal with the row it is about, of the rows that were measured."""
    for row in rows:
        yield from ((goal, row) for goal in GOALS if goal.key == row.key)


def missed(rows: Iterable[Row]) -> list[Goal]:
    """The goals that are not reached."""
    return [goal for goal, row in judged(rows) if not goal.is_reached(row)]
