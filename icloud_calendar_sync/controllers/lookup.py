"""From what stands in an address to the record behind it."""

import re

from odoo import fields
from odoo.http import request

# What slugs and tokens are made of; the database would choke on some other signs.
_ADDRESS = re.compile(r"[A-Za-z0-9_-]+")


def find_offer(slug):
    """The published booking type at an address, or an empty recordset."""
    # sudo: strangers have no rights on types. Only one that is published for them is found.
    booking_types = request.env["icloud.booking.type"].sudo()
    if not _ADDRESS.fullmatch(slug):
        return booking_types
    return booking_types.search([("slug", "=", slug), ("is_published", "=", True)], limit=1)


def find_offers():
    """The published booking types of this website's company."""
    # sudo: as in find_offer.
    return (
        request.env["icloud.booking.type"]
        .sudo()
        .search(
            [
                ("is_published", "=", True),
                ("company_id", "=", request.env.company.id),
            ]
        )
    )


def find_booking(token):
    """The booking behind a customer's link, or an empty recordset."""
    return _find_by_token("icloud.booking", token)


def find_waiting(token):
    """The place on a waiting list behind a customer's link, or an empty recordset."""
    return _find_by_token("icloud.booking.waiting", token)


def find_decision(token):
    """(booking, user) behind a host's link to decide, or two empty recordsets."""
    # sudo: strangers may read neither; the booking comes with the rights of the host whose link
    # it is.
    return request.env["icloud.booking"].sudo()._behind_decision(token)


def _find_by_token(model, token):
    # sudo: whoever holds the unguessable token is the customer.
    records = request.env[model].sudo()
    if not _ADDRESS.fullmatch(token):
        return records
    return records.search([("token", "=", token)], limit=1)


def find_open_booking(token):
    """The booking behind a customer's link, as long as it is still to come."""
    return find_booking(token).filtered(is_open)


def find_changeable(token):
    """The booking behind a customer's link, as long as the customer may move or cancel it."""
    return find_open_booking(token).filtered(may_change)


def is_open(booking):
    """Whether the customer may still change this booking, or take the seat that is held."""
    now = fields.Datetime.now()
    if booking.state == "pending" and booking.hold_until and booking.hold_until <= now:
        return False
    return booking.holds_time and booking.start > now


def may_change(booking):
    """Whether the customer may move or cancel it; a seat that was only offered, always."""
    return is_held(booking) or (is_open(booking) and booking._may_be_changed())


def is_held(booking):
    """Whether this is a freed seat that is kept for the customer to take."""
    return bool(booking.hold_until) and booking.state == "pending" and is_open(booking)


def find_offered(booking):
    """The place on a waiting list that a freed seat was offered to, or an empty recordset."""
    # sudo: as in _find_by_token; it is the same customer's.
    waiting = request.env["icloud.booking.waiting"].sudo()
    return waiting.search([("booking_id", "in", booking.ids)], limit=1)


def was_offered(booking):
    """Whether this was a freed seat that was not taken."""
    return find_offered(booking).state in ("left", "expired")
