"""A customer's booking, or place on a waiting list, in words."""

from datetime import timedelta

from odoo import fields
from odoo.http import request
from odoo.tools.misc import format_amount

from ..lookup import is_held, is_open, may_change, was_offered
from .moments import duration_words, time_words, until_words
from .page_values import seats_words, when_values


def booking_values(booking, zone):
    """A booking in words, for the customer; all its sessions when it is a chain."""
    stop = max([booking.stop, *booking.child_ids.mapped("stop")])
    held_until = is_held(booking) and booking.hold_until
    return {
        "name": booking.type_id.name,
        "url": f"/booking/{booking.token}",
        "offer_url": f"/bookings/{booking.type_id.slug}" if booking.type_id.is_published else "",
        **when_values(booking.start, stop, zone, booking.type_id.tz),
        "location": booking.event_id.location or "",
        "map_url": booking._map_url(),
        "bring": booking.type_id.bring or "",
        "calendars": booking._calendar_links(),
        "may_change": may_change(booking),
        "deadline": booking._deadline_in_words(),
        # A chain names its hosts service by service.
        "host": "" if booking.child_ids else booking._hosts_in_words(),
        "is_chain": bool(booking.child_ids),
        "services": _services_values(booking, zone),
        "price": _price_words(booking),
        "seats_number": booking.seats,
        "seats": seats_words(booking.seats) if booking.type_id.kind == "class" else "",
        "customer": booking.customer_name,
        "answers": list((booking.answers or {}).items()),
        "state": _state(booking),
        "held_until": held_until and _until_words(held_until, zone),
        "is_open": is_open(booking),
    }


def waiting_values(waiting, zone):
    """A place on a waiting list in words, for the customer."""
    session = waiting.event_id
    is_over = not session or session.start <= fields.Datetime.now()
    # Who was never offered a seat has missed none.
    never = waiting.state == "waiting" or (waiting.state == "expired" and not waiting.booking_id)
    return {
        "name": waiting.type_id.name,
        "url": f"/booking/waiting/{waiting.token}",
        "offer_url": f"/bookings/{waiting.type_id.slug}" if waiting.type_id.is_published else "",
        "booking_url": f"/booking/{waiting.booking_id.token}" if waiting.booking_id else "",
        **(when_values(session.start, session.stop, zone, waiting.type_id.tz) if session else {}),
        "location": session.location or "",
        "seats_number": waiting.seats,
        "seats": seats_words(waiting.seats),
        "email": waiting.email,
        "place": waiting.place,
        "hold": duration_words(request.env, waiting.type_id.hold_minutes),
        "state": "over" if is_over and never else waiting.state,
    }


def _state(booking):
    """The state as the page tells it: what has passed matters more than what was agreed."""
    if is_held(booking):
        return "held"
    if booking.state == "cancelled":
        return "gone" if was_offered(booking) else "cancelled"
    if booking.state == "pending" and booking.hold_until:
        return "gone"  # Its time is over, and nobody has tidied up yet.
    return booking.state if is_open(booking) else "over"


def _services_values(booking, zone):
    """[{"time", "name", "host"}] in order."""
    values = []
    for part in [booking, *booking.child_ids.sorted("start")]:
        begin = part.start
        for line in part.line_ids:
            values.append(
                {
                    "time": time_words(request.env, begin, zone),
                    "name": line.name,
                    "host": part.user_id.name,
                }
            )
            begin += timedelta(minutes=line.duration)
    return values


def _price_words(booking):
    if not booking.price_total:
        return ""
    return format_amount(request.env, booking.price_total, booking.currency_id)


def _until_words(moment, zone):
    return until_words(request.env, moment, zone, fields.Datetime.now())
