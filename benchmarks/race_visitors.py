"""How somebody books, moves or cancels: over the external API, or on the public pages."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import requests

from benchmarks.race_shop import Offer, iso
from devtools.demo_rpc import RpcError

SECONDS = 60
TAKEN = "odoo.addons.icloud_calendar_sync.exceptions.TimeTaken"
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_addresses = itertools.count(1)


class Answer(Enum):
    """What somebody is told."""

    SOLD = "sold"
    GIVEN_BACK = "cancelled"
    REFUSED = "refused with alternatives"
    EMPTY_HANDED = "refused without alternatives"


class Unexpected(Exception):
    """The server said something that no visitor should see."""


@dataclass(frozen=True)
class Attempt:
    """Somebody, known by their address, who wants a time (None: to be rid of theirs).

    `before` is the time they hold until then. `act` raises what went wrong.
    """

    email: str
    wanted: datetime | None
    before: datetime | None
    act: Callable[[], Answer]


class ByApi:
    """Odoo's external API, as a partner's own pages would use it."""

    def __init__(self, offer: Offer) -> None:
        self._offer, self._api = offer, offer.shop.admin

    def new(self, email: str, start: datetime) -> Attempt:
        customer = {"name": "Vera Visitor", "email": email}
        call = ("icloud.booking.type", "book", [self._offer.type_id], iso(start), customer)
        return Attempt(email, start, None, lambda: self._answer(*call))

    def move(self, email: str, booking_id: int, before: datetime, start: datetime) -> Attempt:
        call = ("icloud.booking", "reschedule", [booking_id], iso(start))
        return Attempt(email, start, before, lambda: self._answer(*call))

    def cancel(self, email: str, booking_id: int, before: datetime) -> Attempt:
        call = ("icloud.booking", "action_cancel", [booking_id])
        return Attempt(email, None, before, lambda: self._answer(*call, done=Answer.GIVEN_BACK))

    def _answer(self, *call: object, done: Answer = Answer.SOLD) -> Answer:
        try:
            self._api.call(*call)
        except RpcError as error:
            if error.name != TAKEN:
                raise
            found = "Free nearby" in str(error)
            return Answer.REFUSED if found else Answer.EMPTY_HANDED
        return done


class ByPage:
    """The public pages, as a browser without scripts would use them."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer

    def new(self, email: str, start: datetime) -> Attempt:
        path = f"/bookings/{self._offer.slug}"
        session, token = self._session(path)
        form = {"csrf_token": token, "name": "Vera Visitor", "email": email, "start": iso(start)}
        return Attempt(email, start, None, lambda: self._answer(session, path, form))

    def move(self, email: str, booking_id: int, before: datetime, start: datetime) -> Attempt:
        path = f"/booking/{self._offer.token(booking_id)}/move"
        session, token = self._session(path)
        form = {"csrf_token": token, "start": iso(start)}
        return Attempt(email, start, before, lambda: self._answer(session, path, form))

    def _session(self, path: str) -> tuple[requests.Session, str]:
        session = requests.Session()
        session.trust_env = False  # no proxy of the user's between two ends of this machine
        number = next(_addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        session.headers = {"X-Forwarded-For": address, "X-Forwarded-Host": "race.example"}
        page = session.get(f"{self._offer.shop.url}{path}", timeout=SECONDS)
        found = _CSRF.search(page.text)
        if not found:
            raise Unexpected(f"GET {path} answered {page.status_code} without a form")
        return session, found[1]

    def _answer(self, session: requests.Session, path: str, form: dict[str, str]) -> Answer:
        with session:
            url = f"{self._offer.shop.url}{path}"
            answer = session.post(url, form, timeout=SECONDS, allow_redirects=False)
        if answer.status_code == 303:
            return Answer.SOLD
        if answer.status_code != 409:
            raise Unexpected(f"POST {path} answered {answer.status_code}")
        found = "o_booking_nearest" in answer.text
        return Answer.REFUSED if found else Answer.EMPTY_HANDED
