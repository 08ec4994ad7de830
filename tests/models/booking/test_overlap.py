"""An event that appears in a host's iCloud on top of a session: who is told, and how often."""

from odoo.tests import tagged

from tests.models.booking.test_class import ClassCase
from tests.models.common import ICloudCase


@tagged("-at_install", "post_install", "standard")
class TestOverlaps(ICloudCase, ClassCase):
    def setUp(self):
        super().setUp()
        for user in (self.mara, self.jonas):
            self.connect(user)
        self.run_import()

    def on_the_phone(self, user, hour, minute=0, summary="Doctor"):
        span = {"start": self.aware(hour, minute), "stop": self.aware(hour, minute + 20)}
        return self.cloud.put_event(f"{user.login}@icloud.com", "home", summary=summary, **span)

    def todos(self, bookings):
        """(host, summary) of the to-dos on some bookings."""
        return [(todo.user_id, todo.summary) for todo in bookings.activity_ids.sorted("id")]

    def test_every_host_of_a_session_is_told_in_the_own_name(self):
        team = self.make_type(kind="collective", name="Team")
        booking = self.book(booking_type=team)
        self.push()
        for count, user in enumerate(booking.event_id._hosts().sorted("id"), 1):
            self.on_the_phone(user, 10)
            self.run_import()
            self.assertEqual(len(self.todos(booking)), count)
            self.assertIn((user, "Overlaps with iCloud"), self.todos(booking))

    def test_a_session_of_many_bookings_is_one_to_do(self):
        bookings = self.attend("Anna") | self.attend("Ben") | self.attend("Cleo")
        self.push()
        self.on_the_phone(self.mara, 10)
        self.on_the_phone(self.mara, 10, 15, "Dentist")
        self.run_import()
        self.assertEqual(self.todos(bookings), [(self.mara, "Overlaps with iCloud")])
        self.assertIn("10:15", bookings.activity_ids.note)
        self.assertNotIn("Dentist", bookings.activity_ids.note)
        # Nor is there another one when more appears later.
        self.on_the_phone(self.mara, 10, 30, "Bank")
        self.run_import()
        self.assertEqual(len(self.todos(bookings)), 1)
        self.assertIn("10:30", bookings.activity_ids.note)

    def test_it_is_solved_when_the_last_event_is_gone(self):
        booking = self.book(user_id=self.mara.id)
        self.push()
        hrefs = [self.on_the_phone(self.mara, 10), self.on_the_phone(self.mara, 10, 15, "Bank")]
        self.run_import()
        self.assertEqual(len(self.todos(booking)), 1)
        self.cloud.delete_event(hrefs[0])
        self.run_import()
        self.assertEqual(len(self.todos(booking)), 1)
        self.cloud.delete_event(hrefs[1])
        self.run_import()
        self.assertFalse(self.todos(booking))

    def test_it_is_solved_when_the_session_moves_or_goes(self):
        for solve, arguments in (("reschedule", [self.iso(14)]), ("action_cancel", [])):
            booking = self.book(user_id=self.mara.id)
            self.push()
            href = self.on_the_phone(self.mara, 10)
            self.run_import()
            self.assertEqual(len(self.todos(booking)), 1)
            getattr(booking, solve)(*arguments)
            self.assertFalse(self.todos(booking))
            self.cloud.delete_event(href)
            self.run_import()

    def test_it_is_solved_for_who_gave_the_session_away(self):
        booking = self.book(user_id=self.mara.id)
        self.push()
        self.on_the_phone(self.mara, 10)
        self.run_import()
        booking.event_id.with_user(self.mara).write({"user_id": self.jonas.id})
        self.assertFalse(self.todos(booking))

    def test_it_stays_with_those_who_still_come(self):
        anna, ben, cleo = self.attend("Anna"), self.attend("Ben"), self.attend("Cleo")
        self.push()
        self.on_the_phone(self.mara, 10)
        self.run_import()
        self.assertTrue(self.todos(anna))
        anna.action_cancel()
        self.assertFalse(self.todos(anna))
        self.assertEqual(self.todos(ben), [(self.mara, "Overlaps with iCloud")])
        ben.reschedule(self.iso(14))
        self.assertFalse(self.todos(ben))
        self.assertEqual(self.todos(cleo), [(self.mara, "Overlaps with iCloud")])
        cleo.action_cancel()
        self.assertFalse(self.todos(anna | ben | cleo))

    def test_a_request_is_still_asked_about_when_the_overlap_goes(self):
        self.type.needs_approval = True
        booking = self.book(user_id=self.mara.id)
        self.push()
        href = self.on_the_phone(self.mara, 10)
        self.run_import()
        self.assertEqual(len(self.todos(booking)), 2)
        self.cloud.delete_event(href)
        self.run_import()
        self.assertEqual(self.todos(booking), [(self.mara, "Confirm or decline this booking")])
