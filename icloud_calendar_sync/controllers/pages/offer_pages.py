"""Pages where visitors choose what to book, and book it."""

from urllib.parse import urlencode

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..chosen.choice import choice_values, chosen_seats, chosen_start, offer_choice
from ..chosen.selection import Selection, chosen_services, parse_number
from ..chosen.service_menu import menu_values, summary_values
from ..lookup import find_offer, find_offers
from ..shown.moments import known_zone
from ..shown.page_values import offer_values, page_values
from ..shown.refusals import status
from .private_pages import PAGE

_TYPED = ("name", "email", "phone", "note", "seats")


def _offers_in_sitemap(_env, _rule, query_string):
    for booking_type in find_offers():
        address = f"/bookings/{booking_type.slug}"
        if not query_string or query_string.lower() in address:
            yield {"loc": address}


class OfferPages(http.Controller):
    @http.route("/bookings", **{**PAGE, "sitemap": True})
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
        "/bookings/<string:slug>", methods=["GET"], **{**PAGE, "sitemap": _offers_in_sitemap}
    )
    def offer(self, slug, **query):
        """One booking type: choose services of a menu, a time, say who you are, confirm."""
        booking_type = find_offer(slug)
        if not booking_type:
            return _no_offer()
        ticked = request.httprequest.args.getlist("services")
        if len(ticked) > 1:
            # The menu's form sends each tick on its own: one address for one choice.
            words = urlencode({**query, "services": ",".join(ticked)}, safe=",")
            return request.redirect(f"/bookings/{booking_type.slug}?{words}", code=303)
        query = {**_visitor(), "services": "", **query}
        if refusal := _wrong_services(booking_type, query):
            return _menu_page(Selection(booking_type, query), query, refusal)
        return _offer_page(booking_type, query)

    @http.route("/bookings/<string:slug>", methods=["POST"], **PAGE)
    def book(self, slug, **form):
        """Book, and go to the booking's own page; or say on this page why not."""
        return _take(slug, form, _book)

    @http.route("/bookings/<string:slug>/wait", methods=["POST"], **PAGE)
    def wait(self, slug, **form):
        """Queue for a seat of a full class, and go to the page that says how it stands."""
        return _take(slug, {**form, "is_waiting": True}, _wait)


def _wrong_services(booking_type, query):
    """Why the menu is shown once more, nothing when it is not or for the first time."""
    # Scripts send no menu without a tick.
    is_sent = query["services"] or (query.get("plain") and not query.get("change"))
    if booking_type.kind == "service" and is_sent:
        try:
            booking_type._choice(None, chosen_services(query))
        except UserError as refusal:
            return refusal
    return None


def _take(slug, form, take):
    booking_type = find_offer(slug)
    if not booking_type:
        return _no_offer()
    try:
        # What was written before a refusal is undone.
        with request.env.cr.savepoint():
            address = take(booking_type, form)
    except UserError as refusal:
        return _offer_page(booking_type, form, refusal)
    return request.redirect(address, code=303)


def _book(booking_type, form):
    is_menu = booking_type.kind == "service"
    booking = booking_type.book(
        chosen_start(form),
        user_id=parse_number(form.get("user")) if booking_type.choose_host else None,
        service_ids=chosen_services(form) if is_menu else None,
        **_details(booking_type, form),
    )
    return f"/booking/{booking.token}?done=booked"


def _wait(booking_type, form):
    place = booking_type.join_waiting_list(chosen_start(form), **_details(booking_type, form))
    return f"/booking/waiting/{place.token}"


def _details(booking_type, form):
    """Who books how many seats, as the models take it.

    :raise UserError: the seats are no number
    """
    typed = _typed(form)
    customer = {key: typed[key] for key in ("name", "email", "phone")}
    return {
        "customer": {**customer, "tz": known_zone(form.get("tz"), booking_type.tz)},
        "seats": chosen_seats(form),
        "answers": {request.env._("Note"): typed["note"]} if typed["note"] else {},
    }


def _typed(form):
    # No database stores a NUL, and nobody means one.
    return {field: (form.get(field) or "").replace("\0", "") for field in _TYPED}


def _offer_page(booking_type, query, refusal=None):
    selection = Selection(booking_type, query)
    if booking_type.kind == "service" and (query.get("change") or not selection.services):
        return _menu_page(selection, query, refusal)
    offer = offer_values(booking_type)
    values = page_values(
        offer["name"],
        offer=offer,
        typed=_typed(query),
        summary=_summary(selection, bool(query.get("plain"))),
        **choice_values(offer_choice(selection), query, request.cookies.get("tz"), refusal),
    )
    return request.render("icloud_calendar_sync.page_offer", values, status=status(refusal))


def _menu_page(selection, query, refusal):
    offer = offer_values(selection.booking_type)
    values = page_values(
        offer["name"],
        offer=offer,
        menu=menu_values(selection.booking_type, selection.services),
        user=selection.host.user_id.id,
        plain=query.get("plain"),
        error=str(refusal or ""),
    )
    return request.render("icloud_calendar_sync.page_menu", values, status=status(refusal))


def _summary(selection, is_plain):
    """What was chosen from a menu, and the way back to it."""
    if not selection.services:
        return None
    choice = offer_choice(selection)
    return {
        **summary_values(selection.booking_type, selection.services, selection.doers),
        "change_url": choice.address(choice.page, change=1, **({"plain": 1} if is_plain else {})),
    }


def _no_offer():
    values = page_values(request.env._("Not available"))
    return request.render("icloud_calendar_sync.page_no_offer", values, status=404)


def _visitor():
    """What is known about who is signed in."""
    user = request.env.user
    if user._is_public():
        return {}
    return {"name": user.name, "email": user.email, "phone": user.phone}
