"""After booking: what the customer needs for the visit, and how the host decides by a link."""

import re

import pytest

from tests.main_job.host import at
from tests.pages.test_accessible import FAINT, PROBLEMS


def assert_fit_to_use(visitor):
    assert visitor.page.evaluate(PROBLEMS) == []
    assert visitor.page.evaluate(FAINT) == []


@pytest.fixture
def to_decide(new_offer, admin):
    """A pending booking of Anna's, and the host's link in the mail about it."""
    offer = new_offer(needs_approval=True)
    admin.call("res.users", "write", [offer.host_id], {"email": f"{offer.slug}@example.com"})
    offer.book(at(10), name="Anna Berg")
    mails = admin.find("mail.mail", [("email_to", "ilike", f"{offer.slug}@")], "body_html")
    return offer, re.search(r'href="[^"]*(/booking/decide/[^"]*)"', mails[0]["body_html"])[1]


@pytest.mark.parametrize(("button", "state"), [("Confirm", "confirmed"), ("Decline", "cancelled")])
def test_a_host_decides_by_the_link_and_one_click(to_decide, visitor, button, state):
    offer, path = to_decide
    visitor.page.goto(path)
    assert "Anna Berg" in visitor.text("main")
    assert_fit_to_use(visitor)
    assert offer.bookings()[0]["state"] == "pending"
    visitor.page.get_by_role("button", name=button).click()
    visitor.see("main form").wait_for(state="detached")
    assert offer.bookings()[0]["state"] == state
    assert_fit_to_use(visitor)


def test_the_page_has_all_for_the_visit_and_says_until_when_it_can_be_changed(new_offer, visitor):
    offer = new_offer(bring="Your shoes", change_notice=60)
    visitor.page.goto(f"/booking/{offer.book(at(10))['token']}")
    text = visitor.text("main")
    assert "Your shoes" in text
    assert "You can move or cancel until" in text
    for name, host in (
        ("See it on a map", "www.google.com"),
        ("Google", "calendar.google.com"),
        ("Outlook", "outlook.live.com"),
    ):
        link = visitor.page.get_by_role("link", name=name).get_attribute("href")
        assert link.startswith(f"https://{host}/")
    assert_fit_to_use(visitor)


def test_what_is_too_late_to_change_stays_and_says_so(new_offer, visitor, script):
    offer = new_offer()
    booking = offer.book(at(10))
    offer.change(change_notice=90 * 24 * 60)
    path = f"/booking/{booking['token']}"
    visitor.page.goto(path)
    assert "Too late to move or cancel online" in visitor.text("main")
    assert not visitor.page.get_by_role("link", name="Cancel").count()
    assert_fit_to_use(visitor)
    assert script.post(f"{path}/cancel", form_at=offer.path).status_code == 303
    assert offer.bookings()[0]["state"] == "confirmed"
