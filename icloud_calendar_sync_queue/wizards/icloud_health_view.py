from odoo import models


class ICloudHealthView(models.TransientModel):
    _inherit = "icloud.health.view"

    def _words(self):
        return {
            **super()._words(),
            "oldest_job_seconds": (
                self.env._("Longest wait of a job for its turn"),
                self.env._(
                    "The channel root.icloud is too narrow, or all workers are taken: see “Several "
                    "workers” in operating.md."
                ),
            ),
        }
