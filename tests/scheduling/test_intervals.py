"""Intervals, judged minute by minute."""

from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.intervals import merge, subtract

pairs = st.lists(st.tuples(st.integers(-20, 60), st.integers(-20, 60)), max_size=12)
merged = pairs.map(merge)


def minutes(intervals) -> set[int]:
    return set(chain.from_iterable(range(start, stop) for start, stop in intervals))


def assert_sorted_disjoint_and_apart(intervals):
    assert all(start < stop for start, stop in intervals)
    assert all(before[1] < after[0] for before, after in pairwise(intervals))


@given(pairs)
def test_merging_covers_the_same_minutes_with_the_fewest_intervals(intervals):
    assert minutes(merge(intervals)) == minutes(intervals)
    assert_sorted_disjoint_and_apart(merge(intervals))


@given(merged, merged)
def test_subtracting_leaves_exactly_the_minutes_outside_the_holes(intervals, holes):
    left = subtract(intervals, holes)
    assert minutes(left) == minutes(intervals) - minutes(holes)
    assert_sorted_disjoint_and_apart(left)


def test_a_lunch_break_splits_a_day():
    assert subtract([(540, 1020)], [(720, 780)]) == [(540, 720), (780, 1020)]


def test_busy_time_that_ends_when_work_starts_takes_nothing():
    assert subtract([(540, 600)], [(480, 540), (600, 660)]) == [(540, 600)]


def test_one_long_hole_takes_several_intervals():
    assert subtract([(0, 10), (20, 30), (40, 50)], [(5, 45)]) == [(0, 5), (45, 50)]
