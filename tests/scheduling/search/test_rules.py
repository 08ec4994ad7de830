"""Each rule by itself: what it leaves on the list, and its name when somebody asks why not."""

from icloud_calendar_sync.scheduling.facts import Hours, Leg
from tests.scheduling.one_day import facts, host, offered, plans, refusals, takers, times

TODAY = times("00:00-24:00")
AFTERNOON = times("12:00-24:00")


def shop(*hosts, **known):
    return facts("round_robin", *(hosts or [host(1)]), **known)


def opened(weekly=(), by_hand=(), holidays=()):
    return {"team": Hours("UTC", times(*weekly), times(*by_hand), times(*holidays))}


def test_nothing_speaks_against_a_time_that_is_offered():
    assert refusals(shop(), "09:00") == [[]]


def test_a_host_who_does_not_do_it_is_asked_nothing_else():
    known = facts("service", host(1, None), host(2), busy={1: TODAY})
    assert refusals(known, "03:00") == [["service"], ["hours"]]


def test_hours():
    assert offered(shop()) == ["09:00", "10:00", "11:00"]
    for time in ("08:00", "08:30", "11:30", "12:00"):
        assert refusals(shop(), time) == [["hours"]]


def test_step():
    for time in ("09:30", "10:59"):
        assert refusals(shop(), time) == [["step"]]


def test_holiday():
    known = shop(hours=opened(["09:00-12:00"], holidays=["10:30-11:00"]))
    # The grid is not begun anew after a holiday.
    assert offered(known) == ["09:00", "11:00"]
    for time in ("10:00", "10:15"):
        assert refusals(known, time) == [["holiday"]]
    assert refusals(known, "12:00") == [["hours"]]


def test_what_was_opened_by_hand_is_open_on_a_holiday():
    hours = opened(["15:00-17:00"], by_hand=["09:30-11:30"], holidays=["00:00-24:00"])
    known = shop(hours=hours)
    assert offered(known) == ["09:30", "10:30"]
    assert refusals(known, "15:00") == [["holiday"]]
    assert refusals(known, "10:00") == [["step"]]


def test_hours_opened_by_hand_have_a_grid_of_their_own():
    known = shop(hours=opened(["15:00-17:00"], by_hand=["09:30-11:30"]))
    assert offered(known) == ["09:30", "10:30", "15:00", "16:00"]


def test_a_session_does_not_go_over_from_weekly_hours_into_those_opened_by_hand():
    hours = opened(["09:00-10:30"], by_hand=["10:30-12:00"])
    assert offered(shop(hours=hours)) == ["09:00", "10:30"]
    assert refusals(shop(hours=hours), "10:00") == [["hours"]]


def test_busy():
    known = shop(busy={1: times("10:15-10:30")})
    assert offered(known) == ["09:00", "11:00"]
    assert refusals(known, "10:00") == [["busy"]]


def test_a_buffer_reaches_something_busy():
    known = shop(host(1, Leg(60, before=30, after=15)), busy={1: times("10:10-10:20")})
    assert offered(known) == ["11:00"]
    assert refusals(known, "09:00") == [["busy"]]
    longer = shop(host(1, Leg(60, before=45)), busy={1: times("10:10-10:20")})
    assert refusals(longer, "11:00") == [["busy"]]


def test_room():
    known = shop(host(1, Leg(60, pools=((101,),))), room_busy={101: times("10:59-11:00")})
    assert offered(known) == ["09:00", "11:00"]
    assert refusals(known, "10:00") == [["room"]]


def test_full():
    known = shop(host(1), host(2), full=times("10:00-24:00"))
    assert offered(known) == ["09:00"]
    assert refusals(known, "10:00") == [["full"], ["full"]]
    assert plans(known, "10:00") == []


def test_host_full():
    known = shop(host(1), host(2), host_full={1: times("10:00-24:00")})
    assert takers(known) == {"09:00": [1, 2], "10:00": [2], "11:00": [2]}
    assert refusals(known, "10:00") == [["host_full"], []]


def test_a_day_counts_for_the_sessions_that_begin_in_it():
    assert offered(shop(full=times("09:00-09:01"))) == ["10:00", "11:00"]
    assert offered(shop(full=times("09:01-10:00", "11:59-12:00"))) == ["09:00", "10:00", "11:00"]


def test_adjacent():
    near = {"reserved": {1: times("10:00-11:00")}, "days": TODAY}
    known = shop(busy={1: times("10:00-11:00")}, open_at=["08:00-13:00"], **near)
    assert offered(known) == ["09:00", "11:00"]
    assert refusals(known, "08:00") == [["adjacent"]]
    assert refusals(known, "12:00") == [["adjacent"]]
    # What forbids it anyway is told instead.
    assert refusals(known, "10:00") == [["busy"]]


def test_only_bookings_are_worth_being_next_to():
    near = {"reserved": {}, "days": TODAY}
    known = shop(busy={1: times("10:00-11:00")}, open_at=["08:00-13:00"], **near)
    assert offered(known) == ["08:00", "09:00", "11:00", "12:00"]


def test_being_next_to_a_booking_is_each_hosts_own_matter():
    near = {"reserved": {1: times("09:00-10:00")}, "days": TODAY}
    known = shop(host(1), host(2), busy={1: times("09:00-10:00")}, **near)
    assert takers(known) == {"09:00": [2], "10:00": [1, 2], "11:00": [2]}


def test_all_that_speaks_against_a_time_is_told():
    leg = Leg(60, pools=((101,),))
    known = shop(
        host(1, leg),
        busy={1: TODAY},
        room_busy={101: TODAY},
        full=TODAY,
        host_full={1: AFTERNOON},
    )
    (told,) = refusals(known, "12:30")
    assert sorted(told) == ["busy", "full", "host_full", "hours", "room"]


def test_hours_are_those_of_each_zone():
    hours = {"team": Hours("America/New_York", times("09:00-11:00"))}
    known = shop(hours=hours)
    assert offered(known) == ["13:00", "14:00"]
    assert refusals(known, "09:00") == [["hours"]]
