"""Round robin and collective: who may take a start, and who would come."""

from icloud_calendar_sync.scheduling.facts import Hours
from tests.scheduling.one_day import facts, host, offered, plans, takers, teams, times

BUSY_AT_TEN = {1: times("10:00-11:00")}


def test_round_robin_offers_a_start_when_any_host_is_free():
    known = facts("round_robin", host(1), host(2), busy=BUSY_AT_TEN)
    assert takers(known) == {"09:00": [1, 2], "10:00": [2], "11:00": [1, 2]}


def test_the_best_host_is_tried_first_and_the_others_after():
    known = facts("round_robin", host(1), host(2), host(3), busy=BUSY_AT_TEN)
    assert teams(known, "09:00", 3, 1, 2) == [[(3,)], [(1,)], [(2,)]]
    assert teams(known, "10:00", 3, 1, 2) == [[(3,)], [(2,)]]


def test_a_fixed_host_comes_to_every_session_with_one_of_the_others():
    known = facts("round_robin", host(1, fixed=True), host(2), host(3), busy=BUSY_AT_TEN)
    assert takers(known) == {"09:00": [1, 2, 3], "11:00": [1, 2, 3]}
    assert teams(known, "09:00", 3, 2, 1) == [[(3, 1)], [(2, 1)]]
    assert teams(known, "10:00") == []


def test_a_fixed_host_alone_is_not_enough_while_there_are_others():
    known = facts("round_robin", host(1, fixed=True), host(2), busy={2: times("09:30-10:30")})
    assert offered(known) == ["11:00"]


def test_when_all_hosts_are_fixed_they_come_together():
    known = facts("round_robin", host(1, fixed=True), host(2, fixed=True), busy=BUSY_AT_TEN)
    assert offered(known) == ["09:00", "11:00"]
    assert teams(known, "09:00", 2, 1) == [[(2, 1)]]


def test_in_another_kind_a_mark_left_from_round_robin_means_nothing():
    known = facts("service", host(1, fixed=True), host(2), busy=BUSY_AT_TEN)
    assert takers(known)["10:00"] == [2]
    assert teams(known, "09:00") == [[(1,)], [(2,)]]


def test_a_collective_is_offered_when_every_host_is_free_and_the_first_invites():
    known = facts("collective", host(1), host(2), busy=BUSY_AT_TEN)
    assert takers(known) == {"09:00": [1, 2], "11:00": [1, 2]}
    assert teams(known, "09:00", 2, 1) == [[(2, 1)]]
    assert plans(known, "10:00") == []


def test_a_collective_needs_also_the_host_who_does_not_do_it():
    assert offered(facts("collective", host(1), host(2, None))) == []


def test_each_host_keeps_own_hours():
    hours = {
        "early": Hours("UTC", times("08:00-10:00")),
        "late": Hours("Europe/Berlin", times("11:00-13:00")),
    }
    team = host(1, hours="early"), host(2, hours="late")
    assert takers(facts("round_robin", *team, hours=hours)) == {
        "08:00": [1],
        "09:00": [1, 2],
        "10:00": [2],
    }


def test_without_hosts_nothing_is_offered():
    for kind in ("class", "round_robin", "collective", "service"):
        assert offered(facts(kind)) == []
