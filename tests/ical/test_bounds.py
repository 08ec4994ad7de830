"""How far reading goes, what it says about where it ended, and that it costs little."""

from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.lines import MAX_LINES, Malformed
from icloud_calendar_sync.ical.read import Reading, read
from icloud_calendar_sync.ical.series import MAX_RULES
from icloud_calendar_sync.ical.vevent import MAX_DATES

from .any_rules import rules, text
from .bounded import at_most
from .slow_rules import slow_times
from .test_read import event
from .test_walk import EVERY_SECOND, FULL

WINDOW = (datetime(2026, 10, 19, tzinfo=UTC), datetime(2027, 11, 23, tzinfo=UTC))
LONG_AGO = ("DTSTART:19700101T000000Z", "DURATION:PT1S")


def reading(data: bytes, zone: str = "Europe/Berlin", **bounds) -> Reading:
    return read(data, *WINDOW, zone, frozenset(), **bounds)


EXPLODING = {
    "every second since 1970": event(*LONG_AGO, "RRULE:FREQ=SECONDLY"),
    "every minute since 1970": event(*LONG_AGO, "RRULE:FREQ=MINUTELY"),
    "every minute, one after the other": event(LONG_AGO[0], "DURATION:PT1M", "RRULE:FREQ=MINUTELY"),
    "all lists are full": event(*LONG_AGO, f"RRULE:FREQ=YEARLY;{FULL}"),
    "all lists are full, by the second": event(*LONG_AGO, f"RRULE:FREQ=SECONDLY;{FULL}"),
    "every second of each day": event(*LONG_AGO, f"RRULE:FREQ=DAILY;{EVERY_SECOND}"),
    "every second, counted in billions": event(
        *LONG_AGO, f"RRULE:FREQ=DAILY;COUNT=9999999999999;{EVERY_SECOND}"
    ),
    "every second for a month": event(LONG_AGO[0], "DURATION:P30D", "RRULE:FREQ=SECONDLY"),
    "every second from now on": event("DTSTART:20261020T000000Z", "RRULE:FREQ=SECONDLY"),
    "all that repeats is taken out again": event(
        *LONG_AGO, "RRULE:FREQ=SECONDLY", "EXRULE:FREQ=SECONDLY"
    ),
    "ten rules that explode": event(
        *LONG_AGO, *[f"RRULE:FREQ=SECONDLY;INTERVAL={number}" for number in range(1, 11)]
    ),
    "a day, every second": event("DTSTART;VALUE=DATE:19700101", "RRULE:FREQ=SECONDLY"),
}
BEGIN_LATER = {"every second from now on", "all that repeats is taken out again"}


@pytest.mark.parametrize("name", EXPLODING)
@pytest.mark.parametrize(
    "bounds",
    [{}, {"most": 9, "steps": 5_000}, {"most": 0, "steps": 5_000}, {"steps": 99}, {"deadline": 0}],
)
def test_a_series_that_explodes_is_cut_and_says_from_when_nothing_is_known(name, bounds):
    with at_most(3_000_000):
        found = reading(EXPLODING[name], **bounds)
    assert found.problems
    assert found.more_after
    assert WINDOW[0] <= found.known_until < WINDOW[1]
    assert len(found.occurrences) <= bounds.get("most", 2_000)
    # What is known begins with the window.
    if found.known_until > WINDOW[0] and name not in BEGIN_LATER:
        assert found.occurrences[0].start <= WINDOW[0]


@settings(max_examples=120, deadline=None)
@given(rules(), st.integers(0, 12), st.integers(0, 60), st.floats(0, 1))
def test_before_the_moment_that_is_known_nothing_is_missing(drawn, most, steps, where):
    """Whatever the bounds are: a time is found, or it lies beyond what is claimed known."""
    rule, start, stop = drawn
    lower = start + timedelta(seconds=int((stop - start).total_seconds() * where))
    window = lower.replace(tzinfo=UTC), stop.replace(tzinfo=UTC)
    if "UNTIL" in rule:
        rule = {**rule, "UNTIL": rule["UNTIL"] + "Z"}
    data = event(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1S", f"RRULE:{text(rule)}")
    found = read(data, *window, "UTC", frozenset(), most=most, steps=steps)
    rule = {name: value.removesuffix("Z") for name, value in rule.items()}
    expected = {wall.replace(tzinfo=UTC) for wall in {start, *slow_times(rule, start, stop)}}
    known = found.known_until or window[1]
    taken = {one.start for one in found.occurrences}
    assert {moment for moment in expected if window[0] <= moment < known} <= taken
    # What was given up counting is taken as without an end: more blocks, and it is named.
    assert taken <= expected or found.problems
    assert len(taken) <= most


def test_across_a_change_of_clock_nothing_known_is_missing():
    """A time that is jumped over comes, in UTC, after those that follow it on the clock."""
    start = "DTSTART;TZID=Europe/Berlin:20270328T000000"
    data = event(start, "DURATION:PT1M", "RRULE:FREQ=MINUTELY;INTERVAL=25")
    window = datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 29, tzinfo=UTC)
    whole = {one.start for one in read(data, *window, "UTC", frozenset(), most=500).occurrences}
    for most in range(1, 20):
        found = read(data, *window, "UTC", frozenset(), most=most)
        taken = {one.start for one in found.occurrences}
        assert {moment for moment in whole if moment < found.known_until} <= taken


