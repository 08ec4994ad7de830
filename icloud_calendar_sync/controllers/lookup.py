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
    # sudo: whoever holds the unguessable token is the customer.
    bookings = request.env["icloud.booking"].sudo()
    if not _ADDRESS.fullmatch(token):
        return bookings
    return bookings.search([("token", "=", token)], limit=1)


def find_open_booking(token):
    """The booking behind a customer's link, as long as the customer may change it."""
    now = fields.Datetime.now()
    return find_booking(token).filtered(lambda booking: booking.holds_time and booking.start > now)
