"""Where hours are missing, are taken away, or end at midnight."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from tests.models.common import BookingCase


@tagged("-at_install", "post_install", "standard")
class TestNoHours(BookingCase):
    """A company that says nothing about when it works, and a type that says no more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id = False
        cls.type.schedule_id = False

    def test_nothing_is_offered_and_the_check_says_why(self):
        self.assertEqual(self.starts(), [])
        problems = self.type.publish_check()["problems"]
        self.assertEqual(len(problems), 2)
        self.assertIn("Mara has no hours: neither “First visit” nor the company", problems[0])

    def test_who_books_or_asks_why_gets_an_answer(self):
        with self.assertRaisesRegex(UserError, "not free"):
            self.book()
        answer = self.type.why_not(self.iso(10))
        self.assertFalse(answer["offered"])
        for host in answer["hosts"]:
            self.assertIn("There are no hours", host["reasons"][0])

    def test_a_host_with_own_hours_is_offered(self):
        self.type.host_ids[0].schedule_id = self.schedule
        self.assertEqual(self.starts()[0], (9, 0))
        [warning] = self.type.publish_check()["warnings"]
        self.assertIn("Jonas has no hours", warning)

    def test_a_day_opened_by_hand_is_offered(self):
        self.type.override_ids = [
            (
                0,
                0,
                {"first_day": self.day(), "opens": "open", "hour_from": 10, "hour_to": 11},
            )
        ]
        self.assertEqual(self.starts(), [(10, 0), (10, 30)])

    def test_a_kind_that_needs_everybody_offers_nothing(self):
        for kind in ("collective", "class"):
            users = self.mara if kind == "class" else self.mara | self.jonas
            other = self.make_type(users, kind=kind, schedule_id=False)
            self.assertEqual(self.starts(other), [])
            self.assertIn("has no hours", other.publish_check()["problems"][0])


@tagged("-at_install", "post_install", "standard")
class TestHoursInUse(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.schedule.copy({"name": "Evenings"})

    def assertKept(self, hours, name):
        with self.assertRaisesRegex(UserError, f"offered by .*{name}"), self.env.cr.savepoint():
            hours.unlink()
        self.assertTrue(hours.exists())

    def test_hours_of_a_type_are_not_deleted_under_it(self):
        self.assertKept(self.schedule, "First visit")
        self.assertKept(self.schedule | self.other, "First visit")
        self.type.schedule_id = self.other
        self.schedule.unlink()
        self.assertFalse(self.schedule.exists())

    def test_nor_under_a_type_that_may_come_back(self):
        self.type.is_published = False
        self.type.active = False
        self.assertKept(self.schedule, "First visit")

    def test_what_another_company_offers_is_not_named(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["resource.calendar"].create({"name": "Theirs", "company_id": False})
        offer = {"name": "Secret offer", "company_id": elsewhere.id, "schedule_id": theirs.id}
        self.env["icloud.booking.type"].create({**offer, "tz": "Europe/Brussels"})
        with self.assertRaisesRegex(UserError, "offered by another company"):
            theirs.with_context(allowed_company_ids=self.env.company.ids).unlink()

    def test_nor_under_a_host(self):
        self.type.host_ids[0].schedule_id = self.other
        self.assertKept(self.other, "First visit")

    def test_hours_of_a_published_type_are_not_archived(self):
        with self.assertRaisesRegex(UserError, "offered by First visit"):
            self.schedule.action_archive()
        self.type.is_published = False
        self.schedule.action_archive()
        self.assertFalse(self.schedule.active)

    def test_hours_that_nobody_offers_go_as_ever(self):
        self.other.action_archive()
        self.other.unlink()
        self.assertFalse(self.other.exists())

    def test_hours_without_a_line_are_a_problem(self):
        self.schedule.attendance_ids.unlink()
        self.assertEqual(self.starts(), [])
        problems = self.type.publish_check()["problems"]
        self.assertIn("no hours on the days that are offered (schedule “Every day”)", problems[0])


@tagged("-at_install", "post_install", "standard")
class TestMidnight(BookingCase):
    """Nobody can type 24:00 into Odoo's hours: until 23:59 is until midnight."""

    def until(self, hour_to, schedule=None):
        (schedule or self.schedule).attendance_ids.write({"hour_from": 22, "hour_to": hour_to})

    def test_hours_until_a_minute_before_midnight_end_at_midnight(self):
        for hour_to in (24, 23 + 59 / 60, 23.98, 23.99):
            self.until(hour_to)
            self.assertEqual(self.starts()[-1], (23, 30), hour_to)
        self.until(23 + 58 / 60)
        self.assertEqual(self.starts()[-1], (23, 0))

    def test_so_do_those_of_one_host(self):
        own = self.schedule.copy({"name": "Late"})
        self.until(23.98, own)
        self.type.host_ids[0].schedule_id = own
        self.assertEqual(self.starts()[-1], (23, 30))

    def test_so_do_days_opened_and_closed_by_hand(self):
        day = {"first_day": self.day(), "hour_to": 23.98}
        self.type.override_ids = [(0, 0, {**day, "opens": "open", "hour_from": 22})]
        self.assertEqual(self.starts(), [(22, 0), (22, 30), (23, 0), (23, 30)])
        self.until(24)
        self.type.override_ids = [(5,), (0, 0, {**day, "hour_from": 0})]
        self.assertEqual(self.starts(), [])

    def test_hours_that_go_on_after_midnight_are_one_stretch(self):
        self.until(23.98)
        night = {"name": "Night", "hour_from": 0, "hour_to": 2, "day_period": "morning"}
        self.schedule.attendance_ids = [
            (0, 0, {**night, "dayofweek": str(day)}) for day in range(7)
        ]
        self.type.duration = 60
        self.assertIn((23, 30), self.starts())

    def test_hours_of_no_length_are_none(self):
        self.type.override_ids = [
            (
                0,
                0,
                {
                    "first_day": self.day(),
                    "opens": "open",
                    "hour_from": 23.995,
                    "hour_to": 24,
                },
            )
        ]
        self.assertIn((10, 0), self.starts())
