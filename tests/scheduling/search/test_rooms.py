"""Rooms and equipment: of each pool one must be free too."""

from icloud_calendar_sync.scheduling.facts import Leg
from icloud_calendar_sync.scheduling.plans import MOST_PLANS
from tests.scheduling.one_day import facts, host, offered, refusals, rooms, teams, times

EITHER = Leg(60, pools=((101, 102),))
WHOLE = times("00:00-24:00")


def studio(leg: Leg, **known):
    return facts("round_robin", host(1, leg), **known)


def test_of_two_rooms_one_must_be_free():
    room_busy = {101: times("09:00-11:00"), 102: times("10:00-12:00")}
    known = studio(EITHER, room_busy=room_busy)
    assert offered(known) == ["09:00", "11:00"]
    assert rooms(known, "09:00") == [[(102, "09:00", "10:00")]]
    assert rooms(known, "11:00") == [[(101, "11:00", "12:00")]]
    assert rooms(known, "10:00") == []
    assert refusals(known, "10:00") == [["room"]]


def test_each_free_room_is_a_plan_of_its_own():
    assert rooms(studio(EITHER), "09:00") == [
        [(101, "09:00", "10:00")],
        [(102, "09:00", "10:00")],
    ]


def test_two_rooms_that_are_free_one_after_the_other_are_not_one_room():
    room_busy = {101: times("09:30-12:00"), 102: times("09:00-09:30")}
    assert offered(studio(EITHER, room_busy=room_busy, step=30)) == [
        "09:30",
        "10:00",
        "10:30",
        "11:00",
    ]


def test_a_room_is_kept_for_the_buffers_too():
    leg = Leg(60, before=15, after=30, pools=((101,),))
    known = studio(leg, room_busy={101: times("08:00-08:50", "11:15-11:30")}, step=15)
    assert offered(known) == ["09:15", "09:30", "09:45"]
    assert rooms(known, "09:15") == [[(101, "09:00", "10:45")]]


def test_all_equipment_must_be_free():
    leg = Leg(60, pools=((101, 102), (201,), (202,)))
    busy = {201: times("09:00-09:10"), 202: times("11:50-12:00")}
    known = studio(leg, room_busy=busy)
    assert offered(known) == ["10:00"]
    assert [[use[0] for use in plan] for plan in rooms(known, "10:00")] == [
        [101, 201, 202],
        [102, 201, 202],
    ]


def test_one_room_is_not_enough_for_two_pools():
    same = Leg(60, pools=((101,), (101,)))
    assert offered(studio(same)) == []
    assert refusals(studio(same), "09:00") == [["room"]]
    two_of_two = Leg(60, pools=((101, 102), (101, 102)))
    known = studio(two_of_two, room_busy={102: times("09:00-10:00")})
    assert offered(known) == ["10:00", "11:00"]
    assert [[use[0] for use in plan] for plan in rooms(known, "10:00")] == [[101, 102], [102, 101]]


def test_a_room_that_is_needed_as_such_is_left_by_the_choice_of_rooms():
    known = studio(Leg(60, pools=((101, 102), (101,))), room_busy={102: times("11:00-12:00")})
    assert offered(known) == ["09:00", "10:00"]
    assert [[use[0] for use in plan] for plan in rooms(known, "09:00")] == [[102, 101]]


def test_without_any_room_in_a_pool_nothing_is_offered():
    assert offered(studio(Leg(60, pools=((),)))) == []
    assert offered(studio(Leg(60, pools=((101, 102), (102, 103), ())))) == []


def test_each_service_finds_its_room_when_its_turn_comes():
    legs = Leg(60, pools=((101,),)), Leg(60, pools=((102,),))
    busy = {101: times("10:00-12:00"), 102: times("09:00-10:00")}
    for hand_over in (False, True):
        known = facts("service", host(1, *legs), room_busy=busy, hand_over=hand_over)
        assert offered(known) == ["09:00"]
        assert rooms(known, "09:00") == [[(101, "09:00", "10:00"), (102, "10:00", "11:00")]]


def test_rooms_of_the_later_services_may_be_taken_after_the_window():
    legs = Leg(60, pools=((101,),)), Leg(60, pools=((102,),))
    team = host(1, legs[0], None), host(2, None, legs[1])
    window = {"hand_over": True, "latest": times("09:00-09:01")[0][1]}
    assert offered(facts("service", *team, **window)) == ["09:00"]
    busy = {102: times("10:30-10:40")}
    assert offered(facts("service", *team, room_busy=busy, **window)) == []


def test_two_services_may_use_one_room_one_after_the_other():
    leg = Leg(60, pools=((101,),))
    known = facts("service", host(1, leg, leg))
    assert rooms(known, "09:00") == [[(101, "09:00", "10:00"), (101, "10:00", "11:00")]]


def test_the_whole_team_shares_a_room():
    known = facts("collective", host(1, EITHER), host(2, EITHER), room_busy={101: WHOLE})
    assert rooms(known, "09:00") == [[(102, "09:00", "10:00")]]


def test_whoever_loses_a_race_tries_another_host_and_another_room_next():
    # Many are refused one host and one room at once, when all want the same start.
    known = facts("round_robin", *(host(key, EITHER) for key in (1, 2, 3)))
    tried = [
        (plan[0][0], room[0][0])
        for plan, room in zip(teams(known, "09:00"), rooms(known, "09:00"), strict=True)
    ]
    assert tried == [(1, 101), (2, 102), (3, 101), (1, 102), (2, 101), (3, 102)]


def test_many_rooms_leave_a_try_for_every_host():
    leg = Leg(60, pools=(tuple(range(100, 150)),))
    known = facts("round_robin", *(host(key, leg) for key in range(1, 11)))
    assert len(teams(known, "09:00")) == MOST_PLANS
    assert {plan[0] for plan in teams(known, "09:00")} == {(key,) for key in range(1, 11)}
