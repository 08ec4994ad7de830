"""Starts on a wall clock, judged against a slow implementation that looks at every minute."""

from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.intervals import merge
from icloud_calendar_sync.scheduling.slots import (
    Rules,
    candidate_starts,
    work_times,
)
from icloud_calendar_sync.scheduling.windows import fitting, within
from tests.scheduling.clock import (
    CLOCK_DAYS,
    DAY,
    FOREVER,
    anchor,
    hours_around,
    iso,
    minutes,
    shown_around,
    utc,
    wall,
)


def slow_candidates(clock, hours, rules, earliest, latest) -> list[int]:
    """Walk every minute; when the clock first shows a grid time, see whether the session fits."""
    starts, seen = [], set()
    for moment, time in clock.items():
        for start, stop in hours:
            if not start <= time < stop or time in seen:
                continue
            if (time - anchor(start, stop, time)) % rules.step:
                continue
            seen.add(time)
            session = range(moment, moment + rules.duration)
            if earliest <= moment < latest and all(
                start <= clock[minute] < stop for minute in session
            ):
                starts.append(moment)
    return starts


@st.composite
def days_at_work(draw):
    zone, day = draw(st.sampled_from(CLOCK_DAYS))
    hours = draw(hours_around(day))
    rules = Rules(draw(st.integers(1, 200)), draw(st.integers(1, 150)))
    earliest = wall(day) + draw(st.integers(-3 * DAY, DAY))
    return zone, day, hours, rules, earliest, earliest + draw(st.integers(0, 5 * DAY))


@settings(max_examples=60, deadline=None)
@given(days_at_work())
def test_candidates_are_those_that_walking_every_minute_finds(case):
    zone, day, *limits = case
    clock = shown_around(zone, day)
    assert candidate_starts(zone, *limits) == slow_candidates(clock, *limits)


@settings(max_examples=60, deadline=None)
@given(days_at_work())
def test_work_times_are_the_minutes_at_which_the_clock_shows_working_hours(case):
    zone, day, hours, rules, earliest, latest = case
    work, at_work = work_times(zone, hours), minutes(hours)
    assert work == merge(work)
    assert minutes(work) == {
        moment for moment, time in shown_around(zone, day).items() if time in at_work
    }
    starts = candidate_starts(zone, hours, rules, earliest, latest)
    assert within(starts, fitting(work, rules.duration)) == starts


def test_an_hour_that_the_clock_jumps_over_is_not_offered():
    hours = [(wall(date(2026, 3, 29), "01:00"), wall(date(2026, 3, 29), "05:00"))]
    found = candidate_starts("Europe/Berlin", hours, Rules(60, 60), *FOREVER)
    # 01:00, 03:00 and 04:00 on the wall: 02:00 did not exist that night.
    assert iso(found) == ["29T00:00", "29T01:00", "29T02:00"]


def test_an_hour_that_happens_twice_is_offered_the_first_time():
    hours = [(wall(date(2026, 10, 25), "01:00"), wall(date(2026, 10, 25), "05:00"))]
    found = candidate_starts("Europe/Berlin", hours, Rules(60, 60), *FOREVER)
    # 01:00, 02:00 (summer), 03:00 and 04:00; the second 02:00, 01:00 UTC, is missing.
    assert iso(found) == ["24T23:00", "25T00:00", "25T02:00", "25T03:00"]


def test_a_session_ends_after_its_real_minutes_also_across_a_change_of_clock():
    hours = [(wall(date(2026, 3, 29), "01:30"), wall(date(2026, 3, 29), "03:30"))]
    found = candidate_starts("Europe/Berlin", hours, Rules(60, 30), *FOREVER)
    # From 01:30 to 03:30 there is but one real hour.
    assert iso(found) == ["29T00:30"]


def test_hours_that_end_inside_a_repeated_hour_do_not_reach_over_the_gap_between_both():
    hours = [(wall(date(2026, 10, 25), "01:00"), wall(date(2026, 10, 25), "02:30"))]
    found = candidate_starts("Europe/Berlin", hours, Rules(45, 15), *FOREVER)
    assert iso(found) == ["24T23:00", "24T23:15", "24T23:30", "24T23:45"]


def test_the_day_that_samoa_skipped_has_no_starts():
    hours = [
        (wall(day, "09:00"), wall(day, "10:00"))
        for day in (date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31))
    ]
    found = candidate_starts("Pacific/Apia", hours, Rules(60, 60), *FOREVER)
    assert iso(found) == ["29T19:00", "30T19:00"]


def test_lord_howe_moves_its_clock_by_half_an_hour():
    hours = [(wall(date(2026, 10, 4), "01:30"), wall(date(2026, 10, 4), "03:00"))]
    # The clock goes from 02:00 to 02:30: there is no 02:00 and no 02:15.
    assert iso(candidate_starts("Australia/Lord_Howe", hours, Rules(15, 15), *FOREVER)) == [
        "03T15:00",
        "03T15:15",
        "03T15:30",
        "03T15:45",
    ]


def test_starts_before_the_notice_and_beyond_the_horizon_are_not_offered():
    hours = [(wall(date(2026, 6, 1), "09:00"), wall(date(2026, 6, 1), "12:00"))]
    found = candidate_starts(
        "UTC", hours, Rules(30, 60), utc("2026-06-01T09:01Z"), utc("2026-06-01T11:00Z")
    )
    assert iso(found) == ["01T10:00"]


def test_the_last_start_leaves_room_for_the_whole_session():
    hours = [(wall(date(2026, 6, 1), "09:00"), wall(date(2026, 6, 1), "10:30"))]
    assert iso(candidate_starts("UTC", hours, Rules(45, 15), *FOREVER)) == [
        "01T09:00",
        "01T09:15",
        "01T09:30",
        "01T09:45",
    ]


def test_nobody_at_work_offers_nothing():
    assert candidate_starts("UTC", [], Rules(30, 30), *FOREVER) == []
    assert work_times("UTC", []) == []


def test_work_goes_on_through_a_change_of_the_clock():
    spring = [(wall(date(2026, 3, 29), "01:00"), wall(date(2026, 3, 29), "05:00"))]
    autumn = [(wall(date(2026, 10, 25), "01:00"), wall(date(2026, 10, 25), "05:00"))]
    assert [stop - start for start, stop in work_times("Europe/Berlin", spring)] == [3 * 60]
    assert [stop - start for start, stop in work_times("Europe/Berlin", autumn)] == [5 * 60]


def test_rules_that_would_never_end_are_refused():
    with pytest.raises(ValueError, match="at least one minute"):
        Rules(30, 0)
    with pytest.raises(ValueError, match="at least one minute"):
        Rules(0, 30)
    with pytest.raises(ValueError, match="negative"):
        Rules(30, 30, buffer_before=-1)


def test_an_unknown_zone_is_an_error_and_not_utc():
    with pytest.raises(ZoneInfoNotFoundError):
        candidate_starts("Europe/Atlantis", [(0, 60)], Rules(30, 30), *FOREVER)


def test_a_whole_year_of_days_is_cut_as_its_days_one_by_one():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    hours = [(wall(day, "09:00"), wall(day, "17:00")) for day in days]
    rules = Rules(60, 30)
    whole = candidate_starts("Europe/Berlin", hours, rules, *FOREVER)
    single = [candidate_starts("Europe/Berlin", [day], rules, *FOREVER) for day in hours]
    assert whole == list(chain.from_iterable(single))
    assert len(whole) == 365 * 15
