from odoo import fields, models


class ICloudBookingLine(models.Model):
    """A service of a booking, as it was agreed: later changes of the menu do not reach it."""

    _name = "icloud.booking.line"
    _description = "Booked service"
    _order = "sequence, id"

    booking_id = fields.Many2one("icloud.booking", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="booking_id.company_id", store=True, index=True)
    sequence = fields.Integer()
    service_id = fields.Many2one(
        "icloud.booking.service", ondelete="restrict", index="btree_not_null"
    )
    name = fields.Char(required=True)
    duration = fields.Integer(required=True, help="Minutes.")
    currency_id = fields.Many2one("res.currency", required=True)
    price = fields.Monetary()

    def _taken_by(self, booking, legs):
        """These services are now done in another session, perhaps by another host; the price
        stays as it was agreed.
        """
        for number, (line, leg) in enumerate(zip(self, legs, strict=True)):
            line.write({"booking_id": booking.id, "duration": leg.duration, "sequence": number})
