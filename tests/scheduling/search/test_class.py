"""Class: sessions that could be opened, and seats of those that stand."""

from dataclasses import replace

from icloud_calendar_sync.scheduling.facts import Session
from tests.scheduling.one_day import (
    HOUR,
    at,
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

STANDING = Session(key=77, host=1, start=at("10:00"), stop=at("11:00"), seats_left=3)


def yoga(*sessions: Session, **known):
    """Sessions of one host with ten seats; the time of those that stand is reserved."""
    spans = sorted((each.start, each.stop) for each in sessions if each.host == 1)
    return facts(
        "class", host(1), **({"seats": 10, "sessions": sessions, "busy": {1: spans}} | known)
    )


def test_a_new_session_has_all_its_seats():
    assert offered(yoga()) == ["09:00", "10:00", "11:00"]
    offer = offer_at(yoga(), "09:00")
    assert (offer.hosts, offer.duration, offer.seats_left, offer.session) == ([1], 60, 10, None)
    assert teams(yoga(), "09:00") == [[(1,)]]


def test_a_session_that_stands_sells_what_is_left_and_opens_no_second_one():
    known = yoga(STANDING)
    assert offered(known) == ["09:00", "10:00", "11:00"]
    assert offer_at(known, "10:00")[1:] == ([1], 60, 3, 77)
    assert plans(known, "10:00") == []


def test_a_session_keeps_its_own_length_off_the_grid_and_beyond_the_hours():
    long = Session(key=78, host=1, start=at("11:45"), stop=at("13:15"), seats_left=1)
    known = yoga(long)
    assert offered(known) == ["09:00", "10:00", "11:45"]
    assert offer_at(known, "11:45").duration == 90


def test_a_session_whose_host_got_something_else_is_not_sold():
    for other in ("09:30-10:15", "10:15-10:20", "10:45-12:00", "09:00-12:00"):
        assert "10:00" not in offered(yoga(STANDING, busy_elsewhere={1: times(other)}))


def test_what_the_host_has_right_before_and_right_after_a_session_does_not_matter():
    around = times("09:00-10:00", "11:00-12:00")
    assert "10:00" in offered(yoga(STANDING, busy_elsewhere={1: around}))


def test_a_day_with_all_its_sessions_still_sells_the_seats_of_these():
    full = times("00:00-24:00")
    assert offered(yoga(STANDING, full=full)) == ["10:00"]
    assert offered(yoga(STANDING, host_full={1: full})) == ["10:00"]
    assert refusals(yoga(STANDING, full=full), "09:00") == [["full"]]


def test_a_session_without_seats_is_listed_for_its_waiting_list():
    full = Session(key=77, host=1, start=at("10:00"), stop=at("11:00"), seats_left=0)
    assert offer_at(yoga(full), "10:00").seats_left == 0


def test_sessions_outside_the_window_are_not_listed():
    known = {"earliest": at("10:01"), "latest": at("12:00")}
    assert offered(yoga(STANDING, **known)) == ["11:00"]
    assert offered(yoga(STANDING, earliest=at("09:00"), latest=at("10:00"))) == ["09:00"]
    assert offered(yoga(STANDING, earliest=at("10:00"), latest=at("11:00"))) == ["10:00"]


def test_where_a_former_host_has_a_session_no_second_one_is_offered():
    former = Session(key=70, host=9, start=at("10:00"), stop=at("11:00"), seats_left=2)
    assert takers(yoga(former)) == {"09:00": [1], "10:00": [9], "11:00": [1]}
    assert offer_at(yoga(former, STANDING), "10:00").session == 77
    assert offer_at(yoga(STANDING, former), "10:00").session == 77


def test_a_new_session_leaves_its_buffers_free():
    leg = replace(HOUR, before=15, after=30)
    reserved = {1: times("10:00-10:15")}
    assert offered(facts("class", host(1, leg), busy=reserved, step=30)) == ["10:30", "11:00"]
    assert offered(facts("class", host(1), busy=reserved, step=30)) == ["09:00", "10:30", "11:00"]
