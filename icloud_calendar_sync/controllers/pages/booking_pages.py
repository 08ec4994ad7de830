"""A customer's own booking: to see, take, move or cancel, by the token in its link."""

from urllib.parse import quote

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ...guard import gate, person
from ..chosen.choice import choice_values, chosen_start, move_choice
from ..lookup import (
    find_booking,
    find_changeable,
    find_offered,
    find_open_booking,
    is_held,
    is_open,
)
from ..shown.booking_values import booking_values
from ..shown.moments import known_zone
from ..shown.page_values import page_values
from ..shown.refusals import status
from .private_pages import private_page, private_route, retry_headers


class BookingPages(http.Controller):
    """Reading changes nothing: mail scanners and browsers follow links on their own."""

    @private_route("/booking/<string:token>", "page", methods=["GET"])
    def booking(self, token, done=None, **_query):
        """What is booked, and what can be done about it."""
        booking = find_booking(token)
        if not booking:
            return private_page("page_no_booking", page_values(request.env._("Not found")), 404)
        return private_page("page_booking", _values(booking, done=done))

    @private_route("/booking/<string:token>/calendar", "page", methods=["GET"])
    def calendar(self, token, **_query):
        """The booking as a file for the customer's calendar."""
        booking = find_open_booking(token)
        if not booking or is_held(booking):
            return _to_booking(token)
        attachment = booking._ical_attachment()
        return request.make_response(
            attachment["raw"],
            {
                "Content-Type": f"{attachment['mimetype']}; charset=utf-8",
                "Content-Disposition": f"attachment; filename={attachment['name']}",
            },
        )

    @private_route("/booking/<string:token>/take", "change", methods=["POST"])
    def take(self, token, **_form):
        """Take the seat that was kept; whoever is too late reads so on the booking's page."""
        booking = find_booking(token)
        if not booking:
            return _to_booking(token)
        if is_open(booking) and not is_held(booking):
            # A second tap, or a page that was reloaded.
            return _to_booking(token, "?done=booked")
        return _change(booking, booking._take_held, "?done=booked")

    @private_route("/booking/<string:token>/move", "page", methods=["GET"])
    def choose_other_time(self, token, **query):
        """The picker, once more."""
        booking = find_changeable(token)
        if not booking or is_held(booking):
            return _to_booking(token)
        return _move_page(booking, query)

    @private_route("/booking/<string:token>/move", "move", methods=["POST"])
    def move(self, token, **form):
        """Take another time, or say why not; then the booking stays where it is."""
        booking = find_changeable(token)
        if not booking or is_held(booking):
            return _to_booking(token)
        try:
            person.check()
            start = chosen_start(form)
            # What was written before a refusal is undone.
            with gate.mails_to(booking.email), request.env.cr.savepoint():
                # The customer is told the new time in the zone it was chosen in.
                booking.tz = known_zone(form.get("tz"), _zone(booking))
                booking.reschedule(start)
        except UserError as refusal:
            return _move_page(booking, form, refusal)
        return _to_booking(token, "?done=moved")

    @private_route("/booking/<string:token>/cancel", "page", methods=["GET"])
    def ask_to_cancel(self, token, **_query):
        """A question first."""
        booking = find_changeable(token)
        return private_page("page_cancel", _values(booking)) if booking else _to_booking(token)

    @private_route("/booking/<string:token>/cancel", "change", methods=["POST"])
    def cancel(self, token, **_form):
        """Cancel, or decline the seat that was kept; it is free for others at once."""
        booking = find_changeable(token)
        if not booking:
            return _to_booking(token)
        if is_held(booking):
            # No mail about a cancelled booking to somebody who had none.
            return _change(booking, find_offered(booking)._leave)
        # Nobody is kept from cancelling, and what follows pays for the mail.
        gate.count_mail(booking.email)
        return _change(booking, booking.action_cancel)


def _change(booking, change, query=""):
    """Do it and go to the booking's page, or say there why not."""
    try:
        person.check()
        # What was written before a refusal is undone.
        with request.env.cr.savepoint():
            change()
    except UserError as refusal:
        return private_page("page_booking", _values(booking, error=str(refusal)), 409)
    return _to_booking(booking.token, query)


def _to_booking(token, query=""):
    # A closed booking says so on its own page; an unknown one is not found there.
    return request.redirect(f"/booking/{quote(token)}{query}", code=303)


def _zone(booking):
    return known_zone(booking.tz, booking.type_id.tz)


def _values(booking, **values):
    words = booking_values(booking, _zone(booking))
    return page_values(words["name"], booking=words, **values)


def _move_page(booking, query, refusal=None):
    choice = choice_values(move_choice(booking), query, _zone(booking), refusal)
    page = private_page("page_move", _values(booking, **choice), status(refusal))
    page.headers.update(retry_headers(refusal))
    return page
