"""Pages where visitors choose what to book, and book it."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .choice import choice_values, chosen_start, status
from .lookup import find_offer, find_offers
from .moments import known_zone
from .page_values import offer_values, page_values

_TYPED = ("name", "email", "phone", "note")


def _offers_in_sitemap(_env, _rule, query_string):
    for booking_type in find_offers():
        address = f"/bookings/{booking_type.slug}"
        if not query_string or query_string.lower() in address:
            yield {"loc": address}


class OfferPages(http.Controller):
    @http.route("/bookings", type="http", auth="public", website=True, sitemap=True)
    def offers(self):
        """What can be booked."""
        return request.render(
            "icloud_calendar_sync.page_offers",
            page_values(
                request.env._("Bookings"),
                offers=[offer_values(each) for each in find_offers()],
            ),
        )

    @http.route(
        "/bookings/<string:slug>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=_offers_in_sitemap,
    )
    def offer(self, slug, **query):
        """One booking type: choose a time, say who you are, confirm."""
        booking_type = find_offer(slug)
        if not booking_type:
            return _no_offer()
        return _offer_page(booking_type, {**_visitor(), **query})

    @http.route(
        "/bookings/<string:slug>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def book(self, slug, **form):
        """Book, and go to the booking's own page; or say on this page why not."""
        booking_type = find_offer(slug)
        if not booking_type:
            return _no_offer()
        try:
            # What was written before a refusal is undone.
            with request.env.cr.savepoint():
                booking = _book(booking_type, form)
        except UserError as refusal:
            return _offer_page(booking_type, form, refusal)
        return request.redirect(f"/booking/{booking.token}?done=booked", code=303)


def _book(booking_type, form):
    typed = _typed(form)
    note = typed.pop("note")
    customer = {**typed, "tz": known_zone(form.get("tz"), booking_type.tz)}
    answers = {request.env._("Note"): note} if note else {}
    return booking_type.book(chosen_start(form), customer, answers=answers)


def _typed(form):
    # No database stores a NUL, and nobody means one.
    return {field: (form.get(field) or "").replace("\0", "") for field in _TYPED}


def _offer_page(booking_type, query, refusal=None):
    offer = offer_values(booking_type)
    values = page_values(
        offer["name"],
        offer=offer,
        typed=_typed(query),
        **choice_values(booking_type, query, request.cookies.get("tz"), refusal),
    )
    return request.render("icloud_calendar_sync.page_offer", values, status=status(refusal))


def _no_offer():
    values = page_values(request.env._("Not available"))
    return request.render("icloud_calendar_sync.page_no_offer", values, status=404)


def _visitor():
    """What is known about who is signed in."""
    user = request.env.user
    if user._is_public():
        return {}
    return {"name": user.name, "email": user.email, "phone": user.phone}
