from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        # Public pages get the translations of the modules named here, and of no other.
        return [*super()._get_translation_frontend_modules_name(), "icloud_calendar_sync"]
