from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..html_lists import as_list

_SHORT = "EEE d MMM, HH:mm"


class ICloudBookingPublish(models.TransientModel):
    """Shows what contradicts itself, and the next times as proof that the rest is right."""

    _name = "icloud.booking.publish"
    _description = "Publish a booking type"

    type_id = fields.Many2one(
        "icloud.booking.type", "Booking type", required=True, readonly=True, ondelete="cascade"
    )
    problems = fields.Html(compute="_compute_findings", sanitize=False)
    warnings = fields.Html(compute="_compute_findings", sanitize=False)
    next_times = fields.Char(compute="_compute_findings")

    @api.depends("type_id")
    def _compute_findings(self):
        for wizard in self:
            # In a dialog that is not stored yet records have no ids of their own.
            found = wizard.type_id._origin.publish_check()
            wizard.problems = as_list(found["problems"])
            wizard.warnings = as_list(found["warnings"])
            wizard.next_times = wizard._in_words(found["slots"])

    def _in_words(self, slots):
        zone = self.type_id.tz
        starts = (datetime.fromisoformat(slot["start"]).replace(tzinfo=None) for slot in slots)
        times = [format_datetime(self.env, start, tz=zone, dt_format=_SHORT) for start in starts]
        return f"{' · '.join(times)} ({zone})" if times else False

    def action_publish(self):
        """Publish what has no problem.

        :raise UserError: it has one; the dialog shows which
        """
        self.ensure_one()
        # Asked again: somebody may have changed the type since the dialog was opened.
        problems = self.type_id.publish_check()["problems"]
        if problems:
            raise UserError("\n".join(problems))
        self.type_id.is_published = True
        return {"type": "ir.actions.act_window_close"}
