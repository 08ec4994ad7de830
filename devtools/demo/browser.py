"""A person at a browser: an Odoo user at a desk, or a visitor with a phone."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from devtools.machine.chromium import chromium

DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# Of a page that a server loaded with other work has to answer first.
MILLISECONDS = 30_000


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root, as in many containers.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        with playwright.chromium.launch(executable_path=chromium(), args=options) as running:
            yield running


def open_page(browser: Browser, url: str, device: dict) -> Page:
    """A page of a fresh visitor, in the zone of the salon."""
    context = browser.new_context(
        base_url=url, timezone_id="Europe/Berlin", locale="en-US", **device
    )
    context.set_default_timeout(MILLISECONDS)
    return context.new_page()


def save_picture(page: Page, path: Path, *, whole: bool = False) -> None:
    """What the window shows, without what still moves, or the whole page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    # A phone's picture of a page that is scrolled has a white strip on top.
    page.evaluate("() => window.scrollTo(0, 0)")
    page.screenshot(path=path, animations="disabled", full_page=whole)


class User:
    """An Odoo user who has logged in."""

    def __init__(self, browser: Browser, url: str, name: str) -> None:
        self.page = open_page(browser, url, DESK)
        self.page.goto("/web/login")
        self.page.fill("input[name=login]", name)
        self.page.fill("input[name=password]", name)
        self.page.click("form.oe_login_form button[type=submit]")
        self.page.locator(".o_user_menu").wait_for()

    def dialog(self, title: str) -> Locator:
        """The dialog with this title."""
        return self.page.locator(".modal", has=self.page.get_by_text(title, exact=True))

    def integrations(self) -> Locator:
        """My Preferences → Integrations, as one gets there."""
        self.page.goto("/odoo")
        self.page.locator(".o_user_menu").click()
        self.page.get_by_role("menuitem", name="My Preferences").click()
        self.page.get_by_role("tab", name="Integrations").click()
        dialog = self.dialog("Change My Preferences")
        dialog.get_by_text("iCloud Calendar").wait_for()
        return dialog

    def open_week(self, forward: int = 0) -> Locator:
        """The Odoo calendar, some weeks ahead; its events."""
        self.page.goto("/odoo/calendar")
        self.page.locator(".o_calendar_renderer .fc-view").wait_for()
        for _week in range(forward):
            self.page.locator(".o_calendar_button_next").click()
        return self.page.locator(".fc-event")
