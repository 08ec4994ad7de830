"""A visitor books."""

from zoneinfo import ZoneInfo

import pytest

from tests.main_job.host import at, iso


def test_a_visitor_books_on_a_phone(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(phone="030 1234567", note="I bring my dog.")
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert visitor.text("h1") == "You are booked"
    page = visitor.text("main")
    for words in ("First visit", "10:00 AM – 10:30 AM", "Berlin", "12 Rose Street"):
        assert words in page
    assert f"with {offer.host_name}" in page
    (booking,) = offer.bookings()
    assert booking["customer_name"] == "Anna Berg"
    assert booking["email"] == "anna@example.net"
    assert booking["phone"] == "030 1234567"
    assert booking["answers"] == {"Note": "I bring my dog."}
    assert booking["start"] == f"{at(10).astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M:%S}"
    assert booking["tz"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("email", "stored"),
    [
        ("o'brien@example.com", "o'brien@example.com"),
        ("a@exämple.com", "a@xn--exmple-cua.com"),
        ("ä@example.com", "ä@example.com"),
    ],
)
def test_every_address_that_mail_reaches_books(offer, visitor, email, stored):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(email=email)
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert offer.bookings()[0]["email"] == stored


def test_the_first_free_day_is_chosen_already(offer, visitor):
    visitor.open(offer.path)
    first = visitor.see(".o_booking_day").first
    assert first.get_attribute("aria-pressed") == "true"
    assert visitor.see(".o_booking_time").count() > 0


def test_a_visitor_in_new_york_sees_new_york_times(offer, new_visitor):
    visitor = new_visitor(timezone_id="America/New_York")
    visitor.open(offer.path)
    assert visitor.see(".o_booking_zone").input_value() == "America/New_York"
    visitor.turn_to(at(15).date())
    visitor.see(f"[data-day='{at(15).date()}']").click()
    there = at(15).astimezone(ZoneInfo("America/New_York"))
    button = visitor.time(at(15))
    both = f"{there:%-I:%M %p} 3:00 PM Berlin"
    assert " ".join(button.inner_text().split()) == both
    button.click()
    assert "New York (GMT" in visitor.text(".o_booking_chosen")
    assert "3:00 PM – 3:30 PM, Berlin (GMT" in visitor.text(".o_booking_chosen")
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    page = visitor.text("main")
    assert f"{there:%-I:%M %p} – " in page
    assert "New York (GMT" in page
    assert "3:00 PM – 3:30 PM, Berlin (GMT" in page
    assert offer.bookings()[0]["tz"] == "America/New_York"


def test_another_zone_can_be_chosen(offer, visitor):
    visitor.open(offer.path)
    visitor.turn_to(at(10).date())
    visitor.see(".o_booking_zone").select_option("Asia/Tokyo")
    there = at(10).astimezone(ZoneInfo("Asia/Tokyo"))
    visitor.see(f"[data-day='{there.date()}']").click()
    both = f"{there:%-I:%M %p} 10:00 AM Berlin"
    assert " ".join(visitor.time(at(10)).inner_text().split()) == both
    assert visitor.text(".o_booking_offset") == "GMT+9"


def test_24_hours_where_the_language_has_them(offer, admin, new_visitor):
    wizard = admin.call("base.language.install", "create", {"lang_ids": [(6, 0, _german(admin))]})
    admin.call("base.language.install", "lang_install", [wizard])
    visitor = new_visitor(locale="de-DE")
    visitor.open(f"/de{offer.path}")
    visitor.choose(at(15))
    assert "15:00 – 15:30" in visitor.text(".o_booking_chosen")
    assert visitor.page.locator("html").get_attribute("lang") == "de-DE"


def _german(admin):
    domain = [("code", "=", "de_DE"), ("active", "in", (True, False))]
    return admin.call("res.lang", "search", domain)


def test_what_was_typed_is_kept_when_the_time_was_just_taken(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(phone="030 1234567", note="Second floor is fine.")
    offer.book(at(10))
    visitor.confirm()
    refusal = visitor.see(".o_booking_refusal")
    refusal.wait_for()
    assert "Sorry, this time was just taken." in refusal.inner_text()
    assert visitor.see("[name=name]").input_value() == "Anna Berg"
    assert visitor.see("[name=email]").input_value() == "anna@example.net"
    assert visitor.see("[name=phone]").input_value() == "030 1234567"
    assert visitor.see("[name=note]").input_value() == "Second floor is fine."
    nearest = visitor.see(".o_booking_nearest")
    offered = [button.get_attribute("value") for button in nearest.all()]
    assert iso(at(9, 30)) in offered
    assert iso(at(10)) not in offered
    visitor.see(f".o_booking_nearest[value='{iso(at(9, 30))}']").click()
    visitor.page.wait_for_url("**/booking/*")
    assert "9:30 AM – 10:00 AM" in visitor.text("main")
    assert [booking["customer_name"] for booking in offer.bookings()] == ["Anna Berg", "Bo Holm"]


def test_after_a_refusal_any_other_time_can_be_chosen(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in()
    offer.book(at(10))
    visitor.confirm()
    visitor.see(".o_booking_refusal").get_by_text("Other times").click()
    visitor.choose(at(16))
    assert visitor.see("[name=name]").input_value() == "Anna Berg"
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert "4:00 PM – 4:30 PM" in visitor.text("main")


def test_what_is_wrong_stands_at_the_form_and_nothing_is_stored(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(email="anna")
    visitor.page.evaluate("document.querySelector('.o_booking_details').noValidate = true")
    with visitor.page.expect_response(lambda response: response.request.method == "POST") as sent:
        visitor.confirm()
    assert sent.value.status == 422
    assert visitor.text(".o_booking_refusal") == "Please give an e-mail address we can write to."
    assert visitor.see("[name=name]").input_value() == "Anna Berg"
    assert "10:00 AM – 10:30 AM" in visitor.text(".o_booking_chosen")
    assert offer.bookings() == []
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert len(offer.bookings()) == 1


def test_a_second_tap_while_the_first_is_on_its_way_does_nothing(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in()
    on_their_way = []
    visitor.page.route("**/bookings/*", lambda route: on_their_way.append(route))
    box = visitor.see(".o_booking_confirm").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with visitor.page.expect_request("**/bookings/*"):
        visitor.page.mouse.click(*middle)
    visitor.page.mouse.click(*middle)
    on_their_way[0].continue_()
    visitor.page.wait_for_url("**/booking/*")
    assert visitor.text("h1") == "You are booked"
    assert len(on_their_way) == 1


def test_the_phones_back_button_leads_back_to_the_times(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.see(".o_booking_details").wait_for()
    visitor.page.go_back()
    visitor.see(".o_booking_choose").wait_for()
    assert visitor.see(".o_booking_details").is_hidden()
    assert visitor.time(at(10)).get_attribute("aria-pressed") == "true"


def test_booking_with_the_keyboard_alone(offer, new_visitor):
    visitor = new_visitor(viewport={"width": 1280, "height": 900}, is_mobile=False)
    keyboard = visitor.open(offer.path).page.keyboard
    _tab_to(visitor, ".o_booking_next")
    keyboard.press("Enter")
    visitor.see(".o_booking_day").nth(20).wait_for()  # a whole month
    _tab_to(visitor, ".o_booking_day")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    chosen = visitor.see(".o_booking_day[aria-pressed=true]")
    assert chosen.get_attribute("data-day").endswith("-09")  # a day and a week after the first
    assert chosen.evaluate("day => day === document.activeElement")
    _tab_to(visitor, ".o_booking_time")
    keyboard.press("Enter")
    _tab_to(visitor, "[name=name]")
    keyboard.type("Anna Berg")
    keyboard.press("Tab")
    keyboard.type("anna@example.net")
    keyboard.press("Enter")
    visitor.page.wait_for_url("**/booking/*")
    assert offer.bookings()[0]["start"][8:10] == "09"


def _tab_to(visitor, selector, limit=60):
    for _ in range(limit):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the tab key never reaches {selector}")
