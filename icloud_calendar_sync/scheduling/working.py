"""The working hours of each schedule, in UTC, worked out once for all hosts who share them."""

from collections.abc import Hashable
from itertools import chain

from .facts import Facts
from .grid import Grid
from .intervals import Intervals, merge, subtract
from .slots import Rules, candidate_starts, work_times
from .windows import clear_of, fitting, within


class WorkingTimes:
    """Where sessions of some length fit; hours are told by their key in the facts."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._grids: dict[Hashable, Grid] = {}
        self._parts: dict[Hashable, tuple[Intervals, Intervals]] = {}

    def grid(self, key: Hashable, duration: int) -> Grid:
        """Return the starts at which a session ends in the hours it starts in."""
        if (key, duration) not in self._grids:
            facts, hours = self._facts, self._facts.hours[key]
            rules, bounds = Rules(duration, facts.step), (facts.earliest, facts.latest)
            starts = candidate_starts(hours.zone, hours.weekly, rules, *bounds)
            if hours.holidays:
                starts = within(starts, clear_of(hours.holidays, rules, *bounds))
            if hours.opened:
                opened = candidate_starts(hours.zone, hours.opened, rules, *bounds)
                starts = sorted({*starts, *opened})
            self._grids[key, duration] = Grid(starts)
        return self._grids[key, duration]

    def fitting(self, key: Hashable, duration: int) -> Intervals:
        """Return the starts, on the grid or not, whose session lies inside the hours.

        Weekly hours and hours opened by hand each for themselves, as on the grid.
        """
        if key not in self._parts:
            hours = self._facts.hours[key]
            weekly = subtract(work_times(hours.zone, hours.weekly), hours.holidays)
            self._parts[key] = weekly, work_times(hours.zone, hours.opened)
        return merge(chain.from_iterable(fitting(part, duration) for part in self._parts[key]))

    def fitting_but_for_holidays(self, key: Hashable, duration: int) -> Intervals:
        """Return the starts whose session lies inside the weekly hours, holidays or not."""
        hours = self._facts.hours[key]
        return fitting(work_times(hours.zone, hours.weekly), duration)
