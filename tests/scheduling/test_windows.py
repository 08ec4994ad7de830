"""Each rule as the starts it allows, and all rules at once, judged minute by minute."""

from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.hours import Override, apply_overrides
from icloud_calendar_sync.scheduling.intervals import intersect, merge, subtract
from icloud_calendar_sync.scheduling.slots import Rules, candidate_starts, work_times
from icloud_calendar_sync.scheduling.windows import clear_of, fitting, within
from tests.scheduling.clock import (
    CLOCK_DAYS,
    DAY,
    anchor,
    hours_around,
    minutes,
    shown_around,
    wall,
)

pairs = st.lists(st.tuples(st.integers(-50, 350), st.integers(-50, 350)), max_size=8)
merged = pairs.map(merge)
buffers = st.integers(0, 45)


@given(merged, st.integers(1, 90), buffers, buffers, st.integers(-60, 200), st.integers(-5, 200))
def test_a_start_is_clear_when_its_padded_session_meets_no_busy_minute(
    busy, duration, before, after, earliest, length
):
    rules, latest = Rules(duration, 15, before, after), earliest + length
    busy_minutes = minutes(busy)
    clear = clear_of(busy, rules, earliest, latest)
    assert minutes(clear) == {
        start
        for start in range(earliest, latest)
        if busy_minutes.isdisjoint(range(start - before, start + duration + after))
    }
    assert clear == merge(clear)


@given(merged, st.integers(1, 90))
def test_a_start_fits_when_every_minute_of_the_session_is_work(work, duration):
    at_work = minutes(work)
    starts = fitting(work, duration)
    assert minutes(starts) == {
        start for start in at_work if at_work.issuperset(range(start, start + duration))
    }
    assert starts == merge(starts)


@given(st.lists(st.integers(-60, 360), unique=True).map(sorted), merged)
def test_the_candidates_within_windows_are_those_in_one_of_them(candidates, windows):
    allowed = minutes(windows)
    assert within(candidates, windows) == [start for start in candidates if start in allowed]


def test_a_session_may_begin_when_the_one_before_ends_and_end_when_the_next_begins():
    assert clear_of([(60, 90)], Rules(30, 15), 0, 120) == [(0, 31), (90, 120)]


def test_buffers_keep_their_minutes_on_their_side():
    assert clear_of([(60, 90)], Rules(30, 15, buffer_before=10), 0, 120) == [(0, 31), (100, 120)]
    assert clear_of([(60, 90)], Rules(30, 15, buffer_after=20), 0, 120) == [(0, 11), (90, 120)]


def test_no_start_lies_before_the_notice_or_beyond_the_horizon():
    assert clear_of([], Rules(30, 15), 10, 20) == [(10, 20)]
    assert clear_of([(-99, 15)], Rules(30, 15), 10, 20) == [(15, 20)]
    assert clear_of([(500, 600)], Rules(30, 15), 10, 20) == [(10, 20)]
    assert clear_of([], Rules(30, 15), 20, 20) == []


def test_the_last_start_leaves_the_whole_session_at_work():
    assert fitting([(0, 30), (60, 89), (100, 200)], 30) == [(0, 1), (100, 171)]


@st.composite
def calendars(draw):
    """Everything at once: (zone, day, hours, overrides, busy, full days, rules, first, last)."""
    zone, day = draw(st.sampled_from(CLOCK_DAYS))
    middle = wall(day)
    moments = st.integers(middle - 3 * DAY, middle + 3 * DAY)
    overrides = st.builds(
        lambda number, cuts, opens: Override(number, min(cuts), max(cuts), opens),
        st.integers(middle // DAY - 1, middle // DAY + 1),
        st.lists(st.integers(0, DAY // 5).map(lambda cut: 5 * cut), min_size=2, unique=True),
        st.booleans(),
    )
    stretch = st.tuples(moments, st.integers(1, 500)).map(lambda pair: (pair[0], sum(pair)))
    # A day (from midnight to midnight in whatever zone) that has all the sessions it may have.
    full = moments.map(lambda start: (start, start + DAY))
    rules = st.builds(
        Rules,
        st.sampled_from([15, 30, 45, 60, 90]) | st.integers(1, 120),
        st.sampled_from([15, 30, 60]) | st.integers(1, 90),
        st.integers(0, 30),
        st.integers(0, 30),
    )
    earliest = draw(moments)
    return (
        zone,
        day,
        draw(hours_around(day)),
        draw(st.lists(overrides, max_size=3)),
        merge(draw(st.lists(stretch, max_size=6))),
        merge(draw(st.lists(full, max_size=1))),
        draw(rules),
        earliest,
        earliest + draw(st.integers(0, 4 * DAY)),
    )


def open_minutes(hours, overrides) -> set[int]:
    """The wall minutes that are open, decided for each minute alone."""
    weekly, opened_days = minutes(hours), {each.day for each in overrides if each.opens}

    def covered(minute: int, opens: bool) -> bool:
        return any(
            each.opens == opens and each.start <= minute - each.day * DAY < each.stop
            for each in overrides
        )

    range_of_interest = weekly | {
        each.day * DAY + minute for each in overrides for minute in range(DAY)
    }
    return {
        minute
        for minute in range_of_interest
        if not covered(minute, opens=False)
        and (covered(minute, opens=True) or (minute in weekly and minute // DAY not in opened_days))
    }


def slow_starts(zone, day, hours, overrides, busy, full, rules, earliest, latest) -> list[int]:
    """Walk every real minute and ask every rule of it."""
    clock, opened = shown_around(zone, day), open_minutes(hours, overrides)
    opened_at = {}
    for minute in sorted(opened):
        opened_at[minute] = opened_at.get(minute - 1, minute)
    closed_at = {}
    for minute in sorted(opened, reverse=True):
        closed_at[minute] = closed_at.get(minute + 1, minute + 1)
    taken, closed = minutes(busy), minutes(full)
    starts, seen = [], set()
    for moment, time in clock.items():
        if time in seen or time not in opened:
            continue
        if (time - anchor(opened_at[time], closed_at[time], time)) % rules.step:
            continue
        seen.add(time)
        session = range(moment, moment + rules.duration)
        padded = range(moment - rules.buffer_before, session.stop + rules.buffer_after)
        if (
            earliest <= moment < latest
            and all(opened_at.get(clock[minute]) == opened_at[time] for minute in session)
            and taken.isdisjoint(padded)
            and moment not in closed
        ):
            starts.append(moment)
    return starts


@settings(max_examples=150, deadline=None)
@given(calendars())
def test_what_lies_in_all_windows_is_what_walking_every_minute_finds(calendar):
    zone, _day, hours, overrides, busy, full, rules, earliest, latest = calendar
    hours = merge([interval for part in apply_overrides(hours, overrides) for interval in part])
    windows = [
        fitting(work_times(zone, hours), rules.duration),
        clear_of(busy, rules, earliest, latest),
        subtract([(earliest, latest)] if earliest < latest else [], full),
    ]
    candidates = candidate_starts(zone, hours, rules, earliest, latest)
    listed = within(candidates, reduce(intersect, windows))
    assert listed == slow_starts(*calendar)
    # Why not: each candidate that is missing has a rule that says so.
    for start in set(candidates) - set(listed):
        assert any(not within([start], rule) for rule in windows)
