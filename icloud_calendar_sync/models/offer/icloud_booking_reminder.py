from odoo import api, fields, models

_MINUTES = {"minutes": 1, "hours": 60, "days": 24 * 60}
MOST_DAYS = 90


class ICloudBookingReminder(models.Model):
    """What customers of a booking type are sent some time before they come, or after."""

    _name = "icloud.booking.reminder"
    _description = "Reminder or follow-up"
    _order = "moment desc, minutes desc, id"

    type_id = fields.Many2one("icloud.booking.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    number = fields.Integer("How long", required=True, default=1)
    unit = fields.Selection(
        [("minutes", "minutes"), ("hours", "hours"), ("days", "days")],
        required=True,
        default="days",
    )
    moment = fields.Selection(
        [("before", "before the start"), ("after", "after the end")],
        "When",
        required=True,
        default="before",
        help="After the end: to say thank you, and to ask how it was. Never to who did not come.",
    )
    minutes = fields.Integer(compute="_compute_minutes", store=True)
    # How it is sent. Whoever adds another kind extends `_send` of icloud.booking.notice.
    kind = fields.Selection([("mail", "E-mail")], "By", required=True, default="mail")
    template_id = fields.Many2one(
        "mail.template",
        "Own template",
        ondelete="set null",
        domain="[('model', '=', 'icloud.booking')]",
        help="Instead of the one for all booking types.",
    )

    _once = models.UniqueIndex(
        "(type_id, moment, minutes, kind)", "Each time and way is chosen once."
    )
    _bounded = models.Constraint(
        f"CHECK(number > 0 AND minutes <= {MOST_DAYS * 24 * 60})",
        f"Choose between 1 minute and {MOST_DAYS} days.",
    )

    @api.depends("number", "unit")
    def _compute_minutes(self):
        for reminder in self:
            reminder.minutes = reminder.number * _MINUTES.get(reminder.unit, 0)
