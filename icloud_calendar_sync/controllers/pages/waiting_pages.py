"""A customer's place on a waiting list: to see and to leave, by the token in its link."""

from urllib.parse import quote

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ...guard import person
from ..lookup import find_waiting
from ..shown.booking_values import waiting_values
from ..shown.moments import known_zone
from ..shown.page_values import page_values
from .private_pages import private_page, private_route


class WaitingPages(http.Controller):
    @private_route("/booking/waiting/<string:token>", "page", methods=["GET"])
    def waiting(self, token, **_query):
        """How long the line is, and what happens next."""
        return _page(find_waiting(token))

    @private_route("/booking/waiting/<string:token>/leave", "change", methods=["POST"])
    def leave(self, token, **_form):
        """Leave the list; the page then says so."""
        waiting = find_waiting(token)
        # A second tap, or a page that was reloaded, finds it done.
        if waiting and waiting.state != "left":
            try:
                person.check()
                # What was written before a refusal is undone.
                with request.env.cr.savepoint():
                    waiting._leave()
            except UserError as refusal:
                return _page(waiting, refusal)
        return request.redirect(f"/booking/waiting/{quote(token)}", code=303)


def _page(waiting, refusal=None):
    if not waiting:
        return private_page("page_no_booking", page_values(request.env._("Not found")), 404)
    words = waiting_values(waiting, known_zone(waiting.tz, waiting.type_id.tz))
    values = page_values(words["name"], waiting=words, error=str(refusal or ""))
    return private_page("page_waiting", values, 409 if refusal else 200)
