import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..planning.zones import all_zones
from . import typed

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
    _rec_name = "customer_name"
    # Where the page of the link is, before the token.
    _customer_path = None

    customer_name = fields.Char("Name", required=True, readonly=True)
    email = fields.Char(required=True, readonly=True)
    phone = fields.Char(readonly=True)
    answers = fields.Json(readonly=True)
    tz = fields.Char("Customer's zone", readonly=True)
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
        names = ("customer_name", "email", "phone", "tz", "answers")
        return {name: self[name] for name in names}

    # -- what was typed ------------------------------------------------------------------------

    @api.model
    def _clean_customer(self, customer, answers=None):
        """Check what a stranger typed.

        :param customer: {"name", "email", "phone", "tz"}
        :param answers: {question: answer}
        :return: columns of the customer
        :raise UserError: one sentence
        """
        customer = customer if isinstance(customer, dict) else {}
        name = typed.name(customer.get("name"))
        email = typed.address(customer.get("email"))
        phone = typed.one_line(customer.get("phone"))
        zone = customer.get("tz")
        if not name:
            raise UserError(self.env._("Please tell us your name."))
        if len(name) > LONGEST_NAME:
            raise UserError(self.env._("This name is too long."))
        if not email:
            raise UserError(self.env._("Please give an e-mail address we can write to."))
        if len(phone) > LONGEST_PHONE:
            raise UserError(self.env._("This phone number is too long."))
        return {
            "customer_name": name,
            "email": email,
            "phone": phone,
            # A zone nobody knows is no zone: the mail then names the type's.
            "tz": zone if isinstance(zone, str) and zone in all_zones() else False,
            "answers": self._clean_answers(answers or {}),
        }

    @api.model
    def _clean_answers(self, answers):
        if not isinstance(answers, dict) or len(answers) > MOST_ANSWERS:
            raise UserError(self.env._("These answers do not fit the questions."))
        cleaned = {
            typed.one_line(question)[:LONGEST_NAME]: text
            for question, answer in answers.items()
            if (text := typed.lines(answer))
        }
        if any(len(answer) > LONGEST_ANSWER for answer in cleaned.values()):
            raise UserError(self.env._("Please keep each answer under 2,000 characters."))
        return cleaned or False
