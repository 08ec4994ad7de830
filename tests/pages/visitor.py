"""People who visit the pages: with a browser, and with a script of their own."""

import re
from datetime import date, datetime
from http import HTTPStatus

import requests
from playwright.sync_api import Error, Locator, Page, Response

from tests.main_job.host import ZONE, iso

SECONDS = 30
STORY_MILLISECONDS = 2_000


class Visitor:
    """Somebody with a browser; what they do is named as they would."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._heard: list[str] = []
        page.on("console", lambda said: self._heard.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self._heard.append(f"uncaught: {error}"))
        page.on("requestfailed", lambda asked: self._heard.append(f"{asked.failure}: {asked.url}"))
        page.on("response", self._note_refusal)

    def _note_refusal(self, answer: Response) -> None:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self._heard.append(f"{answer.status}: {answer.url}")

    def story(self) -> str:
        """Where they are, what they see, and what the browser noted: to find out what failed."""
        try:
            seen = self.page.inner_text("body", timeout=STORY_MILLISECONDS)
        except Error as error:  # closed, crashed, or still on the way
            seen = f"nothing: {error}"
        return "\n".join([f"at {self.page.url}", *self._heard, "sees:", seen])

    def open(self, path: str) -> "Visitor":
        """Open a page with a picker and wait until it shows what is free."""
        self.page.goto(path)
        self.page.locator(".o_booking_times :is(button, p:not([aria-hidden]))").first.wait_for()
        return self

    def see(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def text(self, selector: str) -> str:
        """What stands there, blanks as blanks: languages use several kinds."""
        return " ".join(self.page.locator(selector).inner_text().split())

    def turn_to(self, day: date) -> None:
        """Show the month of this day."""
        # The picker opens on the month of the first free time, the next one at most.
        self.see(".o_booking_day").first.wait_for()
        if not self.see(f"[data-day='{day}']").count():
            self.see(".o_booking_next").click()

    def time(self, start: datetime) -> Locator:
        """The button of a time on the day that is shown."""
        return self.see(f".o_booking_time[data-start='{iso(start)}']")

    def choose(self, start: datetime) -> None:
        """Tap its day (in Berlin), then the time."""
        day = start.astimezone(ZONE).date()
        self.turn_to(day)
        # While other times are on their way, as of another host, no day can be chosen.
        self.see(".o_booking_calendar[aria-busy=false]").wait_for()
        self.see(f"[data-day='{day}']").click()
        self.time(start).click()

    def fill_in(self, **details: str) -> None:
        for name, text in {"name": "Anna Berg", "email": "anna@example.net", **details}.items():
            self.page.fill(f".o_booking_details [name={name}]", text)

    def confirm(self) -> None:
        self.see(".o_booking_confirm").click()

    def book(self, path: str, start: datetime) -> str:
        """All of it; the address of the booking's page."""
        self.open(path)
        self.choose(start)
        self.fill_in()
        self.confirm()
        self.page.wait_for_url("**/booking/*")
        return self.page.url.partition("?")[0]


class Script:
    """Somebody who speaks HTTP alone, and honestly carries the token against forgery."""

    def __init__(self, server_url: str) -> None:
        self._url = server_url
        self._session = requests.Session()

    def get(self, path: str, **options) -> requests.Response:
        return self.ask("GET", path, **options)

    def ask(self, method: str, path: str, **options) -> requests.Response:
        return self._session.request(method, self._url + path, timeout=SECONDS, **options)

    def post(self, path: str, form_at: str = "", **fields: str) -> requests.Response:
        """Send a form, not following where it leads; `form_at` is the page it stands on."""
        form = self.get(form_at or path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
        return self.ask("POST", path, data={**fields, "csrf_token": token}, allow_redirects=False)

    def slots(self, path: str, **question: str) -> requests.Response:
        return self.get(f"{path}/slots", params=question)
