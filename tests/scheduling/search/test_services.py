"""Services: by one host, or handed from host to host."""

from icloud_calendar_sync.scheduling import search
from icloud_calendar_sync.scheduling.facts import Hours, Leg
from icloud_calendar_sync.scheduling.plans import MOST_PLANS
from icloud_calendar_sync.scheduling.windows import contains
from tests.scheduling.one_day import (
    at,
    clock,
    facts,
    host,
    offer_at,
    offered,
    plans,
    refusals,
    takers,
    teams,
    times,
)

CUT, COLOUR, CARE = Leg(30), Leg(60), Leg(15)


def salon(*hosts, **known):
    return facts("service", *hosts, **({"step": 30} | known))


def handed(*hosts, **known):
    return salon(*hosts, hand_over=True, **known)


def sessions(known, time, *ranked):
    """The first plan: (hosts, from, to) of each session."""
    plan = plans(known, time, *ranked)[0]
    return [(part.hosts, clock(part.start), clock(part.stop)) for part in plan]


def test_one_service_is_offered_by_each_host_who_does_it():
    known = salon(host(1, COLOUR), host(2, None), busy={1: times("10:00-10:30")})
    assert takers(known) == {"09:00": [1], "10:30": [1], "11:00": [1]}
    assert refusals(known, "09:00") == [[], ["service"]]


def test_several_services_take_one_host_their_time_together():
    known = salon(host(1, CUT, COLOUR))
    assert offered(known) == ["09:00", "09:30", "10:00", "10:30"]
    assert sessions(known, "10:30") == [((1,), "10:30", "12:00")]
    assert offer_at(known, "10:30").duration == 90


def test_a_quick_host_may_start_later_and_the_longest_time_is_shown():
    known = salon(host(1, CUT, COLOUR), host(2, CARE, Leg(45)))
    assert takers(known)["11:00"] == [2]
    assert offer_at(known, "11:00").duration == 60
    assert takers(known)["10:30"] == [1, 2]
    assert offer_at(known, "10:30").duration == 90
    assert sessions(known, "10:30", 2, 1) == [((2,), "10:30", "11:30")]
    assert sessions(known, "10:30", 1, 2) == [((1,), "10:30", "12:00")]


def test_the_buffer_before_is_that_of_the_first_service_and_after_that_of_the_last():
    legs = Leg(30, before=30, after=60), Leg(30, before=60, after=15)
    known = salon(host(1, *legs), busy={1: times("08:00-08:45", "11:15-11:30")})
    assert offered(known) == ["09:30", "10:00"]
    (plan,) = plans(known, "10:00")
    assert [clock(moment) for moment in plan[0].padded] == ["09:30", "11:15"]


def test_without_handing_over_one_host_must_do_them_all():
    team = host(1, CUT, None), host(2, None, COLOUR)
    assert offered(salon(*team)) == []
    assert refusals(salon(*team), "09:00") == [["service"], ["service"]]
    assert offered(handed(*team)) == ["09:00", "09:30", "10:00", "10:30"]


def test_a_service_that_only_another_does_is_handed_over():
    known = handed(host(1, CUT, None), host(2, None, COLOUR))
    assert takers(known)["09:00"] == [1]
    assert sessions(known, "09:00") == [((1,), "09:00", "09:30"), ((2,), "09:30", "10:30")]


def test_nothing_is_offered_when_nobody_does_a_service():
    known = handed(host(1, CUT, None), host(2, CUT, None))
    assert offered(known) == []
    assert plans(known, "09:00") == []


def test_who_goes_on_must_be_free_then_and_not_before():
    team = host(1, CUT, None), host(2, None, COLOUR)
    assert offered(handed(*team, busy={2: times("08:00-10:15")})) == ["10:00", "10:30"]
    assert offered(handed(*team, busy={1: times("09:30-12:00")})) == ["09:00"]


def test_a_handed_chain_takes_each_host_the_own_time():
    slow, quick, other = host(1, Leg(60), None), host(2, Leg(30), None), host(3, None, COLOUR)
    known = handed(slow, quick, other, busy={3: times("09:00-10:30")})
    # The slow one is ready at half past ten when begun at half past nine.
    assert takers(known) == {"09:30": [1], "10:00": [1, 2], "10:30": [2]}
    assert sessions(known, "10:00", 1, 2, 3) == [((1,), "10:00", "11:00"), ((3,), "11:00", "12:00")]
    assert sessions(known, "10:00", 2, 1, 3) == [((2,), "10:00", "10:30"), ((3,), "10:30", "11:30")]
    assert offer_at(known, "10:00").duration == 120


def test_one_host_who_can_do_them_all_is_asked_before_they_are_handed_over():
    known = handed(host(1, CUT, None), host(2, CUT, COLOUR))
    assert takers(known)["09:00"] == [2]
    assert teams(known, "09:00") == [[(2,)], [(1,), (2,)]]


