"""Who is no internal user any more takes no bookings, and those that were made stay in sight."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from tests.models.common import BookingCase

MANAGER = "icloud_calendar_sync.group_booking_manager"


@tagged("-at_install", "post_install", "standard")
class TestFormerHosts(BookingCase):
    def setUp(self):
        super().setUp()
        self.ways_out = {
            "portal": {"group_ids": [Command.set(self.env.ref("base.group_portal").ids)]},
            "no groups": {"group_ids": [Command.clear()]},
            "archived": {"active": False},
        }

    def leave(self, user, way):
        user.write(self.ways_out[way])
        self.assertFalse(user._is_internal() and user.active)

    def test_nobody_is_offered_or_taken_who_left(self):
        for way in self.ways_out:
            with self.subTest(way=way), self.env.cr.savepoint() as savepoint:
                self.leave(self.mara, way)
                slots = self.type.slots(self.iso(9), self.iso(17))
                self.assertEqual(
                    {user for slot in slots for user in slot["user_ids"]}, {self.jonas.id}
                )
                with self.assertRaises(UserError):
                    self.book(user_id=self.mara.id)
                # Round robin goes on with the others.
                self.assertEqual(self.book().user_id, self.jonas)
                with self.assertRaises(UserError):
                    self.book()
                savepoint.rollback()

    def test_the_check_and_why_not_name_who_left(self):
        for way in self.ways_out:
            with self.subTest(way=way), self.env.cr.savepoint() as savepoint:
                self.leave(self.mara, way)
                [warning] = self.type.publish_check()["warnings"]
                self.assertRegex(warning, "^Mara is .*, and takes no bookings.$")
                self.book()
                answer = self.type.why_not(self.iso(10))
                reasons = {host["user_id"]: host["reasons"] for host in answer["hosts"]}
                self.assertIn(warning, reasons[self.mara.id])
                savepoint.rollback()

    def test_a_team_that_misses_one_offers_nothing(self):
        team = self.make_type(kind="collective", name="Team")
        self.leave(self.mara, "portal")
        self.assertEqual(self.starts(team), [])
        self.assertIn("Mara is no internal user", team.publish_check()["problems"][0])

    def test_a_session_cannot_be_given_to_who_left(self):
        booking = self.book(user_id=self.jonas.id)
        self.leave(self.mara, "portal")
        with self.assertRaises(UserError):
            booking.event_id.with_user(self.jonas).write({"user_id": self.mara.id})

    def test_managers_still_see_the_bookings_and_hand_them_on(self):
        booking = self.book(user_id=self.mara.id)
        manager = new_test_user(
            self.env, login="manager", groups=f"base.group_user,{MANAGER}", tz="Europe/Brussels"
        )
        self.leave(self.mara, "portal")
        seen = self.env["icloud.booking"].with_user(manager).search([("id", "=", booking.id)])
        self.assertEqual(seen.customer_name, "Anna Berg")
        seen.reschedule(self.iso(14))
        self.assertEqual(booking.user_id, self.jonas)
