import random
from datetime import timedelta

from odoo import api, fields, models
from psycopg2.errors import UniqueViolation

from ...exceptions import OwnersAlone
from ..planning.choice import Choice

_WEEK = timedelta(days=7)
_CUSTOMER = "customer"


class ICloudBookingQuota(models.Model):
    """One of the numbered places in a day, a week or a customer's allowance.

    A maximum that is only counted is passed by two who count at the same time: Odoo reads
    snapshots. Numbers that are unique in the database cannot be taken twice.
    """

    _name = "icloud.booking.quota"
    _description = "Place in a quota"
    _log_access = False

    scope = fields.Char(required=True)
    number = fields.Integer(required=True)
    booking_id = fields.Many2one("icloud.booking", ondelete="cascade", index=True)

    _number_uniq = models.Constraint("UNIQUE(scope, number)", "This maximum is reached.")

    def _of_spans(self):
        """The places in days and weeks, not the customers' own."""
        return self.filtered(lambda place: not place.scope.startswith(_CUSTOMER))

    # -- days and weeks ------------------------------------------------------------------------

    @api.model
    def _take_spans(self, bookings):
        """A place in each maximum that applies to the parts of one booking.

        :return: False when somebody took the last one; undo what was taken
        """
        booking_type = bookings.type_id
        if not bookings or not booking_type._has_maximum():
            return True
        starts = bookings.mapped("start")
        counts = self.env["icloud.booking.availability"]._counts(
            booking_type, min(starts) - _WEEK, max(starts) + _WEEK, Choice()
        )
        for scope, most, key in self._scopes(bookings):
            # This booking is counted already.
            place = self._take(scope, most, counts[key] - 1)
            if not place:
                return False
            place.booking_id = bookings[0]
        return True

    def _scopes(self, bookings):
        """[(scope, maximum, key of the count)]: a booking has one place in each, parts or not."""
        booking_type, scopes = bookings.type_id, {}
        for booking in bookings:
            for span in self.env["icloud.booking.availability"]._spans_around(
                booking_type, booking.start
            ):
                per_type, per_host = booking_type._maxima(span)
                words = f"{booking_type.id} {span[0]} {span[1]}"
                if per_type:
                    scopes[f"type {words}"] = per_type, (None, span)
                if per_host:
                    for user_id in booking.event_id._hosts().ids:
                        scopes[f"host {user_id} {words}"] = per_host, (user_id, span)
        return [(scope, most, key) for scope, (most, key) in scopes.items()]

    # -- customers -----------------------------------------------------------------------------

    @api.model
    def _check_customer(self, booking_type, email):
        """:raise OwnersAlone: the customer has enough"""
        most = booking_type.customer_max
        if most and self.env["icloud.booking"]._count_upcoming(booking_type, email) >= most:
            raise self._customer_has_enough(booking_type, email)

    def _customer_has_enough(self, booking_type, email):
        words = self.env._(
            "You have as many upcoming bookings for %(type)s as one person can have "
            "(%(most)s). Move or cancel one of them instead.",
            type=booking_type.name,
            most=booking_type.customer_max,
        )
        booking = self.env["icloud.booking"]._next_of(booking_type, email)
        return OwnersAlone(words, "mail_booking_enough", booking)

    @api.model
    def _take_of_customer(self, booking):
        """:raise OwnersAlone: the customer has enough"""
        booking_type, email = booking.type_id, booking.email
        if not booking_type.customer_max:
            return
        scope = f"{_CUSTOMER} {booking_type.id} {email}"
        # What is over counts no more, and gives its number back.
        over = [("scope", "=", scope), ("booking_id.stop", "<=", fields.Datetime.now())]
        self.search(over).unlink()
        used = booking._count_upcoming(booking_type, email) - 1
        place = self._take(scope, booking_type.customer_max, used)
        if not place:
            raise self._customer_has_enough(booking_type, email)
        place.booking_id = booking

    # -- places --------------------------------------------------------------------------------

    @api.model
    def _take(self, scope, maximum, used):
        """Take one place of a scope, or return an empty recordset when there is none.

        :param used: how many are in use as far as this transaction can see, also those from
            before there was a maximum, which have no number
        """
        numbered = set(self.search([("scope", "=", scope)]).mapped("number"))
        free = [number for number in range(1, maximum + 1) if number not in numbered]
        # The lowest, as many as there are left: everybody with our snapshot tries the same ones.
        free = free[: max(maximum - used, 0)]
        random.shuffle(free)
        for number in free:
            try:
                with self.env.cr.savepoint():
                    return self.create({"scope": scope, "number": number})
            except UniqueViolation:
                continue  # Taken by somebody whom our snapshot does not show.
        return self.browse()
