"""The days that the date parts of a rule pick: the table of RFC 5545 section 3.3.10, row by row.

Where a part that the table forbids is there all the same (BYYEARDAY by the month, say) it limits,
as it plainly says. A number beside a weekday counts by the month or the year; where the RFC wants
none (by the week and below, or with BYWEEKNO) it is left out of account, which blocks more.

dateutil is not used: it joins numbered and plain weekdays by "and" instead of "or" (2.9), takes
every day of a BYWEEKNO instead of the weekday of the start, begins the set for BYSETPOS with the
start instead of with its week or month, knows neither SKIP nor where to stop.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from .rules import Rule

DAY = timedelta(days=1)


class Days:
    """What `rule` picks from a year, month, week or day, its DTSTART being on the day `start`."""

    def __init__(self, rule: Rule, start: date) -> None:
        self.rule = rule
        self.start = start
        self._plain = {weekday for _number, weekday in rule.week_days}
        self._numbered = any(number for number, _weekday in rule.week_days)
        names_days = rule.week_days or rule.month_days or rule.year_days
        # What the rule does not say comes from the start, as section 3.3.10 has it.
        self._same_weekday = not names_days and rule.frequency in ("WEEKLY", "YEARLY")
        self._limited = bool(rule.months or rule.month_days or rule.year_days)
        week_days = self._plain or {start.weekday()}
        self._in_week = sorted((day - rule.week_start) % 7 for day in week_days)

    def in_year(self, year: int) -> list[date]:
        """Return the days of a year, sorted; with BYWEEKNO, of the year that has those weeks."""
        rule = self.rule
        if rule.weeks:
            return [day for day in self._days_of_weeks(year) if self._fits_in_week(day)]
        if rule.months or rule.month_days:
            months = rule.months or range(1, 13)
            return sorted({day for month in months for day in self.in_month(year, month)})
        if rule.year_days:
            return self._on_week_days(self._year_days(year))
        if rule.week_days:
            return _weekdays_between(rule.week_days, date(year, 1, 1), date(year, 12, 31))
        return self._month_days(year, self.start.month, (self.start.day,))

    def in_month(self, year: int, month: int) -> list[date]:
        """Return the days of a month, sorted."""
        rule = self.rule
        if rule.months and month not in rule.months:
            return []
        if rule.year_days:
            found = [day for day in self._year_days(year) if day.month == month]
            found = [day for day in found if self._is_month_day(day)]
        elif rule.month_days:
            found = self._month_days(year, month, rule.month_days)
        elif rule.week_days or rule.weeks:
            first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
            week_days = rule.week_days or ((0, self.start.weekday()),)
            found = _weekdays_between(week_days, first, last)
            return [day for day in found if self._is_in_week(day)] if rule.weeks else found
        else:
            return self._month_days(year, month, (self.start.day,))
        return [day for day in self._on_week_days(found) if self._is_in_week(day)]

    def in_week(self, first: date) -> list[date]:
        """Return the days of the week that begins on `first`."""
        if self._limited or self.rule.weeks:
            return [day for day in _days(first, 7) if self.fits(day)]
        ordinal = first.toordinal()
        return [date.fromordinal(ordinal + offset) for offset in self._in_week]

    def week_of(self, day: date) -> date:
        """Return the first day of the week of `day`."""
        return day - timedelta(days=(day.weekday() - self.rule.week_start) % 7)

    def year_of_week(self, day: date) -> int:
        """Return the year that the week of `day` counts in: the one with four days of it."""
        return (self.week_of(day) + 3 * DAY).year

    def fits(self, day: date) -> bool:
        """Return whether `day` is in all lists, where all of them limit.

        By the week, and by the weeks of a year, a rule that names no days means the weekday of
        its start.
        """
        return self._fits_in_week(day) and (not self.rule.weeks or self._is_in_week(day))

    def _fits_in_week(self, day: date) -> bool:
        """Return the same for a day whose week is known to be in the list."""
        if self._plain and day.weekday() not in self._plain:
            return False
        if self._same_weekday and day.weekday() != self.start.weekday():
            return False
        return not self._limited or self._is_listed(day)

    def _is_listed(self, day: date) -> bool:
        if self.rule.months and day.month not in self.rule.months:
            return False
        return self._is_month_day(day) and self._is_year_day(day)

    def _is_month_day(self, day: date) -> bool:
        listed = self.rule.month_days
        if not listed or day.day in listed:
            return True
        return day.day - monthrange(day.year, day.month)[1] - 1 in listed

    def _is_year_day(self, day: date) -> bool:
        listed = self.rule.year_days
        number = day.toordinal() - date(day.year, 1, 1).toordinal() + 1
        return not listed or number in listed or number - _length(day.year) - 1 in listed

    def _is_in_week(self, day: date) -> bool:
        listed = self.rule.weeks
        if not listed:
            return True
        year = self.year_of_week(day)
        number = (self.week_of(day) - self._first_week(year)).days // 7 + 1
        return number in listed or number - self._count_weeks(year) - 1 in listed

    def _on_week_days(self, found: Iterable[date]) -> list[date]:
        """Return those of the found days that BYDAY allows, where it limits (notes 1 and 2)."""
        found = sorted(set(found))
        if not self._numbered:
            return [day for day in found if not self._plain or day.weekday() in self._plain]
        return [day for day in found if day in self._counted_with(day)]

    def _counted_with(self, day: date) -> list[date]:
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        if self.rule.frequency == "MONTHLY" or self.rule.months:
            length = monthrange(day.year, day.month)[1]
            first, last = day.replace(day=1), day.replace(day=length)
        return _weekdays_between(self.rule.week_days, first, last)

    def _month_days(self, year: int, month: int, listed: Iterable[int]) -> list[date]:
        return self._within(date(year, month, 1), monthrange(year, month)[1], listed)

    def _year_days(self, year: int) -> list[date]:
        return self._within(date(year, 1, 1), _length(year), self.rule.year_days)

    def _within(self, first: date, length: int, listed: Iterable[int]) -> list[date]:
        """Return the days of those numbers; those that are not there go as SKIP says (RFC 7529)."""
        found = set()
        for number in listed:
            offset = number - 1 if number > 0 else length + number
            if self.rule.skip == "OMIT" and not 0 <= offset < length:
                continue
            if self.rule.skip == "BACKWARD":
                offset = -1 if offset < 0 else min(offset, length - 1)
            if self.rule.skip == "FORWARD":
                offset = 0 if offset < 0 else min(offset, length)
            found.add(first + offset * DAY)
        return sorted(found)

    def _days_of_weeks(self, year: int) -> Iterable[date]:
        first, count = self._first_week(year), self._count_weeks(year)
        numbers = {number if number > 0 else count + 1 + number for number in self.rule.weeks}
        for number in sorted(numbers):
            if 1 <= number <= count:
                yield from _days(first + (number - 1) * 7 * DAY, 7)

    def _first_week(self, year: int) -> date:
        return self.week_of(date(year, 1, 4))

    def _count_weeks(self, year: int) -> int:
        return (self.week_of(date(year, 12, 28)) - self._first_week(year)).days // 7 + 1


def _days(first: date, count: int) -> Iterable[date]:
    ordinal = first.toordinal()
    return map(date.fromordinal, range(ordinal, ordinal + count))


def _length(year: int) -> int:
    return 366 if isleap(year) else 365


def _weekdays_between(week_days: Iterable[tuple[int, int]], first: date, last: date) -> list[date]:
    """Return the weekdays of both days and between, each one, or those of a number in it."""
    found = set()
    begin, end = first.toordinal(), last.toordinal()
    for number, weekday in week_days:
        every = range(begin + (weekday - first.weekday()) % 7, end + 1, 7)
        if number == 0:
            found.update(every)
        elif abs(number) <= len(every):
            found.add(every[number - 1 if number > 0 else number])
    return [date.fromordinal(ordinal) for ordinal in sorted(found)]
