import re
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

from ..exceptions import TimeTaken
from ..scheduling.assignment import Candidate, by_availability
from ..scheduling.slots import Rules
from .calendar_event import QUIET

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHORT = "EEE d MMM, HH:mm"
# Room for weeks and durations on both sides of any time that is asked for.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
LONGEST_QUESTION = timedelta(days=62)
ALTERNATIVES = 3


class ICloudBookingType(models.Model):
    """An offer with a public page."""

    _name = "icloud.booking.type"
    _description = "Booking type"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    slug = fields.Char(
        required=True,
        copy=False,
        compute="_compute_slug",
        store=True,
        readonly=False,
        precompute=True,
        help="Last part of the page's address.",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("round_robin", "Round robin"), ("collective", "Collective")],
        required=True,
        default="round_robin",
        help="Round robin: a time is offered when any host is free.\n"
        "Collective: a time is offered when every host is free; the first host invites.",
    )
    description = fields.Html(translate=True)
    location = fields.Char()
    duration = fields.Integer(default=30, required=True, help="Minutes.")
    slot_step = fields.Integer(
        default=30, required=True, help="Minutes from one start to the next."
    )
    buffer_before = fields.Integer(help="Minutes kept free before each booking.")
    buffer_after = fields.Integer(help="Minutes kept free after each booking.")
    min_notice = fields.Integer(
        default=120, help="Minutes between now and the first start offered."
    )
    horizon_days = fields.Integer(
        default=60, required=True, help="How many days ahead are offered."
    )
    schedule_id = fields.Many2one(
        "resource.calendar",
        "Hours",
        check_company=True,
        default=lambda self: self.env.company.resource_calendar_id,
    )
    tz = fields.Selection(
        _tz_get,
        "Zone",
        required=True,
        help="Zone of the hours.",
        default=lambda self: self.env.user.tz or self.env.company.resource_calendar_id.tz or "UTC",
    )
    host_ids = fields.One2many("icloud.booking.host", "type_id", "Hosts", copy=True)
    stale_policy = fields.Selection(
        [("hide", "Hide the host"), ("show", "Offer the host's times all the same")],
        "When iCloud is not up to date",
        required=True,
        default="hide",
    )
    max_age = fields.Integer(
        default=60,
        required=True,
        help="Minutes after which an iCloud calendar counts as unread.",
    )
    is_published = fields.Boolean("Published", copy=False)
    booking_ids = fields.One2many("icloud.booking", "type_id")
    booking_count = fields.Integer(compute="_compute_booking_count")
    page_url = fields.Char("Page", compute="_compute_page_url")

    _slug_uniq = models.Constraint("UNIQUE(slug)", "Another booking type has this address.")
    _positive_duration = models.Constraint(
        "CHECK(duration BETWEEN 1 AND 1440)", "A duration is between 1 minute and 24 hours."
    )
    _positive_step = models.Constraint(
        "CHECK(slot_step BETWEEN 1 AND 1440)", "A step is between 1 minute and 24 hours."
    )
    _bounded_buffers = models.Constraint(
        "CHECK(buffer_before BETWEEN 0 AND 1440 AND buffer_after BETWEEN 0 AND 1440)",
        "A buffer is between 0 minutes and 24 hours.",
    )
    _bounded_notice = models.Constraint(
        "CHECK(min_notice BETWEEN 0 AND 525600)", "A notice is between 0 minutes and a year."
    )
    _bounded_horizon = models.Constraint(
        # Imported events are known for 370 days ahead: no time beyond may be offered.
        "CHECK(horizon_days BETWEEN 1 AND 365)",
        "A horizon is between 1 day and 365 days.",
    )
    _positive_age = models.Constraint(
        "CHECK(max_age BETWEEN 10 AND 10080)",
        "iCloud is read every five minutes: choose between 10 minutes and a week.",
    )

    @api.depends("name")
    def _compute_slug(self):
        given = set()
        for booking_type in self:
            if not booking_type.slug:
                booking_type.slug = booking_type._free_slug(booking_type.name or "", given)
            given.add(booking_type.slug)

    def _free_slug(self, name, given):
        ascii_name = self.env["ir.http"]._slugify(name)
        slug = re.sub(r"[^a-z0-9]+", "-", ascii_name)[:60].strip("-") or "booking"
        # All companies share the addresses; only the slug is read.
        every = self.sudo().with_context(active_test=False)
        taken = given.union(every.search([("slug", "=like", f"{slug}%")]).mapped("slug"))
        number, free = 2, slug
        while free in taken:
            free, number = f"{slug}-{number}", number + 1
        return free

    @api.constrains("slug")
    def _check_slug(self):
        for booking_type in self:
            if not _SLUG.fullmatch(booking_type.slug or ""):
                raise ValidationError(
                    self.env._(
                        "An address has small letters, digits and dashes only, like first-visit."
                    )
                )

    @api.constrains("is_published", "host_ids")
    def _check_has_host(self):
        for booking_type in self:
            if booking_type.is_published and not booking_type.host_ids:
                raise ValidationError(
                    self.env._(
                        "%s needs at least one host before it is published.", booking_type.name
                    )
                )

    def _compute_booking_count(self):
        counts = dict(
            self.env["icloud.booking"]._read_group(
                [("type_id", "in", self.ids)], ["type_id"], ["__count"]
            )
        )
        for booking_type in self:
            booking_type.booking_count = counts.get(booking_type, 0)

    @api.depends("slug")
    def _compute_page_url(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")  # Public knowledge.
        for booking_type in self:
            booking_type.page_url = f"{base}/bookings/{booking_type.slug}"

    def action_open_page(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/bookings/{self.slug}", "target": "new"}

    def action_open_bookings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "icloud_calendar_sync.action_icloud_booking"
        )
        return {**action, "domain": [("type_id", "in", self.ids)]}

    # -- what a visitor may choose -------------------------------------------------------------

    def slots(self, start, stop, tz=None, user_id=None, service_ids=None):
        """Free starts in a window.

        :param start: inclusive; Odoo's UTC string or ISO 8601 with an offset
        :param stop: exclusive, likewise; at most 62 days after `start`
        :param tz: the visitor's zone, only checked here: the answer is in UTC
        :param user_id: only this host
        :param service_ids: services of a menu
        :return: [{"start", "stop": ISO 8601 in UTC with Z, "user_ids", "seats_left"}]
        :raise UserError: one sentence
        """
        booking_type = self._asked()
        booking_type._check_question(tz, user_id, service_ids)
        return booking_type._slots(start, stop, user_id=user_id)

    def _slots(self, start, stop, user_id=None, ignore=None):
        first, last = self._moment(start), self._moment(stop)
        if not first < last <= first + LONGEST_QUESTION:
            raise UserError(
                self.env._("Ask for a window of at most 62 days that ends after it starts.")
            )
        duration = timedelta(minutes=self.duration)
        return [
            {
                "start": _iso(free),
                "stop": _iso(free + duration),
                "user_ids": user_ids,
                "seats_left": 1,
            }
            for free, user_ids in self._starts(first, last, user_id=user_id, ignore=ignore)
        ]

    def book(self, start, customer, user_id=None, service_ids=None, seats=1, answers=None):
        """Book one time for one customer.

        :param start: Odoo's UTC string or ISO 8601 with an offset
        :param customer: {"name", "email", "phone"}; the phone is optional
        :param answers: {question: answer}, both text
        :return: the booking
        :raise UserError: what is wrong, with the nearest free starts where it makes sense
        """
        booking_type = self._asked()
        booking_type._check_question(None, user_id, service_ids)
        if seats != 1:
            raise UserError(self.env._("%s is booked one person at a time.", booking_type.name))
        moment = booking_type._moment(start)
        details = self.env["icloud.booking"]._clean_customer(customer, answers)
        booking = booking_type._try_book(moment, details, user_id)
        if not booking:
            raise booking_type._taken(moment, user_id=user_id)
        return booking.with_env(self.env)

    def _asked(self):
        """The one type that was asked, with the rights its engine needs.

        Whoever may read a type may know its free times and book it, which takes hosts' calendars,
        reservations and contacts that they may not read; only times and the booking come out.
        """
        self.ensure_one()
        self.check_access("read")
        booking_type = self.sudo()
        if not booking_type.is_published or not booking_type.active:
            raise UserError(self.env._("%s cannot be booked at the moment.", booking_type.name))
        return booking_type

    def _check_question(self, tz, user_id, service_ids):
        self._check_zone(tz)
        if user_id is not None and user_id not in self.host_ids.user_id.ids:
            raise UserError(self.env._("This host does not take bookings for %s.", self.name))
        if service_ids:
            raise UserError(self.env._("%s has no services to choose from.", self.name))

    def _check_zone(self, tz):
        if tz is not None and tz not in available_timezones():
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

    # -- engine --------------------------------------------------------------------------------

    def _rules(self):
        return Rules(
            duration=self.duration,
            step=self.slot_step,
            buffer_before=self.buffer_before,
            buffer_after=self.buffer_after,
        )

    def _schedule(self):
        return self.schedule_id or self.company_id.resource_calendar_id

    def _padded(self, start, stop):
        """A session's time with its buffers, as it is reserved."""
        return (
            start - timedelta(minutes=self.buffer_before),
            stop + timedelta(minutes=self.buffer_after),
        )

    def _starts(self, first, last, user_id=None, ignore=None):
        users = None if user_id is None else self.env["res.users"].browse(user_id)
        return self.env["icloud.booking.availability"]._starts(
            self, first, last, users=users, ignore=ignore
        )

    def _plans(self, start, user_id=None, ignore=None):
        """Which hosts may take exactly this start, best first, each with the reason.

        Who comes first in a plan invites. Every kind is booked, moved and checked by its plans.

        :return: [(users, reason)]
        """
        offered = dict(self._starts(start, start + timedelta(minutes=1), user_id, ignore))
        hosts = self.host_ids.filtered(lambda host: host.user_id.id in offered.get(start, ()))
        hosts = hosts.sorted(lambda host: (-host.priority, host.id))
        if hosts and self.kind == "collective":
            reason = self.env._("Everybody comes; %s invites.", hosts[0].user_id.name)
            return [(hosts.user_id, reason)]
        last_booked = self._last_booked(hosts.user_id)
        ranked = by_availability(
            [
                Candidate(
                    host.user_id.id, host.priority, host.weight, last_booked.get(host.user_id.id)
                )
                for host in hosts
            ]
        )
        return [(self.env["res.users"].browse(each.candidate.key), each.reason) for each in ranked]

    def _last_booked(self, users):
        """{user id: minutes since 1970 of the last time a booking was given to them}."""
        groups = self.env["icloud.booking"]._read_group(
            [("type_id", "=", self.id), ("user_id", "in", users.ids), ("holds_time", "=", True)],
            ["user_id"],
            ["create_date:max"],
        )
        return {user.id: int(last.replace(tzinfo=UTC).timestamp() // 60) for user, last in groups}

    def _try_book(self, start, details, user_id=None):
        """Book by the best plan whose time is still free; an empty recordset when there is none."""
        stop = start + timedelta(minutes=self.duration)
        for users, reason in self._plans(start, user_id):
            reservations = self.env["icloud.booking.reservation"]._reserve(
                users._ensure_booking_resource(), *self._padded(start, stop)
            )
            if reservations:
                session = self._open_session(users, start, stop, details)
                reservations.event_id = session
                return self.env["icloud.booking"]._open(session, users[0], details, reason)
        return self.env["icloud.booking"]

    def _open_session(self, users, start, stop, details):
        # As the inviting host; everybody's attendance is taken for granted, nobody gets mail.
        events = self.env["calendar.event"].with_user(users[0]).sudo().with_context(**QUIET)
        session = events.create(
            {
                "name": self.env._(
                    "%(type)s: %(customer)s", type=self.name, customer=details["customer_name"]
                ),
                "start": start,
                "stop": stop,
                "user_id": users[0].id,
                **self._attendance(users),
                "location": self.location,
                "booking_type_id": self.id,
                "show_as": "busy",
            }
        )
        return session.with_env(self.env)

    @api.model
    def _attendance(self, users):
        """Columns of a session by which these hosts, and nobody else, attend."""
        return {
            "partner_ids": [fields.Command.set(users.partner_id.ids)],
            "attendee_ids": [
                fields.Command.clear(),
                *(
                    fields.Command.create({"partner_id": partner.id, "state": "accepted"})
                    for partner in users.partner_id
                ),
            ],
        }

    def _require_offered(self, session, users):
        """The back office is held to the same rules as the page.

        :raise TimeTaken: with the nearest free starts
        """
        plans = [plan for plan, _reason in self._plans(session.start, ignore=session)]
        # The offer is for the type's duration; this session may be longer.
        span = self._padded(session.start, session.stop)
        hosts = self.host_ids.filtered(lambda host: host.user_id in users)
        availability = self.env["icloud.booking.availability"]
        if users not in plans or availability._is_busy(hosts, *span, ignore=session):
            raise self._taken(session.start, ignore=session)

    def _nearest(self, start, user_id=None, ignore=None):
        """The free starts nearest to one that was refused (naive UTC, sorted).

        Without the refused one: this transaction's snapshot may still show it as free.
        """
        week = timedelta(days=7)
        offered = [
            free
            for free, _users in self._starts(start - week, start + 2 * week, user_id, ignore)
            if free != start
        ]
        return sorted(sorted(offered, key=lambda free: abs(free - start))[:ALTERNATIVES])

    def _taken(self, start, user_id=None, ignore=None):
        """The exception that says so, in the caller's zone or else the type's."""
        nearest = self._nearest(start, user_id, ignore)
        if not self.env["icloud.booking.availability"]._readable_hosts(self, None):
            return TimeTaken(
                self.env._("The hosts' calendars are being read. Try again in a minute."), []
            )
        if not nearest:
            return TimeTaken(self.env._("This time is not free, and no other is near it."), [])
        zone = self.env.context.get("tz") or self.tz
        times = [format_datetime(self.env, free, tz=zone, dt_format=_SHORT) for free in nearest]
        return TimeTaken(
            self.env._(
                "This time is not free. Free nearby: %(times)s (%(zone)s).",
                times=" · ".join(times),
                zone=zone,
            ),
            nearest,
        )


def _iso(moment):
    return moment.isoformat(timespec="seconds") + "Z"
