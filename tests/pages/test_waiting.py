"""Who waits for a seat of a full class: in line, offered one, and gone again."""

import pytest

from tests.main_job.host import at, iso
from tests.pages.offer import offer_freed_seats

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}
NEXT = {"name": "Next Person", "email": "next@example.net", "tz": "Europe/Berlin"}


@pytest.fixture
def full_class(new_offer):
    """One seat, taken by Bo, in a session that can be waited for."""
    offer = new_offer(
        name="Yoga", kind="class", duration=60, slot_step=60, seats=1, waiting_list=True
    )
    offer.book(at(10))
    return offer


@pytest.fixture
def wait(full_class, script):
    """Queue up over HTTP; the path of the place in line, as the e-mail has it."""

    def queue(**customer):
        answer = script.post(
            f"{full_class.path}/wait", full_class.path, start=iso(at(10)), **customer
        )
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("/written?done=wait")
        return place_of(full_class, customer["email"])

    return queue


def place_of(offer, email):
    """The path that the e-mail to this address has."""
    domain = [("type_id", "=", offer.type_id), ("email", "=", email)]
    places = offer.admin.find("icloud.booking.waiting", domain, "token")
    return f"/booking/waiting/{max(places, key=lambda place: place['id'])['token']}"


@pytest.fixture
def free_the_seat(full_class):
    """Bo cancels, and the scheduled job goes down the line."""

    def free():
        admin = full_class.admin
        holders = [each["id"] for each in full_class.bookings() if each["state"] == "confirmed"]
        admin.call("icloud.booking", "action_cancel", holders)
        offer_freed_seats(admin)

    return free


def test_a_visitor_joins_the_waiting_list_of_a_full_time(full_class, visitor):
    visitor.open(full_class.path)
    visitor.turn_to(at(10).date())
    visitor.see(f"[data-day='{at(10).date()}']").click()
    words = " ".join(visitor.time(at(10)).inner_text().split())
    assert words == "10:00 AM Full – join the waiting list"
    visitor.time(at(10)).click()
    assert visitor.text(".o_booking_details h2") == "Join the waiting list"
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/written*")
    assert visitor.text("h1") == "Please look into your mailbox"
    assert "your place on the waiting list" in visitor.text("main")
    visitor.page.goto(place_of(full_class, "anna@example.net"))
    assert visitor.text("h1") == "You are on the waiting list"
    assert "You are next in line." in visitor.text("main")
    assert "anna@example.net" in visitor.text("main")
    assert [each["customer_name"] for each in full_class.bookings()] == ["Bo Holm"]


def test_another_time_is_booked_as_ever_after_a_full_one_was_looked_at(full_class, visitor):
    visitor.open(full_class.path)
    visitor.choose(at(10))
    visitor.see(".o_booking_chosen .o_booking_change").click()
    visitor.time(at(11)).click()
    assert visitor.text(".o_booking_details h2") == "Your details"
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert visitor.text("h1") == "You are booked"


def test_a_freed_seat_is_offered_and_taken(full_class, wait, free_the_seat, visitor):
    place = wait(**ANNA)
    free_the_seat()
    visitor.page.goto(place)
    assert visitor.text("h1") == "A seat is free for you"
    visitor.page.get_by_role("link", name="See your seat").click()
    assert "Kept for you until" in visitor.text("main")
    visitor.page.get_by_role("button", name="Take it").click()
    visitor.page.wait_for_url("**/booking/*?done=booked")
    assert visitor.text("h1") == "You are booked"
    assert full_class.bookings()[0]["state"] == "confirmed"
    visitor.page.goto(place)
    assert visitor.text("h1") == "You got a seat"


def test_whoever_says_no_makes_room_for_the_next(full_class, wait, free_the_seat, visitor, script):
    place, second = wait(**ANNA), wait(**NEXT)
    assert "You are number 2 in line." in " ".join(script.get(second).text.split())
    free_the_seat()
    visitor.page.goto(place)
    visitor.page.get_by_role("link", name="See your seat").click()
    visitor.page.get_by_role("button", name="No, thanks").click()
    visitor.page.get_by_role("heading", name="Not kept for you any more").wait_for()
    visitor.page.goto(place)
    assert visitor.text("h1") == "You have left the waiting list"
    offer_freed_seats(full_class.admin)
    assert "A seat is free for you" in script.get(second).text


