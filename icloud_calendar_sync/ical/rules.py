"""The text of an RRULE or EXRULE (RFC 5545 section 3.3.10, RFC 7529) to its parts, checked."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from ..sentence import Sentence, _
from .moments import parse_time
from .text import clean_line

MAX_RULE_LENGTH = 10_000
BELOW_A_DAY = ("HOURLY", "MINUTELY", "SECONDLY")
_FREQUENCIES = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", *BELOW_A_DAY}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,50}")
# The lowest and the highest number of each list; signed ones may count from the end as well.
_LIMITS = {
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (1, 31),
    "BYYEARDAY": (1, 366),
    "BYWEEKNO": (1, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (1, 366),
}
_SIGNED = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_GREGORIAN = {"GREGORIAN", "GREGORY", "ISO8601"}
_SKIPS = {"OMIT", "BACKWARD", "FORWARD"}


class BadRule(Exception):
    """A rule that cannot be followed. `sentence` says why, in one plain Sentence."""

    @property
    def sentence(self) -> Sentence:
        return self.args[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """The parts of a rule; lists are sorted, empty where the rule has no such part.

    `until` is the last wall time allowed. `week_days` are (number, weekday), Monday 0; the number
    is 0 for each such day, and negative from the end.
    """

    frequency: str
    interval: int
    count: int | None
    until: datetime | None
    week_start: int
    skip: str
    months: tuple[int, ...]
    weeks: tuple[int, ...]
    year_days: tuple[int, ...]
    month_days: tuple[int, ...]
    week_days: tuple[tuple[int, int], ...]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]
    positions: tuple[int, ...]
    problem: Sentence | None = None


def parse_rule(text: str, zone: tzinfo | None) -> Rule:
    """Return the parts. `zone` is the event's clock, for an UNTIL in UTC, None for all-day events.

    Raises `BadRule` when the rule cannot be followed at all; what was bent is in `problem`.
    """
    if len(text) > MAX_RULE_LENGTH:
        raise BadRule(_("A recurrence rule is too long."))
    pairs = [part.partition("=") for part in "".join(text.upper().split()).split(";") if part]
    parts = {key: value for key, _equals, value in pairs}
    if parts.get("FREQ") not in _FREQUENCIES:
        raise BadRule(_("A recurrence rule does not say how often it repeats."))
    # First, because other calendars have other numbers: 5L is a leap month.
    skip = _skip(parts)
    lists = {key: _numbers(key, parts[key]) for key in _LIMITS if key in parts}
    if zone is None:
        # RFC 5545: MUST be ignored beside a DTSTART that is a day.
        lists |= dict.fromkeys(("BYHOUR", "BYMINUTE", "BYSECOND"), ())
    count, count_problem = _count(parts.get("COUNT"))
    until, until_problem = _until(parts.get("UNTIL"), zone)
    return Rule(
        frequency=parts["FREQ"],
        interval=_interval(parts.get("INTERVAL") or "1"),
        count=count,
        until=until,
        week_start=_week_days(parts.get("WKST") or "MO")[0][1],
        skip=skip,
        months=lists.get("BYMONTH", ()),
        weeks=lists.get("BYWEEKNO", ()),
        year_days=lists.get("BYYEARDAY", ()),
        month_days=lists.get("BYMONTHDAY", ()),
        week_days=_week_days(parts["BYDAY"]) if "BYDAY" in parts else (),
        hours=lists.get("BYHOUR", ()),
        minutes=lists.get("BYMINUTE", ()),
        # No clock here has a leap second.
        seconds=tuple(sorted({min(second, 59) for second in lists.get("BYSECOND", ())})),
        positions=lists.get("BYSETPOS", ()),
        problem=count_problem or until_problem,
    )


def _skip(parts: dict[str, str]) -> str:
    scale = parts.get("RSCALE", "GREGORIAN")
    if scale not in _GREGORIAN:
        raise BadRule(
            _(
                "A recurrence rule counts in the %(scale)s calendar and is not followed: only its "
                "first date blocks.",
                scale=clean_line(scale, 30).capitalize(),
            )
        )
    skip = parts.get("SKIP", "OMIT")
    if skip not in _SKIPS:
        raise BadRule(_("A recurrence rule cannot be understood."))
    return skip


def _numbers(name: str, values: str) -> tuple[int, ...]:
    lowest, highest = _LIMITS[name]
    numbers = {_integer(value) for value in values.split(",")}
    for number in numbers:
        size = abs(number) if name in _SIGNED else number
        if not lowest <= size <= highest:
            raise BadRule(_("A recurrence rule asks for a day or time that does not exist."))
    return tuple(sorted(numbers))


def _week_days(values: str) -> tuple[tuple[int, int], ...]:
    found = {_DAY.fullmatch(value) for value in values.split(",")}
    if None in found or any(match[1] and not 1 <= abs(int(match[1])) <= 53 for match in found):
        raise BadRule(_("A recurrence rule asks for a day or time that does not exist."))
    return tuple(sorted({(int(match[1] or 0), WEEKDAYS.index(match[2])) for match in found}))


def _integer(value: str) -> int:
    if not _NUMBER.fullmatch(value):
        raise BadRule(_("A recurrence rule cannot be understood."))
    return int(value)


def _interval(value: str) -> int:
    number = _integer(value)
    if number < 1:
        raise BadRule(_("A recurrence rule repeats zero times."))
    return number


def _count(value: str | None) -> tuple[int | None, Sentence | None]:
    """A count of -1 is how some writers say that there is none."""
    number = _integer(value) if value else -1
    if number == 0:
        raise BadRule(_("A recurrence rule repeats zero times."))
    if number > 0:
        return number, None
    if number == -1:
        return None, None
    return None, _("A recurrence rule counts below zero and was taken as one without an end.")


def _until(value: str | None, zone: tzinfo | None) -> tuple[datetime | None, Sentence | None]:
    """Return the last wall time allowed. A date means that whole day, also for timed events.

    An end that cannot be read frees nothing: the series goes on.
    """
    if not value:
        return None, None
    try:
        until = parse_time(value)
        if zone is None or not isinstance(until, datetime):
            # The date of the value as written: writers put the end of the last day here.
            last_day = date(until.year, until.month, until.day)
            return datetime.combine(last_day, time(23, 59, 59)), None
        return (until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until), None
    except (ValueError, OverflowError):
        return None, _(
            "A recurrence rule ends at a time that cannot be read and was taken as one without "
            "an end."
        )
