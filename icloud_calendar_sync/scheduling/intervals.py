"""Arithmetic on half-open intervals of integer minutes, one linear sweep each."""

from collections.abc import Iterable

# Sorted, disjoint, half-open [start, stop), never empty.
Intervals = list[tuple[int, int]]


def merge(intervals: Iterable[tuple[int, int]]) -> Intervals:
    """Return the union of intervals given in any order; those that touch become one.

    Empty and reversed ones are dropped. Also the union of many lists: `merge(chain(a, b, c))`.
    """
    merged: Intervals = []
    for start, stop in sorted(intervals):
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            if stop > merged[-1][1]:
                merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((start, stop))
    return merged


def subtract(intervals: Intervals, holes: Intervals) -> Intervals:
    """Return what is left of `intervals` outside `holes`."""
    left: Intervals = []
    index = 0
    for start, stop in intervals:
        while index < len(holes) and holes[index][1] <= start:
            index += 1
        cursor, hole = start, index
        while hole < len(holes) and holes[hole][0] < stop:
            if cursor < holes[hole][0]:
                left.append((cursor, holes[hole][0]))
            cursor = holes[hole][1]
            hole += 1
        if cursor < stop:
            left.append((cursor, stop))
        # The last hole may reach into the next interval, those before it cannot.
        index = max(index, hole - 1)
    return left


def intersect(first: Intervals, second: Intervals) -> Intervals:
    """Return what lies in both."""
    common: Intervals = []
    one = two = 0
    while one < len(first) and two < len(second):
        (start, stop), (other_start, other_stop) = first[one], second[two]
        if start < other_stop and other_start < stop:
            common.append((max(start, other_start), min(stop, other_stop)))
        if stop < other_stop:
            one += 1
        else:
            two += 1
    return common


def shift(intervals: Intervals, minutes: int) -> Intervals:
    """Return them later by `minutes`, earlier if negative."""
    return [(start + minutes, stop + minutes) for start, stop in intervals]
