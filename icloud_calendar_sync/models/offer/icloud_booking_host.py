from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import ValidationError


class ICloudBookingHost(models.Model):
    """An Odoo user who takes bookings for a type."""

    _name = "icloud.booking.host"
    _description = "Booking host"
    _inherit = ["icloud.company.bound"]
    _order = "priority desc, id"
    _rec_name = "user_id"
    _check_company_auto = True

    type_id = fields.Many2one("icloud.booking.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
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
        check_company=True,
        help="Instead of the hours of the booking type.",
    )
    tz = fields.Selection(_tz_get, "Own zone", help="Zone of the own hours.")

    _user_uniq = models.Constraint(
        "UNIQUE(type_id, user_id)", "This user already is a host of this booking type."
    )
    _positive_weight = models.Constraint("CHECK(weight > 0)", "A weight is a positive number.")

    @api.constrains("user_id", "type_id")
    def _check_users(self):
        for host in self:
            # sudo: whether the user may be a host here, no more.
            user, company = host.user_id.sudo(), host.sudo().type_id.company_id
            if user.share or company not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot be a host: hosts are internal users with access to "
                        "%(company)s.",
                        user=user.name,
                        company=company.name,
                    )
                )

    @api.constrains("type_id")
    def _check_what_names_them(self):
        """A host who moves to another type leaves no work in the former one."""
        named = [("host_id", "in", self.ids)]
        self.env["icloud.booking.staff"].search(named)._check_host()
        self.env["icloud.booking.override"].search(named)._check_bounds()

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
