from odoo import models
from odoo.http import request

from ..exceptions import LostRace

# Whoever was faster has committed: the second look sees it, unless it is lost again meanwhile.
MOST_LOOKS = 3


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        # Public pages get the translations of the modules named here, and of no other.
        return [*super()._get_translation_frontend_modules_name(), "icloud_calendar_sync"]

    @classmethod
    def _dispatch(cls, endpoint):
        # As `odoo.service.model.retrying` does it, without its pause of up to two seconds, which a
        # visitor would notice, and in which the process serves nobody.
        for _look in range(MOST_LOOKS - 1):
            try:
                return super()._dispatch(endpoint)
            except LostRace:
                request.env.cr.rollback()
                request.env.transaction.reset()
                request.env.registry.reset_changes()
        return super()._dispatch(endpoint)
