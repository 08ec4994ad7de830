"""What hosts and managers do in Odoo's calendar and in the list of bookings, and what follows."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from tests.models.common import BookingCase
from tests.models.planning.test_services import MenuCase


class OfficeCase(BookingCase):
    """Looks into the mails to the customer, and can let a booking's time pass."""

    def subjects(self):
        mails = self.env["mail.mail"].search([("email_to", "=", "anna@example.com")])
        return mails.sorted("id").mapped("subject")

    def drag(self, booking, hour, minute=0, days=7):
        """The host drags the session in Odoo's calendar; it stays as long as it is."""
        start = self.at(hour, minute, days)
        length = booking.stop - booking.start
        session = booking.event_id.with_user(booking.user_id)
        session.write({"start": start, "stop": start + length})

    def hand_to(self, user, booking):
        booking.event_id.with_user(booking.user_id).write({"user_id": user.id})

    def let_pass(self, booking):
        """Five weeks later."""
        self.settle()
        later = timedelta(days=35)
        for part in booking._parts():
            for table, row in (("calendar_event", part.event_id), ("icloud_booking", part)):
                self.env.cr.execute(
                    f"UPDATE {table} SET start = start - %s, stop = stop - %s WHERE id = %s",
                    [later, later, row.id],
                )
        self.env.invalidate_all()


@tagged("-at_install", "post_install", "standard")
class TestDragged(OfficeCase):
    def test_the_customer_is_told_when_the_host_drags_the_session(self):
        booking = self.book()
        self.drag(booking, 14)
        self.assertEqual(booking.start, self.at(14))
        self.assertEqual(len(self.subjects()), 2)
        self.assertIn("New time for First visit", self.subjects()[-1])

    def test_the_customer_is_not_told_that_it_only_takes_longer(self):
        booking = self.book()
        booking.event_id.with_user(booking.user_id).write({"stop": self.at(10, 45)})
        self.assertEqual(booking.stop, self.at(10, 45))
        self.assertEqual(len(self.subjects()), 1)

    def test_a_request_that_is_dragged_stays_a_request(self):
        self.type.needs_approval = True
        booking = self.book()
        self.drag(booking, 14)
        self.assertEqual(booking.state, "pending")
        first, moved = self.subjects()
        self.assertIn("10:00", first)
        self.assertRegex(moved, "We have your request.*2:00.PM")

    def test_a_dragged_session_takes_its_place_of_the_day_with_it(self):
        # Of a class, the seats of the one session of the day are sold on.
        for kind, offered in (("round_robin", []), ("class", [(10, 0)])):
            with self.subTest(kind=kind):
                few = self.make_type(self.mara, kind=kind, max_per_day=1)
                booking = self.book(booking_type=few)
                self.drag(booking, 10, days=8)
                self.assertEqual(self.starts(few, days=8), offered)
                self.assertIn((10, 0), self.starts(few))
                other = self.book(booking_type=few)
                # The time of a host is one, whatever the kind.
                (booking | other).action_cancel()

    def test_a_session_given_to_another_host_counts_for_that_host(self):
        self.type.host_max_per_day = 1
        self.hand_to(self.jonas, self.book(user_id=self.mara.id))
        self.assertEqual(self.starts(user_id=self.jonas.id), [])
        self.assertIn((11, 0), self.starts(user_id=self.mara.id))
        self.assertEqual(self.book(11, user_id=self.mara.id).user_id, self.mara)

    def test_a_cancelled_session_does_not_come_back(self):
        booking = self.book(user_id=self.mara.id)
        session = booking.event_id.with_user(self.mara)
        session.action_archive()
        self.assertEqual(booking.state, "cancelled")
        with self.assertRaisesRegex(UserError, "book the time anew"):
            session.action_unarchive()
        self.assertIn((10, 0), self.starts(user_id=self.mara.id))

    def test_a_default_of_the_client_makes_no_session(self):
        events = self.env["calendar.event"].with_user(self.mara)
        with self.assertRaises(AccessError):
            events.with_context(default_booking_type_id=self.type.id).create(
                {"name": "Mine", "start": self.at(9), "stop": self.at(10)}
            )

    def test_why_not_does_not_tell_colleagues_of_a_leave(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Sick: surgery",
                "resource_id": self.mara._ensure_booking_resource().id,
                "date_from": self.at(9),
                "date_to": self.at(17),
            }
        )
        answer = self.type.with_user(self.colleague).why_not(self.iso(10), user_id=self.mara.id)
        self.assertEqual(answer["hosts"][0]["reasons"], ["Busy 09:00–17:00."])


