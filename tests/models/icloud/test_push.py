import re
from datetime import timedelta
from threading import Event
from unittest.mock import patch

from icalendar import Calendar
from odoo import fields
from odoo.addons.icloud_calendar_sync.icloud.client import Client
from odoo.exceptions import AccessError
from psycopg2.errors import SerializationFailure

from tests.models.common import PASSWORD, ICloudCase


class TestPush(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.run_import()
        self.cloud.clear_requests()

    def copies(self, booking):
        return booking.event_id.sudo().icloud_event_ids

    def event(self, user=None):
        (data,) = self.in_icloud(user or self.mara)
        (event,) = Calendar.from_ical(data).walk("VEVENT")
        return event

    def test_a_booking_stands_in_icloud_as_the_host_needs_it(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        event = self.event()
        self.assertEqual(event["SUMMARY"], "First visit: Anna Berg")
        self.assertEqual(event["LOCATION"], "12 Rose Street")
        self.assertEqual(event["DTSTART"].dt, self.aware(10))
        self.assertEqual(event["DTSTART"].params["TZID"], "Europe/Brussels")
        self.assertEqual(event["DTEND"].dt, self.aware(10, 30))
        self.assertIn("anna@example.com", event["DESCRIPTION"])
        self.assertIn("+32 2 555 01 01", event["DESCRIPTION"])
        self.assertNotIn("ATTENDEE", event)
        self.assertNotIn("ORGANIZER", event)
        self.assertEqual(self.cloud.mails(), [])

    def test_it_moves_and_goes_with_the_booking(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        uid = self.event()["UID"]
        booking.reschedule(self.iso(14))
        self.push()
        self.assertEqual(self.event()["DTSTART"].dt, self.aware(14))
        self.assertEqual(self.event()["UID"], uid)
        booking.action_cancel()
        self.push()
        self.assertFalse(self.in_icloud(self.mara))
        self.assertFalse(self.copies(booking))

    def test_ten_writes_make_one_put(self):
        booking = self.book(10, user_id=self.mara.id)
        for number in range(10):
            booking.event_id.location = f"Room {number}"
            self.settle()
        self.push()
        self.assertEqual(len(self.puts()), 1)
        self.assertEqual(self.event()["LOCATION"], "Room 9")

    def test_write_then_cancel_makes_nothing(self):
        self.book(10, user_id=self.mara.id).action_cancel()
        self.push()
        self.assertFalse(self.cloud.requests())
        self.assertFalse(self.env["icloud.event"].search([("origin", "=", "odoo")]))

    def test_what_did_not_change_is_not_sent(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.cloud.clear_requests()
        booking.event_id.location = "12 Rose Street"
        booking.event_id.active = True
        self.push()
        self.assertFalse(self.cloud.requests())
        copy = self.copies(booking)
        self.assertEqual(copy.pushed_revision, copy.revision)

    def test_odoo_events_that_are_no_bookings_stay_in_odoo(self):
        self.env["calendar.event"].with_user(self.mara).create(
            {
                "name": "Team lunch",
                "start": self.at(12),
                "stop": self.at(13),
            }
        )
        self.push()
        self.assertFalse(self.cloud.requests())

    def test_a_host_without_icloud_has_no_copy(self):
        booking = self.book(10, user_id=self.jonas.id)
        self.push()
        self.assertFalse(self.copies(booking))
        self.assertFalse(self.cloud.requests())

    def test_upcoming_bookings_follow_when_a_host_connects(self):
        self.book(10, user_id=self.jonas.id)
        self.connect(self.jonas)
        self.push()
        self.assertEqual(self.event(self.jonas)["SUMMARY"], "First visit: Anna Berg")

    def test_identity_is_committed_before_the_first_request(self):
        booking = self.book(10, user_id=self.mara.id)
        self.settle()
        copy = self.copies(booking)
        self.assertTrue(copy.uid in copy.href)
        self.assertFalse(copy.pushed_revision)
        self.push()
        self.assertEqual(str(self.event()["UID"]), copy.uid)

    def test_a_save_during_the_push_is_not_lost(self):
        booking = self.book(10, user_id=self.mara.id)
        self.settle()
        copy = self.copies(booking)
        claimed = self.env["icloud.push"].sudo()._claim()
        booking.event_id.location = "Saved meanwhile"
        self.settle()
        self.carry_out(claimed)
        self.assertEqual(copy.revision, copy.pushed_revision + 1)
        self.push()
        self.assertEqual(self.event()["LOCATION"], "Saved meanwhile")

    def test_a_run_whose_time_is_over_asks_for_the_next_one(self):
        self.book(10, user_id=self.mara.id)
        self.settle()
        cron = self.env.ref("icloud_calendar_sync.cron_push")
        triggers = self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)])
        triggers.unlink()
        over = patch.object(self.env.registry["icloud.push"], "_may_begin", lambda _worker: False)
        with over, self.assertNoLogs("odoo.addons.base.models.ir_cron", "ERROR"):
            self.push()
        self.assertEqual(self.in_icloud(self.mara), [])
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    def test_a_conflict_in_what_is_only_looked_at_ends_no_run(self):
        """A user's write can meet the worker wherever it is."""
        worker = self.env.registry["icloud.push"]
        for hour, name in ((10, "_count_due"), (11, "_left_alone"), (12, "_note_end")):
            work, met = getattr(worker, name), []

            def meets(*arguments, work=work, met=met, **options):
                met.append(arguments)
                if len(met) == 1:
                    raise SerializationFailure("somebody saved")
                return work(*arguments, **options)

            self.book(hour, user_id=self.mara.id)
            with patch.object(worker, name, meets):
                self.push()
            self.assertGreater(len(met), 1)
        self.assertEqual(len(self.in_icloud(self.mara)), 3)
        self.assertEqual(len(self.puts()), 3)

    def test_what_the_host_adds_on_the_phone_survives_an_update(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        alarm = (
            b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Go\r\nEND:VALARM\r\n"
        )
        edited = data.replace(b"END:VEVENT", alarm + b"X-APPLE-TRAVEL-DURATION:PT20M\r\nEND:VEVENT")
        self.cloud.put_event("mara@icloud.com", "home", edited, href=href)
        booking.reschedule(self.iso(15))
        self.push()
        event = self.event()
        self.assertEqual(event["DTSTART"].dt, self.aware(15))
        self.assertIn("X-APPLE-TRAVEL-DURATION", event)
        self.assertEqual(len(event.walk("VALARM")), 1)

    def test_each_event_fails_alone_with_its_reason(self):
        first, second = (self.book(hour, user_id=self.mara.id) for hour in (10, 11))
        self.settle()
        copy = self.copies(first)
        copy.href = (
            self.account.calendar_ids.filtered(lambda calendar: not calendar.writable)[0].href
            + copy.uid
            + ".ics"
        )
        self.push()
        self.assertTrue(copy.last_error)
        self.assertEqual(copy.attempts, 1)
        self.assertGreater(copy.next_try, fields.Datetime.now())
        self.assertFalse(copy.with_user(self.mara).last_error is False)
        self.assertEqual(self.copies(second).pushed_revision, self.copies(second).revision)

    def test_a_revoked_password_stops_after_one_401_and_loses_nothing(self):
        self.cloud.revoke("mara@icloud.com")
        for hour in (10, 11, 12):
            self.book(hour, user_id=self.mara.id)
        self.push()
        self.push()
        self.assertEqual(self.account.state, "password_needed")
        # Once where the calendars are, and once at the front door, which knows better.
        refusals = [each for each in self.cloud.requests() if each["status"] == 401]
        self.assertEqual([each["host"] for each in refusals], ["partition", "front"])
        self.assertIn(
            "new password",
            self.env["mail.message"]
            .search([("partner_ids", "in", self.mara.partner_id.ids)], limit=1)
            .subject,
        )
        self.cloud.change_password("mara@icloud.com", PASSWORD)
        self.connect(self.mara)
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 3)

    def test_a_slow_account_holds_up_no_other(self):
        self.connect(self.jonas)
        self.run_import()
        home, is_sent, put = self.account.sudo().primary_calendar_id.href, Event(), Client.put
        self.book(10, user_id=self.mara.id)
        self.book(10, user_id=self.jonas.id)

        def slowly(client, path, data, *, etag):
            if path.startswith(home):
                # Mara's waits until Jonas's is in iCloud.
                self.assertTrue(is_sent.wait(60))
                return put(client, path, data, etag=etag)
            sent = put(client, path, data, etag=etag)
            is_sent.set()
            return sent

        with patch.object(Client, "put", slowly):
            self.push()
        for user in (self.mara, self.jonas):
            self.assertEqual(len(self.in_icloud(user)), 1)

    def test_an_unavailable_icloud_is_asked_again_when_it_says(self):
        self.cloud.set_fault("unavailable", retry_after=600)
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        copy = self.copies(booking)
        wait = self.account.quiet_until - fields.Datetime.now()
        self.assertGreaterEqual(wait, timedelta(seconds=590))
        self.assertTrue(copy.last_error)
        self.cloud.clear_faults()
        self.cloud.clear_requests()
        self.book(11, user_id=self.mara.id)
        self.account.with_user(self.mara).action_sync_now()
        self.push()
        self.assertFalse(self.cloud.requests())
        self.time_passes()
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 2)
        self.assertFalse(copy.last_error)
        self.assertFalse(self.account.quiet_until)

    def test_a_granted_wish_leaves_nothing_behind(self):
        self.account.with_user(self.mara).action_sync_now()
        self.push()
        self.run_import()
        self.assertFalse(self.env["icloud.wish"].search([]))

    def test_a_lost_answer_leads_to_one_event(self):
        self.cloud.set_fault("reset_after", methods=["PUT"], times=1)
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.assertTrue(self.copies(booking).last_error)
        self.account.with_user(self.mara).action_sync_now()
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)
        self.assertFalse(self.copies(booking).last_error)

    def test_a_crash_before_the_answer_and_a_cancel_leave_nothing_in_icloud(self):
        self.cloud.set_fault("reset_after", methods=["PUT"], times=1)
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)
        booking.action_cancel()
        self.account.with_user(self.mara).action_sync_now()
        self.push()
        self.assertFalse(self.in_icloud(self.mara))

    def test_an_event_dragged_to_another_calendar_is_followed_there(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        self.cloud.delete_event(href)
        work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        self.cloud.put_event(
            "mara@icloud.com", "work", data, href=work.href + href.rpartition("/")[2]
        )
        booking.reschedule(self.iso(15))
        self.push()
        self.assertFalse(self.in_icloud(self.mara))
        self.assertEqual(len(self.in_icloud(self.mara, "work")), 1)
        self.assertEqual(self.copies(booking).calendar_id, work)
        booking.action_cancel()
        self.push()
        self.assertFalse(self.in_icloud(self.mara, "work"))

    def test_upcoming_bookings_move_to_a_new_primary_calendar(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        self.account.with_user(self.mara).primary_calendar_id = work
        self.push()
        self.assertFalse(self.in_icloud(self.mara))
        self.assertEqual(len(self.in_icloud(self.mara, "work")), 1)

    def test_a_handed_over_session_changes_phones(self):
        self.connect(self.jonas)
        self.run_import()
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        booking.event_id.user_id = self.jonas
        self.push()
        self.assertFalse(self.in_icloud(self.mara))
        self.assertEqual(len(self.in_icloud(self.jonas)), 1)

    def test_deleting_a_session_deletes_its_copy(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        booking.event_id.unlink()
        self.push()
        self.assertFalse(self.in_icloud(self.mara))

    def test_disconnect_and_keep_leaves_the_copies_and_reconnecting_finds_them(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.account.with_user(self.mara).action_disconnect()
        self.assertEqual(self.account.state, "disconnected")
        self.assertFalse(self.account.sudo().secret)
        booking.reschedule(self.iso(16))
        self.push()
        self.assertEqual(self.event()["DTSTART"].dt, self.aware(10))
        self.connect(self.mara)
        self.push()
        self.assertEqual(self.event()["DTSTART"].dt, self.aware(16))

    def test_one_copy_that_cannot_be_handled_holds_up_no_other(self):
        self.connect(self.jonas)
        self.run_import()
        first, second = self.book(10, user_id=self.mara.id), self.book(11, user_id=self.jonas.id)
        self.settle()
        events = self.env.registry["calendar.event"]
        as_remote = events._as_remote

        def fails_for_the_first(session, copy):
            if session == first.event_id:
                raise ValueError("broken")
            return as_remote(session, copy)

        with (
            patch.object(events, "_as_remote", fails_for_the_first),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.push()
        self.assertEqual(len(self.in_icloud(self.jonas)), 1)
        self.assertTrue(self.copies(first).last_error)
        self.assertFalse(self.copies(second).last_error)

    def test_a_copy_whose_session_is_gone_goes_too(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        copy = self.copies(booking)
        self.env.cr.execute("UPDATE icloud_event SET event_id = NULL WHERE id = %s", [copy.id])
        self.env.invalidate_all()
        copy._put_back(etag=copy.etag)
        self.push()
        self.assertFalse(self.in_icloud(self.mara))

    def test_disconnect_and_remove_before_the_first_push_ends_at_once(self):
        self.book(10, user_id=self.mara.id)
        self.settle()
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.push()
        self.assertEqual(self.account.state, "disconnected")
        self.assertFalse(self.account.sudo().secret)

    def test_a_failed_remove_is_made_good_by_the_next_connect(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.cloud.revoke("mara@icloud.com")
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.push()
        self.assertEqual(self.account.state, "disconnected")
        self.cloud.change_password("mara@icloud.com", PASSWORD)
        self.connect(self.mara)
        self.run_import()
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)
        booking.action_cancel()
        self.push()
        self.run_import()
        self.assertFalse(self.in_icloud(self.mara))
        self.assertIn((10, 0), self.starts(self.make_type(self.mara)))

    def test_remove_leaves_past_bookings(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.env.cr.execute(
            "UPDATE calendar_event SET start = start - interval '20 days',"
            " stop = stop - interval '20 days' WHERE id = %s",
            [booking.event_id.id],
        )
        self.env.invalidate_all()
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.push()
        self.assertEqual(self.account.state, "disconnected")
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_disconnect_and_remove_keeps_the_password_until_all_is_gone(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.cloud.set_fault("unavailable", retry_after=5)
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.push()
        self.assertEqual(self.account.state, "disconnecting")
        self.assertTrue(self.account.sudo().secret)
        self.cloud.clear_faults()
        self.time_passes()
        self.push()
        self.assertEqual(self.account.state, "disconnected")
        self.assertFalse(self.account.sudo().secret)
        self.assertFalse(self.in_icloud(self.mara))

    def test_the_outcome_is_the_owners_to_read_and_nobody_elses(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        copy = self.copies(booking)
        self.assertTrue(copy.with_user(self.mara).etag)
        for record in (copy, copy.outcome_id):
            self.assertFalse(record.with_user(self.jonas).has_access("read"))
            with self.assertRaises(AccessError):
                record.with_user(self.mara).write({"attempts": 9})

    def test_the_copy_of_a_pending_booking_says_so(self):
        booking = self.book(10, user_id=self.mara.id)
        booking.sudo().state = "pending"
        self.push()
        self.assertEqual(self.event()["STATUS"], "TENTATIVE")
        booking.action_confirm()
        self.push()
        self.assertEqual(self.event()["STATUS"], "CONFIRMED")
        self.assertTrue(re.fullmatch(r"[0-9A-F-]{36}", str(self.event()["UID"])))
