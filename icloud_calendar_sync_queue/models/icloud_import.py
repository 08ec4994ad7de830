from odoo import api, models
from odoo.tools import SQL


class ICloudImport(models.AbstractModel):
    _inherit = "icloud.import"

    @api.model
    def _cron_import(self):
        queue = self.env["icloud.queue"]
        if queue._is_on() and queue._dispatch("import"):
            return None
        return super()._cron_import()

    def _accounts_due(self):
        """The most urgent first, as the worker takes them."""
        ids = {}
        for those, order in self._whose_turn():
            tail = SQL("%s ORDER BY %s", those, order)
            ids |= dict.fromkeys(id_ for (id_,) in self._due(None, SQL("account.id"), tail))
        return self.env["icloud.account"].browse(ids)

    def _next_try(self, _accounts):
        """None: what failed does not wait in the queue, its account is due again at its time."""
