"""One form books once, whatever the browser does with it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.main_job.host import at, iso
from tests.pages.test_services import Salon

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}
TAPS = 4


@pytest.fixture
def team(new_offer):
    """Two who are free: a second booking at one time would find the other."""
    offer = new_offer()
    offer.new_host("Jonas")
    return offer


@pytest.fixture
def salon(server, admin, hours_id):
    """A wash by Jonas alone, a colour by Mara alone: a chain."""
    salon = Salon(admin, server.url, hours_id)
    salon.staff(salon.wash, {salon.jonas_id: {}})
    return salon


def form_on(script, path, **fields):
    """A form as it stands on a page, filled in."""
    page = script.get(path).text
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]
        for name in ("csrf_token", "once")
    }
    return {**ANNA, "start": iso(at(10)), **hidden, **fields}


def send_at_once(script, path, form):
    """Where each of some taps on one button leads to."""

    def send(_tap):
        return script.ask("POST", path, data=form, allow_redirects=False)

    with ThreadPoolExecutor(TAPS) as fingers:
        answers = list(fingers.map(send, range(TAPS)))
    assert {answer.status_code for answer in answers} == {303}
    return {answer.headers["Location"] for answer in answers}


def test_who_goes_back_and_confirms_again_sees_the_same_booking(team, visitor):
    address = visitor.book(team.path, at(10))
    visitor.page.go_back()
    visitor.choose(at(10))  # the other host is free
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*?done=booked")
    assert visitor.page.url.partition("?")[0] == address
    visitor.page.reload()
    assert visitor.text("h1") == "You are booked"
    # Whoever wants something else is told that it was not done.
    visitor.page.go_back()
    visitor.choose(at(10))
    visitor.fill_in(email="anna.berg@example.net")
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*?done=before")
    assert "You had booked this time already" in visitor.text("main")
    assert [each["email"] for each in team.bookings()] == ["anna@example.net"]


def test_going_back_without_scripts(team, new_visitor):
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{team.path}?plain=1")
    for _time in range(2):
        visitor.see(f"label[for='{iso(at(10))}']").click()
        visitor.page.fill("[name=name]", "Anna Berg")
        visitor.page.fill("[name=email]", "anna@example.net")
        visitor.page.get_by_role("button", name="Confirm").click()
        assert visitor.text("h1") == "You are booked"
        visitor.page.go_back()
    assert len(team.bookings()) == 1


def test_who_goes_back_for_another_time_or_has_cancelled_books_that_too(team, visitor):
    address = visitor.book(team.path, at(10))
    visitor.page.go_back()
    visitor.choose(at(11))
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url(lambda url: "/booking/" in url and not url.startswith(address))
    assert len(team.bookings()) == 2
    team.admin.call("icloud.booking", "action_cancel", [each["id"] for each in team.bookings()])
    visitor.page.go_back()
    visitor.choose(at(10))
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*?done=booked")
    assert [each["state"] for each in team.bookings()] == ["confirmed", "cancelled", "cancelled"]


def test_many_taps_at_once_make_one_booking(offer, team, new_offer, salon, script):
    course = new_offer(kind="class", seats=5, seats_per_booking=2)
    few = new_offer(customer_max=1)
    chain = {"services": f"{salon.wash},{salon.colour}"}
    for each, fields in ((offer, {}), (team, {}), (course, {}), (few, {}), (salon, chain)):
        page = salon.times(salon.wash, salon.colour) if each is salon else each.path
        where = send_at_once(script, each.path, form_on(script, page, **fields))
        assert len(where) == 1
        roots = [booking for booking in each.bookings() if not booking["parent_id"]]
        assert [(each.slug, len(roots))] == [(each.slug, 1)]
        assert few is each or roots[0]["token"] in where.pop()


def test_many_taps_at_once_take_one_place_in_line(new_offer, script):
    course = new_offer(kind="class", seats=1, waiting_list=True)
    course.book(at(10))
    where = send_at_once(script, f"{course.path}/wait", form_on(script, course.path))
    assert where == {f"{course.path}/written?done=wait"}
    places = course.admin.find("icloud.booking.waiting", [("type_id", "=", course.type_id)])
    assert len(places) == 1


def test_nobody_learns_of_a_booking_by_a_token_in_an_address(offer, script):
    known = "0123456789abcdefghij"
    assert form_on(script, f"{offer.path}?once={known}&plain=1")["once"] != known


def test_a_seat_is_taken_and_a_place_left_by_two_taps_as_by_one(new_offer, script):
    course = new_offer(kind="class", seats=1, waiting_list=True)
    course.book(at(10))
    place = f"/booking/waiting/{course.wait(at(10), email='cy@example.net')}"
    csrf = form_on(script, course.path)["csrf_token"]
    for _tap in range(2):
        answer = script.ask("POST", f"{place}/leave", data={"csrf_token": csrf})
        assert answer.status_code == 200
    seat = f"/booking/{course.bookings()[0]['token']}"
    answer = script.ask("POST", f"{seat}/take", data={"csrf_token": csrf}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{seat}?done=booked")
