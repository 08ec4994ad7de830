import logging
import os
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync import operator_settings
from odoo.addons.icloud_calendar_sync.models.icloud.account import connecting
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.models.common import PASSWORD, ICloudCase


class TestConnect(ICloudCase):
    def refuses(self, sentence, email="mara@icloud.com", password=PASSWORD):
        accounts = self.env["icloud.account"].search_count([])
        with self.assertRaisesRegex(UserError, sentence):
            self.env["icloud.account"].with_user(self.mara).connect(email, password)
        self.assertEqual(self.env["icloud.account"].search_count([]), accounts)

    def test_the_right_pair_finds_the_calendars(self):
        account = self.connect(self.mara)
        self.assertEqual(account.state, "connected")
        self.assertEqual(account.user_id, self.mara)
        self.assertGreaterEqual(len(account.calendar_ids), 4)
        self.assertTrue(account.primary_calendar_id.writable)
        self.assertRegex(account.primary_calendar_id.color, "^#[0-9A-F]{6}$")
        self.assertTrue(account.calendar_ids.filtered(lambda calendar: not calendar.writable))

    def test_a_password_is_taken_as_people_paste_it(self):
        self.assertEqual(self.connect(self.mara, " ABCDEFGHijkl mnop ").state, "connected")

    def test_each_mistake_has_its_own_sentence_and_changes_nothing(self):
        self.refuses("not an app-specific password", password="MyDog2019!")
        self.refuses("not an app-specific password", password="")
        self.refuses("refused this e-mail and password", password="zzzz-zzzz-zzzz-zzzz")
        self.refuses("refused this e-mail and password", email="nobody@icloud.com")
        self.refuses("Enter the e-mail address", email="mara")
        self.cloud.set_fault("unavailable", retry_after=60)
        self.refuses("not available at the moment")

    def test_an_account_without_calendars_is_told_what_to_do(self):
        self.cloud.add_account("empty@icloud.com", PASSWORD)
        for href in self.cloud.calendars("empty@icloud.com").values():
            self.cloud.delete_calendar("empty@icloud.com", href)
        self.refuses("shows no calendars", email="empty@icloud.com")

    def test_a_server_that_does_not_answer_is_not_waited_for(self):
        self.cloud.set_fault("slow", seconds=30)
        with patch.object(connecting, "CONNECT_SECONDS", 0.5):
            self.refuses("did not answer in time")

    def test_an_unreachable_server_is_named_as_such(self):
        nobody = "http://127.0.0.1:1/"
        with patch.dict(os.environ, {"ICLOUD_CALDAV_URL": nobody}):
            self.refuses("cannot be reached")

    def test_a_home_that_is_dead_behind_a_good_front_door_is_not_waited_for(self):
        with patch.object(connecting, "CONNECT_SECONDS", 0.5):
            self.cloud.set_fault("slow", host="partition", seconds=30)
            self.refuses("did not answer in time")
        self.cloud.clear_faults()
        self.cloud.set_fault("reset_before", host="partition", methods=["PROPFIND"])
        self.refuses("cannot be reached")

    def test_a_password_goes_only_to_icloud_or_the_operators_hosts(self):
        with patch.dict(os.environ, {"ICLOUD_CALDAV_URL": "", "ICLOUD_CALDAV_HOSTS": ""}):
            self.assertEqual(operator_settings.caldav_url(), "https://caldav.icloud.com/")
            self.assertFalse(operator_settings.trusted_hosts())
        with patch.dict(os.environ, {"ICLOUD_CALDAV_HOSTS": ""}):
            self.refuses("could not be connected")
        self.assertFalse([each for each in self.cloud.requests() if each["host"] == "partition"])

    def test_nothing_in_the_database_chooses_the_server(self):
        for name in ("ICLOUD_CALDAV_URL", "icloud_caldav_url", "ICLOUD_CALDAV_HOSTS"):
            self.env["ir.config_parameter"].sudo().set_param(name, "http://127.0.0.9:1/")
        self.assertEqual(self.connect(self.mara).state, "connected")

    def test_an_ordinary_password_never_leaves_odoo(self):
        self.refuses("not an app-specific password", password="MyDog2019!")
        self.assertFalse(self.cloud.requests())

    def test_a_failed_reconnect_leaves_the_connection_as_it_was(self):
        account = self.connect(self.mara)
        with self.assertRaises(UserError):
            self.connect(self.mara, "zzzz-zzzz-zzzz-zzzz")
        self.assertEqual(account.state, "connected")
        self.assertTrue(account.sudo()._open_client(5))

    def test_portal_users_cannot_connect(self):
        visitor = new_test_user(self.env, login="visitor", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.connect(visitor)

    def test_nobody_reads_the_password_back(self):
        account = self.connect(self.mara)
        admin = self.env.ref("base.user_admin")
        (self.mara | admin).group_ids += self.env.ref("base.group_allow_export")
        for user in (self.mara, admin):
            with self.assertRaises(AccessError):
                account.with_user(user).read(["secret"])
            with self.assertRaises(AccessError):
                account.with_user(user).search([("secret", "like", "a")])
            with self.assertRaises(AccessError):
                account.with_user(user).export_data(["secret"])
            self.assertNotIn("secret", account.with_user(user).fields_get())
            self.assertNotIn("secret", account.with_user(user).read()[0])
        self.env.flush_all()
        self.env.cr.execute("SELECT secret FROM icloud_account WHERE id = %s", [account.id])
        stored = self.env.cr.fetchone()[0]
        self.assertNotIn("abcd", stored)

    def test_no_log_shows_what_was_typed(self):
        from odoo.service.model import call_kw

        typed = {"apple_id": "mara@icloud.com", "app_password": "my-own-Apple-password-1"}
        with self.assertLogs(level=logging.DEBUG) as logs:
            loggers = [logging.getLogger(name) for name in ("odoo", "odoo.service.model")]
            for logger in loggers:
                self.addCleanup(logger.setLevel, logger.level)
                logger.setLevel(logging.DEBUG)
            with self.assertRaises(UserError):
                call_kw(
                    self.env["icloud.account"].with_user(self.mara),
                    "connect",
                    [typed["apple_id"], typed["app_password"]],
                    {},
                )
            call_kw(self.env["icloud.account"].with_user(self.mara), "search", [[]], {})
        printed = "\n".join(logs.output)
        self.assertIn("call icloud.account", printed)
        self.assertNotIn("Apple-password", printed)

    def test_a_lost_key_costs_a_reconnect_and_nothing_else(self):
        account = self.connect(self.mara)
        self.run_import()
        self.book(user_id=self.mara.id)
        account.sudo().secret = "no longer readable"
        self.push()
        self.assertEqual(account.state, "password_needed")
        self.connect(self.mara)
        self.push()
        self.assertEqual(account.state, "connected")
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_an_account_is_its_users_own(self):
        account = self.connect(self.mara)
        self.assertFalse(account.with_user(self.jonas).has_access("read"))
        self.assertFalse(account.calendar_ids.with_user(self.jonas).has_access("read"))
        with self.assertRaises(AccessError):
            account.with_user(self.jonas).action_disconnect()
        with self.assertRaises(AccessError):
            account.with_user(self.jonas).action_sync_now()
        for values in ({"state": "disconnected"}, {"apple_id": "x"}, {"home_url": "http://x"}):
            with self.assertRaises(AccessError):
                account.with_user(self.mara).write(values)

    def test_the_primary_calendar_must_be_ones_own_and_writable(self):
        mine, other = self.connect(self.mara), self.connect(self.jonas)
        read_only = mine.calendar_ids.filtered(lambda calendar: not calendar.writable)[0]
        for calendar in (read_only, other.primary_calendar_id):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                mine.with_user(self.mara).write({"primary_calendar_id": calendar.id})


class TestPreferences(ICloudCase):
    def own(self, user):
        return self.env["res.users"].with_user(user).browse(user.id)

    def test_the_page_shows_and_changes_the_own_choice(self):
        account = self.connect(self.mara)
        work = account.calendar_ids.filtered(lambda calendar: calendar.href.endswith("/work/"))
        own = self.own(self.mara)
        self.assertEqual(own.icloud_state, "connected")
        self.assertEqual(own.icloud_primary_calendar_id.sudo(), account.primary_calendar_id.sudo())
        own.write(
            {
                "icloud_primary_calendar_id": work.id,
                "icloud_conflict_calendar_ids": [(6, 0, account.calendar_ids.ids)],
            }
        )
        self.assertEqual(account.primary_calendar_id, work)
        self.assertTrue(all(account.calendar_ids.mapped("check_conflicts")))

    def test_nobody_reaches_anothers_calendars_through_the_own_preferences(self):
        self.connect(self.mara)
        others = self.connect(self.jonas)
        own = self.own(self.mara)
        foreign = others.calendar_ids[1]
        for values in (
            {"icloud_primary_calendar_id": foreign.id},
            {"icloud_conflict_calendar_ids": [(4, foreign.id)]},
            {"icloud_conflict_calendar_ids": [(1, foreign.id, {"name": "Mine now"})]},
            {"icloud_conflict_calendar_ids": [(2, foreign.id)]},
            {"icloud_conflict_calendar_ids": [(0, 0, {"name": "x", "account_id": others.id})]},
            {"icloud_account_ids": [(1, others.id, {"apple_id": "mine"})]},
        ):
            with self.subTest(values), self.assertRaises(UserError), self.env.cr.savepoint():
                own.write(values)
                self.env.flush_all()
            self.env.invalidate_all()
        self.assertNotEqual(foreign.name, "Mine now")
        self.assertFalse(foreign.check_conflicts)
        self.assertEqual(others.apple_id, "jonas@icloud.com")

    def test_colleagues_do_not_see_the_page_of_another(self):
        self.connect(self.mara)
        seen = self.mara.with_user(self.jonas)
        self.assertEqual(seen.sudo().icloud_state, "none")
        self.assertFalse(seen.sudo().icloud_apple_id)

    def test_deleting_a_user_takes_the_connection_along(self):
        account = self.connect(self.colleague_with_icloud())
        self.cloud.put_event(
            "leaver@icloud.com", "home", summary="Secret", start=self.aware(10), stop=self.aware(11)
        )
        self.run_import()
        user = account.sudo().user_id
        self.assertTrue(self.env["calendar.event"].search([("user_id", "=", user.id)]))
        user.unlink()
        self.assertFalse(account.exists())
        self.assertFalse(
            self.env["calendar.event"].sudo().search([("icloud_title", "=", "Secret")])
        )

    def colleague_with_icloud(self):
        self.cloud.add_account("leaver@icloud.com", PASSWORD)
        return new_test_user(self.env, login="leaver", groups="base.group_user")
