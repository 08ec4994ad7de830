import random

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure, UniqueViolation

from ...exceptions import LostRace

# First half of the advisory lock's key; the second is the session's id.
_LOCK_SPACE = 0x1C105


class _NotEnough(Exception):
    """Fewer seats are free than were asked for."""


class ICloudBookingSeat(models.Model):
    """One place in a class session.

    Seats are rows, not a counter: a counter makes everybody who books the session write the same
    row, and Odoo's snapshots (REPEATABLE READ) then let one of them pass at a time. A number that
    is unique in the session cannot be sold twice, whatever a snapshot shows.
    """

    _name = "icloud.booking.seat"
    _description = "Seat"
    _order = "number"
    _log_access = False

    event_id = fields.Many2one("calendar.event", required=True, ondelete="cascade")
    booking_id = fields.Many2one("icloud.booking", ondelete="cascade", index=True)
    number = fields.Integer(required=True)

    _number_uniq = models.Constraint("UNIQUE(event_id, number)", "This seat is already taken.")

    @api.model
    def _reserve(self, session, count):
        """Take seats of a session, all of them or none.

        :return: seats without a booking; an empty recordset when there are not enough
        """
        try:
            # The lock is taken inside the savepoint: who gets nothing holds nothing.
            with self.env.cr.savepoint():
                self._enter(session)
                self._expire_holds(session)
                return self._take(session, count)
        except _NotEnough:
            return self.browse()

    @api.model
    def _taken(self, session_ids):
        """{event id: seats taken}, in one query; holds whose time is over do not count."""
        groups = self._read_group(self._domain_taken(session_ids), ["event_id"], ["__count"])
        return {session.id: count for session, count in groups}

    @api.model
    def _domain_taken(self, session_ids):
        over = Domain("booking_id.state", "=", "pending") & Domain(
            "booking_id.hold_until", "<", fields.Datetime.now()
        )
        return Domain("event_id", "in", session_ids) & ~over

    @api.model
    def _lock(self, sessions):
        """Queue up for these sessions until the transaction ends.

        In ascending order, and before the first change of a seat or of a booking that holds some,
        so that nobody waits in a circle.
        """
        for session_id in sorted(sessions.ids):
            self.env.execute_query(
                SQL("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK_SPACE, session_id)
            )

    @api.model
    def _enter(self, session):
        """Queue up for a session, and make sure that it still stands.

        :raise SerializationFailure: it was changed, or given up, since our snapshot; Odoo repeats
            the request on a new one
        """
        self._lock(session)
        # A lost race is an answer: not an error in the log.
        self.env.cr.execute(
            SQL("SELECT id FROM calendar_event WHERE id = %s FOR SHARE", session.id),
            log_exceptions=False,
        )

    @api.model
    def _is_entered_meanwhile(self, session):
        """Whether somebody came, or waits, whom our snapshot does not show.

        To be asked under the lock of the session: who came before has committed, and who comes
        after fails to enter. What this transaction itself deletes or changes is locked, and
        skipped.
        """
        self.env.flush_all()
        with self.env.registry.cursor() as fresh:
            fresh.execute(
                "SELECT id FROM icloud_booking_seat WHERE event_id = %s FOR KEY SHARE SKIP LOCKED",
                [session.id],
            )
            seats = fresh.rowcount
            fresh.execute(
                "SELECT id FROM icloud_booking_waiting WHERE event_id = %s AND state = 'waiting'"
                " FOR SHARE SKIP LOCKED",
                [session.id],
            )
            return bool(seats or fresh.rowcount)

    @api.model
    def _is_left_meanwhile(self, session):
        """Whether all who come by our snapshot have left; to be asked like the other question."""
        shown = session.booking_ids.filtered("holds_time").ids
        with self.env.registry.cursor() as fresh:
            fresh.execute(
                "SELECT count(*) FROM icloud_booking"
                " WHERE id = ANY(%s) AND (NOT holds_time OR event_id IS DISTINCT FROM %s)",
                [shown, session.id],
            )
            # Those that this transaction itself made are not found, and stay.
            return fresh.fetchone()[0] == len(shown) > 0

    def _expire_holds(self, session):
        """Give seats free that were offered to somebody who did not take them in time."""
        holds = self.env["icloud.booking"].search(
            [
                ("event_id", "=", session.id),
                ("state", "=", "pending"),
                ("hold_until", "<", fields.Datetime.now()),
            ]
        )
        try:
            with self.env.cr.savepoint():
                # Not waiting for who is about to take or cancel one.
                holds.try_lock_for_update()._expire()
        except SerializationFailure:
            # Somebody else did it since our snapshot. Their numbers are tried all the same.
            holds.invalidate_recordset()

    def _take(self, session, count):
        taken = set(self.search(self._domain_taken(session.ids)).mapped("number"))
        seats = self.browse()
        for number in self._free_numbers(session._seats(), taken):
            try:
                # Not ON CONFLICT DO NOTHING: it fails on a row that our snapshot does not show.
                with self.env.cr.savepoint():
                    seats |= self.create({"event_id": session.id, "number": number})
            except UniqueViolation:
                continue  # Taken by somebody whom our snapshot does not show.
            if len(seats) == count:
                return seats
        raise _NotEnough

    @api.model
    def _free_numbers(self, total, taken):
        """As many numbers as there are seats left, in random order.

        The lowest ones: after a session was made smaller, seats with higher numbers stay taken
        and count. At random: whoever comes at the same time would try the same first one.
        """
        free = [number for number in range(1, total + 1) if number not in taken]
        free = free[: max(total - len(taken), 0)]
        random.shuffle(free)
        return free


class CalendarEvent(models.Model):
    """The seats of a session of a class."""

    _inherit = "calendar.event"

    seats = fields.Integer(
        copy=False, help="Seats of this session of a class; 0 for as many as the booking type says."
    )
    seat_ids = fields.One2many("icloud.booking.seat", "event_id", copy=False)
    seats_taken = fields.Integer(compute="_compute_seats_taken")

    _bounded_seats = models.Constraint(
        "CHECK(seats BETWEEN 0 AND 9999)",
        "A session has 1 to 9,999 seats, or 0 for as many as its booking type says.",
    )

    @api.depends("seat_ids")
    def _compute_seats_taken(self):
        # Whoever may see a session may know how full it is; who sits there stays out of it.
        taken = self.env["icloud.booking.seat"].sudo()._taken(self.ids)
        for event in self:
            event.seats_taken = taken.get(event.id, 0)

    def write(self, vals):
        if "seats" not in vals:
            return super().write(vals)
        before = {session: session._seats() for session in self}
        result = super().write(vals)
        self.filtered(lambda session: session._seats() > before[session])._wake_waiting()
        return result

    def _seats(self):
        """Seats of this session in all."""
        self.ensure_one()
        # How many there are is on the page; who sees a session may not see its type.
        return self.seats or self.sudo().booking_type_id.seats

    def _is_class(self):
        self.ensure_one()
        return self.sudo().booking_type_id.kind == "class"  # As in `_seats`.

    def _release_if_deserted(self):
        """Give the host's time back when nobody comes and nobody waits to be asked."""
        Seat = self.env["icloud.booking.seat"]
        for session in self.filtered("active"):
            is_live = session._is_live()
            if session._is_class():
                Seat._lock(session)
                if is_live and Seat._is_left_meanwhile(session):
                    # Two were the last: neither snapshot shows that the other leaves too.
                    raise LostRace("Everybody else left meanwhile.")
                if not is_live and Seat._is_entered_meanwhile(session):
                    continue
            if not is_live:
                session.action_archive()

    def _title_with_count(self):
        """The title with the seats taken and in all, or None for what is no class."""
        self.ensure_one()
        if not self._is_class():
            return None
        return self.env._(
            "%(session)s (%(taken)s of %(seats)s)",
            session=self.name,
            taken=self.seats_taken,
            seats=self._seats(),
        )

    def _wake_waiting(self):
        classes = self.filtered(lambda session: session._is_class())
        if classes:
            self.env["icloud.booking.waiting"]._seats_freed(classes)
