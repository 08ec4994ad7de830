"""A session as an event of Odoo's calendar: what a host may do with it there, and what not."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from tests.models.booking.test_back_office import OfficeCase
from tests.models.booking.test_class import ClassCase
from tests.models.planning.test_services import MenuCase


@tagged("-at_install", "post_install", "standard")
class TestAttendees(OfficeCase):
    """Whom a host has added to a session is the host's guest, whatever becomes of the booking."""

    def invite(self, booking, user=None):
        """The host adds somebody in Odoo's calendar."""
        guest = (user or self.colleague).partner_id
        session = booking.event_id.with_user(booking.user_id)
        session.write({"partner_ids": [Command.link(guest.id)]})
        return guest

    def attending(self, booking):
        session = booking.event_id
        self.assertEqual(session.attendee_ids.partner_id, session.partner_ids)
        return session.partner_ids

    def test_a_guest_stays_when_the_customer_moves_the_booking(self):
        booking = self.book(user_id=self.mara.id)
        guest = self.invite(booking)
        booking.reschedule(self.iso(14))
        self.assertEqual(self.attending(booking), self.mara.partner_id | guest)

    def test_a_guest_stays_when_the_session_gets_another_host(self):
        by_hand, by_move = self.book(user_id=self.mara.id), self.book(12, user_id=self.mara.id)
        for booking in (by_hand, by_move):
            guest = self.invite(booking)
        self.hand_to(self.jonas, by_hand)
        self.assertEqual(self.attending(by_hand), self.jonas.partner_id | guest)
        # Mara cannot at that time: Jonas has it now.
        self.book(15, user_id=self.mara.id)
        by_move.reschedule(self.iso(15))
        self.assertEqual(by_move.user_id, self.jonas)
        self.assertEqual(self.attending(by_move), self.jonas.partner_id | guest)

    def test_hosts_have_accepted(self):
        booking = self.book(user_id=self.mara.id)
        booking.reschedule(self.iso(14))
        self.assertEqual(booking.event_id.attendee_ids.state, "accepted")
        self.hand_to(self.jonas, booking)
        own = booking.event_id.attendee_ids
        self.assertEqual((own.partner_id, own.state), (self.jonas.partner_id, "accepted"))

    def test_a_guest_may_become_the_host_and_the_host_a_guest(self):
        booking = self.book(user_id=self.mara.id)
        self.invite(booking, self.jonas)
        self.hand_to(self.jonas, booking)
        self.assertEqual(self.attending(booking), self.jonas.partner_id)
        self.invite(booking, self.mara)
        self.drag(booking, 15)
        self.assertEqual(self.attending(booking), self.jonas.partner_id | self.mara.partner_id)

    def test_a_guest_of_a_team_stays_when_the_team_changes(self):
        team = self.make_type(kind="collective", name="Team")
        booking = self.book(booking_type=team)
        guest = self.env["res.partner"].create({"name": "Guest"})
        booking.event_id.write({"partner_ids": [Command.link(guest.id)]})
        left = booking.event_id._hosts() - booking.user_id
        team.host_ids.filtered(lambda host: host.user_id == left).unlink()
        team.host_ids = [Command.create({"user_id": self.colleague.id, "priority": 0})]
        booking.reschedule(self.iso(14))
        hosts = booking.user_id | self.colleague
        self.assertEqual(self.attending(booking), hosts.partner_id | guest)


@tagged("-at_install", "post_install", "standard")
class TestSessionTime(OfficeCase, MenuCase, ClassCase):
    def assertStays(self, booking, values):
        mails, before = len(self.subjects()), (booking.start, booking.stop)
        session = booking.event_id.with_user(booking.user_id)
        # As the calendar's view, its form, and any program.
        for way in (session.write, lambda vals: session.web_save(vals, {"id": {}})):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                way(dict(values))
                self.settle()
            self.env.invalidate_all()
            self.assertEqual((booking.start, booking.stop), before)
            self.assertFalse(session.allday)
            self.assertFalse(session.recurrence_id)
        self.assertEqual(len(self.subjects()), mails)

    def bookings(self):
        team = self.make_type(kind="collective", name="Team")
        return (
            self.book(9),
            self.attend(hour=11),
            self.order(self.care, hour=12),
            self.book(15, booking_type=team),
        )

    def test_it_cannot_be_dropped_on_the_all_day_row(self):
        day = self.day()
        for booking in self.bookings():
            self.assertStays(booking, {"allday": True, "start_date": day, "stop_date": day})
            self.assertStays(booking, {"allday": True})
            self.assertStays(
                booking, {"allday": True, "start": self.at(0), "stop": self.at(0, days=8)}
            )

    def test_it_cannot_repeat(self):
        weekly = {"recurrency": True, "rrule_type": "weekly", "count": 3, "mon": True}
        for booking in self.bookings():
            self.assertStays(booking, weekly)
            self.assertStays(booking, {"recurrency": True})

    def test_it_takes_time(self):
        for booking in self.bookings():
            start = booking.start
            self.assertStays(booking, {"duration": 0})
            self.assertStays(booking, {"stop": start})
            self.assertStays(booking, {"stop": start - timedelta(minutes=30)})
            self.assertStays(booking, {"start": booking.stop, "stop": booking.stop})

    def test_other_events_may_still_take_all_day(self):
        event = self.env["calendar.event"].create(
            {"name": "Fair", "start": self.at(9), "stop": self.at(9), "user_id": self.mara.id}
        )
        event.write({"allday": True, "start_date": self.day(), "stop_date": self.day()})
        self.assertTrue(event.allday)
