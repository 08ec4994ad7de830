"""Whoever comes too often is told so kindly, and waits no longer than needed."""

import pytest

from tests.main_job.host import at, iso

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}


@pytest.fixture
def limit(admin):
    """Sets one limit; all others stay off."""

    def change(words):
        admin.call("ir.config_parameter", "set_param", "icloud_calendar_sync.limits", words)

    yield lambda words: change(f"all=off {words}")
    change("all=off")


def test_a_form_that_was_sent_too_early_sends_itself_again(offer, visitor, limit):
    limit("book.visitor=1/4")
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(email="nobody")
    visitor.page.evaluate("document.querySelector('.o_booking_details').noValidate = true")
    visitor.confirm()
    visitor.see(".o_booking_refusal").wait_for()
    visitor.fill_in()
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        visitor.confirm()
    if refused.value.status == 429:  # A slow machine is never too early.
        visitor.page.get_by_role("heading", name="One moment, please").wait_for()
    visitor.page.wait_for_url("**/booking/*")
    assert visitor.text("h1") == "You are booked"
    (booking,) = offer.bookings()
    assert (booking["customer_name"], booking["email"]) == ("Anna Berg", "anna@example.net")


def test_without_scripts_it_is_sent_again_by_hand(offer, script, limit):
    limit("book.visitor=1/7200")
    script.post(offer.path, **ANNA)
    answer = script.post(offer.path, start=iso(at(10)), **ANNA)
    assert answer.status_code == 429
    assert 7_000 < int(answer.headers["Retry-After"]) <= 7_200
    assert "Please try again in 120 minutes." in answer.text
    # The page has no script that would wait so long.
    assert "data-seconds" not in answer.text
    limit("")
    token = answer.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {**ANNA, "start": iso(at(10)), "csrf_token": token}
    for name, value in form.items():
        assert f'name="{name}" value="{value}"' in answer.text
    assert script.ask("POST", offer.path, data=form, allow_redirects=False).status_code == 303


def test_the_picker_waits_for_its_times(offer, visitor, limit):
    limit("times.visitor=1/6")
    # Each page asks once before its scripts are there.
    visitor.page.goto(offer.path)
    visitor.page.goto(offer.path)
    visitor.see(".o_booking_time").first.wait_for()
    visitor.choose(at(10))
    visitor.see(".o_booking_details").wait_for()


def test_a_browser_that_kept_no_cookie_is_asked_once_more(offer, visitor):
    booking = offer.book(at(10))
    visitor.page.goto(f"/booking/{booking['token']}/cancel")
    visitor.page.context.clear_cookies()
    visitor.page.get_by_role("button", name="Cancel the booking").click()
    assert visitor.text("h1") == "Please press the button once more"
    assert offer.bookings()[0]["state"] == "confirmed"
    visitor.page.get_by_role("button", name="Send it again").click()
    visitor.page.get_by_role("heading", name="This booking is cancelled").wait_for()
    assert offer.bookings()[0]["state"] == "cancelled"
