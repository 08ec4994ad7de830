"""A rule to its times from the window's start on, with work that is bounded whatever it says."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from ..sentence import _
from .periods import Period, Periods, periods_of
from .rules import BadRule, Rule

# For all rules of one resource together: periods looked into and times found.
MAX_STEPS = 60_000
# A count that takes more steps than this, before the window, is not worth the work.
MAX_COUNTED = 20_000
# Whether a rule goes on after the window is found out so far; beyond that, it may. A leap day may
# be eight years away.
LOOK_AHEAD = 4_000
LOOK_AHEAD_YEARS = 30
_BETWEEN_LOOKS_AT_THE_TIME = 256
_RESOLUTION = timedelta(seconds=1)


class OutOfWork(Exception):
    """No more work is allowed: a walk is complete only before `wall`."""

    def __init__(self, wall: datetime) -> None:
        super().__init__(wall)
        self.wall = wall


class CountsTooFar(Exception):
    """The COUNT of a rule is reached only after more periods than are worth the work."""


class Work:
    """What is left to be done for one resource, in steps and until `deadline`.

    The deadline is one of `time.monotonic()`, in seconds.
    """

    def __init__(self, steps: int = MAX_STEPS, deadline: float | None = None) -> None:
        self.steps = steps
        self.deadline = deadline
        self._end_if_late()

    def spend(self, wall: datetime, steps: int = 1) -> None:
        """Take so many steps. Raises `OutOfWork` when there are none left."""
        before = self.steps
        self.steps -= steps
        if self.steps // _BETWEEN_LOOKS_AT_THE_TIME != before // _BETWEEN_LOOKS_AT_THE_TIME:
            self._end_if_late()
        if self.steps < 0:
            raise OutOfWork(wall)

    def _end_if_late(self) -> None:
        if self.deadline is not None and monotonic() >= self.deadline:
            self.steps = min(self.steps, 0)


def walk(
    rule: Rule, start: datetime, lower: datetime, upper: datetime, work: Work
) -> Iterator[datetime]:
    """Yield the times of `rule` at or after `lower`, ascending, `start` being its DTSTART.

    All are naive, on the event's own clock. A rule that goes on after `upper` yields one such
    time, or raises `OutOfWork` with a wall after it. A start that the rule does not give is not
    among them, and not counted: the RFC leaves open what it means, and this blocks more.

    Raises `OutOfWork`, `CountsTooFar`, and `BadRule` for a start at the very begin of the calendar.
    """
    try:
        periods = periods_of(rule, start)
        for period, first, stop in _pieces(rule, periods, lower, upper, work):
            for index in range(max(first, bisect_left(period.times, lower)), stop):
                wall = period.times[index]
                if rule.until and wall > rule.until:
                    return
                work.spend(wall)
                yield wall
    except (ValueError, OverflowError) as error:
        raise BadRule(_("A recurrence rule begins or ends too far from today.")) from error


def _pieces(
    rule: Rule, periods: Periods, lower: datetime, upper: datetime, work: Work
) -> Iterator[tuple[Period, int, int]]:
    """Yield each period with the first and the end of its times that count."""
    number, left = _begin(rule, periods, lower)
    floor, counted, beyond = periods.start, 0, 0
    while left is None or left > 0:
        period = periods.at(number)
        if period is None or (rule.until and period.begin > rule.until):
            return
        work.spend(period.begin, periods.cost)
        # A set begins with its period, but no time lies before the start; and none comes twice
        # where SKIP has moved days into the period before.
        first = bisect_left(period.times, floor)
        stop = len(period.times)
        if left is not None:
            stop = min(stop, first + left)
            left -= stop - first
            counted += periods.cost if period.begin < lower else 0
            if counted > MAX_COUNTED:
                raise CountsTooFar
        yield period, first, stop
        beyond += period.begin >= upper
        if beyond > LOOK_AHEAD or period.begin.year > upper.year + LOOK_AHEAD_YEARS:
            raise OutOfWork(period.begin)
        floor = max(floor, period.times[-1] + _RESOLUTION) if period.times else floor
        number = period.following


def _begin(rule: Rule, periods: Periods, lower: datetime) -> tuple[int, int | None]:
    """Return the number of the first period to look into, and how many times are left from there.

    What comes before is jumped over, unless it must be counted one by one.
    """
    number = periods.number_before(lower)
    if rule.count is None:
        return number, None
    if not periods.alike or number < 2:
        return 0, rule.count
    first = periods.at(0).times
    each = len(periods.at(1).times)
    left = rule.count - (len(first) - bisect_left(first, periods.start)) - (number - 1) * each
    return number, max(0, left)
