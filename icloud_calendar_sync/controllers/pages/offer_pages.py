"""Pages where visitors choose what to book, and book it."""

from urllib.parse import quote, urlencode

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ...exceptions import OtherTerms, OwnersAlone, WrongFields
from ...guard import gate, person
from ...guard.fields import ticks
from ...guard.routes import public_route
from ..chosen.choice import choice_values, chosen_seats, chosen_start, offer_choice
from ..chosen.selection import Selection, chosen_services, parse_number
from ..chosen.service_menu import menu_values, summary_values
from ..lookup import find_offer, find_offers
from ..shown.moments import known_zone
from ..shown.page_values import offer_values, page_values
from ..shown.refusals import status
from .private_pages import retry_headers

LONGEST_EMAIL = 254
NOT_SEEN = "no"
_TYPED = ("name", "email", "phone", "note", "seats")


def _offers_in_sitemap(_env, _rule, query_string):
    for booking_type in find_offers():
        address = f"/bookings/{booking_type.slug}"
        if not query_string or query_string.lower() in address:
            yield {"loc": address}


class OfferPages(http.Controller):
    @public_route("/bookings", "page", methods=["GET"], sitemap=True)
    def offers(self, **_query):
        """What can be booked."""
        return request.render(
            "icloud_calendar_sync.page_offers",
            page_values(
                request.env._("Bookings"),
                offers=[offer_values(each) for each in find_offers()],
            ),
        )

    @public_route("/bookings/<string:slug>", "page", methods=["GET"], sitemap=_offers_in_sitemap)
    def offer(self, slug, **query):
        """One booking type: choose services of a menu, a time, say who you are, confirm."""
        booking_type = find_offer(slug)
        if not booking_type:
            return _no_offer()
        ticked = ticks()
        if len(ticked) > 1:
            # The menu's form sends each tick on its own: one address for one choice.
            words = urlencode({**query, "services": ",".join(ticked)}, safe=",")
            return request.redirect(f"/bookings/{booking_type.slug}?{words}", code=303)
        query = {**_visitor(), "services": "", **query}
        if refusal := _wrong_services(booking_type, query):
            return _menu_page(Selection(booking_type, query), query, refusal)
        return _offer_page(booking_type, query)

    @public_route("/bookings/<string:slug>", "book", methods=["POST"])
    def book(self, slug, **form):
        """Book, and go to the booking's own page; or say on this page why not."""
        return _take(slug, form, _book)

    @public_route("/bookings/<string:slug>/wait", "wait", methods=["POST"])
    def wait(self, slug, **form):
        """Queue for a seat of a full class, and go to the page that says how it stands."""
        return _take(slug, {**form, "is_waiting": True}, _wait)

    @public_route("/bookings/<string:slug>/wait", "page", methods=["GET"])
    def see_times(self, slug, **_query):
        """Whoever comes here with a link of their own wanted the page."""
        return request.redirect(f"/bookings/{quote(slug)}", code=303)

    @public_route("/bookings/<string:slug>/written", "page", methods=["GET"])
    def written(self, slug, **query):
        """We have written to the address that was given: the same for whoever gave it."""
        booking_type = find_offer(slug)
        if not booking_type:
            return _no_offer()
        values = page_values(
            booking_type.name, offer=offer_values(booking_type), waits=query.get("done") == "wait"
        )
        return request.render("icloud_calendar_sync.page_written", values)


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
            address = _take_once(booking_type, form, take)
    except OwnersAlone as refusal:
        # What it says is not for whoever typed that address.
        address = _written(booking_type, take)
        _tell_owner(refusal)
    except UserError as refusal:
        return _offer_page(booking_type, form, refusal)
    return request.redirect(address, code=303)


def _take_once(booking_type, form, take):
    """What this form asks for, or where it was sent before, what it has made then; its address."""
    # sudo: nobody has rights on them. Who knows the token of a form was given its page.
    sent = request.env["icloud.booking.form"].sudo()._sent(form.get("once"), form.get("start"))
    made = sent._made()
    is_changed = bool(made) and not _is_as_typed(made, _details(booking_type, form))
    if not made:
        person.check()
        made = take(booking_type, form)
        sent._note(made)
    if made._name == "icloud.booking" and not booking_type.customer_max:
        return f"/booking/{made.token}?done={'before' if is_changed else 'booked'}"
    return _written(booking_type, take)


