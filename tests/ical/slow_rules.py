"""Recurrence rules the slow and obvious way, straight from the table of RFC 5545 section 3.3.10.

Every day (hour, minute, second) of every period is looked at, and stays when all parts of the rule
allow it. A part that is not there allows what DTSTART says, unless another part or the period
itself names the same thing. Nothing is shared with the code that is judged by this.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAY = timedelta(days=1)


def slow_times(parts: dict[str, str], start: datetime, stop: datetime) -> list[datetime]:
    """Return all times of a rule before `stop`; `parts` as written, `UNTIL` a local time."""
    count = int(parts.get("COUNT", 10**9))
    until = datetime.strptime(parts.get("UNTIL", "99991231T000000"), "%Y%m%dT%H%M%S")
    found = []
    for period in _periods(parts, start, stop):
        chosen = period
        if "BYSETPOS" in parts:
            positions = [int(number) for number in parts["BYSETPOS"].split(",")]
            chosen = [
                moment
                for index, moment in enumerate(chosen)
                if index + 1 in positions or index - len(chosen) in positions
            ]
        found += [moment for moment in chosen if start <= moment <= until]
        if len(found) >= count:
            break
    return [moment for moment in found[:count] if moment < stop]


def _periods(parts: dict[str, str], start: datetime, stop: datetime) -> Iterator[list[datetime]]:
    """Yield the moments of each period that all parts but BYSETPOS allow."""
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", 1))
    if frequency in ("HOURLY", "MINUTELY", "SECONDLY"):
        yield from _periods_of_the_clock(frequency, interval, parts, start, stop)
        return
    periods: dict[object, list[date]] = {}
    margin = {"YEARLY": 375, "MONTHLY": 31, "WEEKLY": 7, "DAILY": 0}[frequency] * DAY
    day = start.date() - margin
    while day <= stop.date() + margin:
        periods.setdefault(_period_of(day, parts), []).append(day)
        day += DAY
    names = list(periods)
    for name in names[names.index(_period_of(start.date(), parts)) :: interval]:
        days = [day for day in periods[name] if _allowed(day, parts, start)]
        yield [moment for day in days for moment in _moments(day, parts, start)]


def _period_of(day: date, parts: dict[str, str]) -> object:
    if parts["FREQ"] == "DAILY":
        return day
    if parts["FREQ"] == "WEEKLY":
        return _first_of_week(day, parts)
    if parts["FREQ"] == "MONTHLY":
        return day.year, day.month
    return _week(day, parts)[0] if "BYWEEKNO" in parts else day.year


def _moments(day: date, parts: dict[str, str], start: datetime) -> list[datetime]:
    def listed(name: str, implied: int) -> list[int]:
        return sorted(_numbers(parts, name)) or [implied]

    return [
        datetime(day.year, day.month, day.day, hour, minute, second)
        for hour in listed("BYHOUR", start.hour)
        for minute in listed("BYMINUTE", start.minute)
        for second in listed("BYSECOND", start.second)
    ]


def _periods_of_the_clock(
    frequency: str, interval: int, parts: dict[str, str], start: datetime, stop: datetime
) -> Iterator[list[datetime]]:
    unit = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}[frequency]
    begin = start.replace(second=0) if unit > 1 else start
    begin = begin.replace(minute=0) if unit > 60 else begin
    days: dict[date, bool] = {}
    while begin < stop:
        day = begin.date()
        days[day] = days[day] if day in days else _allowed(day, parts, start)
        minutes = sorted(_numbers(parts, "BYMINUTE")) or [start.minute]
        seconds = sorted(_numbers(parts, "BYSECOND")) or [start.second]
        minutes = minutes if unit > 60 else [begin.minute]
        seconds = seconds if unit > 1 else [begin.second]
        moments = [begin.replace(minute=m, second=s) for m in minutes for s in seconds]
        for name, field in (("BYHOUR", "hour"), ("BYMINUTE", "minute"), ("BYSECOND", "second")):
            if name in parts:
                moments = [m for m in moments if getattr(m, field) in _numbers(parts, name)]
        yield moments if days[day] else []
        begin += timedelta(seconds=unit * interval)


def _allowed(day: date, parts: dict[str, str], start: datetime) -> bool:
    frequency = parts["FREQ"]
    checks = [
        "BYMONTH" not in parts or day.month in _numbers(parts, "BYMONTH"),
        "BYWEEKNO" not in parts or bool({*_week(day, parts)[1:]} & _numbers(parts, "BYWEEKNO")),
        "BYDAY" not in parts or _is_weekday(day, parts),
    ]
    for name, days in (("BYYEARDAY", _year_of(day)), ("BYMONTHDAY", _month_of(day))):
        checks.append(name not in parts or bool(_from_both_ends(days, day) & _numbers(parts, name)))
    if not any(name in parts for name in ("BYYEARDAY", "BYMONTHDAY", "BYDAY")):
        # Nothing names a day: it is that of the start, within the smallest period that is named.
        if frequency == "WEEKLY" or ("BYWEEKNO" in parts and frequency in ("YEARLY", "MONTHLY")):
            checks.append(day.weekday() == start.weekday())
        elif frequency in ("YEARLY", "MONTHLY"):
            checks.append(day.day == start.day)
            if frequency == "YEARLY" and "BYMONTH" not in parts:
                checks.append(day.month == start.month)
    return all(checks)


def _is_weekday(day: date, parts: dict[str, str]) -> bool:
    """Notes 1 and 2: a number counts in the month or the year, and nowhere else."""
    span = [day]
    if parts["FREQ"] == "MONTHLY" or (parts["FREQ"] == "YEARLY" and "BYMONTH" in parts):
        span = _month_of(day)
    elif parts["FREQ"] == "YEARLY":
        span = _year_of(day)
    by_number = parts["FREQ"] in ("MONTHLY", "YEARLY") and not (
        parts["FREQ"] == "YEARLY" and "BYWEEKNO" in parts
    )
    same = [other for other in span if other.weekday() == day.weekday()]
    for entry in parts["BYDAY"].split(","):
        if WEEKDAYS.index(entry[-2:]) != day.weekday():
            continue
        if not entry[:-2] or not by_number or int(entry[:-2]) in _from_both_ends(same, day):
            return True
    return False


def _week(day: date, parts: dict[str, str]) -> tuple[int, int, int]:
    """Return the year that the week of `day` counts in, its number, and that from the end."""
    weeks_year = (_first_of_week(day, parts) + 3 * DAY).year
    firsts = _weeks_of(_first_of_week(date(weeks_year, 1, 4), parts), weeks_year)
    number = firsts.index(_first_of_week(day, parts))
    return weeks_year, number + 1, number - len(firsts)


@cache
def _weeks_of(first: date, year: int) -> list[date]:
    """Return the first days of the weeks that have four days, or more, of that year."""
    firsts = [first + n * 7 * DAY for n in range(54)]
    return [first for first in firsts if (first + 3 * DAY).year == year]


def _first_of_week(day: date, parts: dict[str, str]) -> date:
    while WEEKDAYS[day.weekday()] != parts.get("WKST", "MO"):
        day -= DAY
    return day


def _from_both_ends(days: list[date], day: date) -> set[int]:
    index = days.index(day)
    return {index + 1, index - len(days)}


def _month_of(day: date) -> list[date]:
    return [other for other in _year_of(day) if other.month == day.month]


def _year_of(day: date) -> list[date]:
    return _days_of_year(day.year)


@cache
def _days_of_year(year: int) -> list[date]:
    days = [date(year, 1, 1) + n * DAY for n in range(366)]
    return [day for day in days if day.year == year]


def _numbers(parts: dict[str, str], name: str) -> set[int]:
    return {int(number) for number in parts[name].split(",")} if name in parts else set()
