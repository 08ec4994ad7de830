from odoo import api, fields, models


class ICloudBookingService(models.Model):
    """An entry of a service menu."""

    _name = "icloud.booking.service"
    _description = "Service"
    _inherit = ["icloud.booking.content", "icloud.company.bound", "image.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    type_id = fields.Many2one("icloud.booking.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    category = fields.Char(translate=True, help="Services of one category stand together.")
    description = fields.Text(translate=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary()
    room_ids = fields.Many2many(relation="icloud_booking_service_room_rel")
    equipment_ids = fields.Many2many(relation="icloud_booking_service_equipment_rel")
    staff_ids = fields.One2many(
        "icloud.booking.staff",
        "service_id",
        help="Who does it; every host of the booking type when nobody is named.",
    )

    _no_negative_price = models.Constraint("CHECK(price >= 0)", "A price is not negative.")

    @api.constrains("staff_ids", "type_id")
    def _check_staff(self):
        self.staff_ids._check_host()

    def _staff_of(self, host):
        """This host's own terms for the service, an empty recordset when there are none."""
        return self.staff_ids.filtered(lambda staff: staff.host_id == host)

    def _is_done_by(self, host):
        return not self.staff_ids or bool(self._staff_of(host))

    def _duration_by(self, host):
        """Minutes this host takes."""
        return self._staff_of(host).duration or self.duration

    def _price_by(self, host):
        staff = self._staff_of(host)
        return staff.price if staff.has_own_price else self.price
