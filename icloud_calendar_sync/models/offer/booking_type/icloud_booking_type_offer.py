from datetime import UTC, datetime, timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...planning.choice import Choice
from ...planning.minutes import iso_from_minutes
from ...planning.zones import all_zones

# Room for weeks and durations on both sides of any time that is asked for.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
LONGEST_QUESTION = timedelta(days=62)
MOST_SERVICES = 10
# What slots are listed by; the texts of a page, in all columns, would take longer to read.
ENGINE_FIELDS = (
    "is_published",
    "active",
    "kind",
    "company_id",
    "duration",
    "buffer_before",
    "buffer_after",
    "slot_step",
    "schedule_id",
    "tz",
    "min_notice",
    "horizon_days",
    "first_day",
    "last_day",
    "only_adjacent",
    "max_per_day",
    "max_per_week",
    "host_max_per_day",
    "host_max_per_week",
    "hand_over",
    "seats",
    "waiting_list",
    "stale_policy",
    "max_age",
)


class ICloudBookingType(models.Model):
    """What others ask of a booking type: its free times, and to book one."""

    _inherit = "icloud.booking.type"

    def slots(self, start, stop, tz=None, user_id=None, service_ids=None):
        """Free starts in a window.

        :param start: inclusive; Odoo's UTC string or ISO 8601 with an offset
        :param stop: exclusive, likewise; at most 62 days after `start`
        :param tz: the visitor's zone, only checked here: the answer is in UTC
        :param user_id: only this host
        :param service_ids: services of a menu, in the order in which they are done
        :return: [{"start", "stop": ISO 8601 in UTC with Z, "user_ids", "seats_left"}]; a start
            with no seats left has a waiting list
        :raise UserError: one sentence
        """
        booking_type = self._asked()
        booking_type._check_zone(tz)
        return booking_type._slots(start, stop, booking_type._choice(user_id, service_ids))

    def _slots(self, start, stop, choice):
        first, last = self._moment(start), self._moment(stop)
        if not first < last <= first + LONGEST_QUESTION:
            raise UserError(
                self.env._("Ask for a window of at most 62 days that ends after it starts.")
            )
        offers = self.env["icloud.booking.availability"]._offers(self, first, last, choice)
        return [
            {
                "start": iso_from_minutes(offer.start),
                "stop": iso_from_minutes(offer.start + offer.duration),
                "user_ids": offer.hosts,
                "seats_left": offer.seats_left,
            }
            for offer in offers
        ]

    def book(
        self,
        start,
        customer,
        user_id=None,
        service_ids=None,
        seats=1,
        answers=None,
        agreed=None,
    ):
        """Book one time for one customer.

        :param start: Odoo's UTC string or ISO 8601 with an offset
        :param customer: {"name", "email", "phone"}; the phone is optional
        :param user_id: this host, or any
        :param service_ids: services of a menu, in the order in which they are done
        :param seats: of a class
        :param answers: {question: answer}, both text
        :param agreed: only as the customer has seen it: `seen` of the lines of `_plan`
        :return: the booking
        :raise UserError: what is wrong, with the nearest free starts where it makes sense
        """
        booking_type = self._asked()
        choice = booking_type._choice(user_id, service_ids)._replace(agreed=agreed or None)
        booking_type._check_seats(seats)
        moment = booking_type._moment(start)
        details = self.env["icloud.booking"]._clean_customer(customer, answers)
        planner = booking_type.env["icloud.booking.planner"]
        return planner._book(booking_type, moment, choice, details, seats).with_env(self.env)

    def _plan(self, start, user_id=None, service_ids=None):
        """Who would do which service, when, for how much: [Line], empty when it is not free.

        :param start: as in `book`
        :raise UserError: one sentence
        """
        booking_type = self._asked()
        choice = booking_type._choice(user_id, service_ids)
        planner = booking_type.env["icloud.booking.planner"]
        return planner._plan(booking_type, booking_type._moment(start), choice)

    def join_waiting_list(self, start, customer, seats=1, answers=None):
        """Wait for seats in a session that is full.

        :param start: of the session, as in `book`
        :return: the place in the list, an icloud.booking.waiting
        :raise UserError: one sentence
        """
        booking_type = self._asked()
        booking_type._check_seats(seats)
        moment = booking_type._moment(start)
        details = self.env["icloud.booking"]._clean_customer(customer, answers)
        planner = booking_type.env["icloud.booking.planner"]
        search = planner._search_at(booking_type, moment, Choice())
        standing = planner._standing(search, moment)
        if not booking_type.waiting_list or not standing:
            raise UserError(self.env._("There is no waiting list for this time."))
        if standing.seats_left >= seats:
            raise UserError(self.env._("There are seats left at this time: you can book them."))
        session = booking_type.env["calendar.event"].browse(standing.session)
        waiting = self.env["icloud.booking.waiting"].sudo()  # Rights were checked by `_asked`.
        return waiting._queue(session, details, seats).with_env(self.env)

    def why_not(self, start, user_id=None, service_ids=None):
        """Why a time is not offered, host by host, for staff.

        :return: {"offered", "general": [sentence], "hosts": [{"user_id", "name", "reasons"}]}
        :raise UserError: one sentence
        """
        self.ensure_one()
        self.check_access("read")
        # The engine needs rights that staff lack; titles that are not theirs stay out.
        booking_type = self.sudo()
        choice = booking_type._choice(user_id, service_ids)
        explanation = booking_type.env["icloud.booking.explanation"]
        return explanation._why_not(booking_type, booking_type._moment(start), choice)

    def publish_check(self):
        """What contradicts itself, what is odd, and the next free times as proof.

        :return: {"problems": [sentence], "warnings": [sentence], "slots": up to three}
        """
        self.ensure_one()
        self.check_access("read")
        # As in `_asked`, and also for a type that is not published yet.
        booking_type = self.sudo()
        check = booking_type.env["icloud.booking.check"]
        problems = check._problems(booking_type)
        return {
            "problems": problems,
            "warnings": check._warnings(booking_type),
            "slots": [] if problems else booking_type._next_slots(3),
        }

    def _next_slots(self, count):
        """The first slots that are offered, of the first service of a menu."""
        now, slots = fields.Datetime.now(), []
        choice = Choice(service_ids=tuple(self.service_ids[:1].ids))
        horizon = now + timedelta(days=self.horizon_days)
        while len(slots) < count and now < horizon:
            slots += self._slots(now, now + LONGEST_QUESTION, choice)
            now += LONGEST_QUESTION
        return slots[:count]

    def _taking_bookings(self):
        """The hosts without those who were archived, or are no internal users any more."""
        return self.host_ids.filtered(lambda host: host.user_id.active and not host.user_id.share)

    def _asked(self):
        """The one type that was asked, with the rights its engine needs.

        Whoever may read a type may know its free times and book it, which takes hosts' calendars,
        reservations and contacts that they may not read; only times and the booking come out.
        """
        self.ensure_one()
        self.check_access("read")
        booking_type = self.sudo()
        booking_type.fetch(ENGINE_FIELDS)
        if not booking_type.is_published or not booking_type.active:
            raise UserError(self.env._("%s cannot be booked at the moment.", booking_type.name))
        return booking_type

    def _choice(self, user_id, service_ids):
        """What was asked for besides the time, checked.

        :raise UserError: one sentence
        """
        # Without a host RPC sends False.
        user_id = self._chosen_host(user_id) if user_id else None
        if self.kind != "service":
            if service_ids:
                raise UserError(self.env._("%s has no services to choose from.", self.name))
            return Choice(user_id=user_id)
        return Choice(user_id=user_id, service_ids=self._check_services(service_ids))

    def _chosen_host(self, user_id):
        hosts = self.host_ids.filtered(lambda host: host.user_id.id == user_id)
        if not hosts:
            raise UserError(self.env._("This host does not take bookings for %s.", self.name))
        # Who always comes is no choice.
        return None if hosts.fixed and self.kind == "round_robin" else user_id

    def _check_services(self, service_ids):
        if not service_ids:
            raise UserError(self.env._("Please choose at least one service."))
        if (
            not isinstance(service_ids, (list, tuple))
            or len(service_ids) > MOST_SERVICES
            or not all(isinstance(each, int) for each in service_ids)
        ):
            raise UserError(
                self.env._("One booking has up to %s services.", MOST_SERVICES),
            )
        if len(set(service_ids)) < len(service_ids):
            raise UserError(self.env._("Please choose each service once."))
        if set(service_ids) - set(self.service_ids.ids):
            raise UserError(self.env._("%s does not have these services.", self.name))
        return tuple(service_ids)

    def _check_seats(self, seats):
        if not isinstance(seats, int) or isinstance(seats, bool) or seats < 1:
            raise UserError(self.env._("Please say how many seats you need."))
        if self.kind != "class" and seats != 1:
            raise UserError(self.env._("%s is booked one person at a time.", self.name))
        if self.kind == "class" and seats > self.seats_per_booking:
            raise UserError(self.env._("One booking takes up to %s seats.", self.seats_per_booking))

    def _check_zone(self, tz):
        if tz is not None and tz not in all_zones():
            raise UserError(self.env._("There is no time zone “%s”.", str(tz)[:40]))

    def _moment(self, value):
        """Naive UTC datetime of what a caller sent.

        :raise UserError: it is no time, or none of this age
        """
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            if moment.tzinfo:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (TypeError, ValueError, OverflowError):
            raise UserError(self.env._("“%s” is not a time.", str(value)[:40])) from None
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise UserError(self.env._("%s is too far away.", moment.date()))
        return moment
