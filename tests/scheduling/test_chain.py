"""Several services one after the other, judged by trying every host at every minute."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.chain import chain_starts
from icloud_calendar_sync.scheduling.intervals import merge
from tests.scheduling.clock import minutes

windows = st.lists(
    st.tuples(st.integers(0, 100), st.integers(1, 30)).map(lambda pair: (pair[0], sum(pair))),
    max_size=4,
).map(merge)
legs = st.dictionaries(st.integers(1, 4), st.tuples(windows, st.integers(1, 25)), max_size=3)


def test_one_host_does_both_only_where_the_second_may_follow_at_once():
    # Cut (45 minutes) may start all morning, colour at the earliest at ten.
    cut, colour = {1: ([(540, 700)], 45)}, {1: ([(600, 720)], 90)}
    assert chain_starts([cut, colour]) == [[(555, 675)], [(600, 720)]]


def test_a_service_is_handed_to_whoever_may_go_on():
    first, second = {1: ([(0, 100)], 30)}, {2: ([(40, 50)], 20), 3: ([(90, 95)], 20)}
    assert chain_starts([first, second]) == [[(10, 20), (60, 65)], [(40, 50), (90, 95)]]


def test_a_slow_and_a_quick_host_may_start_at_different_times():
    first = {1: ([(0, 60)], 30), 2: ([(0, 60)], 45)}
    assert chain_starts([first, {3: ([(60, 61)], 20)}])[0] == [(15, 16), (30, 31)]


def test_a_service_that_nobody_may_do_leaves_no_start():
    assert chain_starts([{1: ([(0, 60)], 30)}, {}]) == [[], []]
    assert chain_starts([{1: ([(0, 60)], 30)}, {1: ([], 30)}, {1: ([(0, 99)], 5)}])[0] == []


def test_one_service_may_start_whenever_any_host_may():
    assert chain_starts([{1: ([(0, 10)], 30), 2: ([(5, 20)], 60)}]) == [[(0, 20)]]
    assert chain_starts([]) == []


@given(st.lists(legs, max_size=4))
def test_every_leg_may_start_exactly_when_somebody_may_do_each_of_the_rest(services):
    @cache
    def possible(index: int, start: int) -> bool:
        return index == len(services) or any(
            start in minutes(own) and possible(index + 1, start + duration)
            for own, duration in services[index].values()
        )

    allowed = chain_starts(services)
    assert len(allowed) == len(services)
    for index, starts in enumerate(allowed):
        assert minutes(starts) == {start for start in range(140) if possible(index, start)}
        assert starts == merge(starts)
