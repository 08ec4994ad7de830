from odoo import api, fields, models


class BaseModuleUninstall(models.TransientModel):
    """What stands in iCloud is asked about before the addon is gone."""

    _inherit = "base.module.uninstall"

    icloud_connected = fields.Integer(compute="_compute_icloud_connected")

    @api.depends("module_ids")
    def _compute_icloud_connected(self):
        # sudo: how many, not who; only administrators reach this.
        accounts = self.env["icloud.account"].sudo()
        count = accounts.search_count([("state", "!=", "disconnected")])
        for wizard in self:
            is_ours = "icloud_calendar_sync" in wizard._get_modules().mapped("name")
            wizard.icloud_connected = count if is_ours else 0
