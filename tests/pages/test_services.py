"""A menu of services: ticked, chosen with a host, booked as one."""

import base64
import re

import pytest

from tests.main_job.host import at, iso
from tests.pages.offer import Offer

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}
DAY = {"from": str(at(0).date()), "to": str(at(0).date())}
# One pixel.
PICTURE = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg=="
    )
).decode()


class Salon(Offer):
    """Wash (15 min, 9), cut (30 min, 40) and colour (60 min, 80), by Mara and by Jonas.

    Jonas takes 45 minutes and 50 for a cut. Only Mara colours.
    """

    def __init__(self, admin, server_url, hours_id):
        services = {"Wash": (15, 9, "Hair"), "Cut": (30, 40, "Hair"), "Colour": (60, 80, "Colour")}
        rows = [
            {"name": name, "duration": minutes, "price": price, "category": category}
            for name, (minutes, price, category) in services.items()
        ]
        super().__init__(
            admin,
            server_url,
            hours_id,
            name="Hair",
            kind="service",
            slot_step=15,
            choose_host=True,
            service_ids=[(0, 0, {**row, "sequence": n}) for n, row in enumerate(rows)],
        )
        self.jonas_id = self.new_host("Jonas")
        ids = self._ids("icloud.booking.service", "name")
        self.wash, self.cut, self.colour = ids["Wash"], ids["Cut"], ids["Colour"]
        self._hosts = self._ids("icloud.booking.host", "user_id")
        own_terms = {"duration": 45, "has_own_price": True, "price": 50}
        self.staff(self.cut, {self.host_id: {}, self.jonas_id: own_terms})
        self.staff(self.colour, {self.host_id: {}})

    def _ids(self, model, name):
        found = self.admin.find(model, [("type_id", "=", self.type_id)], name)
        return {each[name]: each["id"] for each in found}

    def staff(self, service_id, terms):
        """Who does a service: {user id: own terms}."""
        rows = [(0, 0, {"host_id": self._hosts[user], **own}) for user, own in terms.items()]
        values = {"staff_ids": [(5,), *rows]}
        self.admin.call("icloud.booking.service", "write", [service_id], values)

    def times(self, *services):
        """The address of the times of these services."""
        return f"{self.path}?services={','.join(map(str, services))}"

    def lines(self):
        """[(service, minutes, price, host)] of all bookings, in order."""
        lines = self.admin.find(
            "icloud.booking.line",
            [("booking_id.type_id", "=", self.type_id)],
            "name",
            "duration",
            "price",
            "booking_id",
        )
        hosts = {
            each["id"]: each["user_id"]
            for each in self.admin.find(
                "icloud.booking", [("type_id", "=", self.type_id)], "user_id"
            )
        }
        return [
            (each["name"], each["duration"], each["price"], hosts[each["booking_id"]])
            for each in sorted(lines, key=lambda each: each["id"])
        ]


@pytest.fixture
def salon(server, admin, hours_id):
    return Salon(admin, server.url, hours_id)


def test_a_visitor_ticks_two_services_and_books_them_as_one(salon, visitor):
    visitor.page.goto(salon.path)
    assert "3 services" in visitor.text(".o_booking_facts")
    assert visitor.see("legend").all_inner_texts() == ["Hair", "Colour"]
    visitor.page.get_by_text("Nothing chosen yet").wait_for()
    visitor.page.get_by_label("Wash").check()
    assert visitor.text(".o_booking_sum") == "15 min $ 9.00"
    visitor.page.get_by_label("Cut").check()
    # Jonas takes longer and more.
    assert visitor.text(".o_booking_sum") == "from 45 min from $ 49.00"
    visitor.page.get_by_role("button", name="Choose a time").click()
    visitor.page.wait_for_url(f"**{salon.times(salon.wash, salon.cut)}")
    assert visitor.text(".o_booking_summary_total") == "from 45 min · from $ 49.00"
    visitor.see(f"label[for=booking_host_{salon.host_id}]").click()
    visitor.choose(at(10))
    assert "10:00 AM – 10:45 AM" in visitor.text(".o_booking_chosen")
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    page = visitor.text("main")
    assert "10:00 AM Wash 10:15 AM Cut $ 49.00" in page
    assert f"with {salon.host_name}" in page
    mara = salon.host_id
    assert salon.lines() == [("Wash", 15, 9, mara), ("Cut", 30, 40, mara)]


