from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..html_lists import as_list


class ICloudBookingWhy(models.TransientModel):
    """Asks a booking type why a time is not offered."""

    _name = "icloud.booking.why"
    _description = "Why a time is not offered"

    type_id = fields.Many2one(
        "icloud.booking.type", "Booking type", required=True, ondelete="cascade"
    )
    kind = fields.Selection(related="type_id.kind")
    start = fields.Datetime(
        required=True, default=lambda self: self._next_hour(), help="In your own zone."
    )
    service_ids = fields.Many2many(
        "icloud.booking.service", string="Services", domain="[('type_id', '=', type_id)]"
    )
    host_user_ids = fields.Many2many("res.users", compute="_compute_host_user_ids")
    user_id = fields.Many2one(
        "res.users", "Host", domain="[('id', 'in', host_user_ids)]", help="Every host when empty."
    )
    answer = fields.Html(compute="_compute_answer", sanitize=False)

    @api.model
    def _next_hour(self):
        now = fields.Datetime.now()
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    @api.depends("type_id")
    def _compute_host_user_ids(self):
        for wizard in self:
            wizard.host_user_ids = wizard.type_id.host_ids.user_id

    @api.depends("type_id", "start", "service_ids", "user_id")
    def _compute_answer(self):
        for wizard in self:
            wizard.answer = wizard.type_id and wizard.start and wizard._ask()

    def _ask(self):
        # In a form that is being edited records have no ids of their own yet.
        booking_type, user, services = (
            field._origin for field in (self.type_id, self.user_id, self.service_ids)
        )
        try:
            reasons = booking_type.why_not(
                self.start, user_id=user.id or None, service_ids=services.ids or None
            )
        except UserError as error:
            # The question itself is not complete: that is the answer.
            return as_list([str(error)])
        return self._as_html(reasons)

    def _as_html(self, reasons):
        blocks = []
        if reasons["offered"]:
            yes = self.env._("This time is offered.")
            blocks.append(Markup('<p class="text-success fw-bold">%s</p>') % yes)
        if reasons["general"]:
            blocks.append(as_list(reasons["general"]))
        blocks += [
            Markup('<p class="fw-bold mt-3 mb-1">%s</p>%s')
            % (host["name"], as_list(host["reasons"]))
            for host in reasons["hosts"]
        ]
        return Markup().join(blocks)
