"""Only times next to bookings: no hole is left that nobody can use."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.intervals import merge
from icloud_calendar_sync.scheduling.slots import Rules, next_to
from tests.scheduling.clock import minutes

HALF_HOUR = Rules(30, 30)
DAYS = [(0, 1440), (1440, 2880), (2880, 4320)]
MORNING = list(range(540, 720, 30))


def test_on_a_day_with_a_booking_only_the_times_on_both_sides_of_it_are_offered():
    starts = [540, 570, 660, 690]
    assert next_to(starts, [(600, 660)], DAYS, HALF_HOUR) == [570, 660]


def test_on_a_day_without_bookings_all_times_are_offered():
    starts = MORNING + [1440 + start for start in MORNING if not 600 <= start < 660]
    kept = next_to(starts, [(1440 + 600, 1440 + 660)], DAYS, HALF_HOUR)
    assert kept == [*MORNING, 1440 + 570, 1440 + 660]
    assert next_to(starts, [], DAYS, HALF_HOUR) == starts


def test_a_day_that_is_full_on_one_side_offers_the_other():
    assert next_to([720, 750], [(540, 720)], DAYS, HALF_HOUR) == [720]
    assert next_to([540, 570], [(600, 720)], DAYS, HALF_HOUR) == [570]
    assert next_to([], [(600, 720)], DAYS, HALF_HOUR) == []


def test_the_nearest_time_counts_as_next_also_when_hours_or_buffers_lie_between():
    padded = Rules(30, 30, buffer_before=15, buffer_after=15)
    assert next_to([480, 510, 720, 750], [(600, 660)], DAYS, padded) == [510, 720]


def test_a_booking_over_midnight_belongs_to_both_days():
    starts = [1320, 1350, 1500, 1530, 2000]
    assert next_to(starts, [(1410, 1470)], DAYS, HALF_HOUR) == [1350, 1500]


def test_a_booking_that_ends_at_midnight_leaves_the_next_day_alone():
    starts = [1320, 1350, 1440, 1470]
    assert next_to(starts, [(1380, 1440)], DAYS, HALF_HOUR) == [1350, 1440, 1470]


@st.composite
def busy_days(draw):
    """(free starts, reservations, days, rules), as they come from the other rules."""
    rules = Rules(draw(st.integers(1, 20)), 5, draw(st.integers(0, 10)), draw(st.integers(0, 10)))
    stretch = st.tuples(st.integers(-10, 300), st.integers(1, 40))
    reserved = merge((start, start + length) for start, length in draw(st.lists(stretch)))
    taken = minutes(reserved)
    starts = [
        start
        for start in sorted(draw(st.sets(st.integers(0, 300))))
        if taken.isdisjoint(
            range(start - rules.buffer_before, start + rules.duration + rules.buffer_after)
        )
    ]
    # Days of 90 to 100 minutes; the first and the last starts may lie on none of them.
    bounds = [20]
    for length in draw(st.lists(st.integers(90, 100), min_size=1, max_size=3)):
        bounds.append(bounds[-1] + length)
    return starts, reserved, list(pairwise(bounds)), rules


@given(busy_days())
def test_a_time_stays_when_no_other_free_time_of_the_day_lies_between_it_and_a_booking(case):
    starts, reserved, days, rules = case

    def stays(start: int) -> bool:
        for day_start, day_stop in days:
            if not day_start <= start < day_stop:
                continue
            today = [each for each in reserved if each[0] < day_stop and each[1] > day_start]
            return not today or any(
                not any(
                    start < other < begin or end <= other < start
                    for other in starts
                    if day_start <= other < day_stop
                )
                for begin, end in today
            )
        return True

    assert next_to(starts, reserved, days, rules) == [start for start in starts if stays(start)]
