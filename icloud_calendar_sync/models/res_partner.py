from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        zones = {partner: partner.tz for partner in self} if "tz" in vals else {}
        result = super().write(vals)
        moved = self.filtered(lambda partner: partner in zones and partner.tz != zones[partner])
        # sudo: whoever may say where a host lives has the host's own calendars read again, for what
        # their days and their times without a zone mean now.
        accounts = moved.sudo().user_ids.icloud_account_ids
        accounts = accounts.filtered(lambda account: account.state == "connected")
        if accounts:
            accounts._ask_workers("import")
        return result
