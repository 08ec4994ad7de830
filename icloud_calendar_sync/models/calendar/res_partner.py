from odoo import api, models
from odoo.fields import Domain

from .veiled_fields import VeiledMeetings


class ResPartner(models.Model):
    """The meetings of a customer tell who comes to a session, as much as the session does."""

    _inherit = "res.partner"

    meeting_ids = VeiledMeetings()

    def _has_field_access(self, field, operation):
        # From here anybody would be put into a meeting whose own rights nobody asked about, and
        # who is invited to a session sees it.
        if field.name == "meeting_ids" and operation == "write" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _compute_meeting(self):
        meetings = super()._compute_meeting()
        if self.env.su:
            return meetings
        outside = self.filtered("partner_share")._ids
        events = {event for partner in outside for event in meetings.get(partner, ())}
        hidden = set(self.env["calendar.event"].browse(events)._hidden_from_user()._ids)
        return {
            partner: [event for event in ids if partner not in outside or event not in hidden]
            for partner, ids in meetings.items()
        }

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain)
            if any(_asks_for_meetings(condition) for condition in domain.iter_conditions()):
                domain = domain.map_conditions(_only_of_colleagues)
        return super()._search(domain, *args, **kwargs)


def _asks_for_meetings(condition):
    return condition.field_expr.split(".")[0] == "meeting_ids"


def _only_of_colleagues(condition):
    # Who searches customers by their meetings would learn whose a session is.
    if not _asks_for_meetings(condition):
        return condition
    return condition & Domain("partner_share", "=", False)
