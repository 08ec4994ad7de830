from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ....guard.headers import MOST_SITES, is_site


class ICloudBookingType(models.Model):
    """Where the public page of a booking type may be shown."""

    _inherit = "icloud.booking.type"

    frame_sites = fields.Text(
        "Sites that may show the page",
        help="Addresses of sites that show this page inside a page of their own, one a line, as "
        "https://www.example.com. Everywhere else browsers refuse to, so that nobody can lay "
        "something over it.",
    )

    @api.constrains("frame_sites")
    def _check_frame_sites(self):
        for booking_type in self:
            sites = booking_type._frame_origins()
            if len(sites) > MOST_SITES:
                raise ValidationError(self.env._("%s sites are the most.", MOST_SITES))
            for site in sites:
                if not is_site(site):
                    raise ValidationError(
                        self.env._("“%s” is no site: write https://www.example.com.", site[:80])
                    )

    def _frame_origins(self):
        """The origins as a browser compares them."""
        return tuple(site.rstrip("/") for site in (self.frame_sites or "").lower().split())
