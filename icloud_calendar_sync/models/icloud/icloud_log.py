from datetime import timedelta

from odoo import api, fields, models

KEEP_DAYS = 90


class ICloudLog(models.Model):
    """What happened to one account that its owner should be able to look up."""

    _name = "icloud.log"
    _description = "iCloud log line"
    _order = "id desc"
    _rec_name = "message"

    account_id = fields.Many2one("icloud.account", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one(related="account_id.user_id", store=True, index=True)
    level = fields.Selection(
        [("info", "Information"), ("warning", "Warning"), ("error", "Error")],
        required=True,
        default="info",
    )
    message = fields.Char(required=True)

    @api.autovacuum
    def _gc_old_lines(self):
        limit = 10_000
        old = self.search(
            [("create_date", "<", fields.Datetime.now() - timedelta(days=KEEP_DAYS))], limit=limit
        )
        old.unlink()
        return len(old), limit if len(old) == limit else 0