def test_two_services_of_one_host_are_one_session_and_a_return_is_another():
    alone = host(1, CUT, CARE, None), host(2, None, None, COLOUR)
    assert sessions(handed(*alone), "09:00") == [
        ((1,), "09:00", "09:45"),
        ((2,), "09:45", "10:45"),
    ]
    returning = host(1, CUT, None, CARE), host(2, None, COLOUR, None)
    assert [hosts for hosts, _start, _stop in sessions(handed(*returning), "09:00")] == [
        (1,),
        (2,),
        (1,),
    ]


def test_a_chain_begins_on_the_grid_of_who_begins_and_goes_on_whenever_that_is():
    hours = {"odd": Hours("UTC", times("09:10-12:00")), "team": Hours("UTC", times("09:00-12:00"))}
    known = handed(host(1, Leg(20), None, hours="odd"), host(2, Leg(20), Leg(20)), hours=hours)
    assert takers(known)["09:10"] == [1]
    assert teams(known, "09:10") == [[(1,), (2,)]]
    assert teams(known, "09:30") == [[(2,)]]
    assert teams(known, "09:15") == []


def test_each_service_of_a_chain_keeps_its_buffers_free():
    team = host(1, Leg(30, after=30), None), host(2, None, Leg(60, before=15, after=15))
    busy = {1: times("10:30-11:00"), 2: times("11:00-11:15")}
    known = handed(*team, busy=busy)
    # 9:00 ends for the second at 10:45 with the buffer, 9:30 at 11:15, which is taken.
    assert offered(known) == ["09:00"]
    (plan,) = plans(known, "09:00")
    assert [tuple(map(clock, part.padded)) for part in plan] == [
        ("09:00", "10:00"),
        ("09:15", "10:45"),
    ]


def test_a_chain_may_go_on_after_the_window_in_which_it_begins():
    known = handed(host(1, CUT, None), host(2, None, COLOUR), latest=at("09:01"))
    assert offered(known) == ["09:00"]
    late = handed(
        host(1, CUT, None),
        host(2, None, COLOUR),
        latest=at("09:01"),
        busy={2: times("10:00-10:30")},
    )
    assert offered(late) == []


def test_there_is_a_plan_for_each_way_of_handing_over_and_the_best_host_begins_first():
    known = handed(host(1, CUT, COLOUR), host(2, CUT, COLOUR))
    assert teams(known, "09:00", 2, 1) == [[(2,)], [(1,)], [(1,), (2,)], [(2,), (1,)]]
    begun_by_two = handed(host(1, CUT, None), host(2, CUT, None), host(3, None, COLOUR))
    assert teams(begun_by_two, "09:00", 3, 2, 1) == [[(2,), (3,)], [(1,), (3,)]]


def test_whoever_loses_the_race_for_one_host_asks_for_another_soon():
    many = [host(key, CUT, CARE, COLOUR) for key in range(1, 9)]
    first_nine = teams(handed(*many), "09:00")[:9]
    assert {team[0] for team in first_nine} == {(key,) for key in range(1, 9)}
    assert len(teams(handed(*many), "09:00")) == MOST_PLANS


def test_ten_hosts_for_ten_services_are_handed_over_without_walking_all_ways(monkeypatch):
    asked = []

    def counted(windows, moment):
        asked.append(moment)
        # There are ten thousand million ways: one that walks them shall fail, not hang.
        assert len(asked) < 1000
        return contains(windows, moment)

    monkeypatch.setattr(search, "contains", counted)
    many = [host(key, *[Leg(15)] * 10) for key in range(10)]
    found = teams(handed(*many), "09:00")
    assert found[:10] == [[(key,)] for key in range(10)]
    assert {team[0] for team in found[10:]} == {(key,) for key in range(10)}
    assert len(found) == MOST_PLANS


def test_a_full_host_takes_no_part_in_a_chain():
    team = host(1, CUT, None), host(2, None, COLOUR), host(3, CUT, None)
    full = times("00:00-24:00")
    assert takers(handed(*team, host_full={1: full}))["09:00"] == [3]
    assert offered(handed(*team, host_full={2: full})) == []
    assert offered(handed(*team, full=full)) == []


def test_a_chain_next_to_bookings_begins_next_to_one_of_who_begins():
    team = host(1, CUT, None), host(2, None, COLOUR)
    near = {"reserved": {1: times("10:00-10:30")}, "days": times("00:00-24:00")}
    assert offered(handed(*team, busy={1: times("10:00-10:30")}, **near)) == ["09:30", "10:30"]


def test_handing_over_is_no_way_around_the_rule_for_one_host():
    near = {"reserved": {1: times("10:30-11:00")}, "days": times("00:00-24:00")}
    busy = {1: times("10:30-11:00")}
    known = handed(host(1, CARE, Leg(45)), busy=busy, **near)
    assert offered(known) == ["09:30", "11:00"]
