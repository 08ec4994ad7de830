"""An Odoo user follows the link of a notice, and reads what goes wrong most before they connect."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import PATIENCE, PHONE

DESK = {"viewport": {"width": 1280, "height": 860}, "locale": "en-US"}
# In this order: what stops people first, comes first.
WARNINGS = (
    r"Two-factor authentication is on.*Without it, Apple does not show the menu",
    r"Apple’s Calendar app is only a viewer: connect them to Odoo where they really live",
    r"opens your calendars, mail and contacts.*revoke it at Apple at any time",
    r"Changing your main Apple password revokes it, too",
)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def user(request, server, browser) -> Page:
    """Somebody who opens the link from a mail, and logs in first."""
    context = browser.new_context(base_url=server.url, **request.param)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    page.goto("/odoo/icloud-connect")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("form.oe_login_form button[type=submit]")
    page.locator(".o_icloud_connect").wait_for()
    yield page
    context.close()


def test_the_dialog_says_what_goes_wrong_most_and_takes_no_ordinary_password(user):
    said = " ".join(user.locator(".o_icloud_connect").inner_text().split())
    found = [re.search(warning, said) for warning in WARNINGS]
    assert all(found), said
    assert [each.start() for each in found] == sorted(each.start() for each in found)
    # Nothing sticks out to the side.
    assert user.evaluate(
        "() => { const body = document.querySelector('.o_icloud_connect .modal-body,"
        " .o_icloud_connect'); return body.scrollWidth <= body.clientWidth; }"
    )
    user.fill("#o_icloud_apple_id", "mara@icloud.com")
    user.fill("#o_icloud_app_password", "MyDog2019!")
    user.click("button[form=o_icloud_connect_form]")
    expect(user.locator(".o_icloud_connect .alert-danger")).to_contain_text(
        "This is not an app-specific password"
    )
