from datetime import timedelta

from odoo import api, models
from odoo.tools import consteq, format_time
from odoo.tools.misc import hmac

from ...planning.zones import local_day, local_midnight

_SCOPE = "icloud_booking_decision"
# Of a day that is fuller the nearest are told.
MOST_NEIGHBOURS = 6


class ICloudBooking(models.Model):
    """How a host decides about a booking by a link of the own, without signing in.

    The link says who decides, and is good for as long as that user may. Nothing of it is stored:
    it is signed with the database's secret.
    """

    _inherit = "icloud.booking"

    def _decision_token(self, user):
        self.ensure_one()
        return f"{self.id}-{user.id}-{self._signed(user)}"

    def _signed(self, user):
        # The token of the customer goes with it: a copy of the database renews those.
        return hmac(self.env(su=True), _SCOPE, (self.id, user.id, self.token))

    def _decision_url(self):
        """Where the host who reads decides."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")  # Public knowledge.
        return f"{base}/booking/decide/{self._decision_token(self._host())}"

    @api.model
    def _behind_decision(self, token):
        """(booking, user) of such a link, or two empty recordsets.

        The booking comes with the rights of that user, as for what that user does in Odoo.
        """
        nothing = self.browse(), self.env["res.users"]
        booking_id, _dash, rest = token.partition("-")
        user_id, _dash, signed = rest.partition("-")
        if not (_is_id(booking_id) and _is_id(user_id) and signed.isascii()):
            return nothing
        booking = self.browse(int(booking_id)).exists()
        user = self.env["res.users"].browse(int(user_id)).exists()
        if not (booking and user and consteq(signed, booking._signed(user))):
            return nothing
        companies = {"allowed_company_ids": user.company_ids.ids, "lang": user.lang}
        own = booking.with_user(user).with_context(**companies, mail_reader=user.id)
        # sudo: who may not decide may not read it either.
        return (own, user) if user.active and own.sudo()._may_decide() else nothing

    def _neighbours(self):
        """What the host who reads has on the same day, of the own bookings alone.

        :return: [{"times", "name", "customer", "is_this"}] in order
        """
        self.ensure_one()
        host, zone = self._host(), self._zones()[0]
        day = local_day(self.start, zone)
        begin, end = (local_midnight(day + timedelta(days=step), zone) for step in (0, 1))
        # sudo: strangers make us write this mail; it goes to the host whose bookings these are.
        own = self.sudo().search(
            [
                ("user_id", "=", host.id),
                ("holds_time", "=", True),
                ("start", ">=", begin),
                ("start", "<", end),
            ],
            order="start, id",
        )
        own = own.filtered(lambda each: not each.hold_until) - self
        nearest = own.sorted(lambda each: abs(each.start - self.start))[:MOST_NEIGHBOURS]
        return [
            {
                "times": " – ".join(
                    format_time(self.env, moment, tz=zone, time_format="short")
                    for moment in (booking.start, booking.stop)
                ),
                "name": booking.type_id.name,
                "customer": booking.customer_name,
                "is_this": booking == self,
            }
            for booking in (nearest | self).sorted(lambda each: (each.start, each.id))
        ]

    def _mail_neighbours(self):
        """The host's day around this booking, for the template; nothing on an empty day."""
        neighbours = self._neighbours() if self._reader() else []
        if len(neighbours) < 2:
            return ""
        return self.env["ir.qweb"]._render(
            "icloud_calendar_sync.mail_neighbours",
            {"neighbours": neighbours},
            minimal_qcontext=True,
        )


def _is_id(text):
    return text.isascii() and text.isdecimal() and len(text) < 10
