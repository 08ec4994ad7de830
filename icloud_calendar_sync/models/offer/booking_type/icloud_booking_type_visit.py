from odoo import fields, models


class ICloudBookingType(models.Model):
    """What customers are told about their visit, and until when they may change it."""

    _inherit = "icloud.booking.type"

    bring = fields.Text(
        "Good to know",
        translate=True,
        help="What to bring, where to ring, where to park: shown once a time is booked.",
    )
    location_on_map = fields.Boolean(
        "The place is an address", default=True, help="Customers get a link to a map."
    )
    change_notice = fields.Integer(
        "Change and cancel until",
        help="Minutes before the start until which customers may move or cancel by their link; 0 "
        "until it begins. You may always.",
    )

    _bounded_change_notice = models.Constraint(
        "CHECK(change_notice BETWEEN 0 AND 129600)",
        "Customers may move and cancel until between the start and 90 days before it.",
    )

    def action_preview_mails(self):
        return self._open_dialog("icloud.booking.preview", self.env._("Mails"))
