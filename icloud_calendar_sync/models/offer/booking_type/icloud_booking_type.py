import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import UserError, ValidationError

from ...calendar.quiet import QUIET

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Addresses below /bookings that are something else.
_TAKEN = {"health"}


class ICloudBookingType(models.Model):
    """An offer with a public page."""

    _name = "icloud.booking.type"
    _description = "Booking type"
    _inherit = ["icloud.booking.content", "icloud.company.bound"]
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
        [
            ("class", "Class"),
            ("round_robin", "Round robin"),
            ("collective", "Collective"),
            ("service", "Service menu"),
        ],
        required=True,
        default="round_robin",
        help="Class: one host, many seats.\n"
        "Round robin: a time is offered when any host is free.\n"
        "Collective: a time is offered when every host is free; the first host invites.\n"
        "Service menu: customers choose services, and who does them.",
    )
    description = fields.Html(translate=True)
    location = fields.Char()
    room_ids = fields.Many2many(relation="icloud_booking_type_room_rel")
    equipment_ids = fields.Many2many(relation="icloud_booking_type_equipment_rel")
    slot_step = fields.Integer(
        default=30, required=True, help="Minutes from one start to the next."
    )
    # When.
    schedule_id = fields.Many2one(
        "resource.calendar",
        "Hours",
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env.company.resource_calendar_id,
    )
    tz = fields.Selection(
        _tz_get,
        "Zone",
        required=True,
        help="Zone of the hours.",
        default=lambda self: self.env.user.tz or self.env.company.resource_calendar_id.tz or "UTC",
    )
    override_ids = fields.One2many("icloud.booking.override", "type_id", "Date overrides")
    min_notice = fields.Integer(
        default=120, help="Minutes between now and the first start offered."
    )
    horizon_days = fields.Integer(
        default=60, required=True, help="How many days ahead are offered."
    )
    first_day = fields.Date("Offered from", help="No day before this one is offered.")
    last_day = fields.Date("Offered until", help="No day after this one is offered.")
    only_adjacent = fields.Boolean(
        "Only next to other bookings",
        help="On days with bookings, offer only the times next to them: no useless holes.",
    )
    # How many; 0 for no maximum.
    max_per_day = fields.Integer("Most a day", help="Sessions a day; 0 for no maximum.")
    max_per_week = fields.Integer("Most a week", help="Sessions a week; 0 for no maximum.")
    host_max_per_day = fields.Integer(
        "Most a day for each host", help="Sessions of this booking type; 0 for no maximum."
    )
    host_max_per_week = fields.Integer(
        "Most a week for each host", help="Sessions of this booking type; 0 for no maximum."
    )
    customer_max = fields.Integer(
        "Most for each customer", help="Upcoming bookings of one e-mail address; 0 for no maximum."
    )
    # Who.
    distribution = fields.Selection(
        [
            ("availability", "Highest priority, then longest without a booking"),
            ("fair", "Fair shares, by weight"),
        ],
        required=True,
        default="availability",
    )
    keep_host = fields.Boolean(
        "Keep the host when moved",
        default=True,
        help="A booking that is moved stays with its host whenever that host is free.",
    )
    choose_host = fields.Boolean("Customers choose the host", help="They may always say: anybody.")
    hand_over = fields.Boolean(
        "Several hosts for several services",
        default=True,
        help="When no single host is free for all of them.",
    )
    needs_approval = fields.Boolean(
        help="A booking holds its time, and waits until the host confirms it."
    )
    service_ids = fields.One2many("icloud.booking.service", "type_id", "Services")
    # Class.
    seats = fields.Integer(default=10, required=True, help="Seats of each session.")
    seats_per_booking = fields.Integer("Most seats in one booking", default=1, required=True)
    show_seats = fields.Boolean("Show the seats left", default=True)
    waiting_list = fields.Boolean(
        help="Full sessions stay on the page; who waits is written to when a seat gets free."
    )
    hold_minutes = fields.Integer(
        default=120, required=True, help="How long a freed seat is kept for the next in line."
    )
    host_ids = fields.One2many("icloud.booking.host", "type_id", "Hosts", copy=True)
    reminder_ids = fields.One2many(
        "icloud.booking.reminder",
        "type_id",
        "Reminders",
        copy=True,
        default=lambda _self: [fields.Command.create({"number": 1, "unit": "days"})],
    )
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
    _positive_step = models.Constraint(
        "CHECK(slot_step BETWEEN 1 AND 1440)", "A step is between 1 minute and 24 hours."
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

    _bounded_seats = models.Constraint(
        "CHECK(seats BETWEEN 1 AND 9999 AND seats_per_booking BETWEEN 1 AND 50)",
        "A session has 1 to 9,999 seats, and one booking takes 50 of them at most.",
    )
    _bounded_hold = models.Constraint(
        "CHECK(hold_minutes BETWEEN 5 AND 10080)",
        "A freed seat is held for 5 minutes to a week.",
    )
    _no_negative_maximum = models.Constraint(
        "CHECK(LEAST(max_per_day, max_per_week, host_max_per_day, host_max_per_week,"
        " customer_max) >= 0)",
        "A maximum is a number from 1 on, or 0 for none.",
    )
    _days_in_order = models.Constraint(
        "CHECK(first_day <= last_day)", "The first day offered is not after the last."
    )

    @api.depends("name")
    def _compute_slug(self):
        given = set()
        for booking_type in self:
            # Not before it has a name: an address that was given once stays.
            if booking_type.name and not booking_type.slug:
                booking_type.slug = booking_type._free_slug(booking_type.name, given)
            given.add(booking_type.slug)

    def _free_slug(self, name, given):
        ascii_name = self.env["ir.http"]._slugify(name)
        slug = re.sub(r"[^a-z0-9]+", "-", ascii_name)[:60].strip("-") or "booking"
        # All companies share the addresses; only the slug is read.
        every = self.sudo().with_context(active_test=False)
        taken = given.union(every.search([("slug", "=like", f"{slug}%")]).mapped("slug"))
        taken = taken | _TAKEN
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
            if booking_type.slug in _TAKEN:
                raise ValidationError(self.env._("Something else is at this address."))

    @api.constrains("is_published", "host_ids", "kind")
    def _check_hosts(self):
        for booking_type in self.filtered("is_published"):
            if not booking_type.host_ids:
                raise ValidationError(
                    self.env._(
                        "%s needs at least one host before it is published.", booking_type.name
                    )
                )
            if booking_type.kind == "class" and len(booking_type.host_ids) > 1:
                raise ValidationError(
                    self.env._("%s is a class: it has one host.", booking_type.name)
                )

    @api.constrains("is_published", "service_ids", "kind")
    def _check_menu(self):
        for booking_type in self.filtered(lambda each: each.is_published):
            if booking_type.kind == "service" and not booking_type.service_ids:
                raise ValidationError(
                    self.env._(
                        "%s needs at least one service before it is published.", booking_type.name
                    )
                )

    @api.constrains("company_id")
    def _check_parts_of_company(self):
        """What the parts name belongs to the company, or to all."""
        self.host_ids._check_users()
        for parts in (self.host_ids, self.service_ids):
            parts._check_company()

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

    def write(self, vals):
        if "kind" in vals:
            self.filtered(lambda each: each.kind != vals["kind"])._refuse_other_kind()
        result = super().write(vals)
        if "seats" in vals:
            self.filtered(lambda each: each.kind == "class")._seats_changed()
        return result

    def _refuse_other_kind(self):
        # sudo: that there are bookings is told, not which.
        upcoming = [("type_id", "in", self.ids), ("stop", ">", fields.Datetime.now())]
        if self.env["icloud.booking"].sudo().search_count([("holds_time", "=", True), *upcoming]):
            raise UserError(
                self.env._(
                    "The kind stays while there are bookings ahead. Make another booking type, "
                    "and unpublish this one."
                )
            )

    def _seats_changed(self):
        """The copies in iCloud tell another number, and who waits may have a seat."""
        sessions = self.env["calendar.event"].search(
            [("booking_type_id", "in", self.ids), ("stop", ">", fields.Datetime.now())]
        )
        # Whoever may change the type has its sessions follow; these rows are the workers'.
        self.env["icloud.recount"].sudo()._ask(sessions)
        self.env["icloud.booking.waiting"].sudo()._seats_freed(sessions)

    def copy(self, default=None):
        """Services and date overrides name hosts: the copy's name the copy's own."""
        copies = super().copy(default)
        for original, copy in zip(self, copies, strict=True):
            hosts = {host.user_id: host.id for host in copy.host_ids}
            for override in original.override_ids:
                host_id = hosts.get(override.host_id.user_id, False)
                override.copy({"type_id": copy.id, "host_id": host_id})
            for service in original.service_ids:
                own = service.copy({"type_id": copy.id})
                for staff in service.staff_ids:
                    host_id = hosts[staff.host_id.user_id]
                    staff.copy({"service_id": own.id, "host_id": host_id})
        return copies

    def action_open_page(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/bookings/{self.slug}", "target": "new"}

    def action_open_bookings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "icloud_calendar_sync.action_icloud_booking"
        )
        return {**action, "domain": [("type_id", "in", self.ids)]}

    def action_publish(self):
        """Check first: contradictions are named before customers find them."""
        return self._open_dialog("icloud.booking.publish", self.env._("Publish"))

    def action_unpublish(self):
        self.is_published = False

    def action_why(self):
        return self._open_dialog("icloud.booking.why", self.env._("Why not?"))

    def _open_dialog(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_type_id": self.id},
        }

    # -- what the engine asks ------------------------------------------------------------------

    def _schedule(self):
        return self.schedule_id or self.company_id.resource_calendar_id

    def _has_maximum(self):
        return bool(
            self.max_per_day or self.max_per_week or self.host_max_per_day or self.host_max_per_week
        )

    def _maxima(self, span):
        """(most of this type, most of each host) in a span: (first day, day after the last)."""
        if span[1] - span[0] == timedelta(days=1):
            return self.max_per_day, self.host_max_per_day
        return self.max_per_week, self.host_max_per_week

    # -- sessions ------------------------------------------------------------------------------

    def _open_session(self, users, start, stop, name):
        # As the inviting host; everybody's attendance is taken for granted, nobody gets mail.
        events = self.env["calendar.event"].with_user(users[0]).sudo().with_context(**QUIET)
        session = events.create(
            {
                "name": name,
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
