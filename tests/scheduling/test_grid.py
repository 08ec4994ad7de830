"""The grid is sieved as the windows of the same rule say."""

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.grid import Grid
from icloud_calendar_sync.scheduling.intervals import merge
from icloud_calendar_sync.scheduling.slots import Rules
from icloud_calendar_sync.scheduling.windows import clear_of, within

MINUTES = st.integers(0, 300)
TIMES = st.tuples(MINUTES, st.integers(1, 90)).map(lambda time: (time[0], sum(time)))
RULES = st.builds(Rules, st.integers(1, 90), st.just(1), st.integers(0, 30), st.integers(0, 30))


def test_a_busy_time_takes_the_starts_of_sessions_that_would_meet_it():
    grid = Grid([0, 30, 60, 90, 120])
    assert grid.clear_of([(60, 90)], Rules(30, 30)) == [0, 30, 90, 120]
    assert grid.clear_of([(60, 90)], Rules(30, 30, buffer_before=1)) == [0, 30, 120]
    assert grid.clear_of([(60, 90)], Rules(30, 30, buffer_after=1)) == [0, 90, 120]
    assert grid.clear_of([], Rules(30, 30)) == grid.starts


@given(st.sets(MINUTES).map(sorted), st.lists(TIMES, max_size=12), RULES)
def test_times_in_any_order_are_as_good_as_merged_ones(starts, busy, rules):
    windows = clear_of(merge(busy), rules, 0, 301)
    assert Grid(starts).clear_of(iter(busy), rules) == within(starts, windows)