def test_only_who_does_all_of_it_can_be_chosen_at_the_own_terms(salon, visitor):
    visitor.open(salon.times(salon.cut))
    chips = [" ".join(each.split()) for each in visitor.see(".o_booking_host").all_inner_texts()]
    assert chips == [
        "Anybody from 30 min · from $ 40.00",
        f"{salon.host_name} 30 min · $ 40.00",
        "Jonas 45 min · $ 50.00",
    ]
    with visitor.page.expect_response(re.compile(rf"slots\?.*user={salon.jonas_id}")):
        visitor.see(f"label[for=booking_host_{salon.jonas_id}]").click()
    assert visitor.text(".o_booking_summary_total") == "45 min · $ 50.00"
    visitor.choose(at(10))
    assert "with Jonas" in visitor.text(".o_booking_chosen")
    assert "10:00 AM – 10:45 AM" in visitor.text(".o_booking_chosen")
    # Reloading keeps what was chosen, and so does the way back to the menu.
    visitor.open(visitor.page.url)
    assert f"user={salon.jonas_id}" in visitor.page.url
    assert visitor.see(f"#booking_host_{salon.jonas_id}").is_checked()
    visitor.page.get_by_role("link", name="Change").click()
    assert visitor.page.get_by_label("Cut").is_checked()
    visitor.page.get_by_label("Colour").check()
    visitor.page.get_by_role("button", name="Choose a time").click()
    visitor.page.wait_for_url("**services=*")
    visitor.see(".o_booking_time").first.wait_for()
    # Mara alone does both: there is nothing to choose.
    assert visitor.see(".o_booking_hosts").count() == 0


def test_the_browsers_back_button_leads_to_the_menu_as_it_was(salon, visitor):
    visitor.page.goto(salon.path)
    visitor.page.get_by_label("Colour").check()
    visitor.page.get_by_role("button", name="Choose a time").click()
    visitor.see(".o_booking_time").first.wait_for()
    visitor.page.go_back()
    visitor.see(".o_booking_sum_price").get_by_text("80.00").wait_for()
    assert visitor.page.get_by_label("Colour").is_checked()


def test_services_may_go_from_host_to_host(salon, visitor):
    salon.staff(salon.wash, {salon.jonas_id: {}})
    visitor.open(salon.times(salon.wash, salon.colour))
    visitor.choose(at(10))
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    page = visitor.text("main")
    assert f"10:00 AM Wash – Jonas 10:15 AM Colour – {salon.host_name} $ 89.00" in page
    assert "10:00 AM – 11:15 AM" in page


def test_a_chain_says_who_does_what_for_how_much_before_it_is_confirmed(salon, new_visitor):
    salon.staff(salon.wash, {salon.jonas_id: {}})
    words = (
        f"10:00 AM Wash – Jonas $ 9.00 10:15 AM Colour – {salon.host_name} $ 80.00 "
        "1 h 15 min · $ 89.00"
    )
    visitor = new_visitor()
    visitor.open(salon.times(salon.wash, salon.colour))
    visitor.choose(at(10))
    visitor.see(".o_booking_plan li").first.wait_for()
    assert visitor.text(".o_booking_plan") == words
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{salon.times(salon.wash, salon.colour)}&plain=1")
    book_without_scripts(visitor)
    assert visitor.text(".o_booking_refusal") == "Is this right? Then please confirm."
    assert visitor.text(".o_booking_plan") == words
    assert salon.bookings() == []
    visitor.page.get_by_role("button", name="Confirm").click()
    assert visitor.text("h1") == "You are booked"
    assert sum(price for _name, _minutes, price, _host in salon.lines()) == 89


def book_without_scripts(visitor):
    visitor.see(f"label[for='{iso(at(10))}']").click()
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    visitor.page.get_by_role("button", name="Confirm").click()


def test_what_is_booked_costs_what_was_seen(salon, visitor):
    visitor.open(salon.times(salon.cut))
    assert visitor.text(".o_booking_summary_total") == "from 30 min · from $ 40.00"
    visitor.choose(at(10))
    visitor.see(".o_booking_plan li").wait_for()
    assert visitor.text(".o_booking_summary_total") == "30 min · $ 40.00"
    visitor.fill_in()
    # Only Jonas is free now, and he takes more.
    salon.make_busy(at(10), at(11))
    visitor.confirm()
    visitor.see(".o_booking_refusal").wait_for()
    assert "This has changed meanwhile." in visitor.text(".o_booking_refusal")
    assert visitor.text(".o_booking_plan") == "10:00 AM Cut – Jonas $ 50.00 45 min · $ 50.00"
    assert "10:00 AM – 10:45 AM" in visitor.text(".o_booking_chosen")
    assert salon.bookings() == []
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert salon.lines() == [("Cut", 45, 50, salon.jonas_id)]


