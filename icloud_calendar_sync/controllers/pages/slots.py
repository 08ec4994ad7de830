"""The free times, as JSON."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ...guard.routes import public_route
from ..chosen.selection import parse_number, parse_numbers, shown_seats
from ..lookup import find_offer, find_open_booking
from ..shown.moments import day_start, known_zone, parse_day
from ..shown.plan import plan_values
from .private_pages import private_route

_JSON = {"answers": "json", "methods": ["GET"], "multilang": False, "readonly": True}


class BookingSlots(http.Controller):
    """What both pickers, for booking and for moving, ask."""

    @public_route("/bookings/<string:slug>/slots", "times", **_JSON)
    def offer_slots(self, slug, **question):
        """Free times of a booking type.

        `from` and `to` are dates, both included, as the zone `tz` has them, or ISO 8601 times
        with an offset, the second excluded. `user` and `services` (ids, by commas) narrow down.
        Answers {"slots": [{"start", "stop", "seats_left"}]}, times in UTC, or 400 and {"error"}.
        Seats are null where the host does not show how many are left, but 0 when none is.
        """
        booking_type = find_offer(slug)
        if not booking_type:
            return _answer({"error": request.env._("This page is not available.")}, 404)
        return _answer_with(
            lambda: booking_type.slots(
                *_window(question, booking_type.tz),
                tz=question.get("tz"),
                user_id=parse_number(question.get("user")),
                service_ids=parse_numbers(question.get("services")),
            ),
            booking_type,
        )

    # Whoever has no resource of their own yet gets one: this route writes.
    @public_route("/bookings/<string:slug>/plan", "times", **{**_JSON, "readonly": False})
    def plan(self, slug, **question):
        """Who does which services at `start`, when, for how much: `plan_values`, or 404.

        `services` (ids, by commas) and `user` as for the times, `tz` for the hours.
        """
        booking_type = find_offer(slug)
        if not booking_type:
            return _answer({"error": request.env._("This page is not available.")}, 404)
        try:
            lines = booking_type._plan(
                question.get("start"),
                user_id=parse_number(question.get("user")),
                service_ids=parse_numbers(question.get("services")),
            )
        except UserError as error:
            return _answer({"error": str(error)}, 400)
        zone = known_zone(question.get("tz"), booking_type.tz)
        found = plan_values(lines, zone)
        if not found:
            return _answer({"error": request.env._("Sorry, this time was just taken.")}, 404)
        return _answer(found)

    @private_route("/booking/<string:token>/slots", "times", **_JSON)
    def booking_slots(self, token, **question):
        """Times that one booking may move to; asked and answered as for a type."""
        booking = find_open_booking(token)
        if not booking:
            return _answer({"error": request.env._("This link leads to no booking.")}, 404)
        return _answer_with(
            lambda: booking.slots(*_window(question, booking.type_id.tz), tz=question.get("tz")),
            booking.type_id,
        )


def _answer_with(find_slots, booking_type):
    try:
        slots = find_slots()
    except UserError as error:
        return _answer({"error": str(error)}, 400)
    return _answer({"slots": [_public(slot, booking_type) for slot in slots]})


def _public(slot, booking_type):
    # Who is free is nobody's business: no user ids.
    return {
        "start": slot["start"],
        "stop": slot["stop"],
        "seats_left": shown_seats(booking_type, slot["seats_left"]),
    }


def _answer(content, status=200):
    return request.make_json_response(content, status=status)


def _window(question, default_zone):
    """(start, stop) as the models take them.

    :raise UserError: one sentence
    """
    first, last = question.get("from"), question.get("to")
    if not first or not last:
        raise UserError(request.env._("Ask with “from” and “to”: dates like 2026-12-01, or times."))
    zone = known_zone(question.get("tz"), default_zone)
    return _moment(first, zone, 0), _moment(last, zone, 1)


def _moment(text, zone, days_after):
    day = parse_day(text)
    return day_start(request.env, day, days_after, zone) if day else text
