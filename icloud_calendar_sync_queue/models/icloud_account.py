from odoo import models


class ICloudAccount(models.Model):
    """What the jobs of the queue do: the same as the scheduled jobs, for some accounts."""

    _inherit = "icloud.account"

    def _job_push(self):
        self.env["icloud.queue"]._perform(self, "push")

    def _job_import(self):
        self.env["icloud.queue"]._perform(self, "import")
