from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

# The booking that is made for a moment leaves no notes.
_QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


class ICloudBookingPreview(models.TransientModel):
    """A mail of a booking type as its reader would see it, for a booking that nobody made."""

    _name = "icloud.booking.preview"
    _description = "Preview of the mails"

    type_id = fields.Many2one("icloud.booking.type", required=True, readonly=True)
    template_id = fields.Many2one(
        "mail.template",
        "Mail",
        required=True,
        domain="[('model', '=', 'icloud.booking')]",
        default=lambda self: self.env.ref(
            "icloud_calendar_sync.mail_booking_confirmed", raise_if_not_found=False
        ),
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        default=lambda self: self.env.lang,
    )
    subject = fields.Char(readonly=True)
    body = fields.Html(readonly=True, sanitize=False)
    plain = fields.Text("As plain text", readonly=True)

    def action_show(self):
        """Show the mail, or say what is wrong with its template."""
        self.ensure_one()
        values = self._values()
        self.write(
            {
                "subject": values.get("subject"),
                "body": values["body"],
                "plain": html2plaintext(values["body_html"]).strip(),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mails"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_send_test(self):
        """Send it to whoever asks, and to nobody else."""
        self.ensure_one()
        user = self.env.user
        if not user.email:
            raise UserError(self.env._("You have no e-mail address: give one in your preferences."))
        values = self._values()
        # sudo: administrators of bookings write to themselves, as their customers would be.
        mail = self.env["mail.mail"].sudo()
        mail = mail.create(
            {
                "subject": self.env._("Test: %s", values.get("subject") or ""),
                "email_from": values.get("email_from"),
                "email_to": user.email_formatted,
                "body_html": values["body_html"],
                "auto_delete": True,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("On its way to %s.", mail.email_to),
            },
        }

    def _values(self):
        """Columns of the mail; the booking that it is about is gone again afterwards.

        :raise UserError: what is wrong with the template
        """
        booking = self._sample()
        try:
            with self.env.cr.savepoint():
                return booking._from_template(
                    self.template_id.with_env(booking.env), self.env.user.email_formatted
                )
        except Exception as error:
            raise UserError(
                self.env._("This template cannot be used: %s", booking._last_words(error))
            ) from error
        finally:
            booking.sudo().unlink()

    def _sample(self):
        """A booking without a session: it takes no time, and nobody hears of it."""
        self.type_id.check_access("write")
        # sudo: bookings are made by code alone, and this one does not stay.
        booking_type = self.type_id.sudo()
        host = booking_type.host_ids[:1].user_id or self.env.user
        start = fields.Datetime.now().replace(minute=0, second=0) + timedelta(days=3)
        booking = booking_type.env["icloud.booking"].with_context(**_QUIET)
        booking = booking.create(
            {
                "type_id": booking_type.id,
                "user_id": host.id,
                "customer_name": self.env._("Anna Berg"),
                "email": "anna@example.com",
                "lang": self.lang,
                "start": start,
                "stop": start + timedelta(minutes=booking_type.duration),
                "hold_until": start - timedelta(hours=2),
                "former_start": start - timedelta(days=1),
            }
        )
        is_to_host = self._is_to_host()
        return booking.with_context(
            mail_reader=host.id if is_to_host else None, lang=self.lang, with_file=True
        )

    @api.model
    def _is_to_host(self):
        """Whether hosts read it: all but one of their templates are ours, or a copy of one."""
        names = self.template_id.get_external_id().values()
        return any(name.startswith("icloud_calendar_sync.mail_host_") for name in names)