def test_a_time_beside_a_refusal_is_seen_too_before_it_is_booked(salon, visitor):
    visitor.open(salon.times(salon.cut))
    visitor.choose(at(10))
    visitor.fill_in()
    for host_id in (salon.host_id, salon.jonas_id):
        customer = {"name": "Bo Holm", "email": "bo@example.net"}
        wanted = [salon.type_id], iso(at(10)), customer, host_id, [salon.cut]
        salon.admin.call("icloud.booking.type", "book", *wanted)
    visitor.confirm()
    visitor.see(".o_booking_nearest").first.click()
    visitor.see(".o_booking_plan li").wait_for()
    assert "Is this right? Then please confirm." in visitor.text(".o_booking_refusal")
    assert {booking["customer_name"] for booking in salon.bookings()} == {"Bo Holm"}
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")


def test_what_was_chosen_stays_when_the_time_was_just_taken(salon, visitor):
    visitor.open(salon.times(salon.colour))
    visitor.choose(at(10))
    visitor.fill_in()
    salon.make_busy(at(10), at(11))
    visitor.confirm()
    visitor.see(".o_booking_nearest").first.wait_for()
    assert visitor.text(".o_booking_chosen_services ul") == "Colour $ 80.00"
    visitor.see(".o_booking_nearest").first.click()
    visitor.page.wait_for_url("**/booking/*")
    assert [line[0] for line in salon.lines()] == ["Colour"]


def test_without_scripts(salon, new_visitor):
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(salon.path)
    visitor.page.get_by_role("button", name="Choose a time").click()
    assert visitor.text(".o_booking_refusal") == "Please choose a service."
    visitor.page.get_by_label("Wash").check()
    visitor.page.get_by_label("Cut").check()
    visitor.page.get_by_role("button", name="Choose a time").click()
    visitor.page.get_by_label("With whom?").select_option(str(salon.jonas_id))
    visitor.page.get_by_role("button", name="Show these times").click()
    assert visitor.text(".o_booking_summary_total") == "1 h · $ 59.00"
    visitor.see(f"label[for='{iso(at(10))}']").click()
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    visitor.page.get_by_role("button", name="Confirm").click()
    jonas = salon.jonas_id
    assert salon.lines() == [("Wash", 15, 9, jonas), ("Cut", 45, 50, jonas)]


@pytest.mark.parametrize(
    "services", ["", "x", "1,", "999999", "1" * 400, ",".join("1234567890" * 3)]
)
def test_services_that_cannot_be_are_refused_with_a_sentence(salon, script, services):
    answer = script.post(
        salon.path, salon.times(salon.wash), start=iso(at(10)), services=services, **ANNA
    )
    assert answer.status_code == 422
    assert 'class="o_booking_refusal' in answer.text
    assert salon.bookings() == []
    # An old or a mistyped link leads to the menu.
    page = script.get(f"{salon.path}?services={services}&user=Mara")
    assert page.status_code in (200, 422)
    assert "What may we do for you?" in page.text


def test_a_host_who_does_not_do_it_all_cannot_be_booked_by_editing_the_form(salon, script):
    form = {"start": iso(at(10)), "services": str(salon.colour), "user": str(salon.jonas_id)}
    answer = script.post(salon.path, salon.times(salon.colour), **form, **ANNA)
    assert answer.status_code in (409, 422)
    assert salon.bookings() == []


def test_a_moved_booking_keeps_services_and_host(salon, script):
    address = salon.times(salon.cut)
    form = {"start": iso(at(10)), "services": str(salon.cut), "user": str(salon.jonas_id)}
    path = script.post(salon.path, address, **form, **ANNA).headers["Location"].partition("?")[0]
    slots = script.slots(path, **DAY).json()["slots"]
    stops = {slot["start"]: slot["stop"] for slot in slots}
    assert stops[iso(at(14))] == iso(at(14, 45))
    assert script.post(f"{path}/move", start=iso(at(14)), **ANNA).status_code == 303
    assert salon.lines() == [("Cut", 45, 50, salon.jonas_id)]
    assert "2:00 PM Cut" in " ".join(re.sub("<[^>]+>", " ", script.get(path).text).split())


def test_pictures_are_for_everybody_as_long_as_the_menu_is(salon, script):
    values = {"image_1920": PICTURE}
    salon.admin.call("icloud.booking.service", "write", [salon.cut], values)
    (address,) = re.findall(r'src="(/bookings/[^"]+)"', script.get(salon.path).text)
    answer = script.get(address)
    assert answer.headers["Content-Type"] == "image/png"
    assert "max-age=604800" in answer.headers["Cache-Control"]
    assert script.get(f"{salon.path}/picture/{salon.wash}").status_code == 404
    assert script.get(f"{salon.path}/picture/999999").status_code == 404
    salon.change(is_published=False)
    assert script.get(address).status_code == 404
