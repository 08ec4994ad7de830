from odoo import models

from .veiled_fields import VeiledMeetings, is_colleague_sql


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

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Extended: customers are in no group of their meetings, as they are not found by them."""
        if groupby_spec == "meeting_ids" and not self.env.su:
            query.add_where(is_colleague_sql(self, alias, query))
        return super()._read_group_groupby(alias, groupby_spec, query)


class ResUsers(models.Model):
    """Odoo joins the meetings of their contacts without asking the contacts."""

    _inherit = "res.users"

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Extended: see above."""
        if groupby_spec == "meeting_ids" and not self.env.su:
            groupby_spec = "partner_id.meeting_ids"
        return super()._read_group_groupby(alias, groupby_spec, query)
