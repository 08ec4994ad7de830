"""What those in line are told, in which language, and what they may not get."""

from odoo.exceptions import UserError

from tests.models.booking.test_waiting import WaitingCase


class LineCase(WaitingCase):
    def offer(self):
        """Anna's seat is offered to the first in line."""
        self.anna.action_cancel()
        self.roll()

    def subjects_to(self, name):
        return self.mails_to(name).sorted("id").mapped("subject")


class TestTold(LineCase):
    def test_who_waits_is_told_that_the_session_is_cancelled(self):
        self.wait("Ben")
        self.session.with_user(self.mara).action_archive()
        self.roll()
        self.assertEqual(len(self.subjects_to("Ben")), 2)
        self.assertIn("No seat got free", self.subjects_to("Ben")[-1])
        self.assertIn("does not take place", self.mails_to("Ben")[:1].body_html)
        self.roll()
        self.assertEqual(len(self.subjects_to("Ben")), 2)

    def test_who_was_only_offered_a_seat_is_not_told_that_a_booking_is_cancelled(self):
        self.wait("Ben")
        self.offer()
        self.session.with_user(self.mara).action_archive()
        self.roll()
        self.assertBenWasToldOfTheEnd()

    def test_nor_is_who_was_offered_a_seat_in_a_session_that_is_deleted(self):
        self.wait("Ben")
        self.offer()
        self.session.with_user(self.mara).unlink()
        self.roll()
        self.assertBenWasToldOfTheEnd()

    def assertBenWasToldOfTheEnd(self):
        _listed, offered, ended = self.subjects_to("Ben")
        self.assertIn("A seat is free", offered)
        self.assertIn("No seat got free", ended)

    def test_who_waits_is_told_when_the_line_ends_in_time(self):
        self.wait("Ben")
        self.yoga.waiting_list = False
        self.roll()
        self.assertIn("no seat got free for you", self.mails_to("Ben")[:1].body_html)


class TestMaximum(LineCase):
    """One booking for each customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yoga.customer_max = 1

    def test_who_has_all_bookings_does_not_wait_for_more(self):
        self.attend("Ben", hour=12)
        with self.assertRaisesRegex(UserError, "as many upcoming bookings"):
            self.wait("Ben")

    def test_who_booked_another_time_meanwhile_does_not_take_the_seat(self):
        ben = self.wait("Ben")
        self.attend("Ben", hour=12)
        self.offer()
        with self.assertRaisesRegex(UserError, "as many upcoming bookings"):
            ben.booking_id._take_held()
        self.assertEqual(ben.booking_id.state, "pending")

    def test_who_has_none_takes_the_seat_and_has_all_then(self):
        ben = self.wait("Ben")
        self.offer()
        ben.booking_id._take_held()
        self.assertEqual(ben.booking_id.state, "confirmed")
        with self.assertRaisesRegex(UserError, "as many upcoming bookings"):
            self.attend("Ben", hour=12)


class TestUnpublished(LineCase):
    def test_nothing_is_offered_while_the_class_is_not_published(self):
        ben = self.wait("Ben")
        self.yoga.is_published = False
        self.offer()
        self.assertEqual(ben.state, "waiting")
        self.yoga.is_published = True
        self.roll()
        self.assertEqual(ben.state, "offered")

    def test_a_held_seat_is_taken_before_the_booking_is_moved(self):
        ben = self.wait("Ben")
        self.offer()
        with self.assertRaisesRegex(UserError, "take the seat first"):
            ben.booking_id.reschedule(self.iso(14))


class TestLanguage(LineCase):
    def test_who_waits_is_written_to_in_the_language_of_the_page(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.yoga.with_context(lang="fr_FR").name = "Yoga doux"
        details = {"name": "Ben", "email": "ben@example.com"}
        ben = self.yoga.with_context(lang="fr_FR").join_waiting_list(self.iso(10), details)
        self.assertEqual(ben.lang, "fr_FR")
        self.offer()
        self.assertEqual(ben.booking_id.partner_id.lang, "fr_FR")
        in_french = ben.booking_id.with_context(lang="fr_FR")
        for mail in self.mails_to("Ben"):
            self.assertIn("Yoga doux", mail.subject)
        self.assertIn(in_french._when(), self.mails_to("Ben")[:1].subject)
        self.assertNotEqual(in_french._when(), ben.booking_id.with_context(lang="en_US")._when())
