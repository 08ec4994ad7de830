from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

_EVENT = "calendar.event"


class MailFollowers(models.Model):
    """Who follows a session may be its customer: for those alone who may see the session."""

    _inherit = "mail.followers"

    def _check_access(self, operation):
        """Extended: see above."""
        refused = super()._check_access(operation)
        if refused or self.env.su or not self:
            return refused
        # sudo: what they follow is judged for the user below.
        of_events = self.sudo().filtered(lambda follower: follower.res_model == _EVENT)
        events = self.env[_EVENT].browse(of_events.mapped("res_id"))
        hidden = events._hidden_from_user()._ids
        closed = of_events.filtered(lambda follower: follower.res_id in hidden)
        words = self.env._("Who follows this session is for those who may see it.")
        return (self.browse(closed.ids), lambda: AccessError(words)) if closed else None

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self.env[_EVENT]._rows_one_may_see()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
