"""What Odoo, PostgreSQL or another addon refuses is one file that fails, never an account."""

import random
import string
from datetime import timedelta
from itertools import groupby
from unittest.mock import patch

from odoo import fields
from odoo.addons.icloud_calendar_sync.icloud.client import Client
from odoo.addons.icloud_calendar_sync.icloud.errors import TimedOut
from odoo.addons.icloud_calendar_sync.sentence import Sentence
from odoo.addons.icloud_calendar_sync.sync import resources
from odoo.exceptions import ValidationError
from odoo.tools.translate import code_translations
from psycopg2.errors import SerializationFailure

from tests.models.icloud.import_case import ImportCase


class TestStoring(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only_mara = cls.make_type(cls.mara, name="Only Mara")

    def put_file(self, name, *lines):
        head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "BEGIN:VEVENT")
        tail = ("END:VEVENT", "END:VCALENDAR", "")
        data = "\r\n".join([*head, "DTSTAMP:20261101T000000Z", *lines, *tail])
        href = f"{self.home.href}{name}.ics"
        return self.cloud.put_event("mara@icloud.com", "home", data.encode(), href=href)

    def refusing(self, title):
        """An addon that takes no event of this title, nor of any in the same batch."""
        events = self.env.registry["calendar.event"]
        create = events.create

        def refuse(model, vals_list):
            if any(vals.get("icloud_title") == title for vals in vals_list):
                raise ValidationError(f"No {title} here.")
            return create(model, vals_list)

        return patch.object(events, "create", refuse)

    def lines(self):
        return self.env["icloud.log"].search([("account_id", "=", self.account.id)])

    def row(self, href):
        return self.env["icloud.event"].search([("href", "=", href)])

    # -- cases of others -----------------------------------------------------------------------

    def test_a_uid_longer_than_an_index_takes(self):
        letters = random.Random(3).choices(string.ascii_letters + string.digits, k=3000)
        self.put_file(
            "long",
            f"UID:{''.join(letters)}",
            "SUMMARY:Long id",
            f"DTSTART;TZID=Europe/Brussels:{self.day():%Y%m%d}T120000",
            f"DTEND;TZID=Europe/Brussels:{self.day():%Y%m%d}T130000",
        )
        self.put()
        self.run_import()
        self.assertEqual(self.imported().mapped("start"), [self.at(12), self.at(15)])
        self.assertFalse(self.account.last_error)
        starts = self.starts(self.only_mara)
        for taken in ((12, 0), (12, 30), (15, 0)):
            self.assertNotIn(taken, starts)

    def test_a_date_among_the_times_of_a_series(self):
        self.put_file(
            "choir",
            "UID:choir",
            "SUMMARY:Choir",
            f"DTSTART;TZID=Europe/Brussels:{self.day():%Y%m%d}T110000",
            f"DTEND;TZID=Europe/Brussels:{self.day():%Y%m%d}T123000",
            f"RDATE;VALUE=DATE:{self.day(9):%Y%m%d}",
        )
        self.put()
        self.run_import()
        self.assertFalse(self.account.last_error)
        self.assertNotIn((15, 0), self.starts(self.only_mara))
        for days in (7, 9):
            starts = self.starts(self.only_mara, days)
            for taken in ((11, 0), (11, 30), (12, 0)):
                self.assertNotIn(taken, starts)

    # -- what is refused -----------------------------------------------------------------------

    def test_what_an_addon_refuses_is_set_aside_and_blocks(self):
        for number in range(5):
            self.put(f"Lesson {number}", 9 + number)
        refused = self.put("Divorce lawyer", 15)
        with (
            self.refusing("Divorce lawyer"),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR") as logs,
        ):
            self.run_import()
        self.assertEqual(len(self.imported()), 5)
        self.assertFalse(self.account.last_error)
        self.assertTrue(self.home.last_import)
        starts = self.starts(self.only_mara)
        for hour in (9, 10, 11, 12, 13, 15):
            self.assertNotIn((hour, 0), starts)
        self.assertIn((15, 30), starts)
        [line] = self.lines()
        self.assertIn(refused.rpartition("/")[2], line.message)
        trouble = self.mara.with_user(self.mara).icloud_trouble
        self.assertIn(refused.rpartition("/")[2], trouble)
        self.assertNotIn("Divorce", line.message + trouble + "".join(logs.output))

    def test_what_was_set_aside_is_stored_when_it_changes(self):
        href = self.put("Divorce lawyer", 15)
        with (
            self.refusing("Divorce lawyer"),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
        self.assertTrue(self.row(href).set_aside)
        self.put("Lawyer", 12, href=href)
        self.run_import()
        self.assertFalse(self.row(href).set_aside)
        self.assertEqual(self.imported().start, self.at(12))
        self.assertIn((15, 0), self.starts(self.only_mara))

    def test_what_was_set_aside_is_tried_again_at_a_comparison(self):
        self.put("Divorce lawyer", 15)
        with (
            self.refusing("Divorce lawyer"),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
        self.compare()
        self.assertEqual(self.imported().start, self.at(15))

    def test_what_was_set_aside_and_is_gone_from_icloud_is_free(self):
        href = self.put("Divorce lawyer", 15)
        with (
            self.refusing("Divorce lawyer"),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
        self.cloud.delete_event(href)
        self.run_import()
        self.assertIn((15, 0), self.starts(self.only_mara))

    def test_what_was_set_aside_follows_the_next_choice_of_its_host(self):
        three_days = {"start": self.day(7), "stop": self.day(10)}
        self.put("Divorce lawyer", **three_days)
        with (
            self.refusing("Divorce lawyer"),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
            self.assertFalse(self.starts(self.only_mara, days=8))
            self.home.with_user(self.mara).all_day_blocks = "never"
            self.run_import()
        self.assertTrue(self.starts(self.only_mara, days=8))

    # -- what comes late -----------------------------------------------------------------------

    def not_given_out(self):
        href = self.put()
        self.cloud.set_fault("poison_member", path=href)
        self.addCleanup(self.cloud.clear_faults)
        for _try in range(3):
            self.run_import()
        self.assertIn("does not give it out", self.mara.with_user(self.mara).icloud_trouble)
        self.cloud.clear_faults()
        return href

    def test_what_icloud_gives_out_at_last_is_no_trouble_any_more(self):
        self.not_given_out()
        self.compare()
        self.assertEqual(self.imported().start, self.at(15))
        self.assertFalse(self.mara.with_user(self.mara).icloud_trouble)

    def test_what_icloud_never_gave_out_and_is_gone_is_no_trouble_any_more(self):
        self.cloud.delete_event(self.not_given_out())
        self.run_import()
        self.assertFalse(self.mara.with_user(self.mara).icloud_trouble)

    def test_what_came_without_an_etag_goes_when_it_is_gone(self):
        href = self.put()
        self.run_import()
        self.row(href).outcome_id.etag = False
        self.home.sync_token = False
        self.cloud.delete_event(href)
        self.compare()
        self.assertFalse(self.imported())

    def test_a_calendar_larger_than_one_look_is_read_in_several(self):
        for hour in range(9, 14):
            self.put(f"Lesson {hour}", hour)
        multiget, late = Client.multiget, TimedOut(Sentence("The time is over."))
        for most in (2, 4):
            answered = iter(range(2))

            def answer(client, *args, answered=answered):
                if next(answered, None) is None:
                    raise late
                return multiget(client, *args)

            with (
                patch.object(resources, "MAX_BATCH", 2),
                patch.object(Client, "multiget", answer),
            ):
                self.run_import()
            self.assertEqual(len(self.imported()), min(most * 2, 5))
            self.assertEqual(bool(self.home.last_import), most * 2 > 5)
            self.assertEqual(bool(self.starts(self.only_mara)), most * 2 > 5)
            self.assertLessEqual(self.account.sudo().failures, 1)
        self.assertFalse(self.account.last_error)

    def test_a_server_that_is_never_done_is_not_asked_without_a_pause(self):
        """It has no tokens and no ETags, so each look reads all, and each look is too short."""
        self.cloud.set_fault("no_etag", everywhere=True)
        self.cloud.set_fault("refused", holding="sync-collection", methods=["REPORT"], status=400)
        self.addCleanup(self.cloud.clear_faults)
        for hour in range(9, 15):
            self.put(f"Lesson {hour}", hour)
        multiget, late = Client.multiget, TimedOut(Sentence("The time is over."))
        account, asked = self.account.sudo(), []

        def answer(client, *args):
            asked.append(args)
            if len(asked) % 2 == 0:
                raise late
            return multiget(client, *args)

        with patch.object(resources, "MAX_BATCH", 2), patch.object(Client, "multiget", answer):
            for count in (2, 4, 6):
                self.run_import()
                self.assertEqual(len(self.imported()), count)
                self.assertEqual(account.failures, 0)
                self.assertLessEqual(account.next_import, fields.Datetime.now())
            for failures in (1, 2):
                self.run_import()
                self.assertEqual(account.failures, failures)
                self.assertGreater(account.next_import, fields.Datetime.now())

    def test_nobody_who_saves_preferences_waits_for_what_is_stored(self):
        self.put()
        order = []

        def noted(model, name):
            work = getattr(self.env.registry[model], name)

            def done(*args):
                order.append(name)
                return work(*args)

            return patch.object(self.env.registry[model], name, done)

        worker = self.env.registry["icloud.worker"]
        landed = worker._landed

        def noted_landing(*args, **options):
            order.append("commit")
            return landed(*args, **options)

        with (
            noted("calendar.event", "_store_imported"),
            noted("icloud.calendar", "write"),
            patch.object(worker, "_landed", noted_landing),
        ):
            self.run_import()
        # What takes long is stored by the time that the calendar's row is locked, and let go.
        # On a slow machine the worker commits what it only looked at, too.
        steps = [name for name, _again in groupby(order[order.index("_store_imported") :])]
        self.assertEqual(steps[:4], ["_store_imported", "commit", "write", "commit"])

    def test_what_postgresql_refuses_is_set_aside(self):
        self.put("Divorce lawyer", 15)
        self.put("Lesson", 12)
        events = self.env.registry["calendar.event"]
        values = events._imported_values

        def odd_values(model, occurrence, choice):
            odd = {"icloud_recurrence_id": "\0"} if occurrence.title == "Divorce lawyer" else {}
            return {**values(model, occurrence, choice), **odd}

        with (
            patch.object(events, "_imported_values", odd_values),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
        self.assertEqual(self.imported().start, self.at(12))
        self.assertNotIn((15, 0), self.starts(self.only_mara))

    def test_when_nothing_at_all_can_be_kept_the_calendar_counts_as_not_read(self):
        self.put("Divorce lawyer", 15)
        store = self.env.registry["icloud.store"]
        with (
            self.refusing("Divorce lawyer"),
            patch.object(store, "_set_one_aside", side_effect=ValueError("Divorce lawyer")),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR") as logs,
        ):
            self.run_import()
        # Administrators see the last error, too: what it is about stands in the owner's log.
        self.assertIn("see the log", self.account.last_error)
        said = self.env["icloud.log"].search([("account_id", "=", self.account.id)])
        self.assertTrue([line for line in said if "counts as not read" in line.message])
        self.assertNotIn("Divorce", self.account.last_error + "".join(logs.output))
        self.assertFalse(self.starts(self.only_mara))
        self.run_import()
        self.assertFalse(self.account.last_error)
        self.assertNotIn((15, 0), self.starts(self.only_mara))

    def test_a_conflict_of_two_transactions_is_nobodys_fault(self):
        self.put()
        events = self.env.registry["calendar.event"]
        with (
            patch.object(events, "_store_imported", side_effect=SerializationFailure("again")),
            self.assertRaises(SerializationFailure),
        ):
            self.env["icloud.store"]._apart(
                [1, 2],
                lambda _items: self.env["calendar.event"]._store_imported(None, {}, None),
                self.fail,
            )

    def test_what_odoo_does_not_let_go_blocks_and_is_named(self):
        kept, gone = self.put("Kept", 15), self.put("Gone", 12)
        self.run_import()
        events = self.env.registry["calendar.event"]
        unlink = events.unlink

        def refuse(model):
            if self.at(15) in model.mapped("start"):
                raise ValidationError("Not this one.")
            return unlink(model)

        for href in (kept, gone):
            self.cloud.delete_event(href)
        with (
            patch.object(events, "unlink", refuse),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
        self.assertEqual(self.imported().start, self.at(15))
        self.assertIn(kept.rpartition("/")[2], self.lines().message)
        self.compare()
        self.assertFalse(self.imported())

    def test_what_odoo_did_not_let_go_when_it_left_the_window_goes_later(self):
        href = self.put("Kept", 15)
        self.run_import()
        events = self.env.registry["calendar.event"]
        refuse = patch.object(events, "unlink", side_effect=ValidationError("Not this one."))
        long_ago = self.aware(15, days=-90)
        self.put("Kept", href=href, start=long_ago, stop=long_ago + timedelta(hours=1))
        with refuse, self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"):
            self.run_import()
        self.assertTrue(self.row(href).set_aside)
        self.assertEqual(self.imported().start, self.at(15))
        self.compare()
        self.assertFalse(self.row(href).set_aside)
        self.assertFalse(self.imported())

    def test_what_each_look_finds_again_is_said_once_a_day(self):
        self.put()
        self.cloud.set_fault("stray_members", hrefs=["/elsewhere/x.ics"])
        self.addCleanup(self.cloud.clear_faults)
        for _look in range(3):
            self.home.write({"listed_token": False, "sync_token": False})
            self.run_import()
        self.assertEqual(len(self.lines()), 1)

    # -- rows that are not the import's --------------------------------------------------------

    def test_an_event_of_another_user_is_never_taken_for_an_imported_one(self):
        href = self.put()
        self.run_import()
        stolen = self.imported()
        stolen._as_import().write({"user_id": self.colleague.id, "name": "Mine"})
        self.put("Pick John earlier", 14, href=href)
        self.run_import()
        self.assertEqual((stolen.name, stolen.start), ("Mine", self.at(15)))
        self.assertFalse(stolen.icloud_origin_id)
        self.assertEqual(self.imported().start, self.at(14))
        self.cloud.delete_event(href)
        self.run_import()
        self.assertTrue(stolen.exists())

    def test_a_session_is_never_taken_for_an_imported_event(self):
        href = self.put()
        self.run_import()
        session = self.book(10, user_id=self.mara.id).event_id
        session._as_import().icloud_origin_id = self.row(href)
        self.put("Pick John earlier", 14, href=href)
        self.run_import()
        self.assertEqual(session.start, self.at(10))
        self.assertFalse(session.icloud_origin_id)

    def test_a_comparison_mends_what_differs_from_what_was_read(self):
        self.put()
        self.run_import()
        event = self.imported()
        minutes = event.busy_start, event.busy_stop
        self.env.cr.execute(
            "UPDATE calendar_event SET busy_start = 0, busy_stop = 0, icloud_title = 'X',"
            " show_as = 'free', active = FALSE WHERE id = %s",
            [event.id],
        )
        self.env.invalidate_all()
        self.assertIn((15, 0), self.starts(self.only_mara))
        self.run_import()
        self.assertIn((15, 0), self.starts(self.only_mara))
        self.compare()
        self.assertEqual(self.imported(), event)
        self.assertEqual((event.busy_start, event.busy_stop), minutes)
        [shown] = self.of(self.mara, event).read(["display_name"])
        self.assertEqual(shown["display_name"], "Pick John from school")
        self.assertNotIn((15, 0), self.starts(self.only_mara))

    def test_sync_now_compares_everything_but_not_at_every_click(self):
        self.put()
        self.run_import()
        self.home.last_comparison = self.before(minutes=6)
        for fetched in (1, 0):
            self.cloud.clear_requests()
            self.account.with_user(self.mara).action_sync_now()
            self._run("icloud_calendar_sync.cron_import")
            bodies = [each for each in self.cloud.requests() if each["method"] == "REPORT"]
            self.assertEqual(bool(bodies), bool(fetched))

    def test_what_the_plain_rooms_say_is_said_in_the_owners_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.mara.lang = "fr_FR"
        french = {"The event is cut off.": "Coupé."}
        data = b"BEGIN:VCALENDAR\r\nnonsense\r\n"
        self.cloud.put_event("mara@icloud.com", "home", data, href=f"{self.home.href}x.ics")
        known = code_translations.get_python_translations
        with patch.object(
            code_translations,
            "get_python_translations",
            lambda module, lang: french if lang == "fr_FR" else known(module, lang),
        ):
            self.run_import()
        self.assertIn("x.ics: Coupé.", self.lines().message)
