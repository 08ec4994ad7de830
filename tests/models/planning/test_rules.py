"""Rules that every kind knows: date overrides, ranges, maxima, neighbours, approval."""

from odoo.addons.icloud_calendar_sync.exceptions import TimeTaken
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from tests.models.common import BookingCase


@tagged("-at_install", "post_install", "standard")
class TestDays(BookingCase):
    def override(self, **values):
        return self.env["icloud.booking.override"].create(
            {"type_id": self.type.id, "first_day": self.day(), **values}
        )

    def test_a_closed_day_offers_nothing(self):
        self.override(last_day=self.day(8))
        self.assertEqual(self.starts(), [])
        self.assertEqual(self.starts(days=8), [])
        self.assertTrue(self.starts(days=9))

    def test_some_hours_of_a_day_can_be_closed(self):
        self.override(hour_from=9, hour_to=15.5)
        self.assertEqual(self.starts(), [(15, 30), (16, 0), (16, 30)])

    def test_a_day_can_have_other_hours(self):
        self.override(opens="open", hour_from=19, hour_to=20)
        self.override(opens="open", hour_from=6, hour_to=6.5)
        self.assertEqual(self.starts(), [(6, 0), (19, 0), (19, 30)])

    def test_what_was_opened_by_hand_is_open_on_a_public_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.schedule.id,
                "date_from": self.at(0),
                "date_to": self.at(23),
            }
        )
        self.assertEqual(self.starts(), [])
        self.override(opens="open", hour_from=10, hour_to=11)
        self.assertEqual(self.starts(), [(10, 0), (10, 30)])

    def test_an_override_can_be_for_one_host(self):
        self.override(host_id=self.type.host_ids[0].id)
        slots = self.type.slots(self.iso(9), self.iso(10))
        self.assertEqual([slot["user_ids"] for slot in slots], [self.jonas.ids] * 2)

    def test_an_override_stays_in_its_bounds(self):
        with self.assertRaises(ValidationError):
            self.override(last_day=self.day(500))
        other = self.make_type(slug="other")
        with self.assertRaises(ValidationError):
            self.override(host_id=other.host_ids[0].id)

    def test_round_the_clock_every_question_finds_the_same_times(self):
        always = self.env["resource.calendar"].create(
            {
                "name": "Always",
                "attendance_ids": [
                    (5, 0, 0),
                    *(
                        (
                            0,
                            0,
                            {"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24},
                        )
                        for day in range(7)
                    ),
                ],
            }
        )
        self.type.write({"schedule_id": always.id, "slot_step": 50, "duration": 60})
        week = self.type.slots(self.iso(0, days=3), self.iso(0, days=10))
        self.assertIn(self.iso(0, days=8), [slot["start"] for slot in week])
        # The last of a day goes on through midnight.
        last = self.iso(23, 20, days=8)
        self.assertIn(last, [slot["start"] for slot in week])
        for slot in week[::29]:
            self.type.book(slot["start"], {"name": "Anna", "email": "anna@example.com"})

    def test_only_the_days_of_the_range_are_offered(self):
        self.type.write({"first_day": self.day(7), "last_day": self.day(8)})
        self.assertEqual(self.starts(days=6), [])
        self.assertTrue(self.starts(days=7))
        self.assertTrue(self.starts(days=8))
        self.assertEqual(self.starts(days=9), [])
        with self.assertRaises(TimeTaken):
            self.book(days=9)


@tagged("-at_install", "post_install", "standard")
class TestMaxima(BookingCase):
    def test_a_day_that_has_all_its_bookings_is_full(self):
        self.type.max_per_day = 2
        self.book(10)
        self.assertTrue(self.starts())
        last = self.book(12)
        self.assertEqual(self.starts(), [])
        self.assertTrue(self.starts(days=8))
        with self.assertRaises(TimeTaken) as refusal:
            self.book(14)
        self.assertNotIn(self.day(), {moment.date() for moment in refusal.exception.nearest})
        last.action_cancel()
        self.assertTrue(self.starts())
        self.book(14)

    def test_a_week_that_has_all_its_bookings_is_full(self):
        self.type.max_per_week = 1
        monday = 14 - self.day(0).weekday()
        self.book(10, days=monday)
        self.assertEqual(self.starts(days=monday + 6), [])
        self.assertTrue(self.starts(days=monday + 7))
        self.assertTrue(self.starts(days=monday - 1))

    def test_each_host_has_a_maximum_of_the_own(self):
        self.type.host_max_per_day = 1
        first = self.book(10)
        slots = self.type.slots(self.iso(12), self.iso(12, 30))
        self.assertEqual(slots[0]["user_ids"], ((self.mara | self.jonas) - first.user_id).ids)
        self.book(12)
        self.assertEqual(self.starts(), [])

    def test_a_booking_that_moves_takes_its_place_with_it(self):
        self.type.max_per_day = 1
        booking = self.book(10)
        booking.reschedule(self.iso(15))
        self.assertEqual(self.starts(), [])
        booking.reschedule(self.iso(15, days=8))
        self.assertTrue(self.starts())
        self.assertEqual(self.starts(days=8), [])

    def test_bookings_from_before_a_maximum_count(self):
        self.book(10)
        self.book(11)
        self.type.max_per_day = 2
        self.assertEqual(self.starts(), [])
        self.type.max_per_day = 3
        self.book(12)
        self.assertEqual(self.starts(), [])

    def test_two_who_count_at_the_same_time_do_not_both_take_the_last_place(self):
        self.type.max_per_day = 1
        Quota = self.env["icloud.booking.quota"]
        self.assertTrue(Quota._take("day", 2, 0))
        # As seen from a snapshot in which the first is not there yet.
        self.assertTrue(Quota._take("day", 2, 1))
        self.assertFalse(Quota._take("day", 2, 2))

    def test_one_customer_has_so_many_bookings_ahead(self):
        self.type.customer_max = 1
        booking = self.book(10)
        with self.assertRaisesRegex(UserError, "as many upcoming bookings"):
            self.book(12)
        self.type.book(self.iso(12), {"name": "Bo", "email": "bo@example.com"})
        booking.action_cancel()
        self.book(14)

    def test_only_times_next_to_bookings(self):
        self.type.write({"only_adjacent": True, "host_ids": [(2, self.type.host_ids[1].id)]})
        self.assertEqual(len(self.starts()), 16)
        self.book(12)
        self.assertEqual(self.starts(), [(11, 30), (12, 30)])
        with self.assertRaises(TimeTaken):
            self.book(15)
        self.book(12, 30)
        self.assertEqual(self.starts(), [(11, 30), (13, 0)])
        # Asked for an hour alone, the answer is the same.
        slots = self.type.slots(self.iso(12, 45), self.iso(13, 45))
        self.assertEqual(len(slots), 1)


@tagged("-at_install", "post_install", "standard")
class TestApproval(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type.needs_approval = True

    def test_a_request_holds_its_time_and_asks_the_host(self):
        booking = self.book(10, user_id=self.mara.id)
        self.assertEqual(booking.state, "pending")
        self.assertEqual(booking.activity_ids.user_id, self.mara)
        slots = self.type.slots(self.iso(10), self.iso(10, 30))
        self.assertEqual(slots[0]["user_ids"], self.jonas.ids)
        booking.with_user(self.mara).action_confirm()
        self.assertEqual(booking.state, "confirmed")
        self.assertFalse(booking.activity_ids)

    def test_a_declined_request_gives_its_time_back(self):
        booking = self.book(10, user_id=self.mara.id)
        with self.assertRaises(AccessError):
            booking.with_user(self.jonas).action_decline()
        booking.with_user(self.mara).action_decline()
        self.assertEqual(booking.state, "cancelled")
        self.assertFalse(booking.event_id.active)
        slots = self.type.slots(self.iso(10), self.iso(10, 30))
        self.assertEqual(len(slots[0]["user_ids"]), 2)
        with self.assertRaises(UserError):
            booking.with_user(self.mara).action_confirm()

    def test_another_time_is_another_question_unless_the_host_moves_it(self):
        booking = self.book(10, user_id=self.mara.id).sudo()
        booking.with_user(self.mara).action_confirm()
        booking.with_user(self.mara).reschedule(self.iso(11))
        self.assertEqual(booking.state, "confirmed")
        booking.with_user(self.env.ref("base.public_user")).sudo().reschedule(self.iso(12))
        self.assertEqual(booking.state, "pending")
        self.assertEqual(booking.activity_ids.user_id, self.mara)

    def test_the_customer_is_told_what_is_the_case(self):
        def subjects():
            mails = self.env["mail.mail"].sudo().search([("email_to", "ilike", "anna@")])
            return mails.sorted("id").mapped("subject")

        booking = self.book(10)
        self.assertEqual(len(subjects()), 1)
        booking.sudo().action_confirm()
        self.assertEqual(len(subjects()), 2)
        self.assertNotEqual(*subjects())


@tagged("-at_install", "post_install", "standard")
class TestWhyNot(BookingCase):
    def reasons(self, hour, minute=0, user=None, days=7, booking_type=None, **options):
        answer = (booking_type or self.type).why_not(self.iso(hour, minute, days), **options)
        self.assertFalse(answer["offered"])
        return {host["user_id"]: host["reasons"] for host in answer["hosts"]}, answer["general"]

    def busy(self, user, start, stop, **values):
        self.env["calendar.event"].create(
            {
                "name": "Pick John from school",
                "start": start,
                "stop": stop,
                "user_id": user.id,
                "partner_ids": [(6, 0, user.partner_id.ids)],
                **values,
            }
        )

    def test_a_time_that_is_offered_says_so(self):
        self.assertTrue(self.type.why_not(self.iso(10))["offered"])

    def test_each_host_is_busy_with_something_else(self):
        self.type.buffer_after = 15
        self.busy(self.mara, self.at(10), self.at(11), privacy="private")
        self.busy(self.jonas, self.at(10, 30), self.at(11))
        asked = self.type.with_user(self.jonas)
        by_host, general = self.reasons(10, booking_type=asked)
        self.assertEqual(by_host[self.mara.id], ["Busy 10:00–11:00."])
        self.assertEqual(
            by_host[self.jonas.id],
            ["Busy 10:30–11:00 (Pick John from school), buffer 15 min."],
        )
        self.assertEqual(general, [])

    def test_a_booking_names_itself(self):
        self.book(10, user_id=self.mara.id)
        self.book(10, user_id=self.jonas.id)
        admin = self.env.ref("base.user_admin")
        by_user = {
            self.mara: "Booked 10:00–10:30 (First visit: Anna Berg).",
            admin: "Booked 10:00–10:30 (First visit: Anna Berg).",
            self.colleague: "Booked 10:00–10:30.",
        }
        for user, words in by_user.items():
            by_host, _general = self.reasons(10, booking_type=self.type.with_user(user))
            self.assertEqual(by_host[self.mara.id], [words])

    def test_hours_steps_and_holidays(self):
        by_host, _general = self.reasons(8)
        words = "Outside the hours of this day: 09:00–17:00 (Europe/Brussels)."
        self.assertEqual(by_host[self.mara.id], [words])
        by_host, _general = self.reasons(10, 10)
        self.assertEqual(
            by_host[self.mara.id], ["Starts are every 30 minutes from the beginning of the hours."]
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.schedule.id,
                "date_from": self.at(0),
                "date_to": self.at(23),
            }
        )
        self.assertEqual(self.reasons(10)[0][self.mara.id], ["Public holiday."])

    def test_maxima_and_neighbours(self):
        self.type.write({"host_max_per_day": 1, "only_adjacent": True})
        self.book(10, user_id=self.mara.id)
        by_host, _general = self.reasons(14, user_id=self.mara.id)
        self.assertEqual(by_host[self.mara.id], ["Has all the sessions of this day or week."])
        self.type.host_max_per_day = 0
        by_host, _general = self.reasons(14, user_id=self.mara.id)
        self.assertEqual(by_host[self.mara.id], ["Not next to another booking of this day."])

    def test_what_holds_for_everybody(self):
        self.type.write({"horizon_days": 5, "is_published": False})
        _by_host, general = self.reasons(10)
        self.assertEqual(
            general, ["This booking type is not published.", "It is more than 5 days ahead."]
        )
        self.assertEqual(self.reasons(10, days=-1)[1][-1], "This time has passed.")


@tagged("-at_install", "post_install", "standard")
class TestShares(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type.distribution = "fair"
        cls.by_mara, cls.by_jonas = cls.type.host_ids

    def received(self, count):
        """Bookings of each, after so many more, an hour from one to the next."""
        for number in range(count):
            self.book(9 + number % 8, days=7 + number // 8)
        by_user = self.type.booking_ids.grouped("user_id")
        return [len(by_user.get(user, ())) for user in (self.mara, self.jonas)]

    def test_twice_the_weight_is_twice_the_bookings(self):
        self.by_mara.weight = 200
        self.assertEqual(self.received(9), [6, 3])

    def test_a_new_host_is_not_flooded(self):
        self.by_jonas.unlink()
        self.received(6)
        self.env.cr.execute(
            "UPDATE icloud_booking SET create_date = create_date - INTERVAL '1 day'"
        )
        self.env.invalidate_all()
        self.type.host_ids = [(0, 0, {"user_id": self.jonas.id})]
        for number in range(4):
            self.book(9 + number, days=10)
        new = self.type.booking_ids.filtered(lambda booking: booking.start >= self.at(0, days=10))
        self.assertEqual(len(new.filtered(lambda booking: booking.user_id == self.jonas)), 2)

    def test_each_assignment_tells_who_was_considered_and_why(self):
        self.book(10, user_id=self.mara.id)
        booking = self.book(11)
        self.assertEqual(booking.user_id, self.jonas)
        self.assertEqual(
            booking.assignment.splitlines(),
            [
                "Jonas: furthest below the fair share (0 of 0.5 due)",
                "Mara: closer to the fair share (1 of 0.5 due)",
            ],
        )

    def test_a_fixed_host_comes_to_every_booking(self):
        lea = self.colleague
        self.type.host_ids = [(0, 0, {"user_id": lea.id, "fixed": True})]
        booking = self.book(10)
        self.assertEqual(booking.event_id._hosts(), booking.user_id | lea)
        self.assertIn(booking.user_id, self.mara | self.jonas)
        self.assertIn("Always there: Colleague.", booking.assignment)
        # Mara or Jonas is still free at ten, Lea is not.
        self.assertNotIn((10, 0), self.starts())
        with self.assertRaises(TimeTaken):
            self.book(10)

    def test_a_moved_booking_keeps_its_host_as_an_option(self):
        booking = self.book(10)
        other = (self.mara | self.jonas) - booking.user_id
        self.assertEqual(booking.user_id, self.mara)
        booking.reschedule(self.iso(12))
        self.assertEqual(booking.user_id, self.mara)
        self.type.keep_host = False
        booking.reschedule(self.iso(14))
        self.assertEqual(booking.user_id, other)

    @mute_logger("odoo.sql_db")
    def test_numbers_have_their_bounds(self):
        for values in ({"seats": 0}, {"seats": 10000}, {"max_per_day": -1}, {"hold_minutes": 1}):
            with self.assertRaises(CheckViolation), self.cr.savepoint():
                self.type.write(values)
