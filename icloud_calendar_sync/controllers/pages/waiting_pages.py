"""A customer's place on a waiting list: to see and to leave, by the token in its link."""

from urllib.parse import quote

from odoo import http
from odoo.http import request

from ..lookup import find_waiting
from ..shown.booking_values import waiting_values
from ..shown.moments import known_zone
from ..shown.page_values import page_values
from .private_pages import PAGE, private_page


class WaitingPages(http.Controller):
    @http.route("/booking/waiting/<string:token>", methods=["GET"], **PAGE)
    def waiting(self, token, **_query):
        """How long the line is, and what happens next."""
        waiting = find_waiting(token)
        if not waiting:
            return private_page("page_no_booking", page_values(request.env._("Not found")), 404)
        zone = known_zone(waiting.tz, waiting.type_id.tz)
        words = waiting_values(waiting, zone)
        return private_page("page_waiting", page_values(words["name"], waiting=words))

    @http.route("/booking/waiting/<string:token>/leave", methods=["POST"], **PAGE)
    def leave(self, token, **_form):
        """Leave the list; the page then says so."""
        find_waiting(token)._leave()
        return request.redirect(f"/booking/waiting/{quote(token)}", code=303)
