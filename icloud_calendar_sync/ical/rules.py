"""RRULE to wall clock times, with work that is bounded whatever the rule says.

dateutil does the calendar arithmetic. What it lacks is an end: it walks from the first occurrence
however old, and a rule that never matches keeps it busy until the year 9999. So old rules are
moved close to the window by whole intervals, and everything is worked out centuries later: the
Gregorian calendar repeats every 400 years, weekdays included, and there 9999 is near.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, time, timedelta, tzinfo

from dateutil.rrule import rrule, rrulestr
from icalendar.prop import vDDDTypes

MAX_STARTS = 10_000
MAX_STEPS = 60_000
MAX_RULE_LENGTH = 3_000
CYCLE = timedelta(days=146_097)
CYCLE_YEARS = 400

_UNITS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}
_FREQUENCIES = {*_UNITS, "MONTHLY", "YEARLY"}
_BELOW_A_DAY = {"SECONDLY", "MINUTELY", "HOURLY"}
# How far each number of a list may go, in both directions where `signed`.
_LIMITS = {
    "BYSECOND": 59,
    "BYMINUTE": 59,
    "BYHOUR": 23,
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYMONTH": 12,
    "BYSETPOS": 366,
}
_SIGNED = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_DAYS = re.compile(r"([+-]?([1-4]?[0-9]|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)")


class BadRule(Exception):
    """A rule that cannot be followed. Its text is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Wall times, ascending, that a rule gives; `more` when it goes on after them."""

    walls: list[datetime]
    more: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """`step` is how far one occurrence is from the next, where that is always the same."""

    frequency: str
    interval: int
    step: timedelta | None
    count: int | None
    until: datetime | None
    by: dict[str, str]


def expand(
    text: str, start: datetime, lower: datetime, upper: datetime, zone: tzinfo | None
) -> Starts:
    """Return the wall times of the RRULE `text` in [lower, upper), `start` being its DTSTART.

    All times are naive, on the event's own wall clock; `zone` is that clock, for an UNTIL in UTC,
    and None for all-day events. Raises `BadRule` when the rule cannot be followed at all; a rule
    that is only too long is cut, and `problem` says so.
    """
    rule = _parse(text, zone)
    if rule.frequency in _BELOW_A_DAY and rule.by:
        raise BadRule("A recurrence rule repeats within the day in a way that is not supported.")
    problem = ""
    if rule.count is not None and rule.step and not rule.by:
        ends = filter(None, (rule.until, _last_counted(rule, start)))
        rule = replace(rule, count=None, until=min(ends, default=None))
    if rule.count is not None and _steps(rule, start, upper) > MAX_STEPS:
        rule = replace(rule, count=None)
        problem = "A recurrence rule counts too far and was taken as one without an end."
    if rule.count is None:
        start = _fast_forward(rule, start, lower)
    return _collect(rule, start, lower, upper, problem)


def _collect(
    rule: _Rule, start: datetime, lower: datetime, upper: datetime, problem: str
) -> Starts:
    walls: list[datetime] = []
    for step, wall in enumerate(_walk(rule, start, upper)):
        if wall >= upper:
            return Starts(walls, True, problem)
        if step == MAX_STEPS or len(walls) == MAX_STARTS:
            return Starts(walls, True, "A recurrence rule repeats too often and was cut.")
        if wall >= lower:
            walls.append(wall)
    return Starts(walls, False, problem)


def _walk(rule: _Rule, start: datetime, upper: datetime) -> Iterator[datetime]:
    later = max(0, (MAXYEAR - 1 - max(start, upper).year) // CYCLE_YEARS) * CYCLE
    try:
        for shifted in _dateutil_rule(rule, start + later):
            wall = shifted - later
            if rule.until and wall > rule.until:
                return
            yield wall
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        # dateutil 2.9 notices some impossible combinations only while it walks.
        raise BadRule("A recurrence rule cannot be understood.") from error


def _dateutil_rule(rule: _Rule, start: datetime) -> rrule:
    parts = {"FREQ": rule.frequency, "INTERVAL": str(rule.interval), **rule.by}
    if rule.count is not None:
        parts["COUNT"] = str(rule.count)
    return rrulestr(";".join(f"{key}={value}" for key, value in parts.items()), dtstart=start)


def _last_counted(rule: _Rule, start: datetime) -> datetime | None:
    """Return the last time of a rule of equal steps, None when it lies after the year 9999."""
    try:
        return start + rule.step * (rule.count - 1)
    except OverflowError:
        return None


def _steps(rule: _Rule, start: datetime, upper: datetime) -> int:
    """Return how many periods lie between both, nearly."""
    days = {"MONTHLY": 28, "YEARLY": 365}.get(rule.frequency, 0)
    return (upper - start) // (rule.step or timedelta(days=days) * min(rule.interval, MAX_STEPS))


def _fast_forward(rule: _Rule, start: datetime, lower: datetime) -> datetime:
    """Return a later start that gives the same times from `lower` on.

    One interval is left before `lower`, because the first week of a rule may be a part of one.
    From a day that not every month has, months and years are walked instead: they are few.
    """
    if start >= lower or (not rule.step and start.day > 28):
        return start
    if rule.step:
        return start + max(0, (lower - start) // rule.step - 1) * rule.step
    interval = rule.interval * (12 if rule.frequency == "YEARLY" else 1)
    first, last = (moment.year * 12 + moment.month - 1 for moment in (start, lower))
    month = first + max(0, (last - first) // interval - 1) * interval
    return start.replace(year=month // 12, month=month % 12 + 1)


def _parse(text: str, zone: tzinfo | None) -> _Rule:
    if len(text) > MAX_RULE_LENGTH:
        raise BadRule("A recurrence rule is too long.")
    pairs = [part.partition("=") for part in text.upper().replace(" ", "").split(";") if part]
    parts = {key: value for key, _equals, value in pairs}
    if parts.get("FREQ") not in _FREQUENCIES:
        raise BadRule("A recurrence rule does not say how often it repeats.")
    by = {key: value for key, value in parts.items() if key in _LIMITS or key in ("BYDAY", "WKST")}
    for key, limit in _LIMITS.items():
        _check_numbers(by.get(key), limit, -limit if key in _SIGNED else 0)
    if not all(_DAYS.fullmatch(day) for key in ("BYDAY", "WKST") for day in _split(by.get(key))):
        raise BadRule("A recurrence rule asks for a day or time that does not exist.")
    if by.keys() == {"WKST"}:
        del by["WKST"]
    interval = _number(parts.get("INTERVAL") or "1")
    return _Rule(
        frequency=parts["FREQ"],
        interval=interval,
        step=_step(parts["FREQ"], interval),
        count=_number(parts["COUNT"]) if parts.get("COUNT") else None,
        until=_until(parts["UNTIL"], zone) if parts.get("UNTIL") else None,
        by=by,
    )


def _step(frequency: str, interval: int) -> timedelta | None:
    unit = _UNITS.get(frequency)
    try:
        return unit and unit * interval
    except OverflowError as error:
        raise BadRule("A recurrence rule has an interval of centuries.") from error


def _check_numbers(values: str | None, highest: int, lowest: int) -> None:
    """Refuse numbers that no day has: dateutil would look for them for ever."""
    try:
        numbers = [int(value) for value in _split(values)]
    except ValueError as error:
        raise BadRule("A recurrence rule cannot be understood.") from error
    if any(not lowest <= number <= highest for number in numbers):
        raise BadRule("A recurrence rule asks for a day or time that does not exist.")


def _split(values: str | None) -> list[str]:
    return [] if values is None else values.split(",")


def _number(value: str) -> int:
    """Return a positive number; dateutil never ends on an interval of zero."""
    try:
        number = int(value)
    except ValueError as error:
        raise BadRule("A recurrence rule cannot be understood.") from error
    if number < 1:
        raise BadRule("A recurrence rule repeats zero times.")
    return number


def _until(value: str, zone: tzinfo | None) -> datetime:
    """Return the last wall time allowed. A date means that whole day, also for timed events."""
    try:
        until = vDDDTypes.from_ical(value)
        if zone is None or not isinstance(until, datetime):
            # The date of the value as written: writers put the end of the last day here.
            last_day = date(until.year, until.month, until.day)
            return datetime.combine(last_day, time(23, 59, 59))
        return until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until
    except (ValueError, AttributeError, OverflowError) as error:
        raise BadRule("A recurrence rule ends at a time that cannot be read.") from error
