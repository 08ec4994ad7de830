from datetime import timedelta
from unittest.mock import patch

from icalendar import Calendar
from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext, mute_logger
from psycopg2.errors import CheckViolation, SerializationFailure

from tests.models.common import BookingCase, ICloudCase

PUSH = "odoo.addons.icloud_calendar_sync.models.icloud.push"


class ClassCase(BookingCase):
    """A published class of Mara's: an hour of yoga with three seats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yoga = cls.make_class()

    @classmethod
    def make_class(cls, **values):
        return cls.make_type(
            cls.mara,
            **{
                "name": "Yoga",
                "kind": "class",
                "duration": 60,
                "slot_step": 60,
                "seats": 3,
                "seats_per_booking": 3,
                **values,
            },
        )

    def attend(self, name="Anna", seats=1, hour=10, booking_type=None):
        customer = {"name": name, "email": f"{name.lower()}@example.com"}
        return (booking_type or self.yoga).book(self.iso(hour), customer, seats=seats)

    def seats_left(self, hour=10, booking_type=None):
        """Seats left at a start, or None when it is not offered."""
        slots = (booking_type or self.yoga).slots(self.iso(0), self.iso(0, days=8))
        return {slot["start"]: slot["seats_left"] for slot in slots}.get(self.iso(hour))

    def reserve(self, session, count=1):
        return self.env["icloud.booking.seat"]._reserve(session, count)

    def be_late(self, hold):
        """The time for which seats were held is over."""
        hold.sudo().hold_until = fields.Datetime.now() - timedelta(minutes=1)
        self.settle()


class TestSeats(ClassCase):
    def test_who_books_the_same_start_joins_one_session(self):
        anna, ben = self.attend("Anna"), self.attend("Ben")
        self.assertEqual(anna.event_id, ben.event_id)
        self.assertEqual(anna.event_id.seats_taken, 2)
        self.assertFalse(anna.seat_ids & ben.seat_ids)
        self.assertEqual(len(anna.event_id.reservation_ids), 1)

    def test_the_seats_left_are_told(self):
        self.assertEqual(self.seats_left(), 3)
        self.attend()
        self.assertEqual(self.seats_left(), 2)

    def test_one_booking_may_take_several_seats(self):
        booking = self.attend(seats=2)
        self.assertEqual(len(booking.seat_ids), 2)
        self.assertEqual(self.seats_left(), 1)

    def test_more_seats_than_are_left_are_refused_and_nothing_is_stored(self):
        session = self.attend(seats=2).event_id
        with self.assertRaisesRegex(UserError, "1"):
            self.attend("Ben", seats=2)
        self.assertEqual(session.seats_taken, 2)
        self.assertEqual(len(session.booking_ids), 1)

    def test_a_full_session_disappears(self):
        self.attend(seats=3)
        self.assertIsNone(self.seats_left())
        self.assertEqual(self.seats_left(11), 3)

    def test_a_full_session_with_a_waiting_list_stays(self):
        self.yoga.waiting_list = True
        self.attend(seats=3)
        self.assertEqual(self.seats_left(), 0)

    def test_cancelling_frees_the_seats(self):
        self.attend("Anna")
        ben = self.attend("Ben", seats=2)
        ben.action_cancel()
        self.assertFalse(ben.seat_ids)
        self.assertEqual(self.seats_left(), 2)

    def test_when_the_last_one_cancels_the_host_is_free_again(self):
        booking = self.attend()
        booking.action_cancel()
        self.assertFalse(booking.event_id.active)
        self.assertIn((10, 0), self.starts(self.make_type(self.mara)))

    def test_one_session_may_have_other_seats(self):
        session = self.attend().event_id
        session.with_user(self.mara).seats = 5
        self.assertEqual(self.seats_left(), 4)
        self.assertEqual(self.seats_left(11), 3)

    def test_a_session_made_smaller_keeps_who_is_in_it(self):
        session = self.attend(seats=3).event_id
        session.with_user(self.mara).seats = 1
        self.assertIsNone(self.seats_left())
        self.assertFalse(self.reserve(session))
        self.assertEqual(session.seats_taken, 3)

    def test_seats_with_high_numbers_count_in_a_session_made_smaller(self):
        session = self.attend().event_id
        session.seat_ids.number = 3
        session.seats = 2
        self.assertEqual(self.seats_left(), 1)
        self.assertEqual(self.reserve(session).number, 1)
        self.assertFalse(self.reserve(session))

    @mute_logger("odoo.sql_db")
    def test_seats_of_a_session_are_bounded(self):
        session = self.attend().event_id
        for seats in (-1, 10000):
            with self.assertRaises(CheckViolation):
                session.seats = seats
                self.settle()

    @mute_logger("odoo.sql_db")
    def test_a_seat_that_our_snapshot_does_not_show_is_not_taken_twice(self):
        session = self.attend(seats=2).event_id
        seats = self.env.registry["icloud.booking.seat"]
        with patch.object(seats, "_domain_taken", lambda *_arguments: Domain.FALSE):
            last = self.reserve(session)
            self.assertFalse(last.booking_id)
            self.assertFalse(self.reserve(session))
        self.assertEqual(len(session.seat_ids), 3)
        self.assertEqual(set(session.seat_ids.mapped("number")), {1, 2, 3})

    @mute_logger("odoo.sql_db")
    def test_all_seats_of_a_booking_or_none(self):
        session = self.attend(seats=2).event_id
        seats = self.env.registry["icloud.booking.seat"]
        with patch.object(seats, "_domain_taken", lambda *_arguments: Domain.FALSE):
            self.assertFalse(self.reserve(session, 2))
        self.env.invalidate_all()
        self.assertEqual(len(session.seat_ids), 2)


class TestHolds(ClassCase):
    def hold(self, session, seats=1):
        details = {"customer_name": "Cleo", "email": "cleo@example.com", "phone": ""}
        until = fields.Datetime.now() + timedelta(minutes=30)
        return self.env["icloud.booking"]._hold(session, details, seats, until)

    def test_a_held_seat_is_taken(self):
        session = self.attend(seats=2).event_id
        self.hold(session)
        self.assertIsNone(self.seats_left())
        self.assertEqual(session.seats_taken, 3)

    def test_a_hold_that_is_over_is_free_before_anybody_cleans_up(self):
        session = self.attend(seats=2).event_id
        hold = self.hold(session)
        self.be_late(hold)
        self.assertEqual(self.seats_left(), 1)
        ben = self.attend("Ben")
        self.assertEqual(len(ben.seat_ids), 1)
        self.assertEqual(hold.state, "cancelled")
        self.assertFalse(hold.seat_ids)

    @mute_logger("odoo.sql_db")
    def test_a_hold_that_somebody_else_ends_at_this_moment_stops_nobody(self):
        session = self.attend().event_id
        self.be_late(self.hold(session))
        bookings = self.env.registry["icloud.booking"]
        with patch.object(bookings, "_expire", side_effect=SerializationFailure):
            self.assertTrue(self.reserve(session))


class TestCount(ClassCase, ICloudCase):
    """The session in iCloud tells how many come."""

    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.run_import()
        self.cloud.clear_requests()
        self.worker = self.env["icloud.push"].sudo()

    def event(self):
        (data,) = self.in_icloud(self.mara)
        (event,) = Calendar.from_ical(data).walk("VEVENT")
        return event

    def copy_of(self, booking):
        return booking.event_id.sudo().icloud_event_ids

    def recounts(self):
        return self.env["icloud.recount"].sudo().search([])

    def rest(self, copy):
        """The copy was sent some time ago."""
        copy.outcome_id.pushed_at = fields.Datetime.now() - timedelta(minutes=1)
        self.settle()

    def test_the_copy_says_how_many_come_and_who(self):
        self.attend("Anna", seats=2)
        self.push()
        event = self.event()
        self.assertEqual(event["SUMMARY"], "Yoga (2 of 3)")
        self.assertEqual(event["DESCRIPTION"], "Anna, 2 seats\nanna@example.com")

    def test_a_rush_makes_one_put(self):
        crowd = self.make_class(seats=30)
        bookings = []
        for number in range(20):
            bookings.append(self.attend(f"Guest{number}", booking_type=crowd))
            self.settle()
        copy = self.copy_of(bookings[0])
        self.push()
        self.assertEqual(len(self.puts()), 1)
        self.assertEqual(self.event()["SUMMARY"], "Yoga (20 of 30)")
        self.assertEqual(self.event()["DESCRIPTION"].count("@example.com"), 20)
        self.assertEqual(copy.pushed_revision, copy.revision)
        self.assertFalse(self.recounts())

    def test_who_joins_writes_neither_the_session_nor_its_copy(self):
        anna = self.attend("Anna")
        self.push()
        session, copy = anna.event_id, self.copy_of(anna)
        self.rest(copy)
        query = (
            "SELECT event.xmin::text, copy.xmin::text FROM calendar_event event"
            " JOIN icloud_event copy ON copy.event_id = event.id WHERE event.id = %s"
        )
        self.env.cr.execute(query, [session.id])
        before = self.env.cr.fetchall()
        revision = copy.revision
        # Savepoints have transaction ids of their own: a row that was written shows another.
        with self.env.cr.savepoint():
            self.attend("Ben")
            self.settle()
        self.env.cr.execute(query, [session.id])
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assertEqual(copy.revision, revision)
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (2 of 3)")

    def test_a_copy_that_was_just_sent_waits_for_more(self):
        anna = self.attend("Anna")
        self.push()
        self.attend("Ben")
        self.settle()
        self.assertIsNone(self.worker._claim())
        self.assertEqual(self.worker._count_due(resting=True), 1)
        self.rest(self.copy_of(anna))
        self.assertEqual(self.worker._count_due(resting=True), 0)
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (2 of 3)")

    def test_the_worker_comes_round_by_itself_when_the_pause_is_over(self):
        self.attend("Anna")
        self.push()
        self.attend("Ben")
        with (
            patch(f"{PUSH}.claiming.RECOUNT_PAUSE", timedelta(seconds=1)),
            patch(f"{PUSH}.icloud_push.LOOK_AGAIN_SECONDS", 0.05),
        ):
            self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (2 of 3)")
        self.assertEqual(len(self.puts()), 2)

    def test_another_change_does_not_wait(self):
        anna = self.attend("Anna")
        self.push()
        self.attend("Ben")
        anna.event_id.location = "Room 2"
        self.settle()
        self.assertTrue(self.worker._claim())

    def test_a_count_that_is_the_same_again_is_not_sent(self):
        anna = self.attend("Anna")
        self.push()
        self.attend("Ben").action_cancel()
        self.rest(self.copy_of(anna))
        self.cloud.clear_requests()
        self.push()
        self.assertFalse(self.cloud.requests())
        self.assertFalse(self.recounts())

    def test_a_count_that_could_not_be_sent_is_tried_again(self):
        anna = self.attend("Anna")
        self.push()
        copy = self.copy_of(anna)
        self.rest(copy)
        self.attend("Ben")
        self.cloud.set_fault("unavailable", retry_after=600)
        self.push()
        self.assertTrue(copy.last_error)
        self.cloud.clear_faults()
        self.time_passes()
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (2 of 3)")
        self.assertFalse(copy.last_error)

    def test_a_seat_taken_during_the_push_is_not_lost(self):
        anna = self.attend("Anna")
        self.settle()
        claimed = self.worker._claim()
        self.attend("Ben")
        self.settle()
        self.carry_out(claimed)
        self.assertEqual(self.event()["SUMMARY"], "Yoga (1 of 3)")
        self.rest(self.copy_of(anna))
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (2 of 3)")

    def test_a_host_without_icloud_leaves_no_heap_of_marks(self):
        self.account.with_user(self.mara).action_disconnect()
        for name in ("Anna", "Ben"):
            self.attend(name)
        self.push()
        self.assertFalse(self.recounts())

    def test_a_host_who_must_connect_again_leaves_one_mark_and_loses_no_count(self):
        anna = self.attend("Anna")
        self.push()
        self.rest(self.copy_of(anna))
        self.account.sudo().state = "password_needed"
        for name in ("Ben", "Cleo"):
            self.attend(name)
        self.push()
        self.assertEqual(len(self.recounts()), 1)
        self.account.sudo().state = "connected"
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (3 of 3)")
        self.assertFalse(self.recounts())

    def test_marks_that_wait_for_others_hide_none_of_what_is_sent(self):
        waiting, sent = self.attend("Anna"), self.attend("Ben", hour=12)
        self.push()
        for booking in (waiting, sent):
            self.rest(self.copy_of(booking))
            self.recounts()._ask(booking.event_id)
        self.copy_of(waiting).outcome_id.leased_until = fields.Datetime.now() + timedelta(minutes=1)
        with patch("odoo.addons.icloud_calendar_sync.models.icloud.icloud_recount.MOST_AT_ONCE", 1):
            self.push()
        self.assertEqual(self.recounts().event_id, waiting.event_id)

    def test_other_seats_for_the_session_show_on_the_phone(self):
        session = self.attend().event_id
        session.with_user(self.mara).seats = 12
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (1 of 12)")

    def test_one_who_waits_for_approval_makes_nobody_else_uncertain(self):
        self.yoga.needs_approval = True
        anna, _ben = self.attend("Anna"), self.attend("Ben")
        self.push()
        self.assertEqual(self.event()["STATUS"], "TENTATIVE")
        anna.action_confirm()
        self.rest(self.copy_of(anna))
        self.push()
        self.assertEqual(self.event()["STATUS"], "CONFIRMED")

    def test_a_seat_that_is_only_offered_counts_but_nobody_is_named(self):
        session = self.attend("Anna").event_id.sudo()
        details = {"customer_name": "Cleo", "email": "cleo@example.com", "phone": ""}
        until = fields.Datetime.now() + timedelta(minutes=30)
        self.env["icloud.booking"].sudo()._hold(session, details, 1, until)
        self.push()
        self.assertEqual(self.event()["SUMMARY"], "Yoga (2 of 3)")
        self.assertNotIn("Cleo", self.event()["DESCRIPTION"])
        self.assertEqual(self.event()["STATUS"], "CONFIRMED")

    def test_of_a_crowd_the_phone_shows_the_first(self):
        with patch("odoo.addons.icloud_calendar_sync.models.calendar.event.remote.MOST_LISTED", 1):
            self.attend("Anna")
            self.attend("Ben")
            self.push()
        self.assertIn("… and 1 more bookings", self.event()["DESCRIPTION"])


class TestMails(ClassCase):
    """What customers read about the kinds that have more to tell than a time."""

    def mail(self, booking):
        return self.env["mail.mail"].search([("email_to", "=", booking.email)], limit=1)

    def text(self, booking):
        return " ".join(html2plaintext(self.mail(booking).body_html).split())

    def test_several_seats_are_named(self):
        self.assertIn("Seats 2", self.text(self.attend(seats=2)))
        self.assertNotIn("Seats", self.text(self.attend("Ben")))

    def test_a_chain_is_listed_with_times_hosts_prices_and_the_total(self):
        salon = self.make_type(
            kind="service",
            service_ids=[
                (0, 0, {"name": "Colour", "duration": 45, "price": 60}),
                (0, 0, {"name": "Cut", "duration": 30, "price": 35.5}),
            ],
        )
        for service, user in zip(salon.service_ids, (self.jonas, self.mara), strict=True):
            host = salon.host_ids.filtered(lambda host, user=user: host.user_id == user)
            service.staff_ids = [(0, 0, {"host_id": host.id})]
        text = self.text(self.book(10, booking_type=salon, service_ids=salon.service_ids.ids))
        self.assertRegex(text, r"10:00 AM Colour – Jonas, 45 min, \D*60\.00")
        self.assertRegex(text, r"10:45 AM Cut – Mara, 30 min, \D*35\.50")
        self.assertRegex(text, r"Total: \D*95\.50")

    def test_services_without_prices_name_none(self):
        salon = self.make_type(
            kind="service", service_ids=[(0, 0, {"name": "Advice", "duration": 30})]
        )
        text = self.text(self.book(10, booking_type=salon, service_ids=salon.service_ids.ids))
        self.assertIn("10:00 AM Advice, 30 min", text)
        self.assertNotIn("0.00", text)
        self.assertNotIn("Total", text)

    def test_a_request_is_no_confirmation_and_a_refusal_says_so(self):
        self.yoga.needs_approval = True
        booking = self.attend()
        self.assertIn("We have your request", self.mail(booking).subject)
        self.assertNotIn("you are booked", self.text(booking))
        booking.action_decline()
        self.assertIn("Not possible", self.mail(booking).subject)
        self.assertIn("Choose another time", self.text(booking))
