"""Visitors whose browser runs no scripts book, move and cancel as well."""

import pytest

from tests.main_job.host import at, iso


@pytest.fixture
def visitor(new_visitor):
    return new_visitor(java_script_enabled=False)


def choose(visitor, start):
    visitor.page.get_by_role("link", name="Show free times").click()
    visitor.see(f"label[for='{iso(start)}']").click()


def test_booking(offer, visitor):
    visitor.page.goto(offer.path)
    choose(visitor, at(10))
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    visitor.page.get_by_role("button", name="Confirm").click()
    assert visitor.text("h1") == "You are booked"
    assert "10:00 AM – 10:30 AM" in visitor.text("main")
    assert len(offer.bookings()) == 1


def test_scripts_that_never_come(offer, new_visitor):
    visitor = new_visitor()
    visitor.page.route("**/web/assets/**lazy**", lambda route: route.abort())
    visitor.page.goto(offer.path)
    # Shown when waiting takes long, without a script.
    visitor.page.get_by_role("link", name="See a simple list").click()
    visitor.see(f"label[for='{iso(at(10))}']").wait_for()


def test_a_time_that_was_just_taken(offer, visitor):
    visitor.page.goto(offer.path)
    choose(visitor, at(10))
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    offer.book(at(10))
    visitor.page.get_by_role("button", name="Confirm").click()
    assert "Sorry, this time was just taken." in visitor.text(".o_booking_refusal")
    assert visitor.see("[name=name]").input_value() == "Anna Berg"
    assert visitor.see(f"label[for='{iso(at(10))}']").count() == 0
    visitor.see(f"label[for='{iso(at(10, 30))}']").click()
    visitor.page.get_by_role("button", name="Confirm").click()
    assert "10:30 AM – 11:00 AM" in visitor.text("main")


def test_form_and_refusal_stand_right_after_the_times(offer, visitor):
    visitor.page.goto(f"{offer.path}?plain=1")
    days = visitor.see(".o_booking_plain_days").bounding_box()
    name = visitor.see("[name=name]").bounding_box()
    assert name["y"] - (days["y"] + days["height"]) < 200
    assert days["height"] < 844 / 2
    visitor.see(f"label[for='{iso(at(10))}']").click()
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    offer.book(at(10))
    visitor.page.get_by_role("button", name="Confirm").click()
    refusal = visitor.see(".o_booking_refusal").bounding_box()
    name = visitor.see("[name=name]").bounding_box()
    assert 0 < name["y"] - refusal["y"] < 200


def test_another_zone_and_later_days(offer, visitor):
    visitor.page.goto(f"{offer.path}?plain=1")
    visitor.see("select[name=tz]").select_option("America/New_York")
    visitor.page.get_by_role("button", name="Show in this zone").click()
    assert visitor.see("select[name=tz]").input_value() == "America/New_York"
    assert visitor.see("fieldset").count() == 7
    last = visitor.see("fieldset legend").last.inner_text()
    visitor.page.get_by_role("link", name="Later days").click()
    assert visitor.see("select[name=tz]").input_value() == "America/New_York"
    assert last not in [legend.inner_text() for legend in visitor.see("fieldset legend").all()]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "soon", "2026-02-30"])
def test_odd_days_are_brought_back_to_what_is_offered(offer, visitor, day):
    for zone in ("Asia/Tokyo", "America/New_York"):
        assert visitor.page.goto(f"{offer.path}?plain=1&from={day}&tz={zone}").status == 200


def test_moving_and_cancelling(offer, visitor):
    booking = offer.book(at(10))
    visitor.page.goto(f"/booking/{booking['token']}")
    visitor.page.get_by_role("link", name="Move").click()
    choose(visitor, at(14))
    visitor.page.get_by_role("button", name="Move to this time").click()
    assert "2:00 PM – 2:30 PM" in visitor.text("main")
    visitor.page.get_by_role("link", name="Cancel").click()
    visitor.page.get_by_role("button", name="Cancel the booking").click()
    assert visitor.text("h1") == "This booking is cancelled"
    assert offer.bookings()[0]["state"] == "cancelled"
