from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL


class CalendarAttendee(models.Model):
    """Who comes to a session is for those who may see it, and changed by those who may change it.

    One's own answer is one's own.
    """

    _inherit = "calendar.attendee"

    def write(self, vals):
        if not self.env.su and vals.keys() <= {"state"} and self._are_own():
            # To say whether one comes is no change of the event, which may be another's.
            return super(CalendarAttendee, self.sudo()).write(vals)
        return super().write(vals)

    def _are_own(self):
        # sudo: whose they are is compared with oneself, and told to nobody.
        return self.sudo().partner_id == self.env.user.partner_id

    def _check_access(self, operation):
        """Extended: see above."""
        refused = super()._check_access(operation)
        if self.env.su or not self:
            return refused
        known = refused[0] if refused else self.browse()
        closed = (self - known)._closed_to_user(operation)
        if not closed:
            return refused
        words = self.env._("Whoever may not see or change this event leaves its attendees alone.")
        return known | closed, lambda: AccessError(words)

    def _closed_to_user(self, operation):
        # sudo: the events are judged for the user below.
        events = self.sudo().event_id.sudo(False)
        if operation == "read":
            closed = events._hidden_from_user()
        else:
            closed = events._closed_to_user() | events.browse(
                events.sudo().filtered("icloud_origin_id")._ids  # iCloud says who comes.
            )
        return self.filtered(lambda attendee: attendee.sudo().event_id.id in closed._ids)

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            self.env["calendar.event"]._flush_rights()
            domain = Domain(domain) & Domain.custom(to_sql=self._may_see_sql)
        return super()._search(domain, *args, **kwargs)

    def _may_see_sql(self, _model, alias, _query):
        return SQL(
            "EXISTS (SELECT FROM calendar_event event WHERE event.id = %s AND %s)",
            SQL.identifier(alias, "event_id"),
            self.env["calendar.event"]._may_see_sql("event"),
        )
