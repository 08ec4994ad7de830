"""Who gets a session when several hosts are free, and which rule decided each place."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.assignment import Candidate, by_availability

candidates = st.builds(
    Candidate,
    key=st.integers(1, 50),
    priority=st.integers(0, 3),
    last_booked=st.none() | st.integers(0, 5),
)


def order(*hosts: Candidate) -> list[int]:
    return [ranked.candidate.key for ranked in by_availability(hosts)]


def rules(*hosts: Candidate) -> list[tuple[str, bool]]:
    return [(ranked.rule, ranked.ahead) for ranked in by_availability(hosts)]


def test_the_highest_priority_goes_first_however_busy():
    assert order(Candidate(1, 0, None), Candidate(2, 5, 9_000)) == [2, 1]


def test_among_equals_the_one_longest_without_a_booking_goes_first():
    assert order(Candidate(1, 1, 9_000), Candidate(2, 1, 4_000)) == [2, 1]


def test_a_host_never_booked_has_waited_longest():
    assert order(Candidate(1, 1, 0), Candidate(2, 1, None)) == [2, 1]
    assert order(Candidate(1, 1, -5), Candidate(2, 1, None)) == [2, 1]


def test_a_tie_is_settled_by_the_key_whatever_the_order_given():
    hosts = [Candidate(key, 1, 60) for key in (4, 2, 9)]
    assert {tuple(order(*shuffled)) for shuffled in permutations(hosts)} == {(2, 4, 9)}


def test_every_place_has_the_rule_that_decided_it():
    assert rules(
        Candidate(1, 1, None),
        Candidate(2, 1, 60),
        Candidate(3, 1, 60),
        Candidate(4, 0, None),
    ) == [("idle", True), ("idle", False), ("order", False), ("priority", False)]


def test_the_winner_by_priority_by_wait_and_by_tie_is_known_as_such():
    assert rules(Candidate(1, 2, 1), Candidate(2, 1, 1))[0] == ("priority", True)
    assert rules(Candidate(1, 2, 1), Candidate(2, 2, 1))[0] == ("order", True)
    assert rules(Candidate(1, 2, 1), Candidate(2, 2, 5))[0] == ("idle", True)


def test_a_translator_gets_the_rule_the_side_and_the_numbers():
    first, second = by_availability([Candidate(1, 2, 1), Candidate(2, 0, 1)])
    assert (first.rule, first.ahead, first.values) == (
        "priority",
        True,
        {"priority": 2, "other": 0},
    )
    assert (second.rule, second.ahead, second.values) == (
        "priority",
        False,
        {"priority": 0, "other": 2},
    )


def test_the_only_host_and_no_host():
    assert rules(Candidate(8, 1, None)) == [("only", True)]
    assert by_availability([]) == []


@given(st.lists(candidates, unique_by=lambda candidate: candidate.key))
def test_everybody_is_ranked_once_and_never_behind_a_lower_priority(hosts):
    ranked = [place.candidate for place in by_availability(hosts)]
    assert sorted(ranked, key=lambda host: host.key) == sorted(hosts, key=lambda host: host.key)
    assert [host.priority for host in ranked] == sorted(
        (host.priority for host in hosts), reverse=True
    )
