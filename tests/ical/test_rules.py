"""Recurrence rules: the same times as dateutil finds, in a bounded number of steps."""

import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.rules import MAX_STARTS, BadRule, Starts, expand

LOWER, UPPER = datetime(2026, 1, 1), datetime(2026, 4, 1)
EVERY_SECOND = ";".join(
    f"{name}={','.join(map(str, range(limit)))}"
    for name, limit in (("BYHOUR", 24), ("BYMINUTE", 60), ("BYSECOND", 60))
)


class TooMuchWork(BaseException):
    """Not an Exception, so that nothing on the way can hide it."""


@contextmanager
def at_most(calls: int):
    """Stop what needs more function calls than that, instead of hanging."""
    left = calls

    def count(_frame, _event, _argument):
        nonlocal left
        left -= 1
        if left < 0:
            raise TooMuchWork(f"more than {calls} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


def walls(text: str, start: datetime, zone=UTC) -> list[str]:
    return [f"{wall:%m-%d %H:%M}" for wall in expand(text, start, LOWER, UPPER, zone).walls]


def numbers(low: int, high: int):
    return st.lists(st.integers(low, high), min_size=1, max_size=3, unique=True).map(
        lambda values: ",".join(map(str, values))
    )


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
days = st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(",".join)
ordinal_days = st.sampled_from(["1MO", "2TU", "-1FR", "3SU,-2WE", "1MO,SA"])
# Parts that match sooner or later: dateutil, which judges here, would search until the year 9999.
BY_PARTS = {
    "DAILY": [{}, {"BYMONTH": numbers(1, 12)}, {"BYDAY": days}, {"BYHOUR": numbers(0, 23)}],
    "WEEKLY": [{}, {"BYDAY": days}, {"BYDAY": days, "WKST": st.sampled_from(["MO", "SU"])}],
    "MONTHLY": [
        {},
        {"BYMONTHDAY": numbers(1, 28)},
        {"BYMONTHDAY": numbers(-28, -1)},
        {"BYDAY": ordinal_days},
        {"BYDAY": days, "BYSETPOS": st.sampled_from(["1", "-1", "1,3"])},
    ],
    "YEARLY": [
        {},
        {"BYMONTH": numbers(1, 12), "BYDAY": ordinal_days},
        {"BYYEARDAY": numbers(1, 365)},
        {"BYWEEKNO": numbers(1, 52), "BYDAY": days},
    ],
    "HOURLY": [{}],
    "MINUTELY": [{}],
}


@st.composite
def rules(draw) -> str:
    frequency = draw(st.sampled_from(sorted(BY_PARTS)))
    slow = frequency in ("HOURLY", "MINUTELY")
    parts = {
        "FREQ": frequency,
        "INTERVAL": str(draw(st.integers(90 if slow else 1, 400 if slow else 5))),
    }
    chosen = draw(st.sampled_from(BY_PARTS[frequency]))
    parts |= {key: draw(values) for key, values in chosen.items()}
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        parts["COUNT"] = str(draw(st.integers(1, 400)))
    if end == "UNTIL":
        until = draw(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)))
        parts["UNTIL"] = f"{until:%Y%m%dT%H%M%S}"
    return ";".join(f"{key}={value}" for key, value in parts.items())


@settings(max_examples=300, deadline=None)
@given(rules(), st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1)))
def test_the_times_are_those_of_the_rule_walked_from_its_first(text, start):
    start = start.replace(microsecond=0)
    expected, more = [], False
    for wall in rrulestr(text, dtstart=start):
        if wall >= UPPER:
            more = True
            break
        if wall >= LOWER:
            expected.append(wall)
    assert expand(text, start, LOWER, UPPER, UTC) == Starts(expected, more)


