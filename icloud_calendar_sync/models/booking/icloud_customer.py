import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time

from ...exceptions import WrongFields
from ..planning.zones import all_zones, local_day, zone_words
from . import typed
from .phone import can_be_called

LONGEST_NAME = 120
LONGEST_PHONE = 40
LONGEST_ANSWER = 2000
MOST_ANSWERS = 20


class ICloudCustomer(models.AbstractModel):
    """A customer, as they told us themselves, and the link by which they come back.

    The contact is not overwritten by what a stranger types; hence columns of its own.
    """

    _name = "icloud.customer"
    _description = "Customer with a link"
    _inherit = ["icloud.mailing"]
    _rec_name = "customer_name"
    # Where the page of the link is, before the token.
    _customer_path = None

    customer_name = fields.Char("Name", required=True, readonly=True)
    email = fields.Char(required=True, readonly=True)
    phone = fields.Char(readonly=True)
    answers = fields.Json(readonly=True)
    tz = fields.Char("Customer's zone", readonly=True)
    lang = fields.Char("Customer's language", readonly=True, default=lambda self: self.env.lang)
    token = fields.Char(
        required=True, readonly=True, copy=False, default=lambda _self: secrets.token_urlsafe(24)
    )
    customer_url = fields.Char(compute="_compute_customer_url")

    _token_uniq = models.Constraint("UNIQUE(token)", "Everybody has a link of their own.")

    @api.depends("token")
    def _compute_customer_url(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")  # Public knowledge.
        for record in self:
            record.customer_url = f"{base}/{self._customer_path}/{record.token}"

    def _customer(self):
        """The columns of the customer, to be given to another record."""
        self.ensure_one()
        names = ("customer_name", "email", "phone", "tz", "lang", "answers")
        return {name: self[name] for name in names}

    def _moment_in_words(self, moment, zone=None):
        """“Monday, November 30, 2026, 10:00 AM, Brussels (GMT+1)”.

        :param moment: naive UTC; "" of none, so that any booking can be shown by any template
        :param zone: else the customer's
        """
        if not moment:
            return ""
        zone = zone or self.tz or self.type_id.tz
        day = format_date(self.env, local_day(moment, zone), date_format="full")
        time = format_time(self.env, moment, tz=zone, time_format="short")
        return f"{day}, {time}, {zone_words(zone, moment)}"

    # -- what was typed ------------------------------------------------------------------------

    @api.model
    def _clean_customer(self, customer, answers=None, is_called=False):
        """Check what a stranger typed.

        :param customer: {"name", "email", "phone", "tz"}
        :param answers: {question: answer}
        :param is_called: a phone number is one; else any text is taken as one
        :return: columns of the customer
        :raise WrongFields: a sentence for each that cannot be taken
        """
        customer = customer if isinstance(customer, dict) else {}
        name = typed.name(customer.get("name"))
        email = typed.address(customer.get("email"))
        phone = typed.one_line(customer.get("phone"))
        answers = answers or {}
        cleaned = self._clean_answers(answers)
        wrong = {
            "name": self._wrong_name(name),
            "email": "" if email else self.env._("Please give an e-mail address we can write to."),
            "phone": self._wrong_phone(phone, is_called),
            "answers": self._wrong_answers(answers, cleaned),
        }
        if any(wrong.values()):
            raise WrongFields({field: words for field, words in wrong.items() if words})
        zone = customer.get("tz")
        return {
            "customer_name": name,
            "email": email,
            "phone": phone,
            # A zone nobody knows is no zone: the mail then names the type's.
            "tz": zone if isinstance(zone, str) and zone in all_zones() else False,
            "answers": cleaned or False,
        }

    def _wrong_name(self, name):
        if not name:
            return self.env._("Please tell us your name.")
        return self.env._("This name is too long.") if len(name) > LONGEST_NAME else ""

    def _wrong_phone(self, phone, is_called):
        if len(phone) > LONGEST_PHONE:
            return self.env._("This phone number is too long.")
        if not phone or not is_called or self._can_be_called(phone):
            return ""
        return self.env._(
            "Please give a phone number we can call, from abroad with its country: +49 30 1234567."
        )

    def _can_be_called(self, phone):
        if not can_be_called(phone):
            return False
        prefix = phone[: 1 if phone[0] in "+\uff0b" else 2]
        # Without its country nobody knows where a number is: customers come from anywhere.
        if prefix not in ("+", "\uff0b", "00"):
            return True
        # sudo: which modules are installed is no secret here.
        if "phone_validation" not in self.env["ir.module.module"].sudo()._installed():
            return True
        # Of a module that need not be there; without its library it takes everything.
        from odoo.addons.phone_validation.tools import phone_validation

        try:
            phone_validation.phone_format(f"+{phone.removeprefix(prefix)}", None, None)
        except UserError:
            return False
        return True

    def _clean_answers(self, answers):
        if not isinstance(answers, dict):
            return {}
        return {
            typed.one_line(question)[:LONGEST_NAME]: text
            for question, answer in list(answers.items())[:MOST_ANSWERS]
            if (text := typed.lines(answer))
        }

    def _wrong_answers(self, answers, cleaned):
        if not isinstance(answers, dict) or len(answers) > MOST_ANSWERS:
            return self.env._("These answers do not fit the questions.")
        if any(len(answer) > LONGEST_ANSWER for answer in cleaned.values()):
            return self.env._("Please keep each answer under 2,000 characters.")
        return ""
