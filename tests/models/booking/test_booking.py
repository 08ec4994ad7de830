from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from tests.models.common import BookingCase


class TestBooking(BookingCase):
    def test_offers_every_step_inside_the_hours(self):
        starts = self.starts()
        self.assertEqual(starts[0], (9, 0))
        self.assertEqual(starts[-1], (16, 30))
        self.assertEqual(len(starts), 16)

    def test_a_slot_names_everyone_who_is_free_and_is_in_utc(self):
        slot = self.type.slots(self.iso(9), self.iso(9, 1))[0]
        self.assertEqual(slot["start"], self.iso(9))
        self.assertEqual(slot["stop"], self.iso(9, 30))
        self.assertCountEqual(slot["user_ids"], (self.mara | self.jonas).ids)
        self.assertEqual(slot["seats_left"], 1)

    def test_a_booking_takes_the_time_of_one_host(self):
        booking = self.book()
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(booking.start, self.at(10))
        self.assertEqual(booking.event_id.user_id, booking.user_id)
        self.assertEqual(booking.event_id.partner_ids, booking.user_id.partner_id)
        self.assertEqual(booking.event_id.attendee_ids.state, "accepted")
        slot = self.type.slots(self.iso(10), self.iso(10, 1))[0]
        self.assertEqual(slot["user_ids"], ((self.mara | self.jonas) - booking.user_id).ids)

    def test_the_time_is_gone_when_every_host_has_it(self):
        self.assertEqual(self.book().user_id | self.book().user_id, self.mara | self.jonas)
        self.assertNotIn((10, 0), self.starts())
        with self.assertRaisesRegex(UserError, "not free.*10:30"):
            self.book()

    def test_the_host_with_the_higher_priority_is_asked_first(self):
        self.type.host_ids.filtered(lambda host: host.user_id == self.jonas).priority = 5
        booking = self.book()
        self.assertEqual(booking.user_id, self.jonas)
        self.assertIn("priority", booking.assignment.lower())

    def test_the_chosen_host_gets_it_or_nobody(self):
        self.assertEqual(self.book(user_id=self.jonas.id).user_id, self.jonas)
        with self.assertRaises(UserError):
            self.book(user_id=self.jonas.id)
        with self.assertRaisesRegex(UserError, "does not take bookings"):
            self.book(hour=11, user_id=self.colleague.id)

    def test_a_start_that_was_never_offered_is_refused(self):
        for hour, minute in ((8, 30), (10, 10), (16, 45), (17, 0)):
            with self.assertRaisesRegex(UserError, "not free"):
                self.book(hour, minute)
        self.assertFalse(self.type.booking_ids)

    def test_past_too_soon_and_too_far_are_refused(self):
        self.type.min_notice = 3 * 24 * 60
        self.type.horizon_days = 10
        for days in (-1, 2, 11):
            with self.assertRaises(UserError):
                self.book(days=days)
        self.assertTrue(self.book(days=5))

    def test_bad_input_is_one_sentence_and_stores_nothing(self):
        good = {"name": "Anna", "email": "anna@example.com"}
        for start, customer, options in (
            ("tomorrow", good, {}),
            (None, good, {}),
            ("9999-99-99T00:00:00Z", good, {}),
            (self.iso(10), {"name": "", "email": "anna@example.com"}, {}),
            (self.iso(10), {"name": "Anna", "email": "anna"}, {}),
            (self.iso(10), {"name": "Anna", "email": "anna@example"}, {}),
            (self.iso(10), {"name": "\x00", "email": "anna@example.com"}, {}),
            (self.iso(10), {"name": "A" * 200, "email": "anna@example.com"}, {}),
            (self.iso(10), None, {}),
            (self.iso(10), good, {"seats": 2}),
            (self.iso(10), good, {"service_ids": [1]}),
            (self.iso(10), good, {"answers": {"Note": "x" * 3000}}),
        ):
            with self.assertRaises(UserError) as caught:
                self.type.book(start, customer, **options)
            self.assertNotIn("\n", str(caught.exception))
        with self.assertRaisesRegex(UserError, "no time zone"):
            self.type.slots(self.iso(9), self.iso(10), tz="Mars/Base")
        with self.assertRaisesRegex(UserError, "62 days"):
            self.type.slots(self.iso(9), self.iso(9, days=100))
        self.assertFalse(self.type.booking_ids)

    def test_an_unpublished_type_is_not_booked(self):
        self.type.is_published = False
        with self.assertRaisesRegex(UserError, "cannot be booked"):
            self.book()

    def test_buffers_keep_time_free_around_a_booking(self):
        booking_type = self.make_type(self.mara, buffer_before=15, buffer_after=30)
        self.book(12, booking_type=booking_type)
        starts = self.starts(booking_type)
        # 12:00–12:30 is kept free from 11:45 to 13:00; another one needs its own buffers.
        self.assertIn((10, 30), starts)
        self.assertNotIn((11, 0), starts)
        self.assertNotIn((13, 0), starts)
        self.assertIn((13, 30), starts)

    def test_a_host_is_one_person_in_all_booking_types(self):
        other = self.make_type(self.mara, name="Second visit", duration=60, slot_step=60)
        self.book(10, user_id=self.mara.id)
        self.assertNotIn((10, 0), self.starts(other))

    def test_busy_events_of_odoo_block_and_free_or_declined_ones_do_not(self):
        booking_type = self.make_type(self.mara)
        Event = self.env["calendar.event"].with_context(no_mail_to_attendees=True)

        def event(hour, **values):
            return Event.create(
                {
                    "name": "Meeting",
                    "start": self.at(hour),
                    "stop": self.at(hour + 1),
                    "user_id": self.mara.id,
                    "partner_ids": [(6, 0, self.mara.partner_id.ids)],
                    **values,
                }
            )

        event(9)
        event(10, show_as="free")
        event(11).attendee_ids.state = "declined"
        event(12).active = False
        starts = self.starts(booking_type)
        self.assertNotIn((9, 0), starts)
        self.assertNotIn((9, 30), starts)
        for hour in (10, 11, 12):
            self.assertIn((hour, 0), starts)

    def test_an_all_day_event_blocks_the_hosts_local_day(self):
        booking_type = self.make_type(self.mara)
        self.env["calendar.event"].create(
            {
                "name": "Off",
                "allday": True,
                "start_date": self.day(),
                "stop_date": self.day(),
                "user_id": self.mara.id,
                "partner_ids": [(6, 0, self.mara.partner_id.ids)],
            }
        )
        self.assertFalse(self.starts(booking_type))
        self.assertEqual(len(self.starts(booking_type, days=6)), 16)
        self.assertEqual(len(self.starts(booking_type, days=8)), 16)

    def test_public_holidays_and_leaves_close(self):
        booking_type = self.make_type(self.mara)
        self.env.user.tz = "Europe/Brussels"
        Leave = self.env["resource.calendar.leaves"]
        Leave.create(
            {
                "name": "Holiday",
                "calendar_id": self.schedule.id,
                "date_from": self.at(0),
                "date_to": self.at(12),
            }
        )
        Leave.create(
            {
                "name": "Dentist",
                "resource_id": self.mara.sudo().booking_resource_id.id,
                "date_from": self.at(14),
                "date_to": self.at(15),
            }
        )
        starts = self.starts(booking_type)
        self.assertEqual(starts[0], (12, 0))
        self.assertNotIn((14, 0), starts)
        self.assertIn((15, 0), starts)

    def test_a_host_with_own_hours_in_another_zone_keeps_those(self):
        new_york = self.env["resource.calendar"].create(
            {
                "name": "New York mornings",
                "tz": "America/New_York",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (0, 0, {"name": "Open", "dayofweek": str(day), "hour_from": 8, "hour_to": 10})
                    for day in range(7)
                ],
            }
        )
        booking_type = self.make_type(self.mara)
        booking_type.host_ids.write({"schedule_id": new_york.id, "tz": "America/New_York"})
        hours = {hour for hour, _minute in self.starts(booking_type)}
        self.assertIn(min(hours), (13, 14))  # 8 in New York, depending on the season of both.
        self.assertEqual(len(self.starts(booking_type)), 4)

    def test_cancelling_frees_the_time_and_archives_the_session(self):
        booking = self.book()
        session = booking.event_id
        booking.action_cancel()
        self.assertEqual(booking.state, "cancelled")
        self.assertFalse(session.active)
        self.assertEqual(len(self.type.slots(self.iso(10), self.iso(10, 1))[0]["user_ids"]), 2)
        with self.assertRaisesRegex(UserError, "already closed"):
            booking.action_cancel()

    def test_a_move_keeps_host_and_session(self):
        booking = self.book()
        user, session = booking.user_id, booking.event_id
        booking.reschedule(self.iso(14))
        self.assertEqual((booking.user_id, booking.event_id), (user, session))
        self.assertEqual(session.start, self.at(14))
        self.assertEqual(session.stop, self.at(14, 30))
        self.assertEqual(booking.start, self.at(14))
        self.assertEqual(len(self.type.slots(self.iso(10), self.iso(10, 1))[0]["user_ids"]), 2)
        self.assertEqual(len(self.type.slots(self.iso(14), self.iso(14, 1))[0]["user_ids"]), 1)

    def test_a_move_into_its_own_former_time_is_possible(self):
        booking_type = self.make_type(self.mara, duration=60, slot_step=30)
        booking = self.book(booking_type=booking_type)
        booking.reschedule(self.iso(10, 30))
        self.assertEqual(booking.start, self.at(10, 30))

    def test_a_move_goes_to_another_host_when_the_own_is_busy(self):
        booking = self.book(10, user_id=self.mara.id)
        self.book(14, user_id=self.mara.id)
        booking.reschedule(self.iso(14))
        self.assertEqual(booking.user_id, self.jonas)
        self.assertEqual(booking.event_id.user_id, self.jonas)
        self.assertEqual(booking.event_id.partner_ids, self.jonas.partner_id)

    def test_a_move_to_a_taken_time_changes_nothing(self):
        booking = self.book(10)
        self.book(14), self.book(14)
        with self.assertRaisesRegex(UserError, "not free"), self.env.cr.savepoint():
            booking.reschedule(self.iso(14))
        self.assertEqual(booking.event_id.start, self.at(10))

    def test_the_back_office_is_held_to_the_same_rules(self):
        booking = self.book(10, user_id=self.mara.id)
        self.book(14, user_id=self.mara.id)
        for hour in (14, 20):
            with self.assertRaisesRegex(UserError, "not free"), self.env.cr.savepoint():
                booking.event_id.write({"start": self.at(hour), "stop": self.at(hour, 30)})
            self.env.invalidate_all()
        booking.event_id.with_context(no_mail_to_attendees=True).write(
            {"start": self.at(11), "stop": self.at(11, 30)}
        )
        self.assertEqual(booking.start, self.at(11))
        self.assertEqual(booking.event_id.reservation_ids.start, self.at(11))

    def test_the_back_office_can_hand_a_session_to_a_free_host(self):
        booking = self.book(10, user_id=self.mara.id)
        booking.event_id.user_id = self.jonas
        self.assertEqual(booking.event_id._hosts(), self.jonas)
        self.assertEqual(booking.event_id.partner_ids, self.jonas.partner_id)
        self.assertIn((10, 0), self.starts(self.make_type(self.mara)))
        self.assertEqual(booking.user_id, self.jonas)

    def test_deleting_or_archiving_a_session_cancels_its_booking(self):
        first, second = self.book(10), self.book(11)
        first.event_id.unlink()
        second.event_id.action_archive()
        self.assertEqual((first | second).mapped("state"), ["cancelled", "cancelled"])
        self.assertEqual(first.start, self.at(10))
        self.assertEqual(len(self.type.slots(self.iso(10), self.iso(10, 1))[0]["user_ids"]), 2)

    def test_a_session_cannot_repeat(self):
        with self.assertRaisesRegex(UserError, "cannot repeat"):
            self.book().event_id.write({"recurrency": True, "rrule_type": "daily"})

    def test_a_stranger_does_not_overwrite_a_contact(self):
        anna = self.env["res.partner"].create(
            {
                "name": "Anna Berg-Maes",
                "email": "anna@example.com",
                "phone": "+32 2 000",
            }
        )
        booking = self.book()
        self.assertEqual(booking.partner_id, anna)
        self.assertEqual(anna.name, "Anna Berg-Maes")
        self.assertEqual(anna.phone, "+32 2 000")
        self.assertEqual(booking.customer_name, "Anna Berg")

    def test_customer_and_host_get_one_mail_each_and_none_from_odoo(self):
        before = self.env["mail.mail"].search([])
        booking = self.book()
        mails = (self.env["mail.mail"].search([]) - before).sorted("id")
        readers = ["anna@example.com", booking.user_id.email_formatted]
        self.assertEqual(mails.mapped("email_to"), readers)
        mail = mails[0]
        self.assertIn("10:00", mail.subject)
        self.assertIn(booking.customer_url, mail.body_html)
        self.assertEqual(mail.attachment_ids.name, "booking.ics")
        self.assertNotIn(b"ATTENDEE", mail.attachment_ids.raw)

    def test_what_a_stranger_types_is_kept_without_control_characters(self):
        customer = {"name": " Anna\x00\n Berg ", "email": "Anna@Example.com", "phone": "1\t2"}
        booking = self.type.book(self.iso(10), customer, answers={"Note": "One\r\nTwo\x07 "})
        self.assertEqual(booking.customer_name, "Anna Berg")
        self.assertEqual(booking.email, "anna@example.com")
        self.assertEqual(booking.phone, "1 2")
        self.assertEqual(booking.answers, {"Note": "One\nTwo"})

    def test_links_are_unguessable_and_all_different(self):
        tokens = {self.book(hour).token for hour in range(9, 17)}
        self.assertEqual(len(tokens), 8)
        self.assertTrue(all(len(token) >= 32 for token in tokens))

    def test_who_may_see_and_change_a_booking(self):
        booking = self.book(user_id=self.mara.id)
        self.assertEqual(booking.with_user(self.mara).customer_name, "Anna Berg")
        with self.assertRaises(AccessError):
            booking.with_user(self.colleague).customer_name  # noqa: B018
        with self.assertRaises(AccessError):
            booking.with_user(self.colleague).action_cancel()
        with self.assertRaises(AccessError):
            booking.with_user(self.mara).write({"state": "attended"})
        own = self.type.with_user(self.colleague).book(
            self.iso(12), {"name": "Ben", "email": "ben@example.com"}
        )
        self.assertEqual(own.customer_name, "Ben")
        own.action_cancel()
        self.assertEqual(own.state, "cancelled")

    def test_only_code_makes_a_session_of_an_event(self):
        session = self.book(user_id=self.mara.id).event_id
        with self.assertRaises(AccessError):
            session.with_user(self.mara).write({"booking_type_id": False})
        with self.assertRaises(AccessError):
            self.env["calendar.event"].with_user(self.mara).create(
                {
                    "name": "Mine",
                    "start": self.at(9),
                    "stop": self.at(10),
                    "booking_type_id": self.type.id,
                }
            )

    def test_a_session_cannot_be_extended_over_busy_time(self):
        booking = self.book(10, user_id=self.mara.id)
        self.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            {
                "name": "Meeting",
                "start": self.at(10, 30),
                "stop": self.at(11),
                "user_id": self.mara.id,
                "partner_ids": [(6, 0, self.mara.partner_id.ids)],
            }
        )
        with self.assertRaisesRegex(UserError, "not free"), self.env.cr.savepoint():
            booking.event_id.write({"stop": self.at(11)})

    def test_a_host_stays_one_person_when_hr_hands_a_resource_on(self):
        booking = self.book(user_id=self.mara.id)
        employee = self.env["resource.resource"].create(
            {"name": "Mara", "user_id": self.mara.id, "tz": "Europe/Brussels"}
        )
        employee.user_id = self.jonas
        self.assertEqual(booking.event_id._hosts(), self.mara)
        self.assertNotEqual(booking.event_id.reservation_ids.resource_id, employee)

    def test_a_public_holiday_of_the_company_closes_a_shared_schedule(self):
        self.schedule.company_id = False
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.type.company_id.id,
                "calendar_id": False,
                "date_from": self.at(0),
                "date_to": self.at(23),
            }
        )
        self.assertFalse(self.starts())

    def test_any_name_has_an_address_of_its_own(self):
        types = self.env["icloud.booking.type"].create(
            [{"name": name} for name in ("初診", "Straße", "Consult", "Consult", "x" * 59 + " y")]
        )
        self.assertEqual(len(set(types.mapped("slug"))), 5)
        for slug in types.mapped("slug"):
            self.assertRegex(slug, "^[a-z0-9]+(-[a-z0-9]+)*$")

    def test_a_contact_of_another_company_is_not_linked(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["res.partner"].create(
            {"name": "Secret", "email": "anna@example.com", "company_id": company.id}
        )
        self.assertNotEqual(self.book().partner_id, theirs)

    def test_another_company_sees_neither_types_nor_bookings(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.colleague.copy(
            {
                "login": "stranger",
                "company_id": company.id,
                "company_ids": [(6, 0, company.ids)],
                "group_ids": [
                    (
                        6,
                        0,
                        [
                            self.env.ref("icloud_calendar_sync.group_booking_manager").id,
                            self.env.ref("base.group_user").id,
                        ],
                    )
                ],
            }
        )
        booking = self.book()
        for record in (self.type, self.type.host_ids[0], booking):
            self.assertFalse(record.with_user(stranger).has_access("read"), record)
            self.assertFalse(record.with_user(stranger).search([("id", "=", record.id)]))

    def test_slots_cost_a_fixed_number_of_queries(self):
        def count(booking_type):
            self.env.invalidate_all()
            booking_type.name  # noqa: B018
            before = self.env.cr.sql_log_count
            booking_type.slots(self.iso(0), self.iso(0, days=37))
            return self.env.cr.sql_log_count - before

        few = count(self.type)
        users = self.env["res.users"].create(
            [
                {"name": f"Host {number}", "login": f"host{number}", "tz": "Europe/Brussels"}
                for number in range(12)
            ]
        )
        many = self.make_type(users)
        self.assertEqual(count(many), few)
        self.assertLessEqual(few, 12)


@tagged("-at_install", "post_install", "standard")
class TestEngineRoom(BookingCase):
    def test_the_reserved_time_of_one_resource_never_overlaps(self):
        Reservation = self.env["icloud.booking.reservation"]
        resource = self.mara.sudo().booking_resource_id

        def reserve(start, stop, **options):
            return Reservation._reserve([(resource.id, start, stop)], **options)

        first = reserve(self.at(10), self.at(11))
        self.assertTrue(first)
        self.assertFalse(reserve(self.at(10, 30), self.at(11, 30)))
        self.assertTrue(reserve(self.at(11), self.at(12)))
        # What cannot be had leaves what there is.
        self.assertFalse(reserve(self.at(11, 30), self.at(12, 30), instead_of=first))
        self.assertEqual((first.start, first.stop), (self.at(10), self.at(11)))
        self.assertTrue(reserve(self.at(12), self.at(13), instead_of=first))
        self.assertFalse(first.exists())
