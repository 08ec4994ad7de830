"""Intervals, judged minute by minute."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.intervals import intersect, merge, shift, subtract
from tests.scheduling.clock import minutes

# Few enough minutes that intervals often touch.
pairs = st.lists(st.tuples(st.integers(-5, 20), st.integers(-5, 20)), max_size=12)
merged = pairs.map(merge)


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


@given(merged, merged)
def test_intersecting_leaves_exactly_the_minutes_in_both(first, second):
    both = intersect(first, second)
    assert minutes(both) == minutes(first) & minutes(second)
    assert_sorted_disjoint_and_apart(both)


@given(merged, st.integers(-90, 90))
def test_shifting_moves_every_minute(intervals, by):
    moved = shift(intervals, by)
    assert minutes(moved) == {minute + by for minute in minutes(intervals)}
    assert_sorted_disjoint_and_apart(moved)


def test_two_hosts_share_the_hour_in_which_both_work():
    assert intersect([(540, 720), (780, 1020)], [(660, 840)]) == [(660, 720), (780, 840)]
    assert intersect([(540, 720)], [(720, 780)]) == intersect([(720, 780)], [(540, 720)]) == []


def test_a_lunch_break_splits_a_day():
    assert subtract([(540, 1020)], [(720, 780)]) == [(540, 720), (780, 1020)]


def test_busy_time_that_ends_when_work_starts_takes_nothing():
    assert subtract([(540, 600)], [(480, 540), (600, 660)]) == [(540, 600)]


def test_one_long_hole_takes_several_intervals():
    assert subtract([(0, 10), (20, 30), (40, 50)], [(5, 45)]) == [(0, 5), (45, 50)]
