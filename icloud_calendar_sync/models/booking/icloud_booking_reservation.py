import contextlib

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import ExclusionViolation

# First half of the advisory lock's key; the second is the resource's id.
_LOCK_SPACE = 0x1C10D


class ICloudBookingReservation(models.Model):
    """The time a session takes from one resource, buffers included.

    The database forbids two that overlap: Odoo reads a snapshot (REPEATABLE READ), so nothing
    that only looks can.
    """

    _name = "icloud.booking.reservation"
    _description = "Reserved time"
    _order = "start"
    _log_access = False

    event_id = fields.Many2one("calendar.event", ondelete="cascade", index=True)
    resource_id = fields.Many2one(
        "resource.resource", required=True, ondelete="restrict", index=True
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    active = fields.Boolean(default=True)

    _no_overlap = models.Constraint(
        # A range of one integer, so that the extension btree_gist is not needed.
        "EXCLUDE USING gist (int4range(resource_id, resource_id, '[]') WITH &&,"
        " tsrange(start, stop) WITH &&) WHERE (active)",
        "This time is already taken.",
    )
    _start_before_stop = models.Constraint("CHECK(start < stop)", "A reservation takes time.")

    @api.model_create_multi
    def create(self, vals_list):
        reservations = super().create(vals_list)
        self.env["icloud.event"]._collect_sessions(reservations.event_id.ids)
        return reservations

    def write(self, vals):
        sessions = self.event_id
        result = super().write(vals)
        self.env["icloud.event"]._collect_sessions((sessions | self.event_id).ids)
        if not vals.get("active", True):
            self.env["icloud.booking"]._settle_overlaps(self._users())
        return result

    def unlink(self):
        users = self._users()  # Before they are gone.
        result = super().unlink()
        self.env["icloud.booking"]._settle_overlaps(users)
        return result

    @api.model
    def _lock(self, resources):
        """Queue up for these resources until the transaction ends.

        Always in ascending order, so that nobody waits in a circle. The lock only prevents
        deadlocks; the constraint decides.
        """
        for resource_id in sorted(resources.ids):
            self.env.execute_query(
                SQL("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK_SPACE, resource_id)
            )

    @contextlib.contextmanager
    def _judged(self, resources):
        """What is reserved inside either is free for sure, or was never done.

        :raise ExclusionViolation: somebody else has the time; the transaction goes on
        """
        # The locks are taken inside the savepoint: its rollback gives them back, so that a loser
        # who asks the next host holds nothing.
        with self.env.cr.savepoint():
            self._lock(resources)
            yield

    @api.model
    def _reserve(self, rows, instead_of=None):
        """Reserve all, or return an empty recordset when somebody else has one.

        :param rows: [(resource id, start, stop)], naive UTC; the answer is in their order
        :param instead_of: reservations that are given up for them; they stay if they are lost
        """
        given_up = instead_of or self.browse()
        resources = self.env["resource.resource"].browse(row[0] for row in rows)
        try:
            with self._judged(resources | given_up.resource_id):
                # Gone before the others come: hosts who swap would meet on the way.
                given_up.unlink()
                return self.create(
                    [
                        {"resource_id": resource_id, "start": start, "stop": stop}
                        for resource_id, start, stop in rows
                    ]
                )
        except ExclusionViolation:
            return self.browse()

    def _follow_sessions(self, vals):
        """A session was changed in the back office: its time is judged like any other booking's.

        :raise TimeTaken: the whole change is undone
        """
        for session in self.event_id:
            reservations = self.filtered(lambda each, session=session: each.event_id == session)
            if not session.active:
                reservations.write({"active": False})
                session.booking_ids._session_gone()
            else:
                reservations._follow_session(session, host_changed="user_id" in vals)

    def _follow_session(self, session, host_changed):
        bookings, left = session.booking_ids.filtered("holds_time"), self.env["res.users"]
        handed_over = host_changed and session.user_id not in self._users()
        moved = not self._is_at(session)
        # What is reserved begins with the buffer.
        was_at = min(self.mapped("start")) + (session.start - session._padded()[0])
        if handed_over or not self._fits(session):
            former = self._users()
            users = self.env["icloud.booking.planner"]._follow(session)
            if handed_over:
                session._as_planned()._attended_by(former, users)
                left = former - users
        if host_changed:
            bookings._given_to(session.user_id)
        bookings._root()._write_to_hosts("handed_over", left)
        if moved:
            bookings.former_start = was_at
            bookings._root()._tell_moved()
        elif handed_over:
            bookings._root()._tell_given()

    def _fits(self, session):
        """Whether the hosts' time is reserved just as the session takes it."""
        start, stop = session._padded()
        hosts = self._users().booking_resource_id
        return all(
            (own.start, own.stop) == (start, stop) for own in self if own.resource_id in hosts
        )

    def _is_at(self, session):
        """Whether the session still begins when its time was reserved for."""
        start, _stop = session._padded()
        return start in self.mapped("start")

    def _users(self):
        """The hosts whose time is taken, by the resource that stands for them in bookings."""
        users = self.env["res.users"].with_context(active_test=False)
        return users.search([("booking_resource_id", "in", self.resource_id.ids)])
