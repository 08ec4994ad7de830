"""Who is due a booking when they are shared by weight, also when hosts come, go and return."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.assignment import Candidate, by_fairness
from icloud_calendar_sync.scheduling.intervals import merge
from icloud_calendar_sync.scheduling.shares import Given, Presence, fair_shares


def slow_shares(given_bookings, presences):
    """Hand out each booking by itself, in exact fractions."""
    received, due = Counter(), Counter()
    for booking in given_bookings:
        present = [
            host
            for host in presences
            if host.since <= booking.made
            and not any(start <= booking.made < stop for start, stop in host.absences)
        ]
        taker = next((host for host in presences if host.key == booking.host), None)
        if not present or taker is None or booking.made < taker.since:
            continue
        received[booking.host] += 1
        for host in present:
            due[host.key] += Fraction(host.weight, sum(each.weight for each in present))
    return {host.key: (received[host.key], due[host.key]) for host in presences}


def assign(presences, times, made=()):
    """Give a booking at each time to the first in line of those present; return all given."""
    made = list(made)
    last = {booking.host: booking.made for booking in made}
    for now in times:
        shares = fair_shares(made, presences)
        free = [
            Candidate(host.key, 0, last.get(host.key))
            for host in presences
            if host.since <= now and not any(start <= now < stop for start, stop in host.absences)
        ]
        chosen = by_fairness(free, shares)[0].candidate.key
        made.append(Given(chosen, now))
        last[chosen] = now
    return made


def tally(bookings) -> dict[int, int]:
    return dict(Counter(booking.host for booking in bookings))


def longest_run(bookings, host: int) -> int:
    longest = run = 0
    for booking in bookings:
        run = run + 1 if booking.host == host else 0
        longest = max(longest, run)
    return longest


def test_weights_decide_the_shares_of_all_bookings():
    hosts = [Presence(1, 100, 0, []), Presence(2, 50, 0, []), Presence(3, 50, 0, [])]
    bookings = [Given(1, 10), Given(1, 20), Given(2, 30)]
    assert fair_shares(bookings, hosts) == {1: (2, 1.5), 2: (1, 0.75), 3: (0, 0.75)}


def test_after_many_bookings_each_host_has_the_share_of_the_weight():
    hosts = [Presence(1, 100, 0, []), Presence(2, 50, 0, []), Presence(3, 50, 0, [])]
    assert tally(assign(hosts, range(200))) == {1: 100, 2: 50, 3: 50}


def test_a_new_host_is_not_flooded_after_a_hundred_bookings():
    old = [Presence(1, 100, 0, []), Presence(2, 100, 0, [])]
    before = assign(old, range(100))
    after = assign([*old, Presence(3, 100, 100, [])], range(100, 160), before)[100:]
    assert tally(after) == {1: 20, 2: 20, 3: 20}
    assert longest_run(after, 3) == 1


def test_a_host_who_returns_from_leave_is_not_flooded():
    hosts = [Presence(1, 100, 0, []), Presence(2, 100, 0, []), Presence(3, 100, 0, [(30, 130)])]
    bookings = assign(hosts, range(190))
    assert tally(bookings[:30]) == {1: 10, 2: 10, 3: 10}
    assert tally(bookings[30:130]) == {1: 50, 2: 50}
    assert tally(bookings[130:]) == {1: 20, 2: 20, 3: 20}
    assert longest_run(bookings, 3) == 1


def test_a_host_who_was_passed_over_while_present_catches_up():
    hosts = [Presence(1, 100, 0, []), Presence(2, 100, 0, [])]
    missed = [Given(1, now) for now in range(4)]
    assert tally(assign(hosts, range(4, 8), missed)[4:]) == {2: 4}


def test_a_host_who_left_and_comes_anew_starts_level():
    # What this host got in an earlier time on the team would otherwise be held against them.
    hosts = [Presence(1, 100, 0, []), Presence(2, 100, 50, [])]
    bookings = [Given(2, now) for now in range(50)]
    assert fair_shares(bookings, hosts) == {1: (0, 0.0), 2: (0, 0.0)}


def test_bookings_of_former_hosts_and_of_nobody_at_work_are_not_shared():
    hosts = [Presence(1, 100, 0, [(100, 200)]), Presence(2, 100, 0, [(100, 200)])]
    bookings = [Given(9, 10), Given(1, 20), Given(2, 150)]
    assert fair_shares(bookings, hosts) == {1: (1, 0.5), 2: (0, 0.5)}


def test_a_booking_taken_while_away_counts_for_who_took_it_and_is_due_to_the_others():
    hosts = [Presence(1, 100, 0, []), Presence(2, 100, 0, [(0, 100)])]
    assert fair_shares([Given(2, 50)], hosts) == {1: (0, 1.0), 2: (1, 0.0)}


def test_an_absence_begins_with_its_first_minute_and_ends_before_its_last():
    hosts = [Presence(1, 100, 0, []), Presence(2, 100, 10, [(20, 30)])]
    bookings = [Given(1, made) for made in (9, 10, 19, 20, 29, 30)]
    assert fair_shares(bookings, hosts) == {1: (6, 4.5), 2: (0, 1.5)}


def test_while_all_hosts_are_always_away_nothing_is_due():
    assert fair_shares([Given(1, 50)], [Presence(1, 100, 0, [(0, 100)])]) == {1: (0, 0.0)}


def test_without_bookings_nothing_is_due():
    assert fair_shares([], [Presence(1, 100, 0, []), Presence(2, 1, 5, [(0, 9)])]) == {
        1: (0, 0.0),
        2: (0, 0.0),
    }
    assert fair_shares([Given(1, 5)], []) == {}


presences = st.lists(
    st.builds(
        Presence,
        key=st.integers(1, 6),
        weight=st.integers(1, 300),
        since=st.integers(-10, 60),
        absences=st.lists(st.tuples(st.integers(-20, 80), st.integers(-20, 80))).map(merge),
    ),
    max_size=5,
    unique_by=lambda presence: presence.key,
)
given_bookings = st.lists(st.builds(Given, st.integers(1, 7), st.integers(-20, 90)), max_size=40)


@settings(deadline=None)
@given(given_bookings, presences)
def test_shares_are_those_of_handing_out_each_booking_by_itself(bookings, hosts):
    shares = fair_shares(bookings, hosts)
    expected = slow_shares(bookings, hosts)
    assert shares.keys() == expected.keys()
    for host, (received, due) in shares.items():
        assert received == expected[host][0]
        assert due == pytest.approx(float(expected[host][1]), abs=1e-12)
    total = sum(received for received, _due in shares.values())
    assert sum(due for _received, due in shares.values()) == pytest.approx(total)


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=6),
    st.lists(st.integers(0, 5), min_size=1, max_size=50),
)
def test_with_everybody_present_a_share_is_all_bookings_by_weight(weights, takers):
    hosts = [Presence(key, weight, 0, []) for key, weight in enumerate(weights)]
    bookings = [Given(taker % len(weights), made) for made, taker in enumerate(takers)]
    for key, (received, due) in fair_shares(bookings, hosts).items():
        assert received == sum(booking.host == key for booking in bookings)
        assert due == pytest.approx(len(takers) * weights[key] / sum(weights), abs=1e-12)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10_000),
            # Few enough to tie often, and such that a float cannot hold them.
            st.fractions(-3, 3, max_denominator=7),
            st.integers(0, 2),
            st.none() | st.integers(0, 3),
        ),
        max_size=8,
    )
)
def test_the_order_is_that_of_exact_shortfalls_then_priority_wait_and_key(hosts):
    candidates = [
        Candidate(key, priority, last)
        for key, (_received, _shortfall, priority, last) in enumerate(hosts)
    ]
    # The noise of arithmetic: due is never an exact number.
    shares = {
        key: (received, float(received + shortfall) + (key % 2) * 1e-9)
        for key, (received, shortfall, _priority, _last) in enumerate(hosts)
    }

    def exact(key: int):
        _received, shortfall, priority, last = hosts[key]
        return (-shortfall, -priority, -1 if last is None else last, key)

    ranked = by_fairness(candidates, shares)
    assert [each.candidate.key for each in ranked] == sorted(range(len(hosts)), key=exact)
    # What is named is what differs.
    compared = [(ranked[0], ranked[1])] if len(ranked) > 1 else []
    for place, other in compared + list(zip(ranked[1:], ranked, strict=False)):
        one, two = exact(place.candidate.key), exact(other.candidate.key)
        first_difference = next(index for index in range(4) if one[index] != two[index])
        assert place.rule == ("shortfall", "priority", "idle", "order")[first_difference]
        assert place.ahead == (one < two)


def test_each_place_carries_what_was_received_and_what_was_due():
    shares = {1: (3, 4.5), 2: (4, 4 + 1 / 3), 3: (5, 4.0)}
    ranked = by_fairness([Candidate(key, 5 - key, None) for key in (3, 1, 2)], shares)
    assert [(each.candidate.key, each.rule, each.ahead, each.values) for each in ranked] == [
        (1, "shortfall", True, {"received": 3, "due": 4.5}),
        (2, "shortfall", False, {"received": 4, "due": 4.33}),
        (3, "shortfall", False, {"received": 5, "due": 4.0}),
    ]


def test_equal_shortfalls_are_settled_by_priority_and_keep_the_numbers():
    shares = {1: (3, 3.5), 2: (100, 100.5)}
    first, second = by_fairness([Candidate(1, 0, None), Candidate(2, 1, 9)], shares)
    assert (first.candidate.key, first.rule, first.ahead) == (2, "priority", True)
    assert first.values == {"received": 100, "due": 100.5, "priority": 1, "other": 0}
    assert (second.candidate.key, second.rule, second.ahead) == (1, "priority", False)


def test_the_only_host_free_gets_it_however_much_they_had():
    ranked = by_fairness([Candidate(1, 0, None)], {1: (9, 2.0), 2: (0, 7.0)})
    assert [each.rule for each in ranked] == ["only"]
    assert by_fairness([], {}) == []
