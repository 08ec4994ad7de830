"""A customer's own booking: to see, move or cancel, by the token in its link."""

from urllib.parse import quote

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .choice import choice_values, chosen_start, status
from .lookup import find_booking, find_open_booking
from .moments import known_zone
from .page_values import booking_values, page_values

_PAGE = {"type": "http", "auth": "public", "website": True, "sitemap": False}
# Whoever has the address may change the booking: nobody else keeps it or hears of it.
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class BookingPages(http.Controller):
    """Reading changes nothing: mail scanners and browsers follow links on their own."""

    @http.route("/booking/<string:token>", methods=["GET"], **_PAGE)
    def booking(self, token, done=None, **_query):
        """What is booked, and what can be done about it."""
        booking = find_booking(token)
        if not booking:
            return _private("page_no_booking", page_values(request.env._("Not found")), 404)
        return _private("page_booking", _values(booking, done=done))

    @http.route("/booking/<string:token>/calendar", methods=["GET"], **_PAGE)
    def calendar(self, token, **_query):
        """The booking as a file for the customer's calendar."""
        booking = find_open_booking(token)
        if not booking:
            return _to_booking(token)
        attachment = booking._ical_attachment()
        return request.make_response(
            attachment["raw"],
            {
                **_PRIVATE,
                "Content-Type": f"{attachment['mimetype']}; charset=utf-8",
                "Content-Disposition": f"attachment; filename={attachment['name']}",
            },
        )

    @http.route("/booking/<string:token>/move", methods=["GET"], **_PAGE)
    def choose_other_time(self, token, **query):
        """The picker, once more."""
        booking = find_open_booking(token)
        return _move_page(booking, query) if booking else _to_booking(token)

    @http.route("/booking/<string:token>/move", methods=["POST"], **_PAGE)
    def move(self, token, **form):
        """Take another time, or say why not; then the booking stays where it is."""
        booking = find_open_booking(token)
        if not booking:
            return _to_booking(token)
        try:
            # What was written before a refusal is undone.
            with request.env.cr.savepoint():
                # The customer is told the new time in the zone it was chosen in.
                booking.tz = known_zone(form.get("tz"), _zone(booking))
                booking.reschedule(chosen_start(form))
        except UserError as refusal:
            return _move_page(booking, form, refusal)
        return _to_booking(token, "?done=moved")

    @http.route("/booking/<string:token>/cancel", methods=["GET"], **_PAGE)
    def ask_to_cancel(self, token, **_query):
        """A question first."""
        booking = find_open_booking(token)
        return _private("page_cancel", _values(booking)) if booking else _to_booking(token)

    @http.route("/booking/<string:token>/cancel", methods=["POST"], **_PAGE)
    def cancel(self, token, **_form):
        """Cancel; the time is free for others at once."""
        find_open_booking(token).action_cancel()
        return _to_booking(token)


def _to_booking(token, query=""):
    # A closed booking says so on its own page; an unknown one is not found there.
    return request.redirect(f"/booking/{quote(token)}{query}", code=303)


def _zone(booking):
    return known_zone(booking.tz, booking.type_id.tz)


def _values(booking, **values):
    words = booking_values(booking, _zone(booking))
    return page_values(words["name"], booking=words, **values)


def _move_page(booking, query, refusal=None):
    values = _values(booking, **choice_values(booking, query, _zone(booking), refusal))
    return _private("page_move", values, status(refusal))


def _private(template, values, http_status=200):
    return request.render(
        f"icloud_calendar_sync.{template}", values, status=http_status, headers=_PRIVATE
    )