def _is_as_typed(made, details):
    """Whether a booking, or a place in a waiting list, says what its form says now."""
    typed = made._clean_customer(details["customer"], details["answers"])
    names = ("customer_name", "email", "phone", "answers")
    is_same = all((typed[name] or "") == (made[name] or "") for name in names)
    return is_same and made.seats == details["seats"]


def _tell_owner(refusal):
    # sudo: the mail goes to the address it is about, and the visitor learns nothing.
    for record in refusal.record.sudo():
        record._send_mail(refusal.template, record.email)


def _written(booking_type, take):
    # Alike whether it was done or not.
    return f"/bookings/{booking_type.slug}/written?done={'wait' if take is _wait else 'book'}"


def _book(booking_type, form):
    is_menu = booking_type.kind == "service"
    if is_menu and form.get("seen") == NOT_SEEN:
        _show_terms(booking_type, form)
    wanted = {
        "start": chosen_start(form),
        "user_id": parse_number(form.get("user")) if booking_type.choose_host else None,
        "service_ids": chosen_services(form) if is_menu else None,
        "agreed": _agreed(form) if is_menu else None,
        **_details(booking_type, form),
    }
    with gate.mails_to(_mailbox(wanted)):
        return booking_type.book(**wanted)


def _agreed(form):
    seen = form.get("seen")
    return None if seen == NOT_SEEN else seen


def _show_terms(booking_type, form):
    """Nobody has seen yet what this time comes to, where that depends on it: without scripts, or
    when a time was chosen beside a refusal.

    :raise OtherTerms: it is shown before it is booked
    """
    selection = Selection(booking_type, {"services": "", **form})
    if selection.services and not selection.is_plain_to_see:
        _mailbox(_details(booking_type, form))
        if not selection.plan(chosen_start(form)):
            return  # It is not free: who books it is told so.
        raise OtherTerms(request.env._("Is this right? Then please confirm."))


def _wait(booking_type, form):
    wanted = {"start": chosen_start(form), **_details(booking_type, form)}
    # One now, and one when a seat gets free.
    with gate.mails_to(_mailbox(wanted), times=2):
        return booking_type.join_waiting_list(**wanted)


def _mailbox(wanted):
    """The address as the models store it: there are many ways to type one.

    :raise WrongFields: they would not take it, or what else was typed
    """
    customer, answers = wanted["customer"], wanted["answers"]
    bookings = request.env["icloud.booking"]
    return bookings._clean_customer(customer, answers, is_called=True)["email"]


def _details(booking_type, form):
    """Who books how many seats, as the models take it.

    :raise WrongFields: the address is endless
    :raise UserError: the seats are no number
    """
    typed = _typed(form)
    # RFC 5321, 4.5.3.1. Python's own parser of addresses follows each bracket one level down, and
    # ends on a RecursionError.
    if len(typed["email"]) > LONGEST_EMAIL:
        sentence = request.env._("Please give an e-mail address we can write to.")
        raise WrongFields({"email": sentence})
    customer = {key: typed[key] for key in ("name", "email", "phone")}
    return {
        "customer": {**customer, "tz": known_zone(form.get("tz"), booking_type.tz)},
        "seats": chosen_seats(form),
        "answers": {request.env._("Note"): typed["note"]} if typed["note"] else {},
    }


def _typed(form):
    return {field: form.get(field) or "" for field in _TYPED}


def _offer_page(booking_type, query, refusal=None):
    selection = Selection(booking_type, query)
    if booking_type.kind == "service" and (query.get("change") or not selection.services):
        return _menu_page(selection, query, refusal)
    offer = offer_values(booking_type)
    values = page_values(
        offer["name"],
        offer=offer,
        typed=_typed(query),
        # A booking's own page is shown by no other site: it opens in the whole window.
        target="_top" if booking_type.frame_sites else None,
        summary=_summary(selection, bool(query.get("plain"))),
        **choice_values(offer_choice(selection), query, request.cookies.get("tz"), refusal),
    )
    headers = retry_headers(refusal)
    template = "icloud_calendar_sync.page_offer"
    return request.render(template, values, status=status(refusal), headers=headers)


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
