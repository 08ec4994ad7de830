from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

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
            self.env[_EVENT]._flush_rights()
            domain = Domain(domain) & Domain.custom(to_sql=self._may_see_sql)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _may_see_sql(self, _model, alias, _query):
        return SQL(
            """(%s IS DISTINCT FROM 'calendar.event' OR NOT EXISTS (
            SELECT FROM calendar_event event WHERE event.id = %s AND NOT %s))""",
            SQL.identifier(alias, "res_model"),
            SQL.identifier(alias, "res_id"),
            self.env[_EVENT]._may_see_sql("event"),
        )
