"""The minutes that stand with attendees and imported events follow whatever changes."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from tests.models.common import BookingCase

AUCKLAND = "Pacific/Auckland"


class BusyCase(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only_mara = cls.make_type(cls.mara, name="Only Mara")

    def make_event(self, user, **values):
        return self.env["calendar.event"].create(
            {
                "name": "Dentist",
                "start": self.at(10),
                "stop": self.at(11),
                "show_as": "busy",
                "user_id": user.id,
                "partner_ids": [(6, 0, user.partner_id.ids)],
                **values,
            }
        )

    def is_offered(self, hour, minute=0):
        return (hour, minute) in self.starts(self.only_mara)


@tagged("-at_install", "post_install", "standard")
class TestAttended(BusyCase):
    def setUp(self):
        super().setUp()
        self.event = self.make_event(self.mara)

    def test_a_busy_event_takes_its_time_and_no_more(self):
        self.assertEqual(
            [self.is_offered(*time) for time in ((9, 30), (10, 0), (10, 30), (11, 0))],
            [True, False, False, True],
        )

    def test_a_moved_event_frees_its_former_time(self):
        self.event.write({"start": self.at(14), "stop": self.at(15)})
        self.assertTrue(self.is_offered(10))
        self.assertFalse(self.is_offered(14))

    def test_an_event_that_is_shown_as_free_archived_or_deleted_frees_its_time(self):
        self.event.show_as = "free"
        self.assertTrue(self.is_offered(10))
        self.event.show_as = "busy"
        self.assertFalse(self.is_offered(10))
        self.event.action_archive()
        self.assertTrue(self.is_offered(10))
        self.event.action_unarchive()
        self.assertFalse(self.is_offered(10))
        self.event.unlink()
        self.assertTrue(self.is_offered(10))

    def test_who_declines_is_free_and_who_is_invited_later_is_busy(self):
        self.event.attendee_ids.state = "declined"
        self.assertTrue(self.is_offered(10))
        meeting = self.make_event(self.colleague, start=self.at(12), stop=self.at(13))
        self.assertTrue(self.is_offered(12))
        meeting.partner_ids |= self.mara.partner_id
        self.assertFalse(self.is_offered(12))

    def test_an_event_that_a_stranger_made_is_busy_for_the_host_who_attends(self):
        event = self.make_event(self.colleague, start=self.at(12), stop=self.at(13))
        event.partner_ids = self.mara.partner_id
        self.assertFalse(self.is_offered(12))

    def test_two_users_of_one_contact_are_busy_together(self):
        twin = self.env["res.users"].create(
            {"login": "mara.portal", "partner_id": self.mara.partner_id.id}
        )
        with_twin = self.make_type(twin, name="The other login")
        self.assertFalse(self.is_offered(10))
        self.assertNotIn((10, 0), self.starts(with_twin))
        self.assertIn((11, 0), self.starts(with_twin))

    def test_seconds_are_rounded_outwards(self):
        self.event.write({"start": self.at(10).replace(second=30), "stop": self.at(10, 30)})
        self.assertFalse(self.is_offered(10))
        self.event.write({"start": self.at(9), "stop": self.at(9, 30).replace(second=1)})
        self.assertFalse(self.is_offered(9, 30))
        self.assertTrue(self.is_offered(10))

    def test_an_event_without_length_takes_no_time(self):
        self.event.write({"start": self.at(10, 15), "stop": self.at(10, 15)})
        self.assertTrue(self.is_offered(10))

    def test_travel_before_an_event_is_busy(self):
        self.event.icloud_travel = 20
        self.assertFalse(self.is_offered(9, 30))
        self.assertTrue(self.is_offered(9))

    def test_each_day_of_a_series_is_busy(self):
        self.make_event(
            self.mara,
            start=self.at(13, days=6),
            stop=self.at(14, days=6),
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=3,
        )
        self.assertFalse(self.is_offered(13))

    def test_an_event_of_another_age_can_be_stored(self):
        far = datetime(9000, 12, 31, 12)
        event = self.make_event(self.mara, start=far, stop=far + timedelta(hours=1))
        days = self.make_event(
            self.mara, allday=True, start_date=far.date(), stop_date=far.date(), start=far, stop=far
        )
        (event | days).flush_recordset()
        self.assertTrue(self.is_offered(9))


@tagged("-at_install", "post_install", "standard")
class TestAllDay(BusyCase):
    def setUp(self):
        super().setUp()
        day = self.day()
        self.event = self.make_event(self.mara, allday=True, start_date=day, stop_date=day)

    def test_an_all_day_event_takes_the_day_where_the_host_lives(self):
        self.assertEqual(self.starts(self.only_mara), [])
        self.assertIn((16, 30), self.starts(self.only_mara, days=6))
        self.assertIn((9, 0), self.starts(self.only_mara, days=8))

    def test_it_follows_a_host_to_another_zone(self):
        self.assertEqual(self.starts(self.only_mara), [])
        self.mara.tz = AUCKLAND
        # That day begins and ends 11 to 12 hours earlier there, so in the afternoon here.
        self.assertTrue(self.is_offered(16, 30))
        self.assertFalse(self.is_offered(9))

    def test_of_a_host_without_a_zone_it_takes_every_hour_that_may_be_meant(self):
        self.mara.tz = False
        self.assertEqual(self.starts(self.only_mara), [])
        # 14 hours before midnight in UTC it begins in the far east …
        self.assertNotIn((12, 30), self.starts(self.only_mara, days=6))
        self.assertIn((9, 0), self.starts(self.only_mara, days=6))
        # … and 12 hours after it ends in the far west.
        self.assertNotIn((12, 0), self.starts(self.only_mara, days=8))
        self.assertIn((14, 0), self.starts(self.only_mara, days=8))


@tagged("-at_install", "post_install", "standard")
class TestSessions(BusyCase):
    def test_a_session_takes_what_is_reserved_for_it_and_nothing_twice(self):
        booking = self.book(hour=15, booking_type=self.only_mara)
        self.assertFalse(self.is_offered(15))
        # It would still be taken if its host's attendance counted as well.
        booking.event_id.reservation_ids.write({"start": self.at(16), "stop": self.at(16, 30)})
        self.assertTrue(self.is_offered(15))
        self.assertFalse(self.is_offered(16))

    def test_a_colleague_who_is_invited_to_a_session_is_busy_then(self):
        booking = self.book(hour=15, booking_type=self.make_type(self.jonas, name="Only Jonas"))
        self.assertTrue(self.is_offered(15))
        booking.event_id.partner_ids |= self.mara.partner_id
        self.assertFalse(self.is_offered(15))

    def test_a_cancelled_session_frees_its_host(self):
        self.book(hour=15, booking_type=self.only_mara).action_cancel()
        self.assertTrue(self.is_offered(15))

    def test_a_booking_can_move_by_less_than_its_length(self):
        long = self.make_type(self.mara, name="Long", duration=60, slot_step=30)
        booking = self.book(hour=15, booking_type=long)
        booking.reschedule(self.iso(15, 30))
        self.assertEqual(booking.event_id.start, self.at(15, 30))


@tagged("-at_install", "post_install", "standard")
class TestImported(BusyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls.env["icloud.account"].create({"user_id": cls.mara.id, "state": "connected"})
        calendar = cls.env["icloud.calendar"].create(
            {
                "account_id": account.id,
                "name": "Home",
                "href": "/1/calendars/home/",
                "writable": True,
                "check_conflicts": True,
                "last_import": datetime.now(),
            }
        )
        cls.row = cls.env["icloud.event"].create(
            {"calendar_id": calendar.id, "uid": "choir", "href": "choir.ics", "origin": "icloud"}
        )

    def import_event(self, **values):
        events = self.env["calendar.event"]._as_import()
        return events.create(
            {
                **events._imported_identity(self.mara),
                "icloud_origin_id": self.row.id,
                "icloud_recurrence_id": "1",
                "start": self.at(10),
                "stop": self.at(11),
                "show_as": "busy",
                **values,
            }
        )

    def test_it_takes_its_time_with_the_way_there(self):
        self.import_event(icloud_travel=20)
        self.assertEqual(
            [self.is_offered(*time) for time in ((9, 0), (9, 30), (10, 30), (11, 0))],
            [True, False, False, True],
        )

    def test_its_owner_is_busy_whoever_attends(self):
        event = self.import_event()
        event.attendee_ids.state = "declined"
        self.assertFalse(self.is_offered(10))
        event.attendee_ids.unlink()
        self.assertFalse(self.is_offered(10))

    def test_one_that_ends_in_another_age_blocks_until_then(self):
        self.import_event(stop=datetime(9999, 12, 1))
        self.assertTrue(self.is_offered(9, 30))
        self.assertFalse(self.is_offered(16, 30))

    def test_who_else_attends_is_free(self):
        event = self.import_event()
        event._as_import().partner_ids |= self.jonas.partner_id
        self.assertIn((10, 0), self.starts(self.make_type(self.jonas, name="Only Jonas")))

    def test_it_follows_what_the_phone_says(self):
        event = self.import_event()
        event._as_owners(self.mara).write({"start": self.at(14), "stop": self.at(15)})
        self.assertTrue(self.is_offered(10))
        self.assertFalse(self.is_offered(14))
        event._as_owners(self.mara).write({"show_as": "free"})
        self.assertTrue(self.is_offered(14))

    def test_an_all_day_event_follows_its_owner_to_another_zone(self):
        self.import_event(allday=True, start_date=self.day(), stop_date=self.day())
        self.assertEqual(self.starts(self.only_mara), [])
        self.mara.tz = AUCKLAND
        self.assertTrue(self.is_offered(16, 30))
        self.assertFalse(self.is_offered(9))

    def test_rows_from_before_an_upgrade_come_to_the_same(self):
        day = self.day(8)
        self.import_event(icloud_travel=20)
        self.import_event(
            icloud_recurrence_id="2", allday=True, start_date=day, stop_date=day, icloud_travel=20
        )
        self.import_event(icloud_recurrence_id="3", show_as="free")
        self.import_event(icloud_recurrence_id="4", start=self.at(16), stop=datetime(9999, 12, 1))
        self.make_event(self.mara, start=self.at(13, 0).replace(second=30), stop=self.at(14))
        self.make_event(self.mara, allday=True, start_date=day, stop_date=day)
        self.make_event(self.mara).attendee_ids.state = "declined"
        self.make_event(self.mara).action_archive()
        self.book(hour=15, booking_type=self.only_mara)
        for model, names in (
            ("calendar.attendee", ["busy_start", "busy_stop", "in_session"]),
            ("calendar.event", ["busy_start", "busy_stop"]),
        ):
            rows = self.env[model].with_context(active_test=False).search([])
            rows.flush_recordset()
            before = rows.read(names)
            self.assertTrue(any(row["busy_stop"] for row in before))
            self.env.cr.execute(
                f"UPDATE {model.replace('.', '_')} SET " + ", ".join(f"{n} = NULL" for n in names)
            )
            self.env.invalidate_all()
            self.env[model]._fill_busy()
            self.env.invalidate_all()
            self.assertEqual(rows.read(names), before)


@tagged("-at_install", "post_install", "standard")
class TestQueries(BusyCase):
    def count(self, booking_type):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertTrue(booking_type.slots(self.iso(0), self.iso(0, days=37)))
        return self.env.cr.sql_log_count - before

    def make_full_type(self, users, **values):
        """With every rule switched on."""
        rooms = self.env["resource.resource"].create(
            [{"name": name, "resource_type": "material"} for name in ("Room", "Lamp")]
        )
        booking_type = self.make_type(
            users,
            name=f"For {len(users)}",
            room_ids=[(6, 0, rooms[0].ids)],
            equipment_ids=[(6, 0, rooms[1].ids)],
            buffer_before=5,
            buffer_after=5,
            min_notice=60,
            first_day=self.day(1),
            last_day=self.day(50),
            max_per_day=100,
            max_per_week=100,
            host_max_per_day=10,
            host_max_per_week=10,
            customer_max=5,
            only_adjacent=True,
            distribution="fair",
            needs_approval=True,
            override_ids=[
                (0, 0, {"first_day": self.day(3)}),
                (0, 0, {"first_day": self.day(4), "opens": "open", "hour_from": 6, "hour_to": 9}),
            ],
            **values,
        )
        self.book(hour=12, booking_type=booking_type)
        return booking_type

    def make_users(self, count):
        return self.env["res.users"].create(
            [
                {"name": f"Host {number}", "login": f"host{number}", "tz": "Europe/Brussels"}
                for number in range(count)
            ]
        )

    def test_all_rules_together_cost_a_fixed_number_of_queries(self):
        few = self.count(self.make_full_type(self.mara))
        many = self.make_full_type(self.make_users(12))
        self.assertEqual(self.count(many), few)
        self.assertLessEqual(few, 12)

    def test_sessions_of_a_class_cost_a_fixed_number_of_queries(self):
        class_type = self.make_full_type(self.mara, kind="class")
        few = self.count(class_type)
        class_type.only_adjacent = False
        for hour in (13, 14, 15):
            self.book(hour=hour, booking_type=class_type)
        class_type.only_adjacent = True
        self.assertEqual(self.count(class_type), few)
        self.assertLessEqual(few, 12)
