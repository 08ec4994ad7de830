from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..planning.choice import Choice


class ICloudBooking(models.Model):
    """How a booking is confirmed, moved and cancelled."""

    _inherit = "icloud.booking"

    def action_confirm(self):
        """Approve pending bookings; their time is already held.

        For the host and administrators, not for whoever booked.
        """
        for booking in self._judged_by_host():
            if booking.stop <= fields.Datetime.now():
                raise UserError(
                    self.env._("This time has passed: decline the booking, or move it.")
                )
            booking._parts().write({"state": "confirmed", "hold_until": False})
            booking._done_asking()
            booking._tell("confirmed")
        return True

    def action_decline(self):
        """Refuse pending bookings; their time is free again at once."""
        for booking in self._judged_by_host():
            booking._release()
            booking._done_asking()
            booking._tell("declined")
        return True

    def action_attended(self):
        """Note that the customer came."""
        return self._note("attended")

    def action_no_show(self):
        """Note that the customer did not come."""
        return self._note("no_show")

    def _note(self, state):
        for booking in self._managed()._root():
            if not (self.env.su or booking._may_decide()):
                raise AccessError(self.env._("The host decides about this booking."))
            if booking.state not in ("confirmed", "attended", "no_show"):
                raise UserError(self.env._("Only a confirmed booking was attended, or was not."))
            if booking.start > fields.Datetime.now():
                raise UserError(self.env._("This time is still to come."))
            booking._parts().write({"state": state})
        return True

    def _judged_by_host(self):
        """The bookings that wait for a word of the host, for whoever may give it."""
        is_code = self.env.su
        bookings = self._managed()._root()
        for booking in bookings:
            if not (is_code or booking._may_decide()):
                raise AccessError(self.env._("The host decides about this booking."))
            if booking.state != "pending":
                raise UserError(self.env._("Only a pending booking can be confirmed or declined."))
        return bookings

    def _may_decide(self):
        """Whether whoever acts now may decide for the host."""
        user = self.env.user
        return user in self._parts().user_id or user.has_group(
            "icloud_calendar_sync.group_booking_manager"
        )

    def _done_asking(self):
        self.activity_unlink(["mail.mail_activity_data_todo"], only_automated=True)

    def action_cancel(self):
        """Cancel; the time is free again at once."""
        self._managed()._root()._cancel()
        return True

    def slots(self, start, stop, tz=None):
        """The other times this booking may move to, as `icloud.booking.type.slots`.

        Its own time counts as free, and its type need not be published any more.
        """
        booking = self._managed()
        booking.ensure_one()
        booking = booking._root()
        booking.type_id._check_zone(tz)
        slots = booking.type_id._slots(start, stop, booking._choice())
        return [
            slot
            for slot in slots
            if booking.type_id._moment(slot["start"]) != booking.start
            and slot["seats_left"] >= booking.seats
        ]

    def reschedule(self, start):
        """Move to another time that is offered, with the same host if that host is free then.

        :param start: Odoo's UTC string or ISO 8601 with an offset
        :raise UserError: with the nearest free starts; nothing has changed
        """
        for booking in self._managed()._root():
            booking._reschedule(start)
        return True

    def _managed(self):
        """These bookings with the rights to change them, for whoever may see them.

        Readers are the host, whoever booked, and administrators (record rules); the columns are
        changed by these methods alone.
        """
        self.check_access("read")
        return self.sudo()

    def _root(self):
        """The bookings as customers know them: a chain of hosts is one."""
        return self.browse().union(*(booking.parent_id or booking for booking in self))

    def _parts(self):
        """A booking with those of the other hosts in its chain, in the order of time."""
        return self | self.child_ids.sorted("start")

    def _choice(self):
        """What was chosen besides the time; the booking's own time is free for it."""
        parts = self._parts()
        alone = parts.event_id.filtered(lambda session: session._is_only_for(parts))
        lines = [line for part in parts for line in part.line_ids.sorted("sequence")]
        asked = self.asked_user_id & self.type_id.host_ids.user_id
        return Choice(
            # Who was chosen by name stays, unless gone; else the next host is as good.
            user_id=(self.type_id.choose_host and asked.id) or None,
            service_ids=tuple(line.service_id.id for line in lines),
            ignore=alone,
        )

    def _details(self):
        """The columns that all parts of a booking share."""
        return {
            **self._customer(),
            "assignment": self.assignment,
            "partner_id": self.partner_id.id,
            "asked_user_id": self.asked_user_id.id,
        }

    def _cancel(self):
        if self.filtered(lambda booking: not booking.holds_time):
            raise UserError(self.env._("This booking is already closed."))
        # A seat that was only offered never stood in the customer's calendar.
        offers = self.filtered("hold_until")
        self._release()
        (self - offers)._tell("cancelled")
        offers._write_to_customer("cancelled", with_file=False)

    def _release(self):
        for booking in self:
            booking._parts()._close()

    def _close(self):
        """These hold no time any more; a session that nobody is left in goes."""
        sessions = self.event_id
        self.env["icloud.booking.seat"]._lock(self.seat_ids.event_id)
        self.write({"state": "cancelled", "hold_until": False})
        self.quota_ids.unlink()
        self._give_up_seats()
        self._hand_on_overlaps()
        sessions._release_if_deserted()

    def _give_up_seats(self):
        sessions = self.seat_ids.event_id
        self.seat_ids.unlink()
        if sessions:
            self.env["icloud.booking.waiting"]._seats_freed(sessions)

    def _leave_session(self):
        """The booking gives up its place, and goes on elsewhere."""
        session = self.event_id
        self._give_up_seats()
        self._hand_on_overlaps()
        self.quota_ids.unlink()
        self.event_id = False
        session._release_if_deserted()

    def _drop_parts(self):
        """Parts that a moved booking does not need any more: others took their services."""
        sessions = self.event_id
        self.unlink()
        sessions.unlink()

    def _reschedule(self, start):
        self.ensure_one()
        moment = self.type_id._moment(start)
        if not self.holds_time:
            raise UserError(self.env._("This booking is already closed."))
        if self.hold_until:
            raise UserError(self.env._("Please take the seat first."))
        if moment == self.start:
            return
        former, hosts = self.start, self._all_hosts()
        self.env["icloud.booking.planner"]._move(self, moment)
        self.former_start = former
        self._write_to_hosts("handed_over", hosts - self._all_hosts())
        self._tell_guests()
        if self.state == "confirmed" and self.type_id.needs_approval and not self._may_decide():
            # Another time is another question to the host.
            self._parts().write({"state": "pending"})
            self._welcome()
        else:
            self._tell_moved()

    def _tell_moved(self):
        """Tell customers and hosts the new time."""
        for booking in self.filtered(lambda each: not each.hold_until):
            booking._tell("requested" if booking.state == "pending" else "moved")

    def _tell_guests(self):
        """Tell whom a host has invited to the session that a customer has moved it.

        As Odoo tells them when a host does, with Odoo's own template.
        """
        template = self.env.ref(
            "calendar.calendar_template_meeting_changedate", raise_if_not_found=False
        )
        if not template or self.type_id.kind == "class":  # A class stays where it is.
            return
        for session in self._parts().event_id:
            attending = session.attendee_ids.grouped("partner_id")
            hosts = session._hosts().partner_id
            guests = self.env["calendar.attendee"].union(
                *(attendee for partner, attendee in attending.items() if partner not in hosts)
            )
            self._unless_broken(template.name, guests._notify_attendees, template)

    def _tell_given(self):
        """Tell customers who does it now, and that host."""
        self.filtered(lambda booking: booking.state == "confirmed")._tell("confirmed")

    def _moved_to(self, former, users, start, stop):
        """The reservations stand already; the session and the booking follow them.

        :param former: the hosts until now
        """
        values = {"start": start, "stop": stop}
        if users[0] != self.event_id.user_id:
            values["user_id"] = users[0].id
        self._given_to(users[0])
        self.event_id._as_planned()._attended_by(former, users, **values)

    def _given_to(self, user):
        """Another host has these now."""
        given = self.filtered(lambda booking: booking.user_id != user)
        given.user_id = user
        for booking in given.filtered(lambda each: each.state == "pending" and each.activity_ids):
            booking._done_asking()
            booking._ask_host()
