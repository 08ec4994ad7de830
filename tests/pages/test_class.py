"""Seats of a class: how many are left, and how many one takes."""

import pytest

from tests.main_job.host import at, iso

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}
DAY = {"from": str(at(0).date()), "to": str(at(0).date())}


@pytest.fixture
def new_class(new_offer):
    def make(**values):
        rules = {"duration": 60, "slot_step": 60, "seats": 4, "seats_per_booking": 3}
        return new_offer(name="Yoga", kind="class", **{**rules, **values})

    return make


@pytest.fixture
def yoga(new_class):
    return new_class()


def seats_left(script, offer):
    """What the page is told: {start: seats left}."""
    slots = script.slots(offer.path, **DAY).json()["slots"]
    return {slot["start"]: slot["seats_left"] for slot in slots}


def taken(offer):
    """Seats of each booking, the newest first."""
    found = offer.admin.find("icloud.booking", [("type_id", "=", offer.type_id)], "seats")
    return [booking["seats"] for booking in sorted(found, key=lambda each: -each["id"])]


def test_a_visitor_books_two_of_the_seats_left(yoga, visitor, script):
    yoga.book(at(10))
    visitor.open(yoga.path)
    assert "4 seats" in visitor.text(".o_booking_facts")
    visitor.turn_to(at(10).date())
    visitor.see(f"[data-day='{at(10).date()}']").click()
    assert " ".join(visitor.time(at(10)).inner_text().split()) == "10:00 AM 3 left"
    assert " ".join(visitor.time(at(11)).inner_text().split()) == "11:00 AM 4 left"
    visitor.time(at(10)).click()
    visitor.see("[name=seats]").select_option("2")
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert "2 seats" in visitor.text("main")
    assert taken(yoga) == [2, 1]
    assert seats_left(script, yoga)[iso(at(10))] == 1


def test_nobody_is_asked_for_more_seats_than_are_left(yoga, visitor):
    for name in ("Ada", "Bo", "Cy"):
        yoga.book(at(10), name=name, email=f"{name}@example.net")
    yoga.book(at(11))
    yoga.book(at(11), name="Cy", email="cy@example.net")
    visitor.open(yoga.path)
    visitor.choose(at(11))
    enabled = visitor.see("[name=seats] option:not([disabled])")
    assert enabled.all_inner_texts() == ["1", "2"]
    visitor.see("[name=seats]").select_option("2")
    visitor.see(".o_booking_chosen .o_booking_change").click()
    visitor.time(at(10)).click()
    assert visitor.see("[name=seats]").is_hidden()
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert taken(yoga)[0] == 1


def test_a_full_session_without_a_waiting_list_is_not_offered(new_class, script):
    yoga = new_class(seats=1)
    yoga.book(at(10))
    assert iso(at(10)) not in seats_left(script, yoga)
    answer = script.post(yoga.path, start=iso(at(10)), **ANNA)
    assert answer.status_code == 409
    assert "Sorry, this time was just taken. Take one of these instead:" in answer.text


def test_seats_left_can_be_hidden_but_full_is_full(new_class, script):
    yoga = new_class(show_seats=False, waiting_list=True, seats=2)
    for name in ("Ada", "Bo"):
        yoga.book(at(10), name=name, email=f"{name}@example.net")
    yoga.book(at(11))
    told = seats_left(script, yoga)
    assert (told[iso(at(10))], told[iso(at(11))]) == (0, None)
    page = script.get(f"{yoga.path}?plain=1").text
    assert "1 left" not in page
    assert "2 seats" not in page
    answer = script.post(yoga.path, start=iso(at(11)), seats="2", **ANNA)
    assert answer.status_code == 409
    assert "Sorry, fewer seats are left at this time. Take one of these instead:" in answer.text


def test_whoever_wants_more_seats_than_are_left_hears_how_many_and_where_there_are(yoga, visitor):
    visitor.open(yoga.path)
    visitor.choose(at(10))
    visitor.see("[name=seats]").select_option("3")
    visitor.fill_in()
    for name in ("Ada", "Bo"):
        yoga.book(at(10), name=name, email=f"{name}@example.net")
    visitor.confirm()
    visitor.see(".o_booking_refusal").wait_for()
    words = "Sorry, fewer seats are left at this time: 2. Take one of these instead:"
    assert words in visitor.text(".o_booking_refusal")
    assert visitor.see("[name=seats]").input_value() == "3"
    assert taken(yoga) == [1, 1]
    visitor.see(f".o_booking_nearest[value='{iso(at(11))}']").click()
    visitor.page.wait_for_url("**/booking/*")
    assert "3 seats" in visitor.text("main")


@pytest.mark.parametrize("seats", ["0", "-1", "x", "4", "1.5", "9" * 30, "\0"])
def test_a_number_of_seats_that_cannot_be_is_refused_with_a_sentence(yoga, script, seats):
    answer = script.post(yoga.path, start=iso(at(10)), seats=seats, **ANNA)
    assert answer.status_code == 422
    assert 'class="o_booking_refusal' in answer.text
    assert yoga.bookings() == []


def test_a_booking_moves_with_its_seats(yoga, visitor, script):
    path = visitor.book(yoga.path, at(10)).partition("//")[2].partition("/")[2]
    for name in ("Ada", "Bo", "Cy", "Di"):
        yoga.book(at(12), name=name, email=f"{name}@example.net")
    starts = [slot["start"] for slot in script.slots(f"/{path}", **DAY).json()["slots"]]
    assert iso(at(11)) in starts
    assert iso(at(12)) not in starts
    answer = script.post(f"/{path}/move", start=iso(at(11)), tz="Europe/Berlin")
    assert answer.status_code == 303
    assert (seats_left(script, yoga)[iso(at(10))], seats_left(script, yoga)[iso(at(11))]) == (4, 3)
