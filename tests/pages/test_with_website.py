"""The pages on a website that is made with Odoo's own builder."""

import pytest

from devtools.demo.rpc import Api
from tests.main_job.host import at
from tests.pages.fresh_server import fresh_server
from tests.pages.offer import Offer, every_day_from_8_to_18
from tests.pages.visitor import Script

# One template for this and for the captchas; without keys Turnstile does nothing.
MODULES = ["icloud_calendar_sync", "website", "website_cf_turnstile"]


@pytest.fixture(scope="module")
def server():
    with fresh_server("website", MODULES) as running:
        yield running


@pytest.fixture(scope="module")
def admin(server):
    return Api.login(server.url, server.database, "admin", "admin")


@pytest.fixture(scope="module")
def hours_id(admin):
    return every_day_from_8_to_18(admin)


@pytest.fixture
def script(server):
    return Script(server.url)


@pytest.fixture
def offer(server, admin, hours_id):
    return Offer(admin, server.url, hours_id)


def test_a_visitor_books(offer, visitor):
    visitor.page.goto("/bookings")
    visitor.see(f"a[href='{offer.path}']").click()
    visitor.see(".o_booking_time").first.wait_for()
    visitor.choose(at(10))
    visitor.fill_in()
    # By keyboard: a theme's fonts arrive late, or never, and move a button from under a tap.
    visitor.see(".o_booking_details [name=email]").press("Enter")
    visitor.page.wait_for_url("**/booking/*")
    assert visitor.text("h1") == "You are booked"
    assert len(offer.bookings()) == 1
    visitor.page.get_by_role("link", name="Cancel").click()
    visitor.page.get_by_role("button", name="Cancel the booking").click()
    visitor.page.wait_for_function("document.querySelector('h1')?.innerText.includes('cancelled')")
    assert offer.bookings()[0]["state"] == "cancelled"


def test_search_engines_hear_of_offers_and_of_no_booking(offer, script):
    token = offer.book(at(10))["token"]
    sitemap = script.get("/sitemap.xml").text
    assert f"{offer.path}<" in sitemap
    assert "/bookings<" in sitemap
    assert token not in sitemap


def test_an_offer_of_another_company_is_not_listed(offer, admin, script):
    company = admin.call("res.company", "create", {"name": "Elsewhere"})
    users = [admin.uid, offer.host_id]
    offer.admin.call("res.users", "write", users, {"company_ids": [(4, company)]})
    assert offer.path in script.get("/bookings").text
    offer.change(company_id=company, schedule_id=False)
    assert offer.path not in script.get("/bookings").text
