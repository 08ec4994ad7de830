from odoo import api, fields, models
from odoo.fields import Domain

_REFUSED = ("bounce", "exception")


class ICloudBooking(models.Model):
    """What became of the mails about a booking: Odoo's own states, where staff see them."""

    _inherit = "icloud.booking"

    mail_trouble = fields.Char(
        compute="_compute_mail_trouble",
        search="_search_mail_trouble",
        help="Which mails about it did not arrive, and why.",
    )

    @api.depends("message_ids.notification_ids.notification_status")
    def _compute_mail_trouble(self):
        # sudo: who sees the booking may know which of its mails were refused.
        refused = (
            self.env["mail.notification"]
            .sudo()
            .search(
                [
                    ("mail_message_id.model", "=", self._name),
                    ("mail_message_id.res_id", "in", self.ids),
                    ("notification_status", "in", _REFUSED),
                ],
                order="id",
            )
        )
        by_booking = refused.grouped(lambda each: each.mail_message_id.res_id)
        for booking in self:
            sentences = [
                booking._trouble_in_words(each) for each in by_booking.get(booking.id, refused[:0])
            ]
            booking.mail_trouble = " ".join(dict.fromkeys(sentences)) or False

    def _trouble_in_words(self, notification):
        failure = dict(notification._fields["failure_type"]._description_selection(self.env))
        return self.env._(
            "“%(subject)s” did not reach %(address)s: %(reason)s.",
            subject=notification.mail_message_id.subject or "",
            address=notification.mail_email_address or notification.res_partner_id.email or "",
            reason=failure.get(notification.failure_type) or self.env._("Unknown error"),
        )

    @api.model
    def _search_mail_trouble(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        # sudo: as above; which bookings may be seen is asked of the bookings.
        refused = (
            self.env["mail.notification"]
            .sudo()
            ._search(
                [
                    ("mail_message_id.model", "=", self._name),
                    ("notification_status", "in", _REFUSED),
                ]
            )
        )
        troubled = Domain("message_ids.notification_ids", "in", refused)
        # Asked as “is set” and “is not set”.
        return troubled if (operator == "in") == (False not in value) else ~troubled
