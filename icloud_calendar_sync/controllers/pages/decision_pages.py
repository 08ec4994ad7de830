"""A host's own link to one booking that waits for a word: confirm it, or decline it."""

from urllib.parse import quote

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..lookup import find_decision
from ..shown.booking_values import booking_values
from ..shown.moments import iso
from ..shown.page_values import page_values
from .private_pages import private_page, private_route


class DecisionPages(http.Controller):
    """Reading changes nothing: mail scanners and browsers follow links on their own."""

    @private_route("/booking/decide/<string:token>", "page", methods=["GET"])
    def decision(self, token, **_query):
        """Who asks for what, what else is on that day, and two buttons."""
        return _page(token)

    @private_route("/booking/decide/<string:token>", "change", methods=["POST"])
    def decide(self, token, decision="", start="", **_form):
        """Confirm or decline, as the host whose link it is; or say on the page why not."""
        booking, _user = find_decision(token)
        decisions = {"confirm": booking.action_confirm, "decline": booking.action_decline}
        if not booking or decision not in decisions:
            return _page(token)
        if start != iso(booking.sudo().start):
            # What the page showed is not what would be decided any more.
            return _page(token, request.env._("The time was changed meanwhile: please look again."))
        try:
            # What was written before a refusal is undone.
            with request.env.cr.savepoint():
                decisions[decision]()
        except UserError as refusal:
            return _page(token, str(refusal))
        return request.redirect(f"/booking/decide/{quote(token)}", code=303)


def _page(token, error=""):
    booking, user = find_decision(token)
    if not booking:
        return private_page("page_no_booking", page_values(request.env._("Not found")), 404)
    request.update_context(lang=user.lang)
    # sudo: whoever holds the link may decide about this booking, and so may know it.
    booking = booking.sudo().with_context(lang=user.lang)
    words = booking_values(booking, booking._zones()[0])
    values = page_values(
        words["name"],
        booking={**words, "url": f"/booking/decide/{token}", "start": iso(booking.start)},
        facts=booking._facts(),
        neighbours=booking._neighbours(),
        decided=booking.state if booking.state != "pending" or booking.hold_until else "",
        error=error,
    )
    return private_page("page_decide", values, 409 if error else 200)
