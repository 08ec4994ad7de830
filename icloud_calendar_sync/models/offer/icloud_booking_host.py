from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get


class ICloudBookingHost(models.Model):
    """An Odoo user who takes bookings for a type."""

    _name = "icloud.booking.host"
    _description = "Booking host"
    _order = "priority desc, id"
    _rec_name = "user_id"

    type_id = fields.Many2one("icloud.booking.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('share', '=', False)]",
    )
    priority = fields.Integer(default=1, help="Hosts with a higher priority are asked first.")
    weight = fields.Integer(
        default=100, help="For fair shares: who has twice the weight gets twice the bookings."
    )
    fixed = fields.Boolean(
        "Always", help="Comes to every booking, together with one of the other hosts."
    )
    since = fields.Datetime(
        "Share counts from",
        required=True,
        default=fields.Datetime.now,
        help="What others were given before this time is no part of this host's fair share.",
    )
    schedule_id = fields.Many2one(
        "resource.calendar",
        "Own hours",
        ondelete="restrict",
        help="Instead of the hours of the booking type.",
    )
    tz = fields.Selection(_tz_get, "Own zone", help="Zone of the own hours.")

    _user_uniq = models.Constraint(
        "UNIQUE(type_id, user_id)", "This user already is a host of this booking type."
    )
    _positive_weight = models.Constraint("CHECK(weight > 0)", "A weight is a positive number.")

    @api.model_create_multi
    def create(self, vals_list):
        hosts = super().create(vals_list)
        # A host's time is taken as a resource; who may appoint hosts may have it made.
        hosts.user_id.sudo()._ensure_booking_resource()
        return hosts

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            self.user_id.sudo()._ensure_booking_resource()  # As in create.
        return result
