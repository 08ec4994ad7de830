from datetime import UTC, datetime, timedelta

from markupsafe import Markup
from odoo import fields, models

from ....icloud import errors
from ..icloud_worker import in_words
from .icloud_account import IMPORT_EVERY, LONGEST_PAUSE

CONNECT_PATH = "/odoo/icloud-connect"
# So many lines are read in a notice; of more, the number is told, and the log has them all.
MOST_LINES = 20


class ICloudAccount(models.Model):
    """What the owner is told, in the owner's language: in the log, in Odoo and by e-mail."""

    _inherit = "icloud.account"

    unsent_told_at = fields.Datetime(
        copy=False, help="When the owner was last told of bookings that do not arrive."
    )

    def _for_owner(self):
        """These accounts, to say something in their owner's language."""
        return self.with_context(lang=self.user_id.lang)

    def _tell(self, level, message):
        """A line in the owner's log."""
        self.env["icloud.log"].create(
            [{"account_id": account.id, "level": level, "message": message} for account in self]
        )

    def _tell_once_a_day(self, level, message):
        """The same of what each look may find again."""
        since = fields.Datetime.now() - timedelta(days=1)
        same = [("account_id", "=", self.id), ("message", "=", message)]
        if not self.env["icloud.log"].search_count([*same, ("create_date", ">", since)], limit=1):
            self._tell(level, message)

    def _last_line(self):
        """What the owner's log said last."""
        return self.env["icloud.log"].search([("account_id", "=", self.id)], limit=1).message

    def _password_refused(self, error):
        """Stop after one refusal, tell the owner; everything waits until they connect again.

        What passes by itself (the server's key cannot be read just now) only makes it wait.
        """
        for account in [each._for_owner() for each in self]:
            sentence = in_words(account.env, error)
            if isinstance(error, errors.Unavailable):
                account._pause_import(error)
            elif account.state == "disconnecting":
                account._copies_gone(sentence)
            elif account.state == "connected":
                account.write({"state": "password_needed", "last_error": sentence})
                account._notify_refused(error)

    def _notify_refused(self, error):
        cause = in_words(self.env, error)
        if isinstance(error, errors.Unauthorized):
            cause = self.env._(
                "Apple no longer accepts the app-specific password you gave Odoo. Either it was "
                "revoked, or you changed your main Apple password: that revokes all app-specific "
                "passwords at once."
            )
        self._notify(
            self.env._("iCloud needs a new password"),
            [cause, *self._what_it_means()],
            self.env._("Connect again"),
        )

    def _what_it_means(self):
        """Sentences about this owner's bookings while nothing is read and nothing is sent."""
        return [
            self.env._(
                "Your bookings are safe in Odoo. New and changed ones wait, and reach your iPhone "
                "as soon as you have connected again."
            ),
            *self._what_is_offered(),
        ]

    def _what_is_offered(self):
        """Sentences about this owner's times while a calendar of theirs is not read."""
        sentences = []
        # sudo is the worker's already: which of the owner's offers hide whom they cannot check.
        types = self.env["icloud.booking.type"].search([("host_ids.user_id", "=", self.user_id.id)])
        hiding = types.filtered(lambda each: each.stale_policy == "hide")
        if hiding:
            sentences.append(
                self.env._(
                    "Odoo cannot see your own events meanwhile. Once your calendar has not been "
                    "read for %s minutes, your times are no longer offered.",
                    min(hiding.mapped("max_age")),
                )
            )
        elif types:
            sentences.append(
                self.env._(
                    "Odoo cannot see your own events meanwhile: your times are still offered, and "
                    "somebody may book one that you need yourself."
                )
            )
        return sentences

    def _notify_copied(self):
        account = self._for_owner()
        account._notify(
            account.env._("iCloud sync has stopped in a copy of your database"),
            [
                account._copy_sentence(),
                account.env._(
                    "If this is a copy for tests, there is nothing to do. If it is the real one, "
                    "moved or renamed, open your preferences and choose “This is the real one”."
                ),
            ],
            account.env._("Open my preferences"),
        )

    def _notify(self, subject, sentences, link):
        """What the owner must do something about.

        :param link: what the way to mend it is called; it leads to the preferences
        """
        self.ensure_one()
        owner = self.user_id
        self._tell("error", " ".join(sentences))
        url = self.get_base_url() + CONNECT_PATH
        body = Markup().join(Markup("<p>%s</p>") % sentence for sentence in sentences)
        body += Markup('<p><a href="%s">%s</a></p>') % (url, link)
        message = self.env["mail.thread"].message_notify(
            partner_ids=owner.partner_id.ids, subject=subject, body=body
        )
        if owner.notification_type == "inbox":
            # Odoo writes either there or by e-mail; who is not at work shall know it too.
            self.env["mail.mail"].create(
                {
                    "mail_message_id": message.id,
                    "body_html": body,
                    "recipient_ids": [(4, owner.partner_id.id)],
                    "auto_delete": True,
                    "is_notification": True,
                }
            )
        else:
            owner._bus_send(
                "simple_notification",
                {"type": "danger", "title": subject, "message": sentences[0], "sticky": True},
            )

    def _notify_put_back(self, lines):
        """What the host changed on the phone and Odoo undid. :param lines: in the owner's words"""
        self.ensure_one()
        if len(lines) > MOST_LINES:
            more = len(lines) - MOST_LINES
            said = self.env._("%s more were put back, too: the log names each of them.", more)
            lines = [*lines[:MOST_LINES], said]
        self.env["mail.thread"].message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=self.env._("Odoo put back what was changed on your iPhone"),
            body=Markup().join(Markup("<p>%s</p>") % line for line in lines),
        )

    def _pause_import(self, error):
        """Try again later, and later still, up to an hour.

        :param error: what happened, as an exception or a sentence
        """
        self.ensure_one()
        failures = self.failures + 1
        pause = min(IMPORT_EVERY * 2 ** min(failures - 1, 6), LONGEST_PAUSE)
        if getattr(error, "retry_after", None):
            pause = max(pause, timedelta(seconds=error.retry_after))
        owner = self._for_owner()
        sentence = told = in_words(owner.env, error)
        if not isinstance(error, errors.ICloudError):
            # It may name a calendar or a file; administrators see the last error, too.
            sentence = owner.env._("Odoo could not store all that iCloud sent: see the log.")
        if sentence != self.last_error or told not in (sentence, self._last_line()):
            self._tell("warning", told)
        self.write(
            {
                "failures": failures,
                "last_error": sentence,
                "next_import": datetime.now(UTC).replace(tzinfo=None) + pause,
            }
        )
