"""Choosing a time: what the picker, the page without scripts and a refusal need.

Booking, waiting and moving are the same choice, with other questions and another answer.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request

from ..shown.habits import habits, keep_clock
from ..shown.moments import iso, known_zone
from ..shown.refusals import refusal_values, wrong_values
from .plain_choice import plain_values
from .selection import Selection, parse_number

# The first question of the picker: a month and a bit, so that most visitors need no second one.
FIRST_QUESTION = timedelta(days=35)
# No booking type offers more.
LONGEST_HORIZON = timedelta(days=366)


@dataclass(frozen=True)
class Choice:
    """What a time is chosen for. `page` shows the choice, `action` is where its form goes."""

    booking_type: Any
    page: str
    action: str
    slots_url: str
    find_slots: Callable[[str, str], list]
    minutes: int | None
    is_offer: bool = True
    query: Mapping[str, Any] = field(default_factory=dict)  # what else stands in the address
    hosts: Sequence[Mapping[str, Any]] = ()
    plan: Callable[[datetime], list] = lambda _start: []  # [Line] of services at a start
    plan_url: str = ""

    @property
    def has_waiting_list(self) -> bool:
        """Full times may be waited for. Who has a booking moves to where seats are left."""
        booking_type = self.booking_type
        return self.is_offer and booking_type.kind == "class" and booking_type.waiting_list

    @property
    def most_seats(self) -> int:
        """The most seats of one booking; 1 where nobody is asked."""
        is_class = self.is_offer and self.booking_type.kind == "class"
        return self.booking_type.seats_per_booking if is_class else 1

    def offered_range(self) -> tuple[datetime, datetime]:
        """The first moment that is offered, and where the offer ends (naive UTC)."""
        now = fields.Datetime.now()
        # sudo: as in `slots`, which looks no further either.
        availability = request.env["icloud.booking.availability"].sudo()
        first, end = availability._offered_range(self.booking_type, now, now + LONGEST_HORIZON)
        return first, max(first, end)

    def start_of(self, form) -> datetime | None:
        """The naive UTC time that a form has as a start, None when it has none."""
        try:
            return self.booking_type._moment(form.get("start"))
        except UserError:
            return None

    def address(self, path: str, **query: Any) -> str:
        """A path with what was chosen so far."""
        words = urlencode({**self.query, **query}, safe=",")
        return f"{path}?{words}" if words else path


def offer_choice(selection: Selection) -> Choice:
    """A time to book."""
    page = f"/bookings/{selection.booking_type.slug}"
    return Choice(
        booking_type=selection.booking_type,
        page=page,
        action=page,
        slots_url=f"{page}/slots",
        find_slots=selection.find_slots,
        minutes=selection.minutes,
        query=selection.query,
        hosts=selection.host_values(),
        plan=selection.plan,
        plan_url=f"{page}/plan" if selection.services else "",
    )


def move_choice(booking) -> Choice:
    """Another time for a booking."""
    path = f"/booking/{booking.token}"
    return Choice(
        booking_type=booking.type_id,
        page=f"{path}/move",
        action=f"{path}/move",
        slots_url=f"{path}/slots",
        find_slots=booking.slots,
        minutes=int((booking.stop - booking.start).total_seconds() // 60),
        is_offer=False,
    )


def choice_values(choice: Choice, query, default_zone, refusal=None):
    """Values of a page on which a time is chosen.

    :param query: what came with the request
    :param default_zone: where the visitor is, as far as is known
    :param refusal: why the chosen time was not taken, a UserError
    """
    zone = known_zone(query.get("tz"), default_zone, choice.booking_type.tz)
    values = {
        "action": choice.action,
        "page": choice.page,
        "selection": choice.query,
        "hosts": choice.hosts,
        "hosts_differ": len({host["total"] for host in choice.hosts}) > 1,
        "plain_url": choice.address(choice.page, plain=1),
        "zone": zone,
        # A zone that was chosen once stays; else the browser knows best where it is.
        "keep_zone": not choice.is_offer or query.get("tz") == zone,
        "once": _form_token(query),
        "plan_url": choice.plan_url,
        "is_refused": bool(refusal),
        "nearest": [],
        "most_seats": choice.most_seats,
        "counts_seats": choice.booking_type.kind == "class",
        "wait_url": f"{choice.page}/wait" if choice.has_waiting_list else "",
    }
    if query.get("plain"):
        keep_clock()
        values["plain"] = plain_values(choice, query, zone)
    else:
        values["picker"] = _picker_values(choice)
    refused = refusal_values(choice, query, refusal, zone)
    return {**values, **wrong_values(refusal), **refused}


def _form_token(form):
    """What makes a form book once: the one that was sent and refused, else a new one.

    Nothing of an address: whoever makes up a link must not know what is booked with it.
    """
    sent = form.get("once") if request.httprequest.method == "POST" else None
    return sent or secrets.token_urlsafe(18)


def chosen_start(form):
    """What the form has as a start.

    :raise UserError: nothing
    """
    if not form.get("start"):
        raise UserError(request.env._("Please choose a time."))
    return form["start"]


def chosen_seats(form):
    """What the form has as a number of seats, 1 unless asked.

    :raise UserError: no number
    """
    seats = parse_number(form.get("seats"))
    return 1 if seats is None else seats


def _picker_values(choice):
    """Where the picker asks, and between which moments."""
    first, end = choice.offered_range()
    until = min(first + FIRST_QUESTION, end)
    return {
        "slots_url": choice.slots_url,
        "query": urlencode(choice.query),
        # The page asks this before its scripts are there.
        "first_url": (
            choice.address(choice.slots_url, **{"from": iso(first), "to": iso(until)})
            if first < until
            else ""
        ),
        "clock": habits().clock,
        "week_start": habits().week_start,
        "there": choice.booking_type.tz,
        "first": iso(first),
        "until": iso(until),
        "end": iso(end),
    }
