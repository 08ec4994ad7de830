"""A live Odoo, a real browser, and a new offer for each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from devtools.demo.rpc import Api
from devtools.machine import postgres
from devtools.machine.chromium import chromium
from devtools.machine.server import Server
from tests.pages.fresh_server import fresh_server
from tests.pages.offer import Offer, every_day_from_8_to_18
from tests.pages.visitor import Script, Visitor

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-US",
    "timezone_id": "Europe/Berlin",
}
# How long a browser waits for what is to come: no test asserts it, so a busy machine may take it.
PATIENCE = 60_000


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with fresh_server("test", ["icloud_calendar_sync"]) as running:
        yield running


@pytest.fixture
def database(server):
    """Straight into the database, past every rule of Odoo: time machines need it."""
    with (
        postgres.start() as cluster,
        closing(cluster.connect(server.database)) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor


@pytest.fixture(scope="session")
def admin(server) -> Api:
    return Api.login(server.url, server.database, "admin", "admin")


@pytest.fixture(scope="session")
def hours_id(admin) -> int:
    return every_day_from_8_to_18(admin)


@pytest.fixture
def new_offer(server, admin, hours_id) -> Callable[..., Offer]:
    """Makes a published type with one host, who works every day from 8 to 18 in Berlin."""

    def make(**values: Any) -> Offer:
        return Offer(admin, server.url, hours_id, **values)

    return make


@pytest.fixture
def offer(new_offer) -> Offer:
    return new_offer()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or str(chromium())
    with sync_playwright() as playwright:
        # Themes of Odoo's website ask for fonts from elsewhere: no test reaches any other machine.
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", alone])
        yield launched
        launched.close()


@pytest.fixture
def new_visitor(server, browser, request) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, on a phone in Berlin unless told; no script of theirs may fail."""
    visitors, failures = [], []

    def make(**options: Any) -> Visitor:
        context = browser.new_context(base_url=server.url, **{**PHONE, **options})
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        _note_failures(page, failures)
        visitors.append(Visitor(page))
        return visitors[-1]

    yield make
    for visitor in visitors:
        # pytest shows it when the test has failed.
        request.node.add_report_section("teardown", "browser", visitor.story())
        visitor.page.context.close()
    assert not failures


def _note_failures(page: Page, failures: list[str]) -> None:
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda message: (
            failures.append(message.text)
            # Chromium reports each refusal and each line that is cut; those here are meant.
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )


@pytest.fixture
def visitor(new_visitor) -> Visitor:
    return new_visitor()


@pytest.fixture
def script(server) -> Script:
    """Someone who speaks HTTP without a browser."""
    return Script(server.url)
