from odoo import api, models
from odoo.fields import Domain

_EVENT = "calendar.event"


class IrAttachment(models.Model):
    """Files of a session are for those who may see the session, whose times all may see."""

    _inherit = "ir.attachment"

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)
        if operation == "read" and not self.env.su:
            events = self.env[_EVENT].browse(filter(None, model_and_ids.get(_EVENT, ())))
            yield from ((_EVENT, event_id) for event_id in events._hidden_from_user()._ids)

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        # Odoo finds files by the records they hang on, without asking the method above.
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self.env[_EVENT]._rows_one_may_see()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
