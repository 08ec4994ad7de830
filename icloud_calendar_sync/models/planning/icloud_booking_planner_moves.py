from odoo import api, models

from .icloud_booking_planner import Lost
from .minutes import from_minutes, minutes_up


class ICloudBookingPlanner(models.AbstractModel):
    """Moving what stands: a customer's booking, or a session that the back office has changed."""

    _inherit = "icloud.booking.planner"

    # -- moving --------------------------------------------------------------------------------

    @api.model
    def _move(self, booking, start):
        """Move a booking, all its parts, to another start (naive UTC).

        :raise UserError: with the nearest free starts; nothing has changed
        """
        booking_type, choice = booking.type_id, booking._choice()
        search = self._search_at(booking_type, start, choice)
        if standing := self._standing(search, start):
            return self._join_instead(booking, standing, choice)
        self._check_seats(booking_type, booking.seats)
        move = self._open_instead if booking_type.kind == "class" else self._take_instead
        for way in self._ways_to_move(booking, search, start):
            try:
                with self.env.cr.savepoint():
                    return move(booking, way, choice)
            except Lost:
                self._look_again(booking.type_id, start)
        raise self._taken(booking_type, start, choice)

    def _ways_to_move(self, booking, search, start):
        ways = list(self._ways(booking.type_id, search, start))
        if booking.type_id.keep_host:
            # The customer knows this host: the others only if this one is not free.
            hosts = booking._parts().mapped("user_id.id")
            ways.sort(key=lambda way: [part.hosts[0] for part in way.parts] != hosts)
        return ways

    def _take_instead(self, booking, way, choice):
        """Put a booking's sessions where a way has them; parts come or go with the hosts.

        :raise Lost: somebody else was faster
        """
        former = booking._parts()
        lines = self.env["icloud.booking.line"].union(
            *(part.line_ids.sorted("sequence") for part in former)
        )
        hosts = {part: part.event_id._hosts() for part in former}
        reservations = self._reserve(way, instead_of=former.event_id.reservation_ids)
        bookings = former[: len(way.parts)]
        for part in way.parts[len(former) :]:
            bookings += self._added_part(booking, part)
        for part, its_booking, reserved in zip(way.parts, bookings, reservations, strict=True):
            users = self.env["res.users"].browse(part.hosts)
            reserved.event_id = its_booking.event_id
            if choice.service_ids:
                lines[: len(part.legs)]._taken_by(its_booking, part.legs)
                lines = lines[len(part.legs) :]
            span = from_minutes(part.start), from_minutes(part.stop)
            # A part that was added has nobody yet but those who come.
            its_booking._moved_to(hosts.get(its_booking, users), users, *span)
        (former - bookings)._drop_parts()
        self._renew_places(bookings)

    def _added_part(self, booking, part):
        users = self.env["res.users"].browse(part.hosts)
        span = from_minutes(part.start), from_minutes(part.stop)
        session = booking.type_id._open_session(users, *span, booking.event_id.name)
        values = {"parent_id": booking.id, "state": booking.state}
        return self.env["icloud.booking"]._open(
            session, users[0], {**booking._details(), **values}, booking.seats
        )

    def _open_instead(self, booking, way, _choice):
        """Open a class session for a booking that leaves another.

        :raise Lost: somebody else was faster
        """
        (part,) = way.parts
        users = self.env["res.users"].browse(part.hosts)
        self.env["icloud.booking.seat"]._lock(booking.event_id)
        booking._leave_session()
        (reserved,) = self._reserve(way)
        reserved.event_id = self._open_session(
            booking.type_id, part, users, self.env["icloud.booking.service"], {}
        )
        self._sit_down(booking, reserved.event_id)
        self._renew_places(booking)

    def _join_instead(self, booking, standing, choice):
        session = self.env["calendar.event"].browse(standing.session)
        try:
            with self.env.cr.savepoint():
                if standing.seats_left < booking.seats:
                    raise Lost
                # Both at once, in order: others may go the other way.
                self.env["icloud.booking.seat"]._lock(booking.event_id | session)
                booking._leave_session()
                self._sit_down(booking, session)
        except Lost:
            raise self._no_seats(booking.type_id, standing, choice, booking.seats) from None

    def _sit_down(self, booking, session):
        booking.write({"event_id": session.id, "user_id": session.user_id.id})
        self._seat(booking, booking.seats)

    # -- back office ---------------------------------------------------------------------------

    @api.model
    def _follow(self, session):
        """Reserve anew for a session that was changed in the back office.

        It is held to the same rules as the page, for as long as its services take. What it is
        longer than that must only be free.

        :return: the hosts who come now
        :raise TimeTaken: with the nearest free starts
        """
        choice = session._choice()
        search = self._search_at(session.booking_type_id, session.start, choice)
        for way in self._ways(session.booking_type_id, search, session.start):
            (part,) = way.parts
            users = self.env["res.users"].browse(part.hosts)
            if session.user_id not in users:
                continue
            rows = self._stretched(way.takes[0], part, minutes_up(session.stop))
            busy = self.env["icloud.booking.availability"]._is_busy(
                users, *session._padded(), choice.ignored_ids
            )
            if not busy and self._reserve_instead(session, rows):
                return users
        raise self._taken(session.booking_type_id, session.start, choice)

    def _stretched(self, takes, part, stop):
        """Rows for a part that ends at another time: what is reserved to its end follows."""
        planned, end = part.padded[1], part.padded[1] + stop - part.stop
        ends = [(each, end if each[2] == planned else min(each[2], end)) for each in takes]
        return [
            (resource_id, from_minutes(start), from_minutes(last))
            for (resource_id, start, _stop), last in ends
            if start < last
        ]

    def _reserve_instead(self, session, rows):
        """:return: False, and nothing has changed, when not all is free"""
        try:
            with self.env.cr.savepoint():
                reserved = self.env["icloud.booking.reservation"]._reserve(
                    rows, instead_of=session.reservation_ids
                )
                if not reserved:
                    raise Lost
                reserved.event_id = session
                bookings = session.booking_ids.filtered("holds_time")
                bookings.quota_ids._of_spans().unlink()
                if not self.env["icloud.booking.quota"]._take_spans(bookings[:1]):
                    raise Lost
        except Lost:
            return False
        return True
