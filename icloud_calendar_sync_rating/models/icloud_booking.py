from odoo import models


class ICloudBooking(models.Model):
    _name = "icloud.booking"
    # The mixin first: it is a thread of its own, as bookings are.
    _inherit = ["rating.mixin", "icloud.booking"]

    def _mail_rating(self):
        """Three faces. Each opens Odoo's page of ratings, which asks once more and then posts."""
        self.ensure_one()
        address = f"{self.get_base_url()}/rate/{self._rating_get_access_token()}"
        return self.env["ir.qweb"]._render(
            "icloud_calendar_sync_rating.mail_rating",
            {"address": address},
            minimal_qcontext=True,
        )