def test_a_held_seat_is_taken_in_time_or_not_at_all(
    full_class, wait, free_the_seat, script, database
):
    wait(**ANNA)
    free_the_seat()
    path = f"/booking/{full_class.bookings()[0]['token']}"
    assert "Take it" in script.get(path).text
    # The page was still open somewhere when its time was over.
    token = script.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    database.execute(
        "UPDATE icloud_booking SET hold_until = '2026-01-01' WHERE token = %s",
        [path.rpartition("/")[2]],
    )
    answer = script.ask("POST", f"{path}/take", data={"csrf_token": token})
    assert answer.status_code == 409
    assert "Sorry, this seat was held until a moment ago." in answer.text
    assert "Take it" not in answer.text
    offer_freed_seats(full_class.admin)
    assert "Not kept for you any more" in script.get(path).text
    assert full_class.bookings()[0]["state"] == "cancelled"


def test_a_held_seat_cannot_be_moved_to_another_time(full_class, wait, free_the_seat, script):
    wait(**ANNA)
    free_the_seat()
    path = f"/booking/{full_class.bookings()[0]['token']}"
    answer = script.get(f"{path}/move", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_a_customer_leaves_the_list(full_class, wait, free_the_seat, visitor):
    visitor.page.goto(wait(**ANNA))
    visitor.page.get_by_role("button", name="Leave the list").click()
    visitor.page.get_by_role("heading", name="You have left the waiting list").wait_for()
    free_the_seat()
    assert [each["customer_name"] for each in full_class.bookings()] == ["Bo Holm"]


def test_whoever_loses_the_last_seat_can_wait_for_it(full_class, visitor):
    visitor.open(full_class.path)
    visitor.choose(at(11))
    visitor.fill_in()
    full_class.book(at(11), name="Cy", email="cy@example.net")
    visitor.confirm()
    visitor.see(".o_booking_refusal").wait_for()
    assert "Sorry, this time is full." in visitor.text(".o_booking_refusal")
    visitor.see(".o_booking_wait").click()
    visitor.page.wait_for_url("**/written*")
    visitor.page.goto(place_of(full_class, "anna@example.net"))
    assert "11:00 AM – 12:00 PM" in visitor.text("main")


def test_without_scripts(full_class, new_visitor):
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{full_class.path}?plain=1")
    visitor.see(f"label[for='{iso(at(10))}']").click()
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    visitor.page.get_by_role("button", name="Join the waiting list").click()
    assert visitor.text("h1") == "Please look into your mailbox"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"start": iso(at(11))}, "There is no waiting list for this time."),
        ({"start": "tomorrow"}, "is not a time."),
        ({"start": ""}, "Please choose a time."),
        ({"start": iso(at(10)), "email": "anna"}, "Please give an e-mail address"),
        ({"start": iso(at(10)), "seats": "9"}, "One booking takes up to"),
    ],
)
def test_what_cannot_be_waited_for_is_refused_with_a_sentence(full_class, script, form, sentence):
    answer = script.post(f"{full_class.path}/wait", full_class.path, **{**ANNA, **form})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Anna Berg" in answer.text


def test_a_refused_form_to_wait_stays_one(full_class, visitor):
    visitor.open(full_class.path)
    visitor.choose(at(10))
    visitor.fill_in(email="anna")
    visitor.page.evaluate("document.querySelector('.o_booking_details').noValidate = true")
    visitor.confirm()
    visitor.see(".o_booking_refusal").wait_for()
    assert visitor.text(".o_booking_details h2") == "Join the waiting list"
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/written*")


def test_looking_changes_nothing_and_forms_from_elsewhere_are_refused(full_class, wait, script):
    place = wait(**ANNA)
    assert script.ask("HEAD", place).status_code == 200
    assert script.get(f"{place}/leave").status_code == 405
    assert script.ask("POST", f"{place}/leave").status_code == 400
    assert script.ask("POST", f"{full_class.path}/wait", data=NEXT).status_code == 400
    assert "You are next in line." in script.get(place).text
    headers = script.get(place).headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_link_that_leads_to_no_place_in_line_is_not_found(script):
    assert script.get("/booking/waiting/bm90aGluZw").status_code == 404
    assert script.get("/booking/waiting/%00").status_code == 404
