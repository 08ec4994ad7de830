import logging

from odoo import models
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.mail import email_split_and_normalize, plaintext2html

_logger = logging.getLogger(__name__)

_LAYOUT = "icloud_calendar_sync.mail_layout"
_BROKEN = "icloud_calendar_sync.activity_template"
# What `mail.template` renders; the rest of a mail is ours to say.
_RENDERED = (
    "subject",
    "body_html",
    "email_from",
    "email_to",
    "email_cc",
    "partner_to",
    "reply_to",
    "mail_server_id",
    "attachment_ids",
    "auto_delete",
)
LONGEST_PROBLEM = 200
_BUTTON = (
    "display: inline-block; padding: 12px 20px; border-radius: 8px; font-weight: bold; "
    "text-decoration: none; background-color: %s; color: %s;"
)


class ICloudMailing(models.AbstractModel):
    """How mails about a record are written, and what becomes of them.

    A mail is Odoo's, queued: nobody waits for a mail server. Its message stays on the record, and
    Odoo notes on it whether it was delivered. A template that cannot be used stops nothing: it is
    named to the administrators, and a plain mail goes out.
    """

    _name = "icloud.mailing"
    _description = "Mails about a record"

    def _send_mail(
        self, template_name, email_to, author=None, files=(), is_private=False, template=None
    ):
        """Queue one mail; nothing when an administrator has archived its template.

        :param template_name: the template's name in this addon
        :param email_to: an address, alone or with a name
        :param author: the partner who is told when it cannot be sent
        :param files: values of attachments
        :param is_private: the message that stays is the subject alone
        :param template: instead of the one of that name
        """
        self.ensure_one()
        template = template or self._template(template_name)
        if template and not template.active:
            return self.env["mail.mail"]
        values = self._mail_values(template.with_env(self.env), template_name, email_to)
        values["attachment_ids"] += [Command.create(file) for file in files]
        if is_private:
            values["body"] = ""
        author = author or self.env.ref("base.partner_root")
        mail = self.env["mail.mail"].create({**values, **self._as_message(author)})
        self._note_recipients(mail)
        # Odoo's own queue wakes up once an hour. It does what is due, and nothing else.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return mail

    def _template(self, template_name):
        """Nothing when an administrator has deleted it."""
        found = self.env.ref(f"icloud_calendar_sync.{template_name}", raise_if_not_found=False)
        return found or self.env["mail.template"]

    def _as_message(self, author):
        """What makes a mail a message of this record, which Odoo keeps the state of."""
        return {
            "model": self._name,
            "res_id": self.id,
            "author_id": author.id,
            "message_type": "email_outgoing",
            "subtype_id": self.env.ref("mail.mt_note").id,
            "is_notification": True,
        }

    def _note_recipients(self, mail):
        """A row for each who gets it: Odoo writes there what became of it."""
        addresses = email_split_and_normalize(f"{mail.email_to or ''},{mail.email_cc or ''}")
        recipients = [{"mail_email_address": address} for _name, address in addresses if address]
        recipients += [{"res_partner_id": partner.id} for partner in mail.recipient_ids]
        self.env["mail.notification"].create(
            [
                {
                    **recipient,
                    "author_id": mail.author_id.id,
                    "mail_message_id": mail.mail_message_id.id,
                    "mail_mail_id": mail.id,
                    "notification_type": "email",
                    "notification_status": "ready",
                    "is_read": True,
                }
                for recipient in recipients
            ]
        )

    def _mail_values(self, template, template_name, email_to):
        """Columns of the mail; of the plain one when the template cannot be used."""
        name = template.name if template else template_name
        values = self._unless_broken(name, self._from_template, template, email_to)
        return values or self._plain_values(template_name, email_to)

    def _unless_broken(self, name, use, *arguments):
        """Use a template; when it cannot be used, name it to the administrators.

        :return: what `use` returned, or None
        """
        try:
            with self.env.cr.savepoint():
                return use(*arguments)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001 (whatever an administrator wrote: it is named)
            _logger.warning("Mail template %s cannot be used: %s", name, type(error).__name__)
            self._name_broken(name, self._last_words(error))
            return None

    def _last_words(self, error):
        """What is wrong with a template, without the template itself, which Odoo puts first."""
        lines = str(error.__cause__ or error).strip().splitlines() or [type(error).__name__]
        return lines[-1][:LONGEST_PROBLEM]

    def _from_template(self, template, email_to):
        """Columns of a mail, as the template and Odoo's layout have it.

        :raise Exception: whatever goes wrong in what an administrator wrote, or has deleted
        """
        template.ensure_one()
        values = template._generate_template(self.ids, _RENDERED)[self.id]
        lang = template._render_lang(self.ids)[self.id] or self.env.lang
        body = values.pop("body_html")
        partner_ids = values.pop("partner_ids", None) or []
        file_ids = values.pop("attachment_ids", None) or []
        full = template.with_context(lang=lang)._render_encapsulate(
            template.email_layout_xmlid or _LAYOUT,
            body,
            add_context={"company": self.company_id, "model_description": False, "lang": lang},
            context_record=self.with_context(lang=lang),
        )
        if not values.get("email_to") and not partner_ids:
            values["email_to"] = email_to
        return {
            **{name: value for name, value in values.items() if value and name in _RENDERED},
            "recipient_ids": [Command.link(partner_id) for partner_id in partner_ids],
            "attachment_ids": [Command.link(file_id) for file_id in file_ids],
            "body": body,
            "body_html": full,
        }

    def _button_style(self):
        """CSS of a link that is a button in the company's colours, for the templates."""
        company = self.company_id
        background, text = company.email_secondary_color, company.email_primary_color
        return _BUTTON % (background or "#714B67", text or "#FFFFFF")

    # -- when a template is broken -------------------------------------------------------------

    def _plain_values(self, template_name, email_to):
        """Columns of a mail that needs no template."""
        record = self.with_context(lang=self._reader_lang() or self.env.lang)
        heading, lines, link = record._plain_words(template_name)
        body = plaintext2html("\n".join([heading, "", *filter(None, lines), "", link]))
        return {
            "subject": f"{heading} ({lines[0]})",
            "email_from": self._sender(),
            "email_to": email_to,
            "attachment_ids": [],
            "auto_delete": True,
            "body": body,
            "body_html": body,
        }

    def _plain_words(self, template_name):
        """(the news in a sentence, lines of what and when, a link), for its reader."""
        raise NotImplementedError

    def _reader_lang(self):
        """The language in which it is read; None for that of whoever writes."""
        raise NotImplementedError

    def _sender(self):
        """From whom it is, as mail has it."""
        return self.company_id.email_formatted

    def _name_broken(self, name, problem):
        """Tell the administrators of bookings, once, which template needs them."""
        kind = self.env.ref(_BROKEN, raise_if_not_found=False)
        managers = self.env.ref("icloud_calendar_sync.group_booking_manager").all_user_ids
        # sudo: the to-dos are the administrators', whoever books. Quietly: a mail about them would
        # be sent while a customer waits.
        todos = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        for user in managers.filtered(lambda each: self.company_id in each.company_ids):
            env = self.with_context(lang=user.lang).env
            summary = env._("The mail template “%s” is broken", name)
            if not todos.search_count([("user_id", "=", user.id), ("summary", "=", summary)]):
                note = env._("Plain mails go out instead of it. What went wrong: %s", problem)
                values = {"user_id": user.id, "summary": summary, "note": plaintext2html(note)}
                todos.create({**values, "activity_type_id": kind.id if kind else False})
