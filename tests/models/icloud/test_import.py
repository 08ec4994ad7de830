from datetime import UTC, timedelta
from functools import partial
from threading import Event
from unittest.mock import patch

from odoo import fields
from odoo.addons.icloud_calendar_sync.models.icloud.importing import icloud_import
from odoo.addons.icloud_calendar_sync.sync.importer import look
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from psycopg2 import DatabaseError

from tests.models.icloud.import_case import ImportCase


class TestImport(ImportCase):
    # -- what it shows -------------------------------------------------------------------------

    def test_the_school_run_shows_to_its_owner_and_blocks_the_time(self):
        self.put()
        self.run_import()
        event = self.imported()
        self.assertEqual((event.start, event.stop), (self.at(15), self.at(15, 30)))
        self.assertEqual(self.title(self.mara, event), "Pick John from school")
        only_mara = self.make_type(self.mara)
        self.assertNotIn((15, 0), self.starts(only_mara))
        self.assertIn((15, 30), self.starts(only_mara))
        self.assertIn((15, 0), self.starts())  # Jonas is free.

    def test_colleagues_see_busy_whatever_they_try(self):
        self.put()
        self.run_import()
        event = self.imported()
        admin = self.env.ref("base.user_admin")
        (self.colleague | admin).group_ids += self.env.ref("base.group_allow_export")
        self.title(self.mara, event)  # Warms the shared cache.
        for user in (self.colleague, admin):
            seen = self.of(user, event)
            self.assertEqual(seen.display_name, "Busy")
            self.assertEqual(seen.name, "Busy")
            self.assertNotIn("John", str(seen.read()))
            self.assertNotIn("John", str(seen.export_data(["name", "display_name"])))
            Event = seen.browse()
            self.assertFalse(Event.search([("name", "ilike", "John")]))
            self.assertFalse(Event.search([("display_name", "ilike", "John")]))
            self.assertFalse(Event.name_search("John"))
            for attempt in (
                partial(seen.read, ["icloud_title"]),
                partial(Event.search, [("icloud_title", "ilike", "John")]),
                partial(Event.search, [], order="icloud_title"),
                partial(Event._read_group, [], ["icloud_title"]),
                partial(seen.export_data, ["icloud_title"]),
                partial(seen.mapped, "icloud_title"),
            ):
                with self.assertRaises(AccessError):
                    attempt()

    def test_no_code_names_it_not_even_what_acts_for_its_owner(self):
        self.put()
        self.run_import()
        event = self.of(self.mara, self.imported())
        self.assertEqual(self.title(self.mara, event), "Pick John from school")
        self.assertEqual(event.display_name, "Busy")
        self.assertEqual(self.title(self.mara, event, su=True), "Busy")

    def test_edits_update_the_row_and_deletes_delete_it(self):
        href = self.put()
        self.run_import()
        event = self.imported()
        self.put("Pick John earlier", 14, href=href, uid="school-run")
        self.run_import()
        self.assertEqual(self.imported(), event)
        self.assertEqual(event.start, self.at(14))
        self.assertEqual(self.title(self.mara, event), "Pick John earlier")
        self.cloud.delete_event(href)
        self.run_import()
        self.assertFalse(event.exists())

    def test_an_old_occurrence_moved_to_next_week_is_shown_there(self):
        start = self.aware(15, days=-60)
        master = {"uid": "choir", "start": start, "stop": start + timedelta(hours=1)}
        href = self.put("Choir", rrule="FREQ=WEEKLY;COUNT=4", **master)
        self.run_import()
        # An occurrence that was in Odoo when the window still held it.
        row = self.env["icloud.event"].search([("href", "=", href)])
        stamp = start.astimezone(UTC)
        self.env["calendar.event"]._as_import().create(
            {
                **self.env["calendar.event"]._imported_identity(self.mara),
                "icloud_origin_id": row.id,
                "icloud_recurrence_id": stamp.strftime("%Y%m%dT%H%M%SZ"),
                "start": stamp.replace(tzinfo=None),
                "stop": stamp.replace(tzinfo=None) + timedelta(hours=1),
            }
        )
        moved = self.aware(12)
        (data,) = self.in_icloud(self.mara)
        override = (
            "BEGIN:VEVENT\r\nUID:choir\r\nSUMMARY:Choir\r\n"
            f"RECURRENCE-ID:{stamp:%Y%m%dT%H%M%SZ}\r\n"
            f"DTSTART:{moved.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n"
            f"DTEND:{moved.astimezone(UTC) + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
        )
        edited = data.replace(b"END:VCALENDAR", override.encode() + b"END:VCALENDAR")
        self.cloud.put_event("mara@icloud.com", "home", edited, href=href)
        self.run_import()
        self.assertFalse(self.account.last_error)
        self.assertIn(self.at(12), self.imported().mapped("start"))

    def test_trouble_while_storing_names_no_title(self):
        self.put("Divorce lawyer")
        events = self.env.registry["calendar.event"]
        with (
            patch.object(events, "_store_imported", side_effect=ValueError("Divorce lawyer")),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR") as logs,
        ):
            self.run_import()
        self.assertNotIn("Divorce", "".join(logs.output))
        line = self.env["icloud.log"].search([("account_id", "=", self.account.id)])
        self.assertIn("could not store", line.message)
        self.assertNotIn("Divorce", line.message)

    def test_a_failing_query_names_no_title(self):
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logs,
            self.assertRaises(DatabaseError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("SELECT 'Divorce lawyer' AS icloud_title FROM nowhere")
        self.assertNotIn("Divorce", "".join(logs.output))

    def test_talking_about_an_event_does_not_name_it(self):
        self.put()
        self.run_import()
        event = self.of(self.mara, self.imported())
        message = event.message_post(
            body="Can you take over?", partner_ids=self.colleague.partner_id.ids
        )
        self.assertNotIn("John", message.sudo().subject or "")
        self.assertNotIn("John", str(self.env["mail.mail"].search([]).mapped("subject")))

    def test_colleagues_cannot_free_the_hour(self):
        self.put()
        self.run_import()
        event = self.of(self.colleague, self.imported())
        with self.assertRaisesRegex(UserError, "lives in iCloud"):
            event.write({"attendee_ids": [(5,)]})
        with self.assertRaises(AccessError):
            event.attendee_ids.unlink()
        self.imported().sudo().attendee_ids.unlink()
        self.assertNotIn((15, 0), self.starts(self.make_type(self.mara)))

    def test_the_uid_of_an_event_is_the_owners_to_know(self):
        self.put(uid="e123@facebook.example")
        self.run_import()
        seen = self.of(self.colleague, self.imported()).read(["icloud_origin_id"])
        self.assertNotIn("facebook", str(seen))
        admin = self.env.ref("base.user_admin")
        self.assertNotIn("Home", str(self.account.with_user(admin).read(["primary_calendar_id"])))

    def test_nothing_new_costs_one_request(self):
        self.put()
        self.run_import()
        self.cloud.clear_requests()
        self.run_import()
        self.assertEqual([each["method"] for each in self.cloud.requests()], ["PROPFIND"])

    def test_free_and_cancelled_events_do_not_block(self):
        self.put("Maybe", 10, transp="TRANSPARENT")
        self.put("Off", 11, status="CANCELLED")
        self.run_import()
        starts = self.starts(self.make_type(self.mara))
        self.assertIn((10, 0), starts)
        self.assertIn((11, 0), starts)
        self.assertEqual(self.imported().show_as, "free")

    def test_the_way_to_an_event_is_busy_too(self):
        self.put("Dentist", 11, **{"x-apple-travel-duration": "PT40M"})
        self.run_import()
        starts = self.starts(self.make_type(self.mara))
        self.assertEqual(self.imported().start, self.at(11))
        self.assertIn((9, 30), starts)
        for taken in ((10, 0), (10, 30), (11, 0)):
            self.assertNotIn(taken, starts)

    def test_an_all_day_event_blocks_the_local_day(self):
        self.put("Holiday", start=self.day(), stop=self.day(8))
        self.run_import()
        self.assertFalse(self.starts(self.make_type(self.mara)))
        self.assertEqual(self.imported().start_date, self.day())
        self.assertTrue(self.imported().allday)

    def test_a_weekly_event_blocks_every_week_and_an_exception_frees_one(self):
        third = self.aware(15, days=21).strftime("%Y%m%dT%H%M%S")
        self.put("Choir", rrule="FREQ=WEEKLY;COUNT=4", exdate=third)
        self.run_import()
        only_mara = self.make_type(self.mara)
        blocked = [days for days in (7, 14, 21, 28) if (15, 0) not in self.starts(only_mara, days)]
        self.assertIn(7, blocked)
        self.assertIn(14, blocked)
        self.assertIn(28, blocked)

    def test_the_owner_declining_does_not_free_the_hour(self):
        self.put()
        self.run_import()
        self.of(self.mara, self.imported()).attendee_ids.write({"state": "declined"})
        self.assertNotIn((15, 0), self.starts(self.make_type(self.mara)))

    # -- what Odoo may do with it --------------------------------------------------------------

    def test_it_is_read_only_in_odoo(self):
        self.put()
        self.run_import()
        event = self.of(self.mara, self.imported())
        self.assertFalse(event.user_can_edit)
        for values in (
            {"start": self.at(9), "stop": self.at(10)},
            {"name": "Mine"},
            {"active": False},
            {"user_id": self.jonas.id},
            {"show_as": "free"},
            {"privacy": "private"},
        ):
            for context in ({}, {"icloud_import": True}):
                with self.assertRaisesRegex(UserError, "lives in iCloud"):
                    event.with_context(**context).write(values)
        with self.assertRaisesRegex(UserError, "lives in iCloud"):
            event.with_context(icloud_import=True).unlink()
        with self.assertRaises(UserError):
            event.write({"icloud_title": "Mine"})

    def test_alarms_and_followers_still_work(self):
        self.put()
        self.run_import()
        event = self.of(self.mara, self.imported())
        event.alarm_ids = self.env.ref("calendar.alarm_notif_1")
        event.message_subscribe(self.colleague.partner_id.ids)
        self.assertTrue(event.alarm_ids)

    def test_nobody_gets_mail_and_nothing_goes_back_to_icloud(self):
        mails = self.env["mail.mail"].search_count([])
        activities = self.env["mail.activity"].search_count([])
        self.put()
        self.run_import()
        self.push()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(self.env["mail.activity"].search_count([]), activities)
        self.assertFalse(self.puts())
        self.assertFalse(self.imported().message_ids)

    def test_the_form_and_list_show_the_owners_title(self):
        self.put()
        self.run_import()
        event = self.of(self.mara, self.imported())
        form = Form(event)
        self.assertEqual(form.display_name, "Pick John from school")

    # -- own copies ----------------------------------------------------------------------------

    def test_own_copies_are_not_imported(self):
        self.run_import()
        self.book(10, user_id=self.mara.id)
        self.push()
        self.run_import()
        self.assertFalse(self.imported())
        self.assertIn((10, 30), self.starts(self.make_type(self.mara)))

    def test_a_copy_moved_or_deleted_on_the_phone_is_put_back(self):
        self.run_import()
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.run_import()
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        moved = data.replace(
            self.aware(10).strftime("T%H%M%S").encode(), self.aware(9).strftime("T%H%M%S").encode()
        )
        self.assertNotEqual(moved, data)
        self.cloud.put_event("mara@icloud.com", "home", moved, href=href)
        self.run_import()
        self.assertEqual(booking.event_id.start, self.at(10))
        self.push()
        self.assertIn(self.aware(10).strftime("T%H%M%S").encode(), self.in_icloud(self.mara)[0])
        self.cloud.delete_event(href)
        self.run_import()
        self.assertEqual(booking.state, "confirmed")
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_a_note_added_on_the_phone_causes_no_request(self):
        self.run_import()
        self.book(10, user_id=self.mara.id)
        self.push()
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        self.cloud.put_event(
            "mara@icloud.com",
            "home",
            data.replace(b"END:VEVENT", b"X-NOTE:1\r\nEND:VEVENT"),
            href=href,
        )
        self.run_import()
        self.cloud.clear_requests()
        self.push()
        self.assertFalse(self.cloud.requests())

    # -- what can go wrong ---------------------------------------------------------------------

    def test_a_malformed_file_is_named_and_the_others_block(self):
        self.cloud.put_event(
            "mara@icloud.com",
            "home",
            b"BEGIN:VCALENDAR\r\nnonsense\r\n",
            href=f"{self.home.href}broken.ics",
        )
        self.put()
        self.run_import()
        self.assertNotIn((15, 0), self.starts(self.make_type(self.mara)))
        line = self.env["icloud.log"].search([("account_id", "=", self.account.id)])
        self.assertIn("broken.ics", line.message)
        self.run_import()
        self.assertEqual(len(line.search([("account_id", "=", self.account.id)])), 1)
        self.assertFalse(line.with_user(self.jonas).search([]))

    def test_a_calendar_that_was_never_read_is_not_free(self):
        only_mara = self.make_type(self.mara)
        self.assertFalse(self.starts(only_mara))
        self.run_import()
        self.assertTrue(self.starts(only_mara))
        self.home.last_import = fields.Datetime.now() - timedelta(minutes=only_mara.max_age + 1)
        self.assertFalse(self.starts(only_mara))
        only_mara.stale_policy = "show"
        self.assertTrue(self.starts(only_mara))

    def test_an_outage_deletes_nothing_and_is_said(self):
        self.put()
        self.run_import()
        for fault in ("unavailable", "nonsense", "truncated", "reset_before"):
            self.cloud.set_fault(fault, methods=["PROPFIND", "REPORT"])
            self.run_import()
            self.assertTrue(self.imported(), fault)
            self.assertTrue(self.account.last_error, fault)
            self.assertGreater(self.account.next_import, fields.Datetime.now())
            self.cloud.clear_faults()
            self.time_passes()
        self.run_import()
        self.assertFalse(self.account.last_error)
        self.assertEqual(self.account.state, "connected")

    def test_a_slow_account_takes_no_others_time(self):
        self.put()
        jonas, stored, settled = self.connect(self.jonas), Event(), []
        settle = self.env.registry["icloud.import"]._settle

        def slow_look(client, *args):
            if client.apple_id == "mara@icloud.com":
                self.assertTrue(stored.wait(30))
            yield from look(client, *args)

        def noted(worker, job, error):
            settle(worker, job, error)
            settled.append(job.account)
            stored.set()

        with (
            patch.object(icloud_import, "look", slow_look),
            patch.object(self.env.registry["icloud.import"], "_settle", noted),
        ):
            self.run_import()
        self.assertEqual(settled, [jonas.sudo(), self.account.sudo()])
        for account in (self.account | jonas).sudo():
            self.assertTrue(account.last_import)
            self.assertFalse(account.last_error)

    def test_an_account_that_moved_to_another_host_is_found_again(self):
        self.put()
        self.run_import()
        self.cloud.set_fault("partition_moved")
        self.put("Dentist", 11)
        self.run_import()
        self.assertFalse(self.account.last_error)
        self.assertEqual(len(self.imported()), 2)
        self.assertTrue(self.account.sudo().home_url.startswith(self.cloud.url))
        self.cloud.clear_faults()

    def test_a_file_too_large_is_named_and_the_others_block(self):
        self.put("Huge", 10, description="x" * 3_000_000)
        self.put()
        self.run_import()
        self.assertNotIn((15, 0), self.starts(self.make_type(self.mara)))
        self.assertTrue(self.env["icloud.log"].search([("account_id", "=", self.account.id)]))

    def test_an_expired_token_means_a_comparison_not_a_fresh_start(self):
        first = self.put()
        self.put("Dentist", 11)
        self.run_import()
        events = self.imported()
        self.home.write({"sync_token": "expired", "listed_token": False})
        self.cloud.delete_event(first)
        self.run_import()
        self.assertEqual(self.imported(), events[0])

    def test_a_refused_password_stops_the_account(self):
        self.run_import()
        self.cloud.revoke("mara@icloud.com")
        self.run_import()
        self.assertEqual(self.account.state, "password_needed")

    def test_an_overlap_with_a_booking_is_told_to_the_host_without_the_title(self):
        self.run_import()
        booking = self.book(10, user_id=self.mara.id)
        self.put("Doctor", 10)
        self.run_import()
        self.assertEqual(booking.state, "confirmed")
        activity = booking.activity_ids
        self.assertEqual(activity.user_id, self.mara)
        self.assertNotIn("Doctor", activity.note)

    def test_a_calendar_no_longer_checked_no_longer_blocks(self):
        work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        work.with_user(self.mara).check_conflicts = True
        self.cloud.put_event(
            "mara@icloud.com", "work", summary="Shift", start=self.aware(12), stop=self.aware(13)
        )
        self.run_import()
        only_mara = self.make_type(self.mara)
        self.assertNotIn((12, 0), self.starts(only_mara))
        work.with_user(self.mara).check_conflicts = False
        self.assertIn((12, 0), self.starts(only_mara))
        self.assertFalse(self.imported())

    def test_disconnecting_takes_the_imported_events_along(self):
        self.put()
        self.run_import()
        self.account.with_user(self.mara).action_disconnect()
        self.assertFalse(self.imported())
        self.assertIn((15, 0), self.starts(self.make_type(self.mara)))
