"""Reminders before a visit and a word after it: when, to whom, and never twice."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.models.booking.test_mails import MailCase

NOTICE = "odoo.addons.icloud_calendar_sync.models.booking.mails.icloud_booking_notice"


class ReminderCase(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type.reminder_ids = [
            Command.clear(),
            Command.create({"number": 2, "unit": "hours"}),
            Command.create({"number": 1, "unit": "days"}),
            Command.create({"number": 1, "unit": "hours", "moment": "after"}),
        ]
        cls.age(cls.type.reminder_ids)

    @classmethod
    def age(cls, records, **times):
        """As if these rows had been there for a month."""
        cls.env.flush_all()
        columns = {"create_date": -30, "write_date": -30, **times}
        for column, days in columns.items():
            cls.env.cr.execute(
                f"UPDATE {records._table} SET {column} = now() + interval '{days} days'"
                " WHERE id = ANY(%s)",
                [records.ids],
            )
        cls.env.invalidate_all()

    def ahead(self, **span):
        """A confirmed booking that begins so far from now, made a month ago."""
        self.hours = getattr(self, "hours", 8) + 1  # A time of its own for each.
        booking = self.ask(self.hours, email=f"guest{self.hours}@example.com")
        self.settle()
        start = fields.Datetime.now() + timedelta(**span)
        for table, row in (("calendar_event", booking.event_id), ("icloud_booking", booking)):
            self.env.cr.execute(
                f"UPDATE {table} SET start = %s, stop = %s WHERE id = %s",
                [start, start + timedelta(minutes=30), row.id],
            )
        self.age(booking, told_at=-30)
        return booking

    def work(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("icloud_calendar_sync.cron_notices").method_direct_trigger()
        self.env.invalidate_all()

    def reminded(self, booking):
        """News after that of the booking itself."""
        return self.news(booking.email)[1:]


@tagged("-at_install", "post_install", "standard")
class TestReminders(ReminderCase):
    def test_each_is_sent_once_when_its_time_has_come(self):
        late, soon, later = self.ahead(hours=1), self.ahead(hours=20), self.ahead(days=3)
        for _run in range(2):
            self.work()
            self.assertEqual(self.reminded(late), ["See you soon"] * 2)
            self.assertEqual(self.reminded(soon), ["See you soon"])
            self.assertEqual(self.reminded(later), [])

    def test_who_does_not_come_is_not_reminded(self):
        for state in ("pending", "cancelled"):
            booking = self.ahead(hours=1)
            booking.state = state
            self.work()
            self.assertEqual(self.reminded(booking), [])
        self.assertEqual(self.reminded(self.ahead(hours=-1)), [])

    def test_a_moved_booking_is_reminded_of_its_new_time(self):
        booking = self.ahead(hours=1)
        self.work()
        self.own(booking).reschedule(self.iso(14))
        self.work()
        self.assertEqual(len(self.reminded(booking)), 3)
        self.settle()
        start = fields.Datetime.now() + timedelta(hours=20)
        self.env.cr.execute(
            "UPDATE icloud_booking SET start = %s, told_at = now() - interval '9 days'"
            " WHERE id = %s",
            [start, booking.id],
        )
        self.env.invalidate_all()
        self.work()
        self.assertEqual(self.reminded(booking)[3:], ["See you soon"])

    def test_who_has_just_read_the_time_needs_no_reminder(self):
        booking = self.ahead(hours=1)
        booking.told_at = fields.Datetime.now()
        self.work()
        self.assertEqual(self.reminded(booking), [])

    def test_a_reminder_that_was_just_chosen_writes_to_nobody_at_once(self):
        booking = self.ahead(hours=1)
        self.type.reminder_ids.number = 3
        self.work()
        self.assertEqual(self.reminded(booking), [])

    def test_the_second_of_two_workers_sends_nothing(self):
        booking = self.ahead(hours=1)
        notices = self.env["icloud.booking.notice"]
        due = notices._due()
        notices._remind_all(due)
        with mute_logger("odoo.sql_db"):
            notices._remind_all(due)
        self.assertEqual(len(self.reminded(booking)), 2)

    def test_what_cannot_be_sent_is_seen_and_stops_no_other(self):
        first, second = self.ahead(hours=20), self.ahead(hours=21)
        sending = type(first)._send_mail

        def refuse(booking, *arguments, **options):
            if booking == first:
                raise ValueError("no")
            return sending(booking, *arguments, **options)

        with (
            patch.object(type(first), "_send_mail", refuse),
            mute_logger("odoo.addons.icloud_calendar_sync.models.icloud.icloud_worker"),
        ):
            self.work()
            self.work()
        self.assertEqual(self.reminded(first), [])
        self.assertIn("could not be sent", first.activity_ids.summary)
        self.assertEqual(first.activity_ids.user_id, first.user_id)
        self.assertEqual(self.reminded(second), ["See you soon"])

    def test_a_type_has_its_own_words(self):
        own = self.template("mail_booking_reminder").copy(
            {"subject": "Bring your shoes: it is near"}
        )
        self.type.reminder_ids.template_id = own
        self.age(self.type.reminder_ids)
        booking = self.ahead(hours=20)
        self.work()
        self.assertEqual(self.reminded(booking), ["Bring your shoes"])

    def test_more_than_one_batch(self):
        with patch(f"{NOTICE}.BATCH", 1):
            bookings = [self.ahead(hours=20), self.ahead(hours=21), self.ahead(hours=22)]
            self.work()
        for booking in bookings:
            self.assertEqual(self.reminded(booking), ["See you soon"])


@tagged("-at_install", "post_install", "standard")
class TestFollowUp(ReminderCase):
    def test_who_came_is_thanked_once(self):
        for state in ("confirmed", "attended"):
            booking = self.ahead(hours=-3)
            booking.state = state
            self.work()
            self.work()
            self.assertEqual(self.reminded(booking), ["Thank you for coming"])

    def test_who_did_not_come_is_not(self):
        for state in ("no_show", "cancelled", "pending"):
            booking = self.ahead(hours=-3)
            booking.state = state
            self.work()
            self.assertEqual(self.reminded(booking), [])

    def test_nobody_is_thanked_for_last_week(self):
        booking = self.ahead(days=-7)
        self.work()
        self.assertEqual(self.reminded(booking), [])
