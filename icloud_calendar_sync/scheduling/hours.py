"""Days on which the weekly hours do not hold: opened, or closed, by hand."""

from collections.abc import Iterable
from dataclasses import dataclass

from .intervals import Intervals, merge, subtract
from .slots import DAY


@dataclass(frozen=True, slots=True)
class Override:
    """The minutes [start, stop) of one day on the wall clock, opened or closed.

    `day` counts from 1970-01-01; 0 <= start < stop <= 1440.
    """

    day: int
    start: int
    stop: int
    opens: bool

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop <= DAY:
            raise ValueError("an override must start before it stops, on one day")


def apply_overrides(hours: Intervals, overrides: Iterable[Override]) -> tuple[Intervals, Intervals]:
    """Return (what is left of the weekly hours, what was opened by hand), both wall minutes.

    A day with an opening loses its weekly hours; what was closed is missing from both. They come
    apart because what was opened by hand is open on public holidays, too.
    """
    replaced, opened, closed = [], [], []
    for override in overrides:
        midnight = override.day * DAY
        minutes = (midnight + override.start, midnight + override.stop)
        if override.opens:
            opened.append(minutes)
            replaced.append((midnight, midnight + DAY))
        else:
            closed.append(minutes)
    return (
        subtract(hours, merge(replaced + closed)),
        subtract(merge(opened), merge(closed)),
    )
