"""A customer looks at, moves and cancels a booking."""

from datetime import UTC

import icalendar
import pytest

from tests.main_job.host import at, iso


@pytest.fixture
def booking(offer):
    return offer.book(at(10), name="Anna Berg", tz="Europe/Berlin")


@pytest.fixture
def path(booking):
    return f"/booking/{booking['token']}"


def odoo_utc(moment):
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def test_a_customer_moves_to_another_time(offer, path, visitor):
    visitor.page.goto(path)
    visitor.page.get_by_role("link", name="Move").click()
    visitor.see(".o_booking_time").first.wait_for()
    assert "10:00 AM – 10:30 AM" in visitor.text("main")
    visitor.choose(at(14))
    assert "2:00 PM – 2:30 PM" in visitor.text(".o_booking_chosen")
    visitor.page.get_by_role("button", name="Move to this time").click()
    visitor.page.wait_for_url(f"**{path}?*")
    assert visitor.text("h1") == "Your new time is booked"
    assert "2:00 PM – 2:30 PM" in visitor.text("main")
    (booking,) = offer.bookings()
    assert booking["start"] == odoo_utc(at(14))


def test_the_old_time_is_free_for_others_after_moving(offer, path, script):
    day = {"from": str(at(10).date()), "to": str(at(10).date())}
    script.post(f"{path}/move", start=iso(at(14)), tz="Europe/Berlin")
    starts = [slot["start"] for slot in script.slots(offer.path, **day).json()["slots"]]
    assert iso(at(10)) in starts
    assert iso(at(14)) not in starts


def test_a_booking_may_move_into_its_own_time(new_offer, script):
    offer = new_offer(duration=60)
    path = f"/booking/{offer.book(at(10))['token']}"
    day = {"from": str(at(10).date()), "to": str(at(10).date())}
    starts = [slot["start"] for slot in script.slots(path, **day).json()["slots"]]
    assert iso(at(10, 30)) in starts
    assert iso(at(10)) not in starts
    assert script.post(f"{path}/move", start=iso(at(10, 30))).status_code == 303
    assert offer.bookings()[0]["start"] == odoo_utc(at(10, 30))


def test_moving_to_a_time_that_was_just_taken_offers_others_and_moves_nothing(offer, path, visitor):
    visitor.open(f"{path}/move")
    visitor.choose(at(14))
    offer.book(at(14))
    visitor.page.get_by_role("button", name="Move to this time").click()
    visitor.see(".o_booking_refusal").wait_for()
    assert "Sorry, this time was just taken." in visitor.text(".o_booking_refusal")
    assert odoo_utc(at(10)) in [each["start"] for each in offer.bookings()]
    visitor.see(f".o_booking_nearest[value='{iso(at(14, 30))}']").click()
    visitor.page.wait_for_url(f"**{path}?*")
    assert odoo_utc(at(14, 30)) in [each["start"] for each in offer.bookings()]


def test_a_move_in_another_zone_is_told_in_that_zone(offer, path, visitor):
    visitor.open(f"{path}/move")
    visitor.see(".o_booking_zone").select_option("Europe/London")
    visitor.choose(at(14))
    visitor.page.get_by_role("button", name="Move to this time").click()
    visitor.page.wait_for_url(f"**{path}?*")
    assert "1:00 PM – 1:30 PM London (GMT)" in visitor.text("main")


def test_a_refused_move_changes_nothing_at_all(offer, booking, path, script):
    offer.book(at(14))
    answer = script.post(f"{path}/move", start=iso(at(14)), tz="Europe/London")
    assert answer.status_code == 409
    assert booking in offer.bookings()


def test_a_customer_is_asked_before_a_booking_is_cancelled(offer, path, visitor):
    visitor.page.goto(path)
    visitor.page.get_by_role("link", name="Cancel").click()
    assert visitor.text("h1") == "Cancel this booking?"
    assert offer.bookings()[0]["state"] == "confirmed"
    visitor.page.get_by_role("button", name="Cancel the booking").click()
    visitor.page.wait_for_url(f"**{path}")
    assert visitor.text("h1") == "This booking is cancelled"
    assert offer.bookings()[0]["state"] == "cancelled"


def test_a_customer_keeps_a_booking(offer, path, visitor):
    visitor.page.goto(f"{path}/cancel")
    visitor.page.get_by_role("link", name="Keep it").click()
    visitor.page.wait_for_url(f"**{path}")
    assert visitor.text("h1") == "You are booked"


def test_a_cancelled_booking_offers_neither_moving_nor_cancelling(offer, path, visitor, script):
    script.post(f"{path}/cancel", form_at=f"{path}/cancel")
    assert visitor.page.goto(path).status == 200
    links = [link.inner_text() for link in visitor.see("main a").all()]
    assert links == ["Book another time"]
    for page in ("move", "cancel", "calendar"):
        answer = script.get(f"{path}/{page}", allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert script.slots(path).status_code == 404


def test_a_booking_that_is_over_offers_neither(offer, booking, path, visitor, script, database):
    before = script.get(f"{path}/cancel").text
    database.execute(
        "UPDATE icloud_booking SET start = '2026-01-05 09:00', stop = '2026-01-05 09:30'"
        " WHERE id = %s",
        [booking["id"]],
    )
    visitor.page.goto(path)
    assert visitor.text("h1") == "This booking is over"
    assert visitor.page.get_by_role("link", name="Move").count() == 0
    assert visitor.page.get_by_role("link", name="Cancel").count() == 0
    # The page was still open somewhere.
    token = before.partition('name="csrf_token" value="')[2].partition('"')[0]
    for page in ("move", "cancel"):
        script.ask("POST", f"{path}/{page}", data={"csrf_token": token, "start": iso(at(14))})
    (booking,) = offer.bookings()
    assert (booking["state"], booking["start"]) == ("confirmed", "2026-01-05 09:00:00")


def test_the_booking_goes_into_the_customers_calendar(offer, path, script):
    answer = script.get(f"{path}/calendar")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.start == at(10)
    assert event.end == at(10, 30)
    assert event["SUMMARY"] == "First visit"
    assert event["LOCATION"] == "12 Rose Street"
    assert path in event["DESCRIPTION"]


def test_nobody_else_keeps_or_hears_of_a_customers_link(path, script):
    for page in ("", "/move", "/cancel", "/calendar"):
        headers = script.get(path + page).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]


def test_a_link_that_leads_to_no_booking_is_not_found(visitor, script):
    assert visitor.page.goto("/booking/bm90aGluZw").status == 404
    assert visitor.text("h1") == "We cannot find this booking"
    for page in ("move", "cancel", "calendar"):
        assert script.get(f"/booking/bm90aGluZw/{page}").status_code == 404
    assert script.slots("/booking/bm90aGluZw").status_code == 404
