import hashlib
import re

from odoo import api, fields, models
from psycopg2.errors import UniqueViolation

from ...exceptions import LostRace
from .icloud_booking_waiting import OPEN

# As the pages make it; whoever sends another is as well off as without.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


class ICloudBookingForm(models.Model):
    """A form that was sent, and what it has booked: sent once more, it books nothing more.

    Browsers send a form again for many reasons: a second tap, a page that is reloaded, or one that
    somebody went back to. The row is stored before anything is booked, in the same transaction:
    who sends the form a second time meanwhile waits at its key, and then finds what the first made.
    """

    _name = "icloud.booking.form"
    _description = "Form that was sent"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    booking_id = fields.Many2one(
        "icloud.booking", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    waiting_id = fields.Many2one(
        "icloud.booking.waiting", readonly=True, ondelete="cascade", index="btree_not_null"
    )

    _key_uniq = models.Constraint("UNIQUE(key)", "A form books once.")

    @api.model
    def _sent(self, token, start):
        """The row of a form for one start; who goes back to choose another one wants that, too.

        :param token: what the page gave to its form, or anything else that was sent
        :param start: the time that was chosen, as it was sent
        :return: a row, empty where the form has no token
        :raise LostRace: it was sent a second time meanwhile, and that one was answered
        """
        if not _TOKEN.fullmatch(token or ""):
            return self.browse()
        key = hashlib.sha256(f"{token}\n{start}".encode()).hexdigest()
        found = self.search([("key", "=", key)], limit=1)
        if found:
            return found
        try:
            # In SQL: a lost race is an answer, not an error in the log.
            self.env.cr.execute(
                "INSERT INTO icloud_booking_form (key) VALUES (%s) RETURNING id",
                [key],
                log_exceptions=False,
            )
        except UniqueViolation as sent:
            raise LostRace("This form was sent twice at once.") from sent
        return self.browse(self.env.cr.fetchone()[0])

    def _made(self):
        """The booking, or place in a waiting list, that this form has made and that still stands.

        Who cancels it and goes back to the form may book again.
        """
        waiting = self.waiting_id
        stands = waiting.state in OPEN or waiting.booking_id.holds_time
        return self.booking_id.filtered("holds_time") or (waiting if stands else waiting.browse())

    def _note(self, made):
        """Keep what was made."""
        column = "booking_id" if made._name == "icloud.booking" else "waiting_id"
        for form in self:
            form.write({"booking_id": False, "waiting_id": False, column: made.id})
