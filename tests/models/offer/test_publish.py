"""What a booking type is told before it is published, and the two dialogs around it."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from tests.models.common import BookingCase, ICloudCase
from tests.models.offer.test_backoffice_views import BackOfficeCase


class PublishCase(BookingCase):
    def make_hours(self, name, *spans, **values):
        """A schedule with the same hours every day."""
        lines = [
            {"name": name, "dayofweek": str(day), "hour_from": begin, "hour_to": end}
            for day in range(7)
            for begin, end in spans
        ]
        return self.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "Europe/Brussels",
                "attendance_ids": [
                    (5, 0, 0),
                    *((0, 0, {**line, "day_period": "morning"}) for line in lines),
                ],
                **values,
            }
        )

    def draft(self, users=None, **values):
        return self.make_type(users, **{"is_published": False, **values})

    def host(self, user, booking_type):
        return booking_type.host_ids.filtered(lambda host: host.user_id == user)

    def menu(self, *services, **values):
        """A service menu; each service as a dictionary of its columns."""
        services = [{"name": f"Service {number}", **each} for number, each in enumerate(services)]
        values = {"kind": "service", **values}
        return self.draft(service_ids=[(0, 0, each) for each in services], **values)

    def assert_problem(self, booking_type, *parts):
        """The only problem says this; no times are shown then."""
        found = booking_type.publish_check()
        self.assertEqual(len(found["problems"]), 1, found["problems"])
        self.assertFalse(found["slots"])
        for part in parts:
            self.assertIn(part, found["problems"][0])

    def assert_warning(self, booking_type, *parts):
        """The only warning about a type without problems says this."""
        found = booking_type.publish_check()
        self.assertFalse(found["problems"])
        self.assertEqual(len(found["warnings"]), 1, found["warnings"])
        for part in parts:
            self.assertIn(part, found["warnings"][0])


class TestSound(PublishCase):
    def test_it_has_nothing_to_say_and_shows_the_next_three_times(self):
        for kind, users in (
            ("round_robin", None),
            ("collective", None),
            ("class", self.mara),
        ):
            with self.subTest(kind=kind):
                found = self.draft(users, kind=kind).publish_check()
                self.assertFalse(found["problems"])
                self.assertFalse(found["warnings"])
                self.assertEqual(len({slot["start"] for slot in found["slots"]}), 3)

    def test_so_does_a_service_menu(self):
        found = self.menu({"duration": 45}).publish_check()
        self.assertFalse(found["problems"] + found["warnings"])
        self.assertEqual(len(found["slots"]), 3)

    def test_the_times_shown_are_the_first_that_visitors_get(self):
        booking_type = self.draft()
        shown = booking_type.publish_check()["slots"]
        booking_type.is_published = True
        now = fields.Datetime.now()
        offered = booking_type.slots(now, now + timedelta(days=7))
        self.assertEqual(shown, offered[:3])

    def test_a_check_writes_nothing(self):
        booking_type = self.draft(kind="collective", slot_step=600)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.env.cr.savepoint():
            self.env.cr.execute("SET TRANSACTION READ ONLY")
            self.assertTrue(booking_type.publish_check()["warnings"])
            self.env.flush_all()


class TestProblems(PublishCase):
    def test_no_host(self):
        self.assert_problem(self.draft(host_ids=[]), "add a host")

    def test_a_class_with_two_hosts(self):
        self.assert_problem(self.draft(kind="class"), "exactly one host", "2", "Mara", "Jonas")

    def test_a_class_without_seats_is_not_even_saved(self):
        for seats in (0, 10_000):
            with (
                self.subTest(seats=seats),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.draft(self.mara, kind="class", seats=seats)

    def test_a_notice_above_the_horizon(self):
        self.assert_problem(
            self.draft(min_notice=2880, horizon_days=2), "2880 minutes", "2 days", "2880 minutes"
        )

    def test_a_last_day_that_is_past(self):
        yesterday = self.day(-1)
        self.assert_problem(self.draft(last_day=yesterday), "past", str(yesterday.year))

    def test_a_last_day_before_the_notice_is_over(self):
        self.assert_problem(self.draft(last_day=self.day(1), min_notice=4320), "4320 minutes")

    def test_hours_without_hours(self):
        self.assert_problem(
            self.draft(self.mara, schedule_id=self.make_hours("Empty").id), "Mara", "“Empty”"
        )

    def test_flexible_hours(self):
        flexible = self.make_hours("As we like", (9, 17), flexible_hours=True)
        self.assert_problem(
            self.draft(self.mara, schedule_id=flexible.id), "Mara", "“As we like”", "flexible"
        )

    def test_date_overrides_that_close_every_day(self):
        closed = {"first_day": self.day(-2), "last_day": self.day(300)}
        self.assert_problem(self.draft(self.mara, override_ids=[(0, 0, closed)]), "Mara")

    def test_a_date_override_that_opens_one_day_is_enough(self):
        opened = {"first_day": self.day(3), "opens": "open", "hour_from": 10, "hour_to": 12}
        for kind in ("round_robin", "collective"):
            with self.subTest(kind=kind):
                found = self.draft(
                    kind=kind,
                    schedule_id=self.make_hours("Empty").id,
                    override_ids=[(0, 0, opened)],
                ).publish_check()
                self.assertFalse(found["problems"])
                self.assertEqual(len(found["slots"]), 3)

    def test_a_duration_that_fits_nowhere(self):
        halves = self.make_hours("Halves", (9, 9.5), (10, 10.75))
        self.assert_problem(
            self.draft(self.mara, schedule_id=halves.id, duration=60), "60", "45 minutes", "Mara"
        )

    def test_a_collective_whose_hosts_never_meet(self):
        team = self.draft(self.mara | self.jonas | self.colleague, kind="collective")
        self.host(self.jonas, team).schedule_id = self.make_hours("Evening", (18, 22))
        # Two are enough to say so; who is named first of the others does not matter.
        self.assert_problem(team, "Mara and Jonas never overlap for 30 minutes")

    def test_a_collective_whose_hours_overlap_but_whose_starts_never_fall_together(self):
        team = self.draft(kind="collective", slot_step=30)
        self.host(self.jonas, team).schedule_id = self.make_hours("Quarter past", (9.25, 17))
        self.assert_problem(team, "Mara and Jonas overlap", "every 30 minutes")
        team.slot_step = 15
        self.assertFalse(team.publish_check()["problems"])

    def test_zones_decide_whether_hosts_meet(self):
        team = self.draft(kind="collective")
        self.host(self.jonas, team).tz = "Asia/Tokyo"
        self.assert_problem(team, "Mara and Jonas")

    def test_a_host_who_always_comes_and_meets_nobody(self):
        booking_type = self.draft()
        fixed = self.host(self.mara, booking_type)
        fixed.write({"fixed": True, "schedule_id": self.make_hours("Evening", (18, 22)).id})
        self.assert_problem(booking_type, "Mara", "Jonas")

    def test_one_archived_host_of_a_collective(self):
        team = self.draft(kind="collective")
        self.jonas.active = False
        self.assert_problem(team, "Jonas", "archived")

    def test_an_empty_menu(self):
        self.assert_problem(self.menu(), "add a service")

    def test_a_service_whose_only_staff_cannot_be_booked(self):
        booking_type = self.menu({"name": "Cut"}, {"name": "Colour"})
        colour = booking_type.service_ids[1]
        colour.staff_ids = [(0, 0, {"host_id": self.host(self.jonas, booking_type).id})]
        self.jonas.active = False
        self.assert_problem(booking_type, "“Colour”", "Jonas")

    def test_a_service_that_fits_into_nobodys_hours(self):
        booking_type = self.menu({"name": "Cut"}, {"name": "Wedding", "duration": 600})
        found = booking_type.publish_check()
        self.assertEqual(len(found["problems"]), 2)
        self.assertIn("“Wedding” takes", found["problems"][0])
        self.assertIn("600 minutes", found["problems"][0])


class TestWarnings(PublishCase):
    def test_one_of_several_hosts_has_no_hours(self):
        booking_type = self.draft()
        self.host(self.jonas, booking_type).schedule_id = self.make_hours("Empty")
        self.assert_warning(booking_type, "Jonas", "“Empty”")

    def test_a_step_above_the_hours(self):
        self.assert_warning(self.draft(slot_step=600), "600 minutes", "480 minutes")

    def test_a_first_day_beyond_the_horizon(self):
        self.assert_warning(
            self.draft(first_day=self.day(40), horizon_days=30), "30 days", str(self.day(10).year)
        )

    def test_everybody_always_comes(self):
        booking_type = self.draft()
        booking_type.host_ids.fixed = True
        self.assert_warning(booking_type, "Jonas", "collective")

    def test_a_collective_of_one(self):
        self.assert_warning(self.draft(self.mara, kind="collective"), "only Mara")

    def test_rooms_that_are_archived(self):
        basin = self.env["resource.resource"].create({"name": "Basin", "resource_type": "material"})
        booking_type = self.draft(room_ids=[(6, 0, basin.ids)])
        self.assertFalse(booking_type.publish_check()["warnings"])
        basin.active = False
        self.assert_warning(booking_type, "“Basin”")

    def test_a_class_only_next_to_other_bookings(self):
        self.assert_warning(self.draft(self.mara, kind="class", only_adjacent=True), "class")

    def test_a_host_may_have_more_than_all_hosts_together(self):
        self.assert_warning(self.draft(max_per_day=3, host_max_per_day=5), "5", "3")

    def test_a_day_may_have_more_than_its_week(self):
        self.assert_warning(self.draft(max_per_day=9, max_per_week=4), "9", "4")

    def test_one_booking_may_take_more_seats_than_there_are(self):
        self.assert_warning(
            self.draft(self.mara, kind="class", seats=4, seats_per_booking=6), "6", "4"
        )

    def test_staff_who_take_longer_than_their_hours_last(self):
        booking_type = self.menu({"name": "Colour", "duration": 60})
        jonas = self.host(self.jonas, booking_type)
        jonas.schedule_id = self.make_hours("Mornings", (9, 11))
        booking_type.service_ids.staff_ids = [
            (0, 0, {"host_id": self.host(self.mara, booking_type).id}),
            (0, 0, {"host_id": jonas.id, "duration": 150}),
        ]
        self.assert_warning(booking_type, "“Colour”", "Jonas", "150 minutes")

    def test_a_host_who_does_none_of_the_services(self):
        booking_type = self.menu({"name": "Cut"})
        mara = self.host(self.mara, booking_type)
        booking_type.service_ids.staff_ids = [(0, 0, {"host_id": mara.id})]
        self.assert_warning(booking_type, "Jonas", "none of the services")


class TestUnread(PublishCase, ICloudCase):
    def setUp(self):
        super().setUp()
        self.connect(self.jonas)

    def test_a_host_whose_icloud_is_not_read_yet_is_named(self):
        self.assert_warning(self.draft(), "iCloud of Jonas", "60 minutes")
        self.assert_problem(self.draft(self.jonas), "iCloud of Jonas")
        self.assert_problem(self.draft(kind="collective"), "iCloud of Jonas")
        self.run_import()
        self.assertFalse(self.draft().publish_check()["warnings"])

    def test_who_is_offered_all_the_same_is_a_warning(self):
        self.assert_warning(self.draft(self.jonas, stale_policy="show"), "iCloud of Jonas")


class TestPublishDialog(PublishCase, BackOfficeCase):
    def dialog(self, booking_type, user=None):
        action = booking_type.with_user(user or self.manager).action_publish()
        model = self.env[action["res_model"]].with_user(user or self.manager)
        return Form(model.with_context(**action["context"]))

    def test_a_sound_type_is_published_from_it(self):
        booking_type = self.draft()
        form = self.dialog(booking_type)
        self.assertFalse(form.problems)
        self.assertFalse(form.warnings)
        self.assertEqual(form.next_times.count("·"), 2)
        form.save().action_publish()
        self.assertTrue(booking_type.is_published)
        booking_type.with_user(self.manager).action_unpublish()
        self.assertFalse(booking_type.is_published)

    def test_a_type_with_a_problem_is_not(self):
        booking_type = self.draft(kind="class")
        form = self.dialog(booking_type)
        self.assertIn("exactly one host", form.problems)
        self.assertFalse(form.next_times)
        with self.assertRaisesRegex(UserError, "exactly one host"):
            form.save().action_publish()
        self.assertFalse(booking_type.is_published)

    def test_names_are_text_not_html(self):
        self.mara.name = "<img src=x onerror=alert(1)>"
        form = self.dialog(self.draft(kind="class"))
        self.assertIn("&lt;img", form.problems)
        self.assertNotIn("<img", form.problems)

    def test_it_is_for_managers(self):
        booking_type = self.draft()
        with self.assertRaises(AccessError):
            self.dialog(booking_type, self.mara).save()
        with self.assertRaises(AccessError):
            booking_type.with_user(self.mara).action_unpublish()


class TestWhyDialog(PublishCase):
    def dialog(self, booking_type, user=None):
        action = booking_type.with_user(user or self.colleague).action_why()
        model = self.env[action["res_model"]].with_user(user or self.colleague)
        return Form(model.with_context(**action["context"]))

    def test_it_says_that_a_time_is_offered(self):
        form = self.dialog(self.type)
        form.start = self.at(10)
        self.assertIn("offered", form.answer)

    def test_it_answers_host_by_host(self):
        self.book(10, user_id=self.mara.id)
        self.book(10, user_id=self.jonas.id)
        form = self.dialog(self.type)
        form.start = self.at(10)
        for words in ("Mara", "Jonas", "10:00"):
            self.assertIn(words, form.answer)
        form.user_id = self.mara
        self.assertIn("Mara", form.answer)
        self.assertNotIn("Jonas", form.answer)

    def test_an_incomplete_question_is_told_what_is_missing(self):
        booking_type = self.menu({"name": "Cut"}, is_published=True)
        form = self.dialog(booking_type)
        form.start = self.at(3)
        self.assertIn("at least one service", form.answer)
        form.service_ids.add(booking_type.service_ids)
        self.assertIn("Mara", form.answer)

    def test_names_are_text_not_html(self):
        self.mara.name = "<b>Mara</b>"
        form = self.dialog(self.type)
        form.start = self.at(3)
        self.assertIn("&lt;b&gt;Mara", form.answer)
