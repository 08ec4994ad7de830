"""Recurrence rules to times: right for every part, in a bounded number of steps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.rules import BadRule, parse_rule
from icloud_calendar_sync.ical.walk import CountsTooFar, OutOfWork, Work, walk

from .any_rules import rules, text
from .bounded import at_most
from .slow_rules import slow_times

LOWER, UPPER = datetime(2026, 1, 1), datetime(2026, 4, 1)


def times(rule: str, start: datetime, lower=LOWER, upper=UPPER, zone=UTC):
    """The times in [lower, upper), and whether there are more."""
    found = []
    try:
        for wall in walk(parse_rule(rule, zone), start, lower, upper, Work(10**6)):
            if wall >= upper:
                return found, True
            found.append(wall)
    except OutOfWork as end:
        if end.wall < upper:
            raise
        return found, True
    return found, False


def walls(rule: str, start: datetime, zone=UTC) -> list[str]:
    return [f"{wall:%m-%d %H:%M}" for wall in times(rule, start, zone=zone)[0]]


@settings(max_examples=250, deadline=None)
@given(rules(), st.floats(0, 1))
def test_the_times_are_those_of_the_table_of_the_rfc(drawn, where):
    rule, start, stop = drawn
    lower = start + timedelta(seconds=int((stop - start).total_seconds() * where))
    expected = [wall for wall in slow_times(rule, start, stop) if wall >= lower]
    assert times(text(rule), start, lower, stop)[0] == expected


@settings(max_examples=60, deadline=None)
@given(rules(), st.integers(1, 60))
def test_a_count_is_counted_from_the_start_wherever_reading_begins(drawn, count):
    rule, start, stop = drawn
    rule = {name: value for name, value in rule.items() if name != "UNTIL"} | {"COUNT": str(count)}
    from_the_start, _more = times(text(rule), start, start, stop)
    for part in (3, 2):
        lower = start + (stop - start) / part
        later, _more = times(text(rule), start, lower.replace(microsecond=0), stop)
        assert later == [wall for wall in from_the_start if wall >= lower.replace(microsecond=0)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        # BYDAY entries are a union (dateutil 2.9 wants both at once).
        (
            "FREQ=MONTHLY;BYDAY=1MO,WE;COUNT=4",
            (2026, 1, 5, 9),
            ["01-05", "01-07", "01-14", "01-21"],
        ),
        ("FREQ=YEARLY;BYDAY=1MO,2TU", (2026, 1, 5, 9), ["01-05", "01-13"]),
        # Not every day of the week (dateutil 2.9), but the weekday of the start.
        ("FREQ=YEARLY;BYWEEKNO=3", (2025, 1, 15, 9), ["01-14"]),
        # The set began on Monday, before the start, where dateutil begins to count.
        (
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=3",
            (2026, 1, 7, 9),
            ["01-07", "01-12", "01-14"],
        ),
        # A number beside a day has no meaning by the week; without it more blocks.
        ("FREQ=WEEKLY;BYDAY=2TU;COUNT=2", (2026, 1, 6, 9), ["01-06", "01-13"]),
        # A part that the table forbids limits, as it plainly says.
        ("FREQ=MONTHLY;BYYEARDAY=10,40", (2026, 1, 10, 9), ["01-10", "02-09"]),
        ("FREQ=WEEKLY;BYMONTHDAY=13", (2026, 1, 13, 9), ["01-13", "02-13", "03-13"]),
        # The leap second is the one before it.
        ("FREQ=DAILY;BYSECOND=60;COUNT=1", (2026, 1, 1, 9), ["01-01"]),
    ],
)
def test_what_other_readers_get_wrong_is_right(rule, start, expected):
    assert [wall[:5] for wall in walls(rule, datetime(*start))] == expected


def test_the_week_that_begins_in_december_belongs_to_the_year_of_its_number():
    """With every second year, dateutil cuts the week at New Year and keeps the wrong half."""
    found, _more = times(
        "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO,FR",
        datetime(2024, 1, 1, 9),
        datetime(2024, 1, 1),
        datetime(2027, 1, 1),
    )
    assert [f"{wall:%Y-%m-%d}" for wall in found] == [
        "2024-01-01",
        "2024-01-05",
        "2025-12-29",
        "2026-01-02",
    ]


@pytest.mark.parametrize(
    ("skip", "start", "more", "expected"),
    [
        # The examples of RFC 7529 section 7, and what follows from them.
        ("OMIT", 31, "", ["01-31", "03-31"]),
        ("BACKWARD", 31, "", ["01-31", "02-28", "03-31"]),
        ("FORWARD", 31, "", ["01-31", "03-01", "03-31"]),
        ("BACKWARD", 29, ";BYMONTHDAY=29,30", ["01-29", "01-30", "02-28", "03-29", "03-30"]),
        # The first of March comes once, though February gives it too.
        ("FORWARD", 30, ";BYMONTHDAY=1,30", ["01-30", "02-01", "03-01", "03-30"]),
        # The 31st day from the end: of February it would be in January, of April in March.
        ("BACKWARD", 1, ";BYMONTHDAY=-31", ["01-01", "01-31", "03-01", "03-31"]),
        ("FORWARD", 1, ";BYMONTHDAY=-31", ["01-01", "02-01", "03-01"]),
        # It is April's, but comes before April and before the end.
        ("BACKWARD", 1, ";BYMONTHDAY=-31;UNTIL=20260331", ["01-01", "01-31", "03-01", "03-31"]),
    ],
)
def test_days_that_a_month_lacks_go_where_skip_says(skip, start, more, expected):
    rule = f"RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP={skip}{more}"
    found, _more = times(rule, datetime(2026, 1, start, 9))
    assert [f"{wall:%m-%d}" for wall in found] == expected


@pytest.mark.parametrize(("skip", "day"), [("BACKWARD", "02-28"), ("FORWARD", "03-01")])
def test_a_leap_day_goes_where_skip_says(skip, day):
    rule = f"RSCALE=GREGORIAN;FREQ=YEARLY;SKIP={skip}"
    assert walls(rule, datetime(2024, 2, 29, 9)) == [f"{day} 09:00"]
    whole = f"RSCALE=GREGORIAN;FREQ=YEARLY;SKIP={skip};BYYEARDAY=366"
    found, _more = times(whole, datetime(2024, 12, 31, 9), LOWER, datetime(2027, 1, 2))
    assert [f"{wall:%Y-%m-%d}" for wall in found] == (
        ["2026-12-31"] if skip == "BACKWARD" else ["2026-01-01", "2027-01-01"]
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 31) | st.integers(-31, -1), min_size=1, max_size=6, unique=True),
    st.sampled_from(["BACKWARD", "FORWARD"]),
    st.dates(datetime(2023, 1, 1).date(), datetime(2026, 1, 1).date()),
)
def test_skip_moves_to_the_nearest_day_there_is_and_changes_nothing_else(month_days, skip, day):
    """The slow way: each date is put together as text, and moved day by day until it is there."""
    start = datetime(day.year, day.month, 1)
    months = [(year, month) for year in range(day.year, day.year + 4) for month in range(1, 13)]
    expected = set()
    for year, month in months[day.month - 1 :]:
        length = (datetime(year + month // 12, month % 12 + 1, 1) - datetime(year, month, 1)).days
        for number in month_days:
            place = number if number > 0 else length + 1 + number
            if not 1 <= place <= length:
                forward = skip == "FORWARD"
                place = (1 if forward else 0) if place < 1 else (length + 1 if forward else length)
            expected.add(datetime(year, month, 1) + timedelta(days=place - 1))
    stop = start + timedelta(days=800)
    rule = f"RSCALE=GREGORIAN;SKIP={skip};FREQ=MONTHLY;BYMONTHDAY={','.join(map(str, month_days))}"
    found, _more = times(rule, start, start, stop)
    assert found == sorted(wall for wall in expected if start <= wall < stop)


def full(**lowest_and_highest: tuple[int, int]) -> str:
    """Lists of all there is."""
    return ";".join(
        f"{name}={','.join(map(str, range(low, high + 1)))}"
        for name, (low, high) in lowest_and_highest.items()
    )


EVERY_SECOND = full(BYHOUR=(0, 23), BYMINUTE=(0, 59), BYSECOND=(0, 59))
EVERY_DAY = full(BYMONTH=(1, 12), BYMONTHDAY=(1, 31), BYYEARDAY=(1, 366))
FULL = f"{EVERY_DAY};BYDAY=MO,TU,WE,TH,FR,SA,SU;{EVERY_SECOND}"
# The rule, and how many times of the first quarter of 2026 it gives; None: too many.
HOSTILE = {
    "daily since the year 1": ("FREQ=DAILY", 90),
    "hourly since the year 1": ("FREQ=HOURLY;INTERVAL=6", 360),
    "monthly since the year 1": ("FREQ=MONTHLY", 3),
    "a day that never comes, by the second": ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, hourly": ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, daily": ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, weekly": ("FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, monthly": ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a day that never comes, yearly": ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 0),
    "a leap day in common years": ("FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366", 0),
    "the second time of a day with one": ("FREQ=DAILY;BYSETPOS=2", 0),
    "the 366th Monday of a year": ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=366", 0),
    "a second that the steps never meet": ("FREQ=SECONDLY;INTERVAL=3600;BYSECOND=30", 0),
    "counted in billions": ("FREQ=DAILY;COUNT=4000000000", 90),
    "counted beyond the year 9999": (f"FREQ=DAILY;COUNT={10**12}", 90),
    "counted in billions on some days": ("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4000000000", 26),
    "every second": ("FREQ=SECONDLY", None),
    "every minute": ("FREQ=MINUTELY", None),
    "every second of each day": (f"FREQ=DAILY;{EVERY_SECOND}", None),
    "every second of each year": (f"FREQ=YEARLY;{FULL}", None),
    "every second, by the second": (f"FREQ=SECONDLY;{FULL}", None),
    "once in thousands of years": ("FREQ=DAILY;INTERVAL=3000000", 0),
    "once in a very long time": (f"FREQ=MONTHLY;INTERVAL={10**40}", 0),
    "once in a very long time, by the second": (f"FREQ=SECONDLY;INTERVAL={10**40}", 0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_rule_takes_more_than_a_bounded_number_of_steps(name):
    rule, expected = HOSTILE[name]
    found, ended, start = [], None, datetime(1, 1, 1, 9)
    with at_most(1_500_000):
        try:
            for wall in walk(parse_rule(rule, UTC), start, LOWER, UPPER, Work(20_000)):
                found.append(wall)  # noqa: PERF402 what came before the end counts too
        except OutOfWork as end:
            ended = end.wall
    if expected is not None:
        assert len([wall for wall in found if wall < UPPER]) == expected
    else:
        # What was found begins where the window does, and is complete until the cut.
        assert found[:2] == [LOWER, LOWER + (found[1] - found[0])]
        assert found[-1] < ended < UPPER


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;BYDAY=MO,TU", f"FREQ=YEARLY;{EVERY_DAY};BYWEEKNO=1,2,3,4,5,6,7,8,9"]
)
def test_a_count_that_is_not_worth_counting_says_so(rule):
    rule = parse_rule(f"{rule};COUNT=4000000000", UTC)
    with at_most(1_500_000), pytest.raises(CountsTooFar):
        list(walk(rule, datetime(1, 1, 1), LOWER, UPPER, Work()))


def test_a_deadline_ends_the_work_and_says_where():
    with pytest.raises(OutOfWork) as end:
        list(walk(parse_rule("FREQ=DAILY", UTC), LOWER, LOWER, UPPER, Work(deadline=0)))
    assert end.value.wall == LOWER


def test_the_very_begin_of_the_calendar_is_no_place_to_start():
    rule = parse_rule("FREQ=WEEKLY;WKST=SU;BYDAY=MO", UTC)
    with pytest.raises(BadRule, match="too far from today"):
        list(walk(rule, datetime(1, 1, 1, 9), LOWER, UPPER, Work()))


def test_a_month_or_year_is_joined_before_the_window_not_in_it():
    assert walls("FREQ=MONTHLY;BYMONTHDAY=5", datetime(2019, 1, 20, 9))[0] == "01-05 09:00"
    assert walls("FREQ=YEARLY;BYMONTH=1;BYDAY=1MO", datetime(2019, 6, 20, 9)) == ["01-05 09:00"]


def test_days_that_not_every_month_has_are_left_out_where_they_lack():
    assert walls("FREQ=MONTHLY", datetime(2019, 1, 31, 9)) == ["01-31 09:00", "03-31 09:00"]
    assert walls("FREQ=YEARLY", datetime(2016, 2, 29, 9)) == []


def test_an_interval_is_counted_from_the_first_time_however_old():
    start = datetime(1994, 2, 3, 9)
    found, _more = times("FREQ=DAILY;INTERVAL=11", start)
    assert all((wall - start) % timedelta(days=11) == timedelta(0) for wall in found)
    assert len(found) == 8


def test_a_rule_that_goes_on_after_the_window_says_so_however_late():
    start = datetime(2096, 2, 29, 9)
    day = datetime(2096, 3, 1)
    # The next leap day is in 2104.
    assert times("FREQ=YEARLY", start, day, day + timedelta(days=30)) == ([], True)
    assert times("FREQ=YEARLY;COUNT=1", start, day, day + timedelta(days=30)) == ([], False)
    assert times("FREQ=YEARLY;UNTIL=21030101", start, day, day + timedelta(days=30)) == ([], False)
