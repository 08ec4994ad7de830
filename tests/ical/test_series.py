"""Masters and overrides together, judged by recurring-ical-events where that library holds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.read import Reading, read

BRUSSELS = ZoneInfo("Europe/Brussels")
WINDOW = (datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC))
FIRST = datetime(2026, 9, 28, 10)


def local(moment: datetime) -> str:
    return f"TZID=Europe/Brussels:{moment:%Y%m%dT%H%M%S}"


def vevent(start: datetime, minutes: int, *lines: str) -> str:
    stop = start + timedelta(minutes=minutes)
    times = [f"DTSTART;{local(start)}", f"DTEND;{local(stop)}"]
    return "\n".join(["BEGIN:VEVENT", "UID:s", *times, *lines, "END:VEVENT\n"])


def calendar(*events: str) -> bytes:
    return f"BEGIN:VCALENDAR\n{''.join(events)}END:VCALENDAR\n".encode()


def reading(*events: str) -> Reading:
    return read(calendar(*events), *WINDOW, "Europe/Brussels", frozenset())


def times(found: Reading) -> list[str]:
    return [
        f"{one.original_start} {one.start:%m-%d %H:%M} {one.title}" for one in found.occurrences
    ]


@st.composite
def series(draw) -> bytes:
    """A series by day, some of it excluded, some moved to another day and time."""
    step = draw(st.integers(1, 3))
    rule = f"RRULE:FREQ=DAILY;INTERVAL={step};COUNT={draw(st.integers(1, 50))}"
    originals = [FIRST + timedelta(days=step * index) for index in range(50)]
    picked = draw(st.lists(st.sampled_from(originals), max_size=8, unique=True))
    cut = draw(st.integers(0, len(picked)))
    excluded = [f"EXDATE;{local(original)}" for original in picked[:cut]]
    events = [vevent(FIRST, 45, rule, "SUMMARY:Series", *excluded)]
    for original in picked[cut:]:
        moved = original.replace(hour=draw(st.integers(7, 20)))
        moved += timedelta(days=draw(st.integers(-20, 20)))
        lines = [f"RECURRENCE-ID;{local(original)}", f"SUMMARY:Moved {original:%m-%d}"]
        events.append(vevent(moved, draw(st.integers(5, 120)), *lines))
    return calendar(*events)


@settings(max_examples=150, deadline=None)
@given(series())
def test_the_occurrences_are_those_of_the_reference_library(data):
    found = read(data, *WINDOW, "Europe/Brussels", frozenset())
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(data))
    expected = [
        (event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"]))
        for event in query.between(*WINDOW)
    ]
    assert sorted((one.start, one.stop, one.title) for one in found.occurrences) == sorted(expected)


@settings(max_examples=60, deadline=None)
@given(series())
def test_every_identity_is_there_once(data):
    found = read(data, *WINDOW, "Europe/Brussels", frozenset())
    keys = [one.original_start for one in found.occurrences]
    assert len(set(keys)) == len(keys)


def test_a_moved_occurrence_keeps_its_identity_while_it_is_moved_again():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "SUMMARY:Yoga")
    identity = f"RECURRENCE-ID;{local(datetime(2026, 10, 26, 10))}"
    once = reading(master, vevent(datetime(2026, 10, 26, 15), 60, identity, "SUMMARY:Once"))
    twice = reading(master, vevent(datetime(2026, 10, 30, 8), 30, identity, "SUMMARY:Twice"))
    assert "20261026T090000Z 10-26 14:00 Once" in times(once)
    assert "20261026T090000Z 10-30 07:00 Twice" in times(twice)
    assert len(once.occurrences) == len(twice.occurrences) == 4


def test_an_identity_in_utc_means_the_same_occurrence_as_one_on_the_clock():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "SUMMARY:Yoga")
    moved = vevent(
        datetime(2026, 10, 26, 15), 60, "RECURRENCE-ID:20261026T090000Z", "SUMMARY:Moved"
    )
    assert times(reading(master, moved))[1] == "20261026T090000Z 10-26 14:00 Moved"


def test_an_identity_that_is_a_day_means_the_occurrence_of_that_day():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "SUMMARY:Yoga")
    identity = "RECURRENCE-ID;VALUE=DATE:20261026"
    moved = vevent(datetime(2026, 10, 26, 15), 60, identity, "SUMMARY:Moved")
    assert times(reading(master, moved))[1] == "20261026T090000Z 10-26 14:00 Moved"


def test_an_override_changes_its_own_occurrence_and_not_the_one_an_hour_later():
    # The UTC time of the first is the local time of the second.
    master = vevent(
        datetime(2026, 11, 2, 9), 30, "RRULE:FREQ=DAILY;BYHOUR=9,10;COUNT=2", "SUMMARY:Feed"
    )
    moved = vevent(
        datetime(2026, 11, 2, 12),
        30,
        f"RECURRENCE-ID;{local(datetime(2026, 11, 2, 10))}",
        "SUMMARY:Late",
    )
    assert times(reading(master, moved)) == [
        "20261102T080000Z 11-02 08:00 Feed",
        "20261102T090000Z 11-02 11:00 Late",
    ]


def test_what_is_excluded_stays_so_even_if_it_was_moved_before():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "EXDATE:20261026T090000Z")
    moved = vevent(datetime(2026, 10, 26, 15), 60, "RECURRENCE-ID:20261026T090000Z")
    assert "20261026T090000Z" not in {
        one.original_start for one in reading(master, moved).occurrences
    }


def test_the_latest_version_of_an_override_counts():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "SUMMARY:Yoga")
    identity = f"RECURRENCE-ID;{local(datetime(2026, 10, 26, 10))}"
    newer = vevent(datetime(2026, 10, 26, 16), 60, identity, "SEQUENCE:3", "SUMMARY:Newer")
    older = vevent(datetime(2026, 10, 26, 15), 60, identity, "SEQUENCE:2", "SUMMARY:Older")
    assert times(reading(master, newer, older))[1] == "20261026T090000Z 10-26 15:00 Newer"


def test_two_versions_of_the_whole_event_are_named_and_the_latest_counts():
    older = vevent(datetime(2026, 10, 20, 9), 60, "SUMMARY:Older")
    newer = vevent(datetime(2026, 10, 21, 9), 60, "SEQUENCE:1", "SUMMARY:Newer")
    found = reading(newer, older)
    assert times(found) == ["20261021T070000Z 10-21 07:00 Newer"]
    assert "more than once" in found.problems[0]


def test_cancelling_from_now_on_ends_the_series():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "SUMMARY:Yoga")
    start = datetime(2026, 11, 2, 10)
    end = vevent(start, 60, f"RECURRENCE-ID;RANGE=THISANDFUTURE;{local(start)}", "STATUS:CANCELLED")
    assert [one.original_start[:8] for one in reading(master, end).occurrences] == [
        "20261019",
        "20261026",
    ]


def test_a_cancelled_series_leaves_what_was_changed_and_confirmed():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "STATUS:CANCELLED")
    identity = f"RECURRENCE-ID;{local(datetime(2026, 10, 26, 10))}"
    kept = vevent(datetime(2026, 10, 26, 15), 60, identity, "STATUS:CONFIRMED", "SUMMARY:Still on")
    assert times(reading(master, kept)) == ["20261026T090000Z 10-26 14:00 Still on"]


def test_an_override_decides_for_itself_whether_it_blocks():
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "TRANSP:TRANSPARENT")
    identity = f"RECURRENCE-ID;{local(datetime(2026, 10, 26, 10))}"
    busy = vevent(datetime(2026, 10, 26, 10), 60, identity, "TRANSP:OPAQUE")
    assert [one.busy for one in reading(master, busy).occurrences] == [False, True, False, False]


def test_a_long_event_that_began_before_the_window_is_seen():
    master = vevent(datetime(2026, 7, 1, 8), 30 * 1440, "RRULE:FREQ=YEARLY;BYMONTH=7,10")
    assert [one.original_start for one in reading(master).occurrences] == ["20261001T060000Z"]


def test_an_event_that_ends_as_the_window_starts_is_outside():
    master = vevent(datetime(2026, 10, 19, 1), 60)
    assert reading(master).occurrences == ()
    assert not reading(master).more_after


def test_an_event_that_starts_as_the_window_ends_comes_after_it():
    master = vevent(datetime(2026, 11, 16, 1), 60)
    assert reading(master).occurrences == ()
    assert reading(master).more_after


@pytest.mark.parametrize(
    "exrule",
    [
        "FREQ=FORTNIGHTLY",
        "FREQ=WEEKLY;COUNT=-3",
        "FREQ=SECONDLY",
        "RSCALE=HEBREW;FREQ=DAILY",
    ],
)
def test_an_exclusion_by_rule_that_is_not_followed_is_named_and_frees_nothing(
    exrule,
):
    master = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", f"EXRULE:{exrule}")
    found = reading(master)
    assert found.problems[0] == (
        "A rule that takes dates out of the series was not followed to its end."
    )
    assert len(found.occurrences) == 4 or found.known_until


def test_an_exclusion_by_rule_also_takes_out_the_start_and_single_dates():
    dates = f"RDATE;{local(datetime(2026, 10, 21, 10))},20261022T100000"
    master = vevent(datetime(2026, 10, 20, 10), 60, dates, "EXRULE:FREQ=DAILY;COUNT=2")
    assert [one.start.day for one in reading(master).occurrences] == [22]
    never = vevent(FIRST, 60, "RRULE:FREQ=WEEKLY", "EXRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert len(reading(never).occurrences) == 4
    assert reading(never).problems == ()
