"""The periods of a rule, the `interval`-th after each other, and the times that lie in each.

A period is found by its number alone, so a series may be as old as it likes: reading begins where
the window does. Its times are days × hours × minutes × seconds, counted and picked by arithmetic:
none is made before it is asked for, however full the lists are.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from .days import Days
from .moments import DAY, midnight
from .rules import BELOW_A_DAY, Rule

_CLOCK = {"HOURLY": 3_600, "MINUTELY": 60, "SECONDLY": 1}
_CARRY = {"hour": DAY, "minute": timedelta(hours=1), "second": timedelta(minutes=1)}
_FIRST = midnight(date(1, 1, 1))
_SECOND = timedelta(seconds=1)
# Steps of work that a period takes, and one of which every day is held against many lists.
_COSTS = {"YEARLY": (5, 50), "MONTHLY": (2, 25), "WEEKLY": (1, 5)}
_LAST_YEAR = 9_998
_LAST_DAY = date(_LAST_YEAR, 12, 31).toordinal()
_LAST_SECOND = _LAST_DAY * 86_400


class Times(Sequence):
    """Sorted wall times: each second of each minute of each hour of each day."""

    __slots__ = ("_days", "_hours", "_length", "_minutes", "_seconds")

    def __init__(
        self,
        days: Sequence[date],
        hours: Sequence[int],
        minutes: Sequence[int],
        seconds: Sequence[int],
    ) -> None:
        self._days, self._hours, self._minutes, self._seconds = days, hours, minutes, seconds
        self._length = len(days) * len(hours) * len(minutes) * len(seconds)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> datetime:
        rest, second = divmod(range(self._length)[index], len(self._seconds))
        rest, minute = divmod(rest, len(self._minutes))
        rest, hour = divmod(rest, len(self._hours))
        clock = time(self._hours[hour], self._minutes[minute], self._seconds[second])
        return datetime.combine(self._days[rest], clock)


class Period(NamedTuple):
    """`times` are sorted and none lies before `begin`; `following` is the next period's number."""

    begin: datetime
    times: Sequence[datetime]
    following: int


