"""What strangers cannot do, whatever they send."""

from datetime import timedelta

import pytest

from tests.main_job.host import at, iso

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}


@pytest.mark.parametrize(
    "start",
    [
        at(3),  # at night
        at(18),  # when the host goes home
        at(10, 7),  # between two starts
        at(10, days=-1),  # yesterday
        at(10, days=90),  # later than is offered
    ],
)
def test_a_time_that_is_not_offered_cannot_be_booked_by_editing_the_form(offer, script, start):
    answer = script.post(offer.path, start=iso(start), **ANNA)
    assert answer.status_code == 409
    assert offer.bookings() == []


@pytest.mark.parametrize(
    "start", ["", "tomorrow", "2026-13-45", "9999-12-31T23:59:00Z", "0001-01-01", "\0", "1" * 5000]
)
def test_what_is_no_time_is_refused_with_a_sentence(offer, script, start):
    answer = script.post(offer.path, start=start, **ANNA)
    assert answer.status_code == 422
    assert 'class="o_booking_refusal' in answer.text
    assert offer.bookings() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "A" * 200},
        {"email": ""},
        {"email": "anna"},
        {"phone": "0" * 100},
        {"note": "A" * 3000},
    ],
)
def test_details_that_do_not_fit_are_refused_and_nothing_is_stored(offer, script, wrong):
    answer = script.post(offer.path, start=iso(at(10)), **{**ANNA, **wrong})
    assert answer.status_code == 422
    assert offer.bookings() == []


def test_an_unknown_zone_does_not_keep_anybody_from_booking(offer, script):
    answer = script.post(offer.path, start=iso(at(10)), **{**ANNA, "tz": "Moon/Crater"})
    assert answer.status_code == 303
    assert offer.bookings()[0]["tz"] == "Europe/Berlin"


def test_a_form_from_elsewhere_is_refused(offer, script):
    booking = offer.book(at(10))
    for path in (
        offer.path,
        f"/booking/{booking['token']}/move",
        f"/booking/{booking['token']}/cancel",
    ):
        answer = script.ask("POST", path, data={**ANNA, "start": iso(at(11))})
        assert answer.status_code == 400
    assert offer.bookings() == [booking]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(offer, script, method):
    booking = offer.book(at(10))
    path = f"/booking/{booking['token']}"
    for page in ("", "/move", "/cancel", "/calendar", "/slots"):
        question = {"start": iso(at(14)), "name": "Eve", "from": "2026-12-01", "to": "2026-12-01"}
        headers = {"Sec-Purpose": "prefetch"}
        answer = script.ask(method, path + page, params=question, headers=headers)
        assert answer.status_code == 200
    script.ask(method, offer.path, params={**ANNA, "start": iso(at(14))})
    assert offer.bookings() == [booking]


def test_what_is_not_published_is_not_there(new_offer, script, visitor):
    offer = new_offer(name="Secret offer")
    page = script.get(offer.path).text
    offer.change(is_published=False)
    assert visitor.page.goto(offer.path).status == 404
    assert visitor.text("h1") == "This page is not available"
    assert script.slots(offer.path).status_code == 404
    assert "Secret offer" not in script.get("/bookings").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {**ANNA, "start": iso(at(10)), "csrf_token": token}
    assert script.ask("POST", offer.path, data=form).status_code == 404
    assert offer.bookings() == []


def test_odd_addresses_are_not_found(script):
    for path in ("/bookings/nothing", "/bookings/%00", "/booking/%00", "/booking/%F0%9F%98%80"):
        assert script.get(path).status_code == 404


def test_what_a_visitor_types_is_shown_as_text(offer, visitor):
    # Without a dot: what looks like an address of the web is taken apart.
    attack = "<img src=x onerror='document[`title`]=`broken in`'>"
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(name=attack, note=f"{attack}</textarea>{attack}", email="anna")
    visitor.page.evaluate("document.querySelector('.o_booking_details').noValidate = true")
    visitor.confirm()
    visitor.see(".o_booking_refusal").wait_for()
    assert visitor.see("[name=name]").input_value() == attack
    assert visitor.see("main img").count() == 0
    visitor.see("[name=email]").fill("anna@example.net")
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert f"for {attack}" in visitor.text("main")
    assert visitor.see("main img").count() == 0
    assert visitor.page.title().startswith("First visit")
    visitor.page.goto(f"{offer.path}?name={attack}&note={attack}&email={attack}&tz={attack}")
    assert visitor.see("main img").count() == 0


def test_texts_with_signs_no_database_takes_are_refused(offer, script):
    answer = script.post(offer.path, start=iso(at(10)), **{**ANNA, "name": "An\0na"})
    assert answer.status_code in (303, 422)


def test_two_who_confirm_one_after_the_other_do_not_get_the_same_time(offer, script):
    first = script.post(offer.path, start=iso(at(10)), **ANNA)
    second = script.post(offer.path, start=iso(at(10)), **ANNA)
    overlapping = script.post(offer.path, start=iso(at(10) + timedelta(minutes=15)), **ANNA)
    assert (first.status_code, second.status_code, overlapping.status_code) == (303, 409, 409)
    assert len(offer.bookings()) == 1