HOSTILE = {
    "daily since the year 1": ("FREQ=DAILY", 90),
    "hourly since the year 1": ("FREQ=HOURLY;INTERVAL=6", 360),
    "monthly since the year 1": ("FREQ=MONTHLY", 3),
    "a day that never comes, daily": ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, weekly": ("FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, monthly": ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, yearly": ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, counted": ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5", 0),
    "a leap day in common years": ("FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366", 0),
    "the second time of a day with one": ("FREQ=DAILY;BYSETPOS=2", 0),
    "the 366th Monday of a year": ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=366", 0),
    "counted in billions": ("FREQ=DAILY;COUNT=4000000000", 90),
    "counted in billions on some days": ("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4000000000", 26),
    "counted beyond the year 9999": (f"FREQ=DAILY;COUNT={10**12}", 90),
    "every second": ("FREQ=SECONDLY", MAX_STARTS),
    "every minute": ("FREQ=MINUTELY", MAX_STARTS),
    "every second of each day": (f"FREQ=DAILY;{EVERY_SECOND}", 0),
    "once in thousands of years": ("FREQ=DAILY;INTERVAL=3000000", 0),
    "once in a very long time": (f"FREQ=MONTHLY;INTERVAL={10**40}", 0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_rule_takes_more_than_a_bounded_number_of_steps(name):
    text, expected = HOSTILE[name]
    with at_most(3_000_000):
        found = expand(text, datetime(1, 1, 1, 9), LOWER, UPPER, UTC)
    assert len(found.walls) == expected


@pytest.mark.parametrize("name", ["every second", "every minute", "every second of each day"])
def test_a_rule_that_explodes_is_cut_and_says_so(name):
    found = expand(HOSTILE[name][0], datetime(2020, 1, 1), LOWER, UPPER, UTC)
    assert found.problem == "A recurrence rule repeats too often and was cut."
    assert found.more


def test_a_count_that_cannot_be_counted_is_taken_as_endless_and_named():
    found = expand(
        HOSTILE["counted in billions on some days"][0], datetime(1, 1, 1), LOWER, UPPER, UTC
    )
    assert "without an end" in found.problem


REFUSED = [
    "",
    "FREQ=",
    "FREQ=FORTNIGHTLY",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;INTERVAL=often",
    f"FREQ=DAILY;INTERVAL={'9' * 2500}",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;COUNT=-3",
    "FREQ=DAILY;UNTIL=tomorrow",
    "FREQ=DAILY;UNTIL=PT1H",
    "FREQ=DAILY;UNTIL=20260231T000000",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=MONTHLY;BYDAY=XX",
    "FREQ=YEARLY;BYDAY=99MO",
    "FREQ=YEARLY;BYMONTH=13",
    "FREQ=YEARLY;BYMONTH=",
    "FREQ=DAILY;BYHOUR=24",
    "FREQ=DAILY;WKST=XX",
    "FREQ=HOURLY;BYDAY=MO",
    f"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;{EVERY_SECOND}",
    "FREQ=YEARLY;BYYEARDAY=" + ",".join(["1"] * 5000),
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_rule_that_makes_no_sense_is_refused_with_a_sentence(text):
    with at_most(100_000), pytest.raises(BadRule, match=r"^A recurrence rule .*\.$"):
        expand(text, datetime(2026, 1, 5, 9), LOWER, UPPER, UTC)


def test_an_end_in_utc_is_compared_on_the_clock_of_the_event():
    text = "FREQ=DAILY;UNTIL=20260107T080000Z"
    assert walls(text, datetime(2026, 1, 5, 9), ZoneInfo("Europe/Brussels"))[-1] == "01-07 09:00"
    assert walls(text, datetime(2026, 1, 5, 9), ZoneInfo("Europe/Helsinki"))[-1] == "01-07 09:00"
    assert walls(text, datetime(2026, 1, 5, 9), ZoneInfo("Europe/London"))[-1] == "01-06 09:00"


def test_an_end_that_is_a_day_allows_that_whole_day():
    assert walls("FREQ=DAILY;UNTIL=20260107", datetime(2026, 1, 5, 9))[-1] == "01-07 09:00"


def test_all_day_events_end_on_the_day_that_is_written():
    text = "FREQ=DAILY;UNTIL=20260107T225959Z"
    assert walls(text, datetime(2026, 1, 5), None)[-1] == "01-07 00:00"


def test_small_letters_blanks_and_unknown_parts_do_no_harm():
    text = "freq=weekly; byday=mo ;X-WHY=BECAUSE;RSCALE=GREGORIAN"
    assert walls(text, datetime(2026, 1, 5, 9))[:2] == ["01-05 09:00", "01-12 09:00"]


def test_a_month_or_year_is_joined_before_the_window_not_in_it():
    assert walls("FREQ=MONTHLY;BYMONTHDAY=5", datetime(2019, 1, 20, 9))[0] == "01-05 09:00"
    assert walls("FREQ=YEARLY;BYMONTH=1;BYDAY=1MO", datetime(2019, 6, 20, 9)) == ["01-05 09:00"]


def test_days_that_not_every_month_has_are_left_out_where_they_lack():
    assert walls("FREQ=MONTHLY", datetime(2019, 1, 31, 9)) == ["01-31 09:00", "03-31 09:00"]
    assert walls("FREQ=YEARLY", datetime(2016, 2, 29, 9)) == []


def test_an_interval_is_counted_from_the_first_time_however_old():
    start = datetime(1994, 2, 3, 9)
    found = expand("FREQ=DAILY;INTERVAL=11", start, LOWER, UPPER, UTC).walls
    assert all((wall - start) % timedelta(days=11) == timedelta(0) for wall in found)
    assert len(found) == 8
