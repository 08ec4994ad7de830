"""The file by which a booking stands in its customer's own calendar, and leaves it again."""

from icalendar import Calendar
from odoo.tests import tagged

from tests.models.booking.test_back_office import OfficeCase
from tests.models.booking.test_class import ClassCase
from tests.models.planning.test_services import MenuCase


class FileCase(OfficeCase):
    def files(self, email="anna@example.com"):
        """[(calendar, event)] in the mails to a customer, in the order in which they were sent."""
        mails = self.env["mail.mail"].search([("email_to", "=", email)]).sorted("id")
        calendars = [Calendar.from_ical(mail.attachment_ids.raw) for mail in mails]
        return [(calendar, calendar.walk("VEVENT")[0]) for calendar in calendars]

    def file(self, booking):
        """Its lines as they are sent now, but for the moment at which they were written."""
        lines = booking._ical_attachment()["raw"].split(b"\r\n")
        return [line for line in lines if not line.startswith(b"DTSTAMP:")]

    def assert_rising(self, files, count):
        self.assertEqual(len(files), count)
        self.assertEqual(len({str(event["UID"]) for _calendar, event in files}), 1)
        numbers = [event["SEQUENCE"] for _calendar, event in files]
        self.assertEqual(numbers, sorted(set(numbers)))

    def assert_removes(self, file):
        calendar, event = file
        self.assertEqual(event["STATUS"], "CANCELLED")
        self.assertEqual(calendar["METHOD"], "CANCEL")


@tagged("-at_install", "post_install", "standard")
class TestCustomerFile(FileCase):
    def test_each_change_has_a_higher_number_and_the_last_removes_the_entry(self):
        booking = self.book()
        booking.reschedule(self.iso(14))
        booking.action_cancel()
        files = self.files()
        self.assert_rising(files, 3)
        self.assertEqual([event["STATUS"] for _calendar, event in files[:2]], ["CONFIRMED"] * 2)
        self.assertEqual(files[1][1].start, self.aware(14))
        self.assert_removes(files[2])
        self.assertEqual(files[2][1].start, self.aware(14))

    def test_a_file_that_is_told_again_counts_no_change(self):
        booking = self.book()
        before = self.file(booking)
        self.settle()
        booking.answers = {"Note": "More"}
        booking.event_id.description = "Bring a towel"
        self.settle()
        self.env.invalidate_all()
        self.assertEqual(self.file(booking), before)

    def test_nobody_is_named_whom_a_mail_program_could_answer(self):
        booking = self.book()
        booking.action_cancel()
        for _calendar, event in self.files():
            self.assertNotIn("ORGANIZER", event)
            self.assertNotIn("ATTENDEE", event)

    def test_the_mail_names_the_method_of_its_file(self):
        self.book().action_cancel()
        mails = self.env["mail.mail"].search([("email_to", "=", "anna@example.com")])
        sent = [
            self.env["ir.mail_server"]._build_email__(
                "mara@example.com",
                ["anna@example.com"],
                mail.subject,
                mail.body_html,
                attachments=[(file.name, file.raw, file.mimetype)],
            )
            for mail in mails.sorted("id")
            for file in mail.attachment_ids
        ]
        files = [part for mail in sent for part in mail.walk() if part.get_filename()]
        self.assertEqual([part.get_content_type() for part in files], ["text/calendar"] * 2)
        # Any case will do (RFC 6047 section 2.4, RFC 2045 section 5.1).
        self.assertEqual([part.get_param("method") for part in files], [None, "cancel"])

    def test_another_host_another_place_and_another_state_are_changes(self):
        self.type.needs_approval = True
        booking = self.book(user_id=self.mara.id)
        numbers = [booking.ical_sequence]
        booking.action_confirm()
        numbers.append(booking.ical_sequence)
        self.hand_to(self.jonas, booking)
        numbers.append(booking.ical_sequence)
        booking.event_id.location = "14 Rose Street"
        numbers.append(booking.ical_sequence)
        self.drag(booking, 15)
        numbers.append(booking.ical_sequence)
        booking.event_id.with_user(self.jonas).unlink()
        numbers.append(booking.ical_sequence)
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assert_removes(self.files()[-1])

    def test_a_declined_request_leaves_the_calendar(self):
        self.type.needs_approval = True
        booking = self.book()
        booking.action_decline()
        files = self.files()
        self.assert_rising(files, 2)
        self.assertEqual(files[0][1]["STATUS"], "TENTATIVE")
        self.assert_removes(files[1])

    def test_a_session_that_is_archived_or_deleted_leaves_the_calendar(self):
        for remove in ("action_archive", "unlink"):
            booking = self.book(user_id=self.mara.id)
            getattr(booking.event_id.with_user(self.mara), remove)()
            self.assert_removes(self.files()[-1])


@tagged("-at_install", "post_install", "standard")
class TestClassFile(FileCase, ClassCase):
    def test_everybody_in_a_class_gets_the_own_entry_removed(self):
        anna, _ben = self.attend("Anna"), self.attend("Ben")
        self.drag(anna, 14)
        anna.event_id.with_user(self.mara).action_archive()
        for email in ("anna@example.com", "ben@example.com"):
            files = self.files(email)
            self.assert_rising(files, 3)
            self.assert_removes(files[-1])

    def test_a_seat_that_was_only_offered_stands_in_no_calendar(self):
        self.yoga.write({"waiting_list": True, "seats": 1})
        anna = self.attend("Anna")
        ben = self.yoga.join_waiting_list(self.iso(10), {"name": "Ben", "email": "ben@example.com"})
        anna.action_cancel()
        with self.enter_registry_test_mode():
            self.env.ref("icloud_calendar_sync.cron_waiting").method_direct_trigger()
        self.env.invalidate_all()
        ben.sudo().booking_id.action_cancel()
        mails = self.env["mail.mail"].search([("email_to", "=", "ben@example.com")])
        self.assertEqual(len(mails), 3)
        self.assertFalse(mails.attachment_ids)
        self.assertNotIn("attached", "".join(mails.mapped("body_html")))

    def test_who_changes_the_session_within_a_class_keeps_the_entry(self):
        anna, _ben = self.attend("Anna"), self.attend("Ben")
        anna.reschedule(self.iso(14))
        anna.reschedule(self.iso(10))
        self.assert_rising(self.files("anna@example.com"), 3)


@tagged("-at_install", "post_install", "standard")
class TestChainFile(FileCase, MenuCase):
    def test_services_by_several_hosts_are_one_entry(self):
        booking = self.order(self.colour, self.care)
        self.assertTrue(booking.child_ids)
        booking.reschedule(self.iso(13))
        # Jonas does not care any more, and Mara alone takes it all: a part less.
        self.care.staff_ids = [(0, 0, {"host_id": self.by_mara.id})]
        booking.reschedule(self.iso(9))
        booking.action_cancel()
        files = self.files()
        self.assert_rising(files, 4)
        self.assertEqual(files[1][1].end, self.aware(14, 15))
        self.assert_removes(files[3])
