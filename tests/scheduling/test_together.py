"""Several hosts and one time: who may take it, and when everybody can."""

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.slots import collective, round_robin

starts = st.lists(st.integers(0, 30), unique=True).map(sorted)
teams = st.dictionaries(st.integers(1, 9), starts, min_size=1, max_size=5)


def test_round_robin_offers_a_start_when_any_host_is_free_and_says_who():
    assert round_robin({7: [60, 120], 3: [0, 60]}) == [(0, [3]), (60, [7, 3]), (120, [7])]


def test_a_collective_is_offered_when_every_host_is_free():
    assert collective({7: [0, 60, 120], 3: [60, 90, 120]}) == [(60, [7, 3]), (120, [7, 3])]
    assert collective({7: [0, 60], 3: []}) == []


@given(teams)
def test_a_collective_offers_exactly_the_starts_that_all_hosts_have(starts_by_host):
    offered = collective(starts_by_host)
    everywhere = [
        start for start in range(31) if all(start in own for own in starts_by_host.values())
    ]
    assert offered == [(start, list(starts_by_host)) for start in everywhere]


def test_a_fixed_host_is_in_every_session_with_one_of_the_others():
    free = {7: [0, 60, 120, 180], 3: [60, 120], 5: [120, 240]}
    assert round_robin(free, {7}) == [(60, [7, 3]), (120, [7, 3, 5])]
    assert round_robin(free, {7, 3}) == [(120, [7, 3, 5])]


def test_when_all_hosts_are_fixed_all_must_be_free():
    free = {7: [0, 60], 3: [60, 120]}
    assert round_robin(free, {3, 7}) == collective(free) == [(60, [7, 3])]
    assert round_robin({7: [0, 60]}, {7}) == [(0, [7]), (60, [7])]


def test_without_a_fixed_host_nothing_is_offered():
    assert round_robin({3: [60], 5: [60]}, {7}) == []
    assert round_robin({3: [60]}, {3, 7}) == []


@given(teams, st.data())
def test_with_fixed_hosts_a_start_needs_each_of_them_and_one_other(starts_by_host, data):
    fixed = data.draw(st.sets(st.sampled_from(list(starts_by_host))))
    others = set(starts_by_host) - fixed
    expected = []
    for start in range(31):
        free = [host for host, own in starts_by_host.items() if start in own]
        if fixed <= set(free) and (others & set(free) or (fixed and not others)):
            expected.append((start, free))
    assert round_robin(starts_by_host, fixed) == expected
