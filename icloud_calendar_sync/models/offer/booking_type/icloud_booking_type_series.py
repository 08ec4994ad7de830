from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ....exceptions import TimeTaken
from ...planning.zones import to_local

MOST_DATES = 52
MOST_WEEKS = 8
_SHORT = "EEE d MMM, HH:mm"


class ICloudBookingType(models.Model):
    """Several dates at once: the same hour on the clock, every so many weeks.

    Each date is a booking with a session of its own, and so an event of its own in iCloud: see
    docs/design.md, rule 8a.
    """

    _inherit = "icloud.booking.type"

    def book_series(
        self,
        start,
        customer,
        count,
        weeks=1,
        user_id=None,
        service_ids=None,
        seats=1,
        answers=None,
    ):
        """Book all dates of a series, or none.

        :param start: the first date, as in `book`; the others keep its hour on the type's clock
        :param count: how many dates, 2 to 52
        :param weeks: from one date to the next, 1 to 8
        :return: the bookings, in the order of time; `series_id` of each is the first
        :raise TimeTaken: which dates are not free, and what is free near them
        :raise UserError: what else is wrong
        """
        booking_type = self._asked()
        choice = booking_type._choice(user_id, service_ids)
        booking_type._check_seats(seats)
        moments = booking_type._dates(booking_type._moment(start), count, weeks)
        details = self.env["icloud.booking"]._clean_customer(customer, answers)
        planner = booking_type.env["icloud.booking.planner"]
        bookings, taken = booking_type.env["icloud.booking"], []
        with self.env.cr.savepoint():
            booking_type._queue_for_hosts()
            for moment in moments:
                try:
                    bookings += planner._book(booking_type, moment, choice, details, seats)
                except TimeTaken as error:
                    taken.append((moment, error.nearest))
            if taken:
                raise booking_type._not_all_free(taken)
            bookings.series_id = bookings[0]
        return bookings.with_env(self.env)

    def _dates(self, first, count, weeks):
        """Naive UTC starts that show one hour on the type's clock, whatever season it is."""
        for number, most in ((count, MOST_DATES), (weeks, MOST_WEEKS)):
            if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
                raise UserError(
                    self.env._(
                        "A series has 2 to %(dates)s dates, 1 to %(weeks)s weeks apart.",
                        dates=MOST_DATES,
                        weeks=MOST_WEEKS,
                    )
                )
        if count < 2:
            raise UserError(self.env._("One date is no series."))
        on_clock = to_local(first, self.tz).replace(tzinfo=None)
        steps = (on_clock + timedelta(weeks=weeks * step) for step in range(count))
        zone = ZoneInfo(self.tz)
        return [step.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for step in steps]

    def _queue_for_hosts(self):
        """Lock all hosts in order: two series that met on the way would wait in a circle."""
        users = self.host_ids.user_id
        users._ensure_booking_resource()
        self.env["icloud.booking.reservation"]._lock(users.booking_resource_id)

    def _not_all_free(self, taken):
        """The exception that names each date that is not free, with what is free near it."""
        zone = self.env.context.get("tz") or self.tz

        def shown(moment):
            return format_datetime(self.env, moment, tz=zone, dt_format=_SHORT)

        lines = [
            self.env._(
                "%(date)s (free nearby: %(times)s)",
                date=shown(moment),
                times=" · ".join(map(shown, nearest)),
            )
            if nearest
            else shown(moment)
            for moment, nearest in taken
        ]
        sentence = self.env._(
            "Nothing was booked, because these dates are not free (%(zone)s):\n%(dates)s",
            zone=zone,
            dates="\n".join(lines),
        )
        return TimeTaken(sentence, sorted({each for _moment, near in taken for each in near}))
