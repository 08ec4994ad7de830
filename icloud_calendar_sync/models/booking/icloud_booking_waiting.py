from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from psycopg2.errors import UniqueViolation

from ...exceptions import OwnersAlone

OPEN = ("waiting", "offered")
# Rows of one session; two who come at the same moment may pass it by one.
LONGEST_LINE = 500


class ICloudBookingWaiting(models.Model):
    """Somebody in line for a full session of a class.

    Who frees a seat only wakes the cron; it goes down the line and offers the seats left to each
    whose wish fits them. Who wants more seats than are left is passed over and keeps the place in
    line: seats that nobody else may take would stay empty for one who may never get enough.
    """

    _name = "icloud.booking.waiting"
    _description = "Place in a waiting list"
    _inherit = ["icloud.customer", "icloud.worker"]
    _order = "id"
    _customer_path = "booking/waiting"

    type_id = fields.Many2one(
        "icloud.booking.type", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    event_id = fields.Many2one(
        "calendar.event", "Session", readonly=True, ondelete="set null", index="btree_not_null"
    )
    start = fields.Datetime(related="event_id.start")
    seats = fields.Integer(required=True, default=1, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("offered", "Offered a seat"),
            ("taken", "Took it"),
            ("left", "Left the list"),
            ("expired", "Not taken"),
        ],
        compute="_compute_state",
        store=True,
        readonly=True,
        index=True,
    )
    booking_id = fields.Many2one(
        "icloud.booking",
        "Offered",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Holds the seats that are offered, until a time.",
    )
    place = fields.Integer(
        "Place in line", compute="_compute_place", help="0 for who does not wait any more."
    )

    _once = models.UniqueIndex(
        "(event_id, email) WHERE state IN ('waiting', 'offered')",
        "This e-mail address is already on the waiting list.",
    )

    @api.depends("booking_id.state", "booking_id.hold_until")
    def _compute_state(self):
        for entry in self:
            # Who has no offer is waiting, or was told otherwise.
            entry.state = entry._state_of_offer() if entry.booking_id else entry.state or "waiting"

    def _state_of_offer(self):
        booking = self.booking_id
        if booking.state == "pending" and booking.hold_until:
            return "offered"
        # Who took it and cancelled later had it all the same.
        return "taken" if booking.state != "cancelled" or self.state == "taken" else "expired"

    @api.depends("state", "event_id")
    def _compute_place(self):
        lines = self._line_of(self.event_id).grouped("event_id")
        places = {
            entry.id: place for line in lines.values() for place, entry in enumerate(line, start=1)
        }
        for entry in self:
            entry.place = places.get(entry.id, 0)

    # -- joining and leaving -------------------------------------------------------------------

    @api.model
    def _queue(self, session, details, seats):
        """Put somebody at the end of a session's line, and write to them.

        :param details: columns from `_clean_customer`
        :raise UserError: one sentence
        """
        if seats > session._seats():
            raise UserError(self.env._("This session has only %s seats.", session._seats()))
        # Nobody shall wait for a session that is given up at this moment.
        self.env["icloud.booking.seat"]._enter(session)
        if len(self._line_of(session)) >= LONGEST_LINE:
            raise UserError(self.env._("This waiting list is full."))
        # Last: strangers hear nothing of what depends on the address.
        self.env["icloud.booking.quota"]._check_customer(session.booking_type_id, details["email"])
        try:
            with self.env.cr.savepoint():
                entry = self.create(
                    {
                        **details,
                        "type_id": session.booking_type_id.id,
                        "event_id": session.id,
                        "seats": seats,
                    }
                )
        except UniqueViolation:
            place = [("event_id", "=", session.id), ("email", "=", details["email"])]
            raise OwnersAlone(
                self.env._("This e-mail address is already on the waiting list."),
                "mail_waiting_listed",
                self.search([*place, ("state", "in", OPEN)], limit=1),
            ) from None
        entry._send_mail("mail_waiting_listed", entry.email)
        # A seat may have got free since this transaction looked.
        self._wake()
        return entry

    def _leave(self):
        """Give up the place in line, or the seat that was offered.

        :raise UserError: it is closed already
        """
        self.ensure_one()
        if self.state not in OPEN:
            raise UserError(self.env._("This place on the waiting list is already closed."))
        self.env["icloud.booking.seat"]._lock(self.event_id)
        self.booking_id._expire()
        self.state = "left"
        self.event_id._release_if_deserted()

    @api.model
    def _kept_for_line(self, free):
        """Ids of the sessions whose free seats are for somebody in line, until the cron asks.

        :param free: {session id: seats}
        """
        line = self.search([("event_id", "in", list(free)), ("state", "=", "waiting")])
        return {entry.event_id.id for entry in line if 0 < entry.seats <= free[entry.event_id.id]}

    @api.model
    def _seats_freed(self, _sessions):
        """Seats of these sessions may be free: the cron will ask who is next.

        Also when nobody seems to wait: somebody may join while this transaction ends.
        """
        self._wake()

    def _wake(self, at=None):
        # Waking a cron is no privilege: it does the work that is due and nothing else.
        self.env.ref("icloud_calendar_sync.cron_waiting").sudo()._trigger(at=at)

    @api.model
    def _line_of(self, sessions):
        return self.search([("event_id", "in", sessions.ids), ("state", "=", "waiting")])

    # -- worker --------------------------------------------------------------------------------

    @api.model
    def _cron_waiting(self):
        cron = self.env["ir.cron"]
        for work, record in self._steps():
            self._despite_conflicts(self._step, work, record)
            # There may be more, and Odoo comes round again for it.
            if not cron._commit_progress(1, remaining=1):
                return
        cron._commit_progress(remaining=0)

    def _step(self, work, record):
        # It is logged, it stays as it was, and the next run tries again.
        self._alone(work, record, otherwise=lambda _sentence: None)

    def _steps(self):
        """(work, record) one after the other, each found out when those before are committed."""
        for hold in self._holds_over():
            yield self._expire, hold
        waiting = self.search([("state", "=", "waiting")])
        taken = self.env["icloud.booking.seat"]._taken(waiting.event_id.ids)
        for session, line in waiting.grouped("event_id").items():
            if self._is_over(session):
                yield self._end, line
                continue
            left = session._seats() - taken.get(session.id, 0)
            for entry in line if session.booking_type_id.is_published else ():
                if 0 < entry.seats <= left:
                    left -= entry.seats
                    yield self._offer, entry

    def _holds_over(self):
        return self.env["icloud.booking"].search(
            [("state", "=", "pending"), ("hold_until", "<", fields.Datetime.now())]
        )

    # What a step finds may have changed since it was planned: it runs again after a conflict.

    def _expire(self, hold):
        self.env["icloud.booking.seat"]._lock(hold.event_id)
        (hold & self._holds_over())._expire()

    def _is_over(self, session):
        booking_type = session.booking_type_id
        return not (
            session.active and booking_type.active and booking_type.waiting_list
        ) or session.start <= fields.Datetime.now() + timedelta(minutes=booking_type.min_notice)

    def _end(self, line):
        self.env["icloud.booking.seat"]._lock(line.event_id)
        ended = line.filtered(lambda entry: entry.state == "waiting")
        ended.state = "expired"
        ended._tell_ended()
        line.event_id._release_if_deserted()

    def _tell_ended(self):
        for entry in self:
            entry._send_mail("mail_waiting_ended", entry.email)

    def _offer(self, entry):
        """Hold the seats for a time, and tell the customer; nothing when they are gone again."""
        if entry.state != "waiting":
            return
        session = entry.event_id
        until = fields.Datetime.now() + timedelta(minutes=entry.type_id.hold_minutes)
        until = min(until, session.start)
        # The contact that is made is addressed in this language from now on.
        bookings = self.env["icloud.booking"].with_context(lang=entry.lang)
        booking = bookings._hold(session, entry._customer(), entry.seats, until=until)
        if not booking:
            return
        entry.booking_id = booking
        booking._write_to_customer("held", with_file=False)
        self._wake(at=until)

    # -- without a template --------------------------------------------------------------------

    def _reader_lang(self):
        return self.lang

    def _sender(self):
        return self.event_id.user_id.email_formatted or super()._sender()

    def _plain_words(self, template_name):
        start = self.event_id.start
        is_over = template_name == "mail_waiting_ended"
        offer = self.type_id.name
        news = (
            self.env._("No seat got free: %s", offer)
            if is_over
            else self.env._("You are on the waiting list: %s", offer)
        )
        return news, [self._moment_in_words(start) if start else offer], self.customer_url