@tagged("-at_install", "post_install", "standard")
class TestAsked(OfficeCase):
    """The host has to confirm."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type.needs_approval = True

    def test_the_to_do_is_that_of_the_host_who_has_it_now(self):
        booking = self.book(user_id=self.mara.id)
        self.hand_to(self.jonas, booking)
        self.assertEqual(booking.activity_ids.user_id, self.jonas)
        self.book(14, user_id=self.jonas.id)
        booking.reschedule(self.iso(14))
        self.assertEqual((booking.user_id, booking.activity_ids.user_id), (self.mara, self.mara))

    def test_what_is_over_is_not_confirmed_any_more(self):
        booking = self.book(user_id=self.mara.id)
        self.let_pass(booking)
        with self.assertRaisesRegex(UserError, "This time has passed"):
            booking.with_user(self.mara).action_confirm()
        self.assertEqual(booking.state, "pending")
        booking.with_user(self.mara).action_decline()
        self.assertEqual(booking.state, "cancelled")


@tagged("-at_install", "post_install", "standard")
class TestAfterwards(MenuCase, OfficeCase):
    def test_the_host_notes_who_came_and_may_have_been_wrong(self):
        booking = self.book(user_id=self.mara.id)
        self.let_pass(booking)
        booking.with_user(self.mara).action_no_show()
        self.assertEqual(booking.state, "no_show")
        booking.with_user(self.mara).action_attended()
        self.assertEqual(booking.state, "attended")

    def test_of_services_in_a_row_all_were_attended(self):
        booking = self.order(self.colour, self.care)
        self.let_pass(booking)
        booking.child_ids.with_user(self.jonas).action_attended()
        self.assertEqual(booking._parts().mapped("state"), ["attended", "attended"])

    def test_nobody_came_before_it_began(self):
        booking = self.book(user_id=self.mara.id)
        with self.assertRaisesRegex(UserError, "still to come"):
            booking.with_user(self.mara).action_attended()

    def test_who_came_is_noted_by_the_host_or_a_manager_alone(self):
        booked = self.type.with_user(self.colleague).book(
            self.iso(10), {"name": "Anna Berg", "email": "anna@example.com"}, user_id=self.mara.id
        )
        self.let_pass(booked.sudo())
        with self.assertRaisesRegex(AccessError, "The host decides"):
            booked.action_no_show()
        with self.assertRaises(AccessError):
            booked.with_user(self.jonas).action_no_show()
        self.colleague.group_ids |= self.env.ref("icloud_calendar_sync.group_booking_manager")
        booked.action_no_show()
        self.assertEqual(booked.state, "no_show")

    def test_only_what_was_confirmed_was_attended(self):
        self.type.needs_approval = True
        request, cancelled = self.book(10), self.book(12)
        cancelled.action_cancel()
        for booking in (request, cancelled):
            self.let_pass(booking)
            with self.assertRaisesRegex(UserError, "Only a confirmed booking"):
                booking.action_attended()

    def test_old_sessions_are_tidied_away_in_silence(self):
        kept, noted, archived = (self.book(hour) for hour in (10, 11, 12))
        for booking in (kept, noted, archived):
            self.let_pass(booking)
        noted.action_attended()
        written = self.subjects()
        (kept | noted).event_id.unlink()
        archived.event_id.action_archive()
        self.assertEqual(
            (kept | noted | archived).mapped("state"), ["confirmed", "attended", "confirmed"]
        )
        self.assertEqual(kept.start, self.at(10) - timedelta(days=35))
        self.assertEqual(self.subjects(), written)
        self.assertLess(kept.stop, fields.Datetime.now())
