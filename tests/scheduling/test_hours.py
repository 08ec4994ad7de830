"""Days that are opened or closed by hand, judged minute by minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.hours import Override, apply_overrides
from icloud_calendar_sync.scheduling.intervals import merge
from tests.scheduling.clock import DAY, minutes

NINE, NOON, FIVE = 9 * 60, 12 * 60, 17 * 60
# A week of nine to five, days 0 to 6.
WEEK = [(day * DAY + NINE, day * DAY + FIVE) for day in range(7)]

cuts = st.lists(st.integers(0, DAY), min_size=2, max_size=2, unique=True).map(sorted)
overrides = st.builds(
    lambda day, cut, opens: Override(day, *cut, opens), st.integers(0, 3), cuts, st.booleans()
)
hours = st.lists(
    st.tuples(st.integers(-DAY, 5 * DAY), st.integers(1, 2 * DAY)).map(
        lambda pair: (pair[0], sum(pair))
    ),
    max_size=5,
).map(merge)


def test_an_opening_replaces_the_weekly_hours_of_its_day_and_of_no_other():
    evening = Override(2, 18 * 60, 20 * 60, opens=True)
    weekly, opened = apply_overrides(WEEK, [evening])
    assert weekly == [interval for interval in WEEK if interval[0] // DAY != 2]
    assert opened == [(2 * DAY + 18 * 60, 2 * DAY + 20 * 60)]


def test_a_closing_takes_its_hours_and_leaves_the_rest_of_the_day():
    weekly, opened = apply_overrides(WEEK[:1], [Override(0, NOON, 13 * 60, opens=False)])
    assert (weekly, opened) == ([(NINE, NOON), (13 * 60, FIVE)], [])


def test_a_closed_day_has_no_hours_also_if_it_was_opened():
    closed, opening = Override(0, 0, DAY, opens=False), Override(0, NINE, NOON, opens=True)
    assert apply_overrides(WEEK, [closed]) == (WEEK[1:], [])
    assert apply_overrides(WEEK, [opening, closed]) == (WEEK[1:], [])


def test_several_openings_of_a_day_add_up():
    morning, midday = Override(0, 480, 600, opens=True), Override(0, 570, 720, opens=True)
    assert apply_overrides(WEEK[:1], [midday, morning]) == ([], [(480, 720)])


def test_a_night_shift_is_cut_at_midnight_only_where_a_day_is_overridden():
    nights = [(day * DAY + 22 * 60, (day + 1) * DAY + 6 * 60) for day in range(3)]
    weekly, opened = apply_overrides(nights, [Override(1, NOON, 13 * 60, opens=True)])
    assert weekly == [(22 * 60, DAY), (2 * DAY, 2 * DAY + 6 * 60), nights[2]]
    assert opened == [(DAY + NOON, DAY + 13 * 60)]
    assert apply_overrides(nights, []) == (nights, [])


@given(hours, st.lists(overrides, max_size=6))
def test_every_minute_follows_the_overrides_of_its_day(weekly_hours, chosen):
    weekly, opened = apply_overrides(weekly_hours, chosen)
    openings = [each for each in chosen if each.opens]
    closed = minutes(
        (each.day * DAY + each.start, each.day * DAY + each.stop)
        for each in chosen
        if not each.opens
    )
    opened_days = {each.day for each in openings}
    assert minutes(weekly) == {
        minute
        for minute in minutes(weekly_hours)
        if minute // DAY not in opened_days and minute not in closed
    }
    assert (
        minutes(opened)
        == minutes((each.day * DAY + each.start, each.day * DAY + each.stop) for each in openings)
        - closed
    )
    assert (weekly, opened) == (merge(weekly), merge(opened))


@pytest.mark.parametrize(("start", "stop"), [(600, 600), (700, 600), (-1, 60), (60, DAY + 1)])
def test_an_override_without_time_or_beyond_its_day_is_refused(start, stop):
    with pytest.raises(ValueError, match="on one day"):
        Override(0, start, stop, opens=True)
