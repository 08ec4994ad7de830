from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ICloudBookingStaff(models.Model):
    """A host who does a service, with an own duration or price where it differs."""

    _name = "icloud.booking.staff"
    _description = "Staff of a service"
    _inherit = ["icloud.company.bound"]
    _rec_name = "host_id"

    service_id = fields.Many2one(
        "icloud.booking.service", required=True, ondelete="cascade", index=True
    )
    host_id = fields.Many2one("icloud.booking.host", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="service_id.currency_id")
    duration = fields.Integer("Own duration", help="Minutes; 0 for the duration of the service.")
    has_own_price = fields.Boolean("Own price?")
    price = fields.Monetary()

    _host_uniq = models.Constraint(
        "UNIQUE(service_id, host_id)", "This host already does this service."
    )
    _bounded_duration = models.Constraint(
        "CHECK(duration BETWEEN 0 AND 1440)", "A duration is between 1 minute and 24 hours."
    )
    _no_negative_price = models.Constraint("CHECK(price >= 0)", "A price is not negative.")

    @api.constrains("service_id", "host_id")
    def _check_host(self):
        for staff in self:
            if staff.host_id.type_id != staff.service_id.type_id:
                raise ValidationError(
                    self.env._(
                        "The staff of %s are hosts of the same booking type.", staff.service_id.name
                    )
                )
