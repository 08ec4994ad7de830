from odoo import api, fields, models


class ICloudBooking(models.Model):
    """Whether a booking stands on its hosts' phones as it should."""

    _inherit = "icloud.booking"

    not_on_phone = fields.Char(
        compute="_compute_not_on_phone",
        help="Why it is not on its host's iPhone yet, for its hosts and for managers.",
    )

    @api.depends("event_id")
    @api.depends_context("uid", "lang")
    def _compute_not_on_phone(self):
        is_manager = self.env.user.has_group("icloud_calendar_sync.group_booking_manager")
        for booking in self:
            # sudo: the copies are their owners'; of them only the trouble is told.
            session = booking.sudo().event_id
            may_know = is_manager or self.env.user in session._hosts() | booking.sudo().user_id
            copies = session.icloud_event_ids if may_know else session.icloud_event_ids.browse()
            reasons = {copy.user_id: reason for copy in copies if (reason := _reason(copy))}
            booking.not_on_phone = booking._not_on_phone_words(reasons)

    def _not_on_phone_words(self, reasons):
        """:param reasons: {host: why the phone of that one does not show it}"""
        for user, reason in reasons.items():
            if user == self.env.user:
                return self.env._(
                    "Safe in Odoo, but not on your iPhone yet: %s Odoo keeps trying.", reason
                )
            return self.env._(
                "Safe in Odoo, but not on %(host)s’s iPhone yet: %(reason)s Odoo keeps trying.",
                host=user.name,
                reason=reason,
            )
        return False


def _reason(copy):
    """Why a copy is not in iCloud as it should be; None while nothing is known to be wrong."""
    if copy.wanted != "present" or copy.revision == copy.pushed_revision:
        return None
    account = copy.account_id
    if account.state == "password_needed" or account.is_copied:
        return account.last_error
    if not copy.last_error and account.quiet_until and account.quiet_until > fields.Datetime.now():
        return copy.env._("iCloud cannot be reached just now.")
    return copy.last_error