def test_a_time_that_is_jumped_over_is_not_overlooked_where_the_window_begins():
    """02:30 counts by the old offset: on the clock, it is before a window that begins at 03:15."""
    data = event("DTSTART;TZID=Europe/Berlin:20270301T023000", "DURATION:PT9M", "RRULE:FREQ=DAILY")
    window = datetime(2027, 3, 28, 1, 15, tzinfo=UTC), datetime(2027, 3, 29, tzinfo=UTC)
    (found,) = read(data, *window, "UTC", frozenset()).occurrences
    assert found.start == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_a_move_from_here_on_to_an_earlier_time_is_known_no_further_than_it_was_read():
    master = event("DTSTART:20261020T120000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    moved = (
        b"BEGIN:VEVENT\nUID:x\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261101T120000Z\n"
        b"DTSTART:20261027T100000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR"
    )
    data = master.replace(b"END:VCALENDAR", moved)
    whole = {one.start for one in reading(data).occurrences}
    for most in range(5, 40):
        found = reading(data, most=most)
        taken = {one.start for one in found.occurrences}
        assert {moment for moment in whole if moment < found.known_until} <= taken


def test_what_was_changed_or_added_by_hand_counts_as_well():
    dates = ",".join(f"202611{day:02}T080000Z" for day in range(1, 21))
    found = reading(event("DTSTART:20261101T080000Z", "DURATION:PT1H", f"RDATE:{dates}"), most=8)
    assert len(found.occurrences) == 8
    assert found.known_until == datetime(2026, 11, 9, 8, tzinfo=UTC)
    assert found.problems == ("Only the first 8 occurrences were read.",)


def test_a_single_event_needs_no_steps_and_no_time():
    found = reading(event("DTSTART:20261101T080000Z", "DURATION:PT1H"), steps=0, deadline=0)
    assert len(found.occurrences) == 1
    assert found.known_until is None
    assert reading(event("DTSTART:20261101T080000Z", "DURATION:PT1H"), most=0).known_until


def test_a_series_that_is_called_off_leaves_nothing_unknown_however_full_it_is():
    found = reading(event(*LONG_AGO, "RRULE:FREQ=SECONDLY", "STATUS:CANCELLED"))
    assert (found.occurrences, found.known_until, found.problems) == ((), None, ())


def test_more_dates_than_are_read_leave_nothing_known():
    values = ",".join(["20261021T080000Z"] * (MAX_DATES + 1))
    start = ("DTSTART:20261020T080000Z", "DURATION:PT1H")
    assert reading(event(*start, f"RDATE:{values}")).known_until == WINDOW[0]
    # What was not excluded blocks: no harm.
    assert reading(event(*start, f"EXDATE:{values}")).known_until is None


def test_more_rules_than_are_followed_leave_nothing_known():
    every = [f"RRULE:FREQ=YEARLY;INTERVAL={number}" for number in range(1, MAX_RULES + 2)]
    start = ("DTSTART:20261020T080000Z", "DURATION:PT1H")
    assert reading(event(*start, *every[:-1])).known_until is None
    assert reading(event(*start, *every)).known_until == WINDOW[0]
    assert reading(event(*start, *["RRULE:FREQ=DAILY;COUNT=2"] * 50)).problems == ()


def test_two_hundred_series_by_the_minute_cost_little_once_the_account_is_full():
    data = EXPLODING["every minute since 1970"]
    left, found = 4_000, []
    with at_most(1_500_000):
        for _number in range(200):
            found.append(reading(data, most=left))
            left -= len(found[-1].occurrences)
    assert sum(len(each.occurrences) for each in found) == 4_000
    assert all(each.known_until for each in found)


def test_an_old_series_is_joined_at_the_window():
    old = event("DTSTART;TZID=Europe/Berlin:19900101T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    new = event("DTSTART;TZID=Europe/Berlin:20261001T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    expected = reading(new).occurrences
    with at_most(60_000):
        assert reading(old).occurrences == expected


def test_a_deadline_in_the_future_changes_nothing():
    data = event("DTSTART:20261001T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    assert reading(data, deadline=monotonic() + 3_600) == reading(data)


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\n" + b"A:\n" * 600_000,
        b"BEGIN:VCALENDAR\n" + b"ab\n" * 600_000 + b"END:VCALENDAR\n",
        b"BEGIN:A\n" * 100_000,
        b"BEGIN:VCALENDAR\n" * 100_000,
        b"BEGIN:VCALENDAR\n" + b"BEGIN:A\nEND:A\n" * 100_000 + b"END:VCALENDAR\n",
    ],
)
def test_files_of_countless_parts_are_refused_before_they_are_held(data):
    with at_most(MAX_LINES * 20), pytest.raises(Malformed, match="too many"):
        reading(data)


@pytest.mark.parametrize(
    "parameters", [";A=1" * 100_000, ';A="1:2"' * 100_000, ";" * 500_000, ";A=" + '"' * 900_000]
)
def test_a_line_of_a_hundred_thousand_parameters_is_read_or_named(parameters):
    with at_most(3_000_000):
        found = reading(event("DTSTART:20261020T080000Z", f"DTEND{parameters}:20261020T090000Z"))
    assert found.occurrences[0].busy