class Periods:
    """The periods of `rule`, number 0 being that of `start`.

    `alike`: all hold as many times. `cost`: the steps of work that one takes.
    """

    def __init__(self, rule: Rule, start: datetime) -> None:
        self.rule = rule
        self.start = start
        self.days = Days(rule, start.date())
        self.hours = rule.hours or (start.hour,)
        self.minutes = rule.minutes or (start.minute,)
        self.seconds = rule.seconds or (start.second,)
        self.once_a_day = len(self.hours) == len(self.minutes) == len(self.seconds) == 1
        self.time = time(self.hours[0], self.minutes[0], self.seconds[0])
        dates = (rule.months, rule.month_days, rule.year_days, rule.weeks)
        self.alike = rule.frequency in ("DAILY", "WEEKLY") and not any(dates)
        if rule.frequency == "DAILY":
            self.alike = self.alike and not rule.week_days
        first = self.days.week_of(start.date()) if rule.frequency == "WEEKLY" else start.date()
        self.first_day = first.toordinal()
        long_lists = bool(rule.weeks or rule.year_days or rule.month_days)
        self.cost = _COSTS.get(rule.frequency, (1, 1))[long_lists]
        # SKIP moves days by one into the period before or after.
        self.moved = DAY if rule.skip != "OMIT" else timedelta(0)

    def number_before(self, wall: datetime) -> int:
        """Return the number of a period before which no time is at `wall` or later."""
        day, first = wall.date(), self.start.date()
        if self.rule.frequency == "YEARLY":
            # A year for the weeks, and what SKIP moves, that lie beyond the turn of the year.
            behind = day.year - self._year(first) - 1
        elif self.rule.frequency == "MONTHLY":
            behind = (day.year - first.year) * 12 + day.month - first.month - 1
        elif self.rule.frequency == "WEEKLY":
            behind = (day.toordinal() - self.first_day) // 7
        else:
            behind = day.toordinal() - self.first_day
        return max(0, behind // self.rule.interval)

    def at(self, number: int) -> Period | None:
        """Return the period of that number, None after the last year there is."""
        begin, days = self._days_of(number * self.rule.interval)
        if begin is None:
            return None
        if self.once_a_day:
            times = [datetime.combine(day, self.time) for day in days]
        else:
            times = Times(days, self.hours, self.minutes, self.seconds)
        return Period(begin - self.moved, _picked(times, self.rule.positions), number + 1)

    def _days_of(self, distance: int) -> tuple[datetime | None, Sequence[date]]:
        """Return the begin and the days of the period that lies so many years, months, … on."""
        first, frequency = self.start.date(), self.rule.frequency
        if frequency == "YEARLY":
            year = self._year(first) + distance
            if year > _LAST_YEAR:
                return None, ()
            begin = self.days.week_of(date(year, 1, 4)) if self.rule.weeks else date(year, 1, 1)
            return midnight(begin), self.days.in_year(year)
        if frequency == "MONTHLY":
            year, month = divmod(first.year * 12 + first.month - 1 + distance, 12)
            if year > _LAST_YEAR:
                return None, ()
            return midnight(date(year, month + 1, 1)), self.days.in_month(year, month + 1)
        weekly = frequency == "WEEKLY"
        ordinal = self.first_day + distance * (7 if weekly else 1)
        if ordinal > _LAST_DAY:
            return None, ()
        day = date.fromordinal(ordinal)
        if weekly:
            return midnight(day), self.days.in_week(day)
        return midnight(day), (day,) if self.days.fits(day) else ()

    def _year(self, day: date) -> int:
        return self.days.year_of_week(day) if self.rule.weeks else day.year


class ClockPeriods(Periods):
    """Hours, minutes or seconds: those that the rule's lists leave out are jumped over."""

    def __init__(self, rule: Rule, start: datetime) -> None:
        super().__init__(rule, start)
        self.unit = _CLOCK[rule.frequency]
        self.first = (start - _FIRST) // _SECOND // self.unit
        lists = {"hour": rule.hours, "minute": rule.minutes, "second": rule.seconds}
        # The lists that limit: that of the unit itself and those above it.
        names = ("hour", "minute", "second")[: BELOW_A_DAY.index(rule.frequency) + 1]
        self.limits = [(name, lists[name]) for name in names if lists[name]]
        dates = (rule.months, rule.month_days, rule.year_days, rule.weeks, rule.week_days)
        self.alike = not any(dates) and not self.limits

    def number_before(self, wall: datetime) -> int:
        units = (wall - _FIRST) // _SECOND // self.unit
        return max(0, (units - self.first) // self.rule.interval)

    def at(self, number: int) -> Period | None:
        distance = (self.first + number * self.rule.interval) * self.unit
        if distance > _LAST_SECOND:
            return None
        begin = _FIRST + timedelta(seconds=distance)
        fitting = self._next_fitting(begin)
        if fitting != begin:
            behind = (fitting - _FIRST) // _SECOND - self.first * self.unit
            return Period(begin, (), -(-behind // (self.rule.interval * self.unit)))
        minutes = self.minutes if self.unit > 60 else (begin.minute,)
        seconds = self.seconds if self.unit > 1 else (begin.second,)
        if len(minutes) == len(seconds) == 1:
            times = [begin.replace(minute=minutes[0], second=seconds[0])]
        else:
            times = Times((begin.date(),), (begin.hour,), minutes, seconds)
        return Period(begin, _picked(times, self.rule.positions), number + 1)

    def _next_fitting(self, wall: datetime) -> datetime:
        """Return `wall` where all lists allow it, else a time before which none does."""
        if not self.days.fits(wall.date()):
            return midnight(wall) + DAY
        for name, listed in self.limits:
            value = getattr(wall, name)
            if value in listed:
                continue
            later = [number for number in listed if number > value]
            return _at(wall, name, later[0]) if later else _at(wall, name, 0) + _CARRY[name]
        return wall


def _at(wall: datetime, name: str, value: int) -> datetime:
    """Return the begin of that hour, minute or second of the wall time's day, hour or minute."""
    below = {"hour": ("minute", "second"), "minute": ("second",), "second": ()}[name]
    return wall.replace(**{name: value}, **dict.fromkeys(below, 0))


def periods_of(rule: Rule, start: datetime) -> Periods:
    """Return the periods of a rule whose DTSTART is `start` (naive)."""
    return (ClockPeriods if rule.frequency in BELOW_A_DAY else Periods)(rule, start)


def _picked(times: Sequence[datetime], positions: Sequence[int]) -> Sequence[datetime]:
    """Return what BYSETPOS picks of a period's times."""
    if not positions:
        return times
    size = len(times)
    indexes = {number - 1 if number > 0 else size + number for number in positions}
    return [times[index] for index in sorted(indexes) if 0 <= index < size]
