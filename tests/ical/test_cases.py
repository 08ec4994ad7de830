"""Files that other readers stumble over, each with what is right. The window: a year and a month.

The host lives in Berlin unless the case says otherwise. What is busy is "day hour..hour" in UTC.
"""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from icloud_calendar_sync.ical.read import Occurrence, Reading, read

CASES = Path(__file__).parent / "cases"
WINDOW = (datetime(2026, 11, 2, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
HOST = frozenset({"mara@icloud.com"})


def reading(name: str, zone: str = "Europe/Berlin", **bounds) -> Reading:
    return read((CASES / f"{name}.ics").read_bytes(), *WINDOW, zone, HOST, **bounds)


def busy(one: Occurrence) -> str:
    return f"{one.start:%y-%m-%d %H:%M}..{one.stop:%H:%M}"


# The case, and all that is busy; nothing else may be, and nothing may be named.
RIGHT = {
    "rdate_is_a_day": ["26-12-03 18:00..19:30", "26-12-17 18:00..19:30"],
    "uid_of_three_thousand_letters": ["26-12-03 12:00..13:00"],
    "monthly_on_the_31st_or_the_day_before": [
        "26-12-31 15:00..17:00",
        "27-01-31 15:00..17:00",
        "27-02-28 15:00..17:00",
        "27-03-31 14:00..16:00",
        "27-04-30 14:00..16:00",
    ],
    "first_monday_and_every_wednesday": [
        "26-12-02 09:00..10:00",
        "26-12-07 09:00..10:00",
        "26-12-09 09:00..10:00",
        "26-12-16 09:00..10:00",
        "26-12-23 09:00..10:00",
        "26-12-30 09:00..10:00",
        "27-01-04 09:00..10:00",
        "27-01-06 09:00..10:00",
    ],
    "week_49_each_year": ["26-12-03 09:00..10:00", "27-12-09 09:00..10:00"],
    "first_and_third_workday_of_the_week": [
        "26-12-02 09:00..10:00",
        "26-12-07 09:00..10:00",
        "26-12-09 09:00..10:00",
        "26-12-14 09:00..10:00",
    ],
    "day_taken_out_in_utc": ["26-12-06 23:00..23:00", "26-12-20 23:00..23:00"],
    "gmt_offset_with_a_colon": ["26-12-02 09:30..10:30"],
    "utc_offset_as_name": ["26-12-02 12:00..13:00"],
    "microsoft_utc": ["26-12-02 15:00..16:00"],
    "escaped_comma_in_the_definition": ["26-12-02 09:30..10:30"],
    "count_of_minus_one": [
        "26-12-02 09:00..10:00",
        "26-12-09 09:00..10:00",
        "26-12-16 09:00..10:00",
        "26-12-23 09:00..10:00",
    ],
    "end_at_24_hours": ["26-12-02 19:00..23:00"],
    "exrule": ["26-12-03 09:00..10:00", "26-12-05 09:00..10:00", "26-12-07 09:00..10:00"],
    "declined_with_percent_at": [],
    "floating_event": ["26-12-02 14:00..15:00"],
}
# The cases that have a test of their own, below.
APART = {"hebrew_anniversary", "eight_times_a_day"}


def test_every_case_has_what_is_right():
    assert {path.stem for path in CASES.glob("*.ics")} == set(RIGHT) | APART


@pytest.mark.parametrize("name", RIGHT)
def test_the_case_is_read_for_what_it_says(name):
    found = reading(name)
    assert [busy(one) for one in found.occurrences if one.busy] == RIGHT[name]
    assert found.problems == ()
    assert found.known_until is None


def test_a_day_taken_out_in_utc_is_taken_out_where_the_host_lives():
    assert [one.first_day.day for one in reading("day_taken_out_in_utc").occurrences] == [7, 21]
    # In London 23:00 UTC lies on the 13th, which is no day of the series.
    in_london = reading("day_taken_out_in_utc", "Europe/London")
    assert [one.first_day.day for one in in_london.occurrences] == [7, 14, 21]


def test_a_calendar_that_is_not_followed_is_named_and_no_wrong_day_is_claimed():
    """25 Kislev 5787 is 5 December 2026; taken for Gregorian it would be the 15th."""
    found = reading("hebrew_anniversary")
    assert found.occurrences == ()
    (problem,) = found.problems
    assert "Hebrew calendar" in problem


def test_a_floating_event_goes_with_the_host():
    here = reading("floating_event", "Europe/Brussels")
    there = reading("floating_event", "America/New_York")
    assert [busy(one) for one in here.occurrences] == ["26-12-02 14:00..15:00"]
    assert [busy(one) for one in there.occurrences] == ["26-12-02 20:00..21:00"]
    assert here.floating
    assert not reading("microsoft_utc").floating


def test_eight_times_a_day_for_more_than_a_year_is_read_or_not_called_known():
    berlin = ZoneInfo("Europe/Berlin")
    for most in (2_000, 10_000):
        found = reading("eight_times_a_day", most=most)
        taken = {one.start for one in found.occurrences}
        day = datetime(2026, 11, 3, tzinfo=berlin)
        for number in range(365):
            for hour in range(9, 17):
                start = datetime.fromordinal(day.toordinal() + number).replace(hour=hour)
                start = start.replace(tzinfo=berlin).astimezone(UTC)
                assert start in taken or (found.known_until and start >= found.known_until)
        assert (found.known_until is None) == (most == 10_000)
