"""Starts on a wall clock, judged against a slow implementation that looks at every minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.intervals import merge
from icloud_calendar_sync.scheduling.slots import (
    Rules,
    candidate_starts,
    collective,
    free_starts,
    round_robin,
)

EPOCH = datetime(1970, 1, 1)
DAY = 1440

# A zone, and a day on which something happens to its clock (or nothing at all).
CLOCK_DAYS = [
    ("Europe/Brussels", date(2026, 3, 29)),
    ("Europe/Brussels", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Asia/Kolkata", date(2026, 6, 1)),
    ("UTC", date(2026, 1, 1)),
]
FOREVER = (-(10**9), 10**9)


def wall(day: date, clock: str = "00:00") -> int:
    hour, minute = clock.split(":")
    return (
        (datetime(day.year, day.month, day.day) - EPOCH).days * DAY + int(hour) * 60 + int(minute)
    )


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) // 60


def iso(starts) -> list[str]:
    return [datetime.fromtimestamp(start * 60, UTC).strftime("%dT%H:%M") for start in starts]


def shown(zone: str, moment: int) -> int:
    """The wall minute that the clock of the zone shows at a UTC minute."""
    local = datetime.fromtimestamp(moment * 60, ZoneInfo(zone)).replace(tzinfo=None)
    return int((local - EPOCH).total_seconds()) // 60


def slow_candidates(zone, hours, rules, earliest, latest) -> list[int]:
    """Walk every minute; when the clock first shows a grid time, see whether the session fits."""
    first, last = hours[0][0] - 2 * DAY, hours[-1][1] + 2 * DAY
    clock = {moment: shown(zone, moment) for moment in range(first, last)}
    starts, seen = [], set()
    for moment in range(first, last):
        time = clock[moment]
        for start, stop in hours:
            if not start <= time < stop or (time - start) % rules.step or time in seen:
                continue
            seen.add(time)
            session = range(moment, moment + rules.duration)
            if earliest <= moment < latest and all(
                start <= clock.get(minute, last) < stop for minute in session
            ):
                starts.append(moment)
    return starts


@st.composite
def days_at_work(draw):
    zone, day = draw(st.sampled_from(CLOCK_DAYS))
    base = wall(day) - DAY
    cuts = draw(st.lists(st.integers(0, 3 * DAY // 5), min_size=2, max_size=8, unique=True))
    cuts = sorted(base + 5 * cut for cut in cuts)
    hours = list(zip(cuts[::2], cuts[1::2], strict=False))
    rules = Rules(draw(st.integers(1, 200)), draw(st.integers(1, 150)))
    middle = base + DAY + DAY // 2
    earliest = middle + draw(st.integers(-3 * DAY, DAY))
    return zone, hours, rules, earliest, earliest + draw(st.integers(0, 5 * DAY))


@settings(max_examples=60, deadline=None)
@given(days_at_work())
def test_candidates_are_those_that_walking_every_minute_finds(case):
    assert candidate_starts(*case) == slow_candidates(*case)


starts = st.lists(st.integers(0, 600), unique=True).map(sorted)
busy_times = st.lists(st.tuples(st.integers(-50, 650), st.integers(-50, 650))).map(merge)
buffers = st.integers(0, 45)


@given(starts, busy_times, st.integers(1, 90), buffers, buffers)
def test_a_start_is_free_when_its_padded_session_meets_no_busy_minute(
    candidates, busy, duration, before, after
):
    busy_minutes = set(chain.from_iterable(range(*interval) for interval in busy))
    expected = [
        start
        for start in candidates
        if busy_minutes.isdisjoint(range(start - before, start + duration + after))
    ]
    assert free_starts(candidates, busy, Rules(duration, 15, before, after)) == expected


def test_an_hour_that_the_clock_jumps_over_is_not_offered():
    hours = [(wall(date(2026, 3, 29), "01:00"), wall(date(2026, 3, 29), "05:00"))]
    found = candidate_starts("Europe/Brussels", hours, Rules(60, 60), *FOREVER)
    # 01:00, 03:00 and 04:00 on the wall: 02:00 did not exist that night.
    assert iso(found) == ["29T00:00", "29T01:00", "29T02:00"]


def test_an_hour_that_happens_twice_is_offered_the_first_time():
    hours = [(wall(date(2026, 10, 25), "01:00"), wall(date(2026, 10, 25), "05:00"))]
    found = candidate_starts("Europe/Brussels", hours, Rules(60, 60), *FOREVER)
    # 01:00, 02:00 (summer), 03:00 and 04:00; the second 02:00, 01:00 UTC, is missing.
    assert iso(found) == ["24T23:00", "25T00:00", "25T02:00", "25T03:00"]


def test_a_session_ends_after_its_real_minutes_also_across_a_change_of_clock():
    hours = [(wall(date(2026, 3, 29), "01:30"), wall(date(2026, 3, 29), "03:30"))]
    found = candidate_starts("Europe/Brussels", hours, Rules(60, 30), *FOREVER)
    # From 01:30 to 03:30 there is but one real hour.
    assert iso(found) == ["29T00:30"]


def test_hours_that_end_inside_a_repeated_hour_do_not_reach_over_the_gap_between_both():
    hours = [(wall(date(2026, 10, 25), "01:00"), wall(date(2026, 10, 25), "02:30"))]
    found = candidate_starts("Europe/Brussels", hours, Rules(45, 15), *FOREVER)
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


def test_a_busy_half_hour_inside_a_session_blocks_it():
    assert free_starts([0, 60, 120], [(75, 105)], Rules(60, 60)) == [0, 120]


def test_sessions_may_follow_each_other_without_a_minute_between():
    assert free_starts([0, 30, 60, 90], [(30, 60)], Rules(30, 30)) == [0, 60, 90]


def test_a_buffer_after_keeps_the_minutes_before_the_next_event_free():
    assert free_starts([0, 15, 30], [(60, 90)], Rules(30, 15, buffer_after=15)) == [0, 15]


def test_a_buffer_before_keeps_the_minutes_after_the_last_event_free():
    assert free_starts([90, 105], [(60, 90)], Rules(30, 15, buffer_before=15)) == [105]


def test_round_robin_offers_a_start_when_any_host_is_free_and_says_who():
    assert round_robin({7: [60, 120], 3: [0, 60]}) == [(0, [3]), (60, [7, 3]), (120, [7])]


def test_a_collective_is_offered_when_every_host_is_free():
    assert collective({7: [0, 60, 120], 3: [60, 90, 120]}) == [(60, [7, 3]), (120, [7, 3])]
    assert collective({7: [0, 60], 3: []}) == []


@given(st.dictionaries(st.integers(1, 9), starts, min_size=1, max_size=5))
def test_a_collective_offers_exactly_the_starts_that_all_hosts_have(starts_by_host):
    offered = collective(starts_by_host)
    everywhere = [
        start for start in range(601) if all(start in own for own in starts_by_host.values())
    ]
    assert offered == [(start, list(starts_by_host)) for start in everywhere]


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
    whole = candidate_starts("Europe/Brussels", hours, rules, *FOREVER)
    single = [candidate_starts("Europe/Brussels", [day], rules, *FOREVER) for day in hours]
    assert whole == list(chain.from_iterable(single))
    assert len(whole) == 365 * 15
