from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .typed import spellings

HOLDING = ("pending", "confirmed")


class ICloudBooking(models.Model):
    """One customer's reservation of a session."""

    _name = "icloud.booking"
    _description = "Booking"
    _inherit = ["icloud.customer", "mail.thread", "mail.activity.mixin"]
    _order = "start desc, id desc"
    _customer_path = "booking"
    # Bookings are changed by their methods alone, and talked about by whoever may see them.
    _mail_post_access = "read"

    type_id = fields.Many2one(
        "icloud.booking.type", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    event_id = fields.Many2one(
        "calendar.event", "Session", readonly=True, ondelete="set null", index="btree_not_null"
    )
    user_id = fields.Many2one("res.users", "Host", readonly=True, index=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True)
    start = fields.Datetime(compute="_compute_times", store=True, index=True)
    stop = fields.Datetime(compute="_compute_times", store=True)
    seats = fields.Integer(default=1, readonly=True)
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("confirmed", "Confirmed"),
            ("cancelled", "Cancelled"),
            ("attended", "Attended"),
            ("no_show", "No-show"),
        ],
        required=True,
        default="confirmed",
        readonly=True,
        index=True,
        tracking=True,
    )
    holds_time = fields.Boolean(compute="_compute_holds_time", store=True)
    hold_until = fields.Datetime(readonly=True, help="A freed seat is held until then.")
    # Who was considered, a line each.
    assignment = fields.Text("Why this host", readonly=True)
    asked_user_id = fields.Many2one("res.users", "Asked for", readonly=True)
    # Services that are handed from host to host: a session and a booking for each host.
    parent_id = fields.Many2one(
        "icloud.booking", "Part of", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    child_ids = fields.One2many("icloud.booking", "parent_id", "Parts", readonly=True)
    # Dates that were booked together; each is moved and cancelled by itself.
    series_id = fields.Many2one(
        "icloud.booking",
        "First of the series",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    line_ids = fields.One2many("icloud.booking.line", "booking_id", "Services", readonly=True)
    seat_ids = fields.One2many("icloud.booking.seat", "booking_id", readonly=True)
    quota_ids = fields.One2many("icloud.booking.quota", "booking_id", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    ical_sequence = fields.Integer(
        compute="_compute_ical_sequence", store=True, help="SEQUENCE of the customer's file."
    )
    price_total = fields.Monetary("Total", compute="_compute_price_total")

    @api.depends("event_id.start", "event_id.stop")
    def _compute_times(self):
        for booking in self:
            # A deleted session leaves the booking its times.
            session = booking.event_id
            booking.start = session.start or booking.start
            booking.stop = session.stop or booking.stop

    @api.depends(
        "state",
        "start",
        "stop",
        "user_id",
        "event_id.location",
        "child_ids.start",
        "child_ids.stop",
        "child_ids.user_id",
    )
    def _compute_ical_sequence(self):
        """One more with each change that the customer's calendar has to hear of (RFC 5545 section
        3.8.7.4: it never falls). Two changes at once may count as one, or as two.
        """
        for booking in self:
            booking.ical_sequence += 1

    @api.depends("line_ids.price", "child_ids.line_ids.price")
    def _compute_price_total(self):
        for booking in self:
            booking.price_total = sum((booking | booking.child_ids).line_ids.mapped("price"))

    @api.depends("state")
    def _compute_holds_time(self):
        for booking in self:
            booking.holds_time = booking.state in HOLDING

    # -- hooks ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Bookings are made with “Book” on a booking type."))
        bookings = super().create(vals_list)
        bookings.event_id._bookings_changed()
        return bookings

    def write(self, vals):
        sessions = self.event_id
        result = super().write(vals)
        (sessions | self.event_id)._bookings_changed()
        return result

    def _session_gone(self):
        """The session was archived or deleted in the back office; of a chain, all of it goes."""
        now = fields.Datetime.now()
        # What has taken place stays as it was, however calendars are tidied up.
        gone = self.filtered(lambda booking: booking.holds_time and booking.stop > now)._root()
        # Who was only offered a seat had none.
        offers = gone.filtered("hold_until")
        waiting = self.env["icloud.booking.waiting"].search([("booking_id", "in", offers.ids)])
        gone._release()
        waiting._tell_ended()
        (gone - offers)._tell("cancelled")

    # -- making --------------------------------------------------------------------------------

    @api.model
    def _open(self, session, user, values, seats=1):
        """Store a booking whose time is already reserved.

        :param values: columns, those of `_clean_customer` among them
        """
        booking_type = session.booking_type_id
        contact = self.env["res.partner"].browse(values.get("partner_id"))
        contact = contact or self._contact(booking_type, values)
        return self.create(
            {
                "state": "pending" if booking_type.needs_approval else "confirmed",
                # Staff who book have their own language, customers that of the page.
                "lang": contact.lang if self.env.user._is_internal() else self.env.lang,
                **values,
                "type_id": booking_type.id,
                "event_id": session.id,
                "user_id": user.id,
                "seats": seats,
                "partner_id": contact.id,
            }
        )

    @api.model
    def _hold(self, session, details, seats, until):
        """Hold seats of a class session for somebody who has waited for them.

        :param until: naive UTC
        :return: the pending booking, or an empty recordset when the seats are not free
        """
        with self.env.cr.savepoint() as savepoint:
            values = {**details, "state": "pending", "hold_until": until}
            booking = self._open(session, session.user_id, values, seats)
            taken = self.env["icloud.booking.seat"]._reserve(session, seats)
            if not taken:
                savepoint.rollback()
                return self.browse()
            taken.booking_id = booking
        return booking

    def _take_held(self):
        """The customer takes the seats that are held.

        :raise UserError: too late
        """
        self.ensure_one()
        if self.state != "pending" or not self.hold_until:
            raise UserError(self.env._("There is nothing to take here."))
        if self.hold_until <= fields.Datetime.now():
            raise UserError(self.env._("Sorry, this seat was held until a moment ago."))
        self.env["icloud.booking.quota"]._take_of_customer(self)
        self.write(
            {
                "state": "pending" if self.type_id.needs_approval else "confirmed",
                "hold_until": False,
            }
        )
        self._welcome()

    def _expire(self):
        """Held seats that nobody took are free again."""
        self._close()

    def _welcome(self):
        """Tell the customer and the hosts, who may have to say a word."""
        for booking in self:
            if booking.state == "pending":
                booking._ask_host()
            booking._tell("requested" if booking.state == "pending" else "confirmed")

    def _ask_host(self):
        # Quietly: the host gets a mail of ours, by which it can be decided.
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id,
            summary=self.env._("Confirm or decline this booking"),
        )

    def _is_chain(self):
        """Whether services of these are handed from host to host."""
        return bool(self.parent_id or self.child_ids)

    @api.model
    def _count_upcoming(self, booking_type, email):
        """How many bookings of a type one e-mail address has ahead."""
        return self.search_count(self._upcoming(booking_type, email))

    @api.model
    def _next_of(self, booking_type, email):
        """The first of these."""
        return self.search(self._upcoming(booking_type, email), order="start, id", limit=1)

    def _upcoming(self, booking_type, email):
        return [
            ("type_id", "=", booking_type.id),
            ("email", "=", email),
            ("parent_id", "=", False),
            ("holds_time", "=", True),
            ("stop", ">", fields.Datetime.now()),
        ]

    @api.model
    def _contact(self, booking_type, details):
        Partner = self.env["res.partner"]
        company = booking_type.company_id
        found = Partner.search(
            [
                ("email_normalized", "in", spellings(details["email"])),
                ("company_id", "in", [False, company.id]),
            ],
            limit=1,
        )
        return found or Partner.create(
            {
                "name": details["customer_name"],
                "email": details["email"],
                "phone": details["phone"],
                # The language of the page: mails are written in it.
                "lang": self.env.lang,
            }
        )
