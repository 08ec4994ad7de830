from odoo.exceptions import UserError

from tests.models.common import ICloudCase


class TestCollective(ICloudCase):
    def setUp(self):
        super().setUp()
        self.team = self.make_type(name="Interview", kind="collective")

    def block(self, user, hour):
        self.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            {
                "name": "Meeting",
                "start": self.at(hour),
                "stop": self.at(hour, 30),
                "user_id": user.id,
                "partner_ids": [(6, 0, user.partner_id.ids)],
            }
        )

    def test_a_time_is_offered_when_every_host_is_free(self):
        self.block(self.mara, 10)
        self.block(self.jonas, 11)
        starts = self.starts(self.team)
        self.assertNotIn((10, 0), starts)
        self.assertNotIn((11, 0), starts)
        self.assertIn((12, 0), starts)
        slot = self.team.slots(self.iso(12), self.iso(12, 1))[0]
        self.assertCountEqual(slot["user_ids"], (self.mara | self.jonas).ids)

    def test_a_booking_takes_everybodys_time_and_one_invites(self):
        self.team.host_ids.filtered(lambda host: host.user_id == self.jonas).priority = 5
        booking = self.book(booking_type=self.team)
        session = booking.event_id
        self.assertEqual(booking.user_id, self.jonas)
        self.assertEqual(session.user_id, self.jonas)
        self.assertIn("Jonas", booking.assignment)
        self.assertEqual(session.partner_ids, (self.mara | self.jonas).partner_id)
        self.assertEqual(set(session.attendee_ids.mapped("state")), {"accepted"})
        self.assertNotIn((10, 0), self.starts())
        with self.assertRaisesRegex(UserError, "not free"):
            self.book(booking_type=self.team)

    def test_the_customer_reads_all_names(self):
        booking = self.book(booking_type=self.team)
        mail = self.env["mail.mail"].search([("email_to", "=", booking.email)])
        self.assertEqual(booking._hosts_in_words(), "Jonas and Mara")
        self.assertIn("Jonas and Mara", mail.body_html)

    def test_each_connected_host_has_an_own_copy(self):
        self.connect(self.mara)
        self.connect(self.jonas)
        self.run_import()
        booking = self.book(booking_type=self.team)
        self.push()
        copies = booking.event_id.icloud_event_ids
        self.assertEqual(len(set(copies.mapped("uid"))), 2)
        for user in (self.mara, self.jonas):
            self.assertEqual(len(self.in_icloud(user)), 1)
        booking.reschedule(self.iso(14))
        self.push()
        for user in (self.mara, self.jonas):
            self.assertIn(self.aware(14).strftime("T%H%M%S").encode(), self.in_icloud(user)[0])
        booking.action_cancel()
        self.push()
        for user in (self.mara, self.jonas):
            self.assertFalse(self.in_icloud(user))

    def test_a_move_takes_all_or_none(self):
        booking = self.book(10, booking_type=self.team)
        self.book(14, user_id=self.mara.id)
        with self.assertRaisesRegex(UserError, "not free"), self.env.cr.savepoint():
            booking.reschedule(self.iso(14))
        self.env.invalidate_all()
        self.assertEqual(set(booking.event_id.reservation_ids.mapped("start")), {self.at(10)})
        booking.reschedule(self.iso(10, 30))
        self.assertEqual(set(booking.event_id.reservation_ids.mapped("start")), {self.at(10, 30)})

    def test_one_host_who_is_not_known_to_be_free_hides_all_times(self):
        self.connect(self.mara)
        self.assertFalse(self.starts(self.team))
        self.run_import()
        self.assertTrue(self.starts(self.team))

    def test_the_back_office_moves_everybody(self):
        booking = self.book(10, booking_type=self.team)
        booking.event_id.with_context(no_mail_to_attendees=True).write(
            {"start": self.at(15), "stop": self.at(15, 30)}
        )
        self.assertEqual(set(booking.event_id.reservation_ids.mapped("start")), {self.at(15)})
        self.assertNotIn((15, 0), self.starts())
