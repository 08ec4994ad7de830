"""How somebody books, moves or cancels: over the external API, or on the public pages."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial

import requests

from benchmarks.race.shop import SLOT, Offer, Wish, booking, iso, odoo_time
from devtools.demo.rpc import RpcError

SECONDS = 60
TAKEN = "odoo.addons.icloud_calendar_sync.exceptions.TimeTaken"
# What no other time would change.
OWN_LIMITS = ("as many upcoming bookings", "not that many seats left")
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_addresses = itertools.count(1)


class Answer(Enum):
    """What somebody is told."""

    SOLD = "sold"
    GIVEN_BACK = "cancelled"
    REFUSED = "refused with alternatives"
    OWN_LIMIT = "refused more than one customer, or this session, can have"
    EMPTY_HANDED = "refused without alternatives"


class Unexpected(Exception):
    """The server said something that no visitor should see."""


@dataclass(frozen=True)
class Attempt:
    """Somebody who wants a time (None: to be rid of theirs).

    `before` is the time they hold until then. `act` raises what went wrong.
    """

    name: str
    wanted: datetime | None
    before: datetime | None
    act: Callable[[], Answer]
    seats: int = 1


class ByApi:
    """Odoo's external API, as a partner's own pages would use it."""

    def __init__(self, offer: Offer) -> None:
        self._type_id, self._api = offer.type_id, offer.shop.api

    def new(self, wish: Wish, services: Sequence[int] = ()) -> Attempt:
        values = booking(wish, services)
        act = partial(self._answer, "icloud.booking.type", "book", self._type_id, **values)
        return Attempt(wish.name, wish.start, None, act, wish.seats)

    def move(self, wish: Wish, booking_id: int, start: datetime) -> Attempt:
        act = partial(self._answer, "icloud.booking", "reschedule", booking_id, start=iso(start))
        return Attempt(wish.name, start, wish.start, act)

    def drag(self, wish: Wish, session_id: int, start: datetime) -> Attempt:
        """As staff do it, in the calendar."""
        times = {"start": odoo_time(start), "stop": odoo_time(start + SLOT)}
        act = partial(self._answer, "calendar.event", "write", session_id, vals=times)
        return Attempt(wish.name, start, wish.start, act)

    def give_back(self, wish: Wish, booking_id: int, method: str) -> Attempt:
        act = partial(self._answer, "icloud.booking", method, booking_id, done=Answer.GIVEN_BACK)
        return Attempt(wish.name, None, wish.start, act)

    def _answer(
        self, model: str, method: str, record: int, done: Answer = Answer.SOLD, **named: object
    ) -> Answer:
        try:
            self._api.call(model, method, [record], **named)
        except RpcError as error:
            if any(words in str(error) for words in OWN_LIMITS):
                return Answer.OWN_LIMIT
            if error.name != TAKEN:
                raise
            found = "Free nearby" in str(error)
            return Answer.REFUSED if found else Answer.EMPTY_HANDED
        return done


class ByPage:
    """The public pages, as a browser without scripts would use them."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer

    def new(self, wish: Wish, services: Sequence[int] = ()) -> Attempt:
        path = f"/bookings/{self._offer.slug}"
        chosen = {"services": ",".join(map(str, services))} if services else {}
        session, token = self._session(path, chosen)
        form = {
            **chosen,
            "csrf_token": token,
            "name": wish.name,
            "email": wish.email,
            "start": iso(wish.start),
            "seats": wish.seats,
        }
        return Attempt(
            wish.name, wish.start, None, lambda: self._answer(session, path, form), wish.seats
        )

    def move(self, wish: Wish, booking_id: int, start: datetime) -> Attempt:
        path = f"/booking/{self._offer.token(booking_id)}/move"
        session, token = self._session(path, {})
        form = {"csrf_token": token, "start": iso(start)}
        return Attempt(wish.name, start, wish.start, lambda: self._answer(session, path, form))

    def _session(self, path: str, query: Mapping[str, str]) -> tuple[requests.Session, str]:
        session = requests.Session()
        session.trust_env = False  # no proxy of the user's between two ends of this machine
        number = next(_addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        session.headers = {"X-Forwarded-For": address, "X-Forwarded-Host": "race.example"}
        page = session.get(f"{self._offer.shop.url}{path}", params=query, timeout=SECONDS)
        found = _CSRF.search(page.text)
        if not found:
            raise Unexpected(f"GET {path} answered {page.status_code} without a form")
        return session, found[1]

    def _answer(self, session: requests.Session, path: str, form: Mapping[str, object]) -> Answer:
        with session:
            url = f"{self._offer.shop.url}{path}"
            answer = session.post(url, form, timeout=SECONDS, allow_redirects=False)
        if answer.status_code == 303:
            return Answer.SOLD
        if answer.status_code != 409:
            raise Unexpected(f"POST {path} answered {answer.status_code}")
        found = "o_booking_nearest" in answer.text
        return Answer.REFUSED if found else Answer.EMPTY_HANDED
