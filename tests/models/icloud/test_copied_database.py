"""An account belongs to the database it was connected in; a copy of that asks before it speaks."""

import json
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.models.icloud.account import home_database
from odoo.exceptions import UserError
from odoo.tools import SQL

from tests.models.common import PASSWORD, ICloudCase


class TestCopiedDatabase(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.run_import()
        self.booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.cloud.clear_requests()

    def parameter(self, key, value):
        self.env["ir.config_parameter"].set_param(key, value)

    def become_a_copy(self):
        """What Odoo's own "Duplicate" does to the copy."""
        self.parameter("database.uuid", "another")

    def belonged(self, **elsewhere):
        """As if it had been connected in a database that differs in this."""
        known = json.loads(self.account.sudo().home_database)
        self.account.sudo().home_database = json.dumps({**known, **elsewhere}, sort_keys=True)

    def work(self):
        self.push()
        self.run_import()
        self.push()

    def test_a_copy_asks_nothing_of_icloud_and_says_so(self):
        self.become_a_copy()
        self.booking.reschedule(self.iso(14))
        self.book(16, user_id=self.mara.id)
        self.work()
        self.work()
        self.assertFalse(self.cloud.requests())
        own = self.env["res.users"].with_user(self.mara).browse(self.mara.id)
        self.assertEqual(own.icloud_state, "copied")
        self.assertIn("not the one that your iCloud was connected in", own.icloud_last_error)
        notices = self.env["mail.message"].search([("subject", "like", "copy of your database")])
        self.assertEqual(notices.partner_ids, self.mara.partner_id)
        self.assertEqual(len(notices), 1)

    def test_a_copy_deletes_nothing_from_icloud(self):
        self.become_a_copy()
        self.booking.action_cancel()
        self.work()
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.work()
        self.assertFalse(self.cloud.requests())
        self.assertEqual(self.account.state, "disconnected")
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_before_any_worker_ran_nothing_can_be_asked_by_hand_either(self):
        self.become_a_copy()
        for ask in (
            self.account.with_user(self.mara).action_sync_now,
            lambda: self.connect(self.mara),
            lambda: self.account.sudo()._open_client(5),
        ):
            with self.assertRaisesRegex(UserError, "Nothing is read from iCloud or sent"):
                ask()
        self.assertFalse(self.cloud.requests())

    def test_a_disconnecting_account_of_a_copy_stops_too(self):
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.assertEqual(self.account.state, "disconnecting")
        self.become_a_copy()
        self.work()
        self.assertFalse(self.cloud.requests())
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_it_goes_on_with_one_click_of_its_owner(self):
        self.become_a_copy()
        self.booking.reschedule(self.iso(14))
        self.work()
        with self.assertRaises(UserError):
            self.account.with_user(self.jonas).action_go_on_here()
        self.account.with_user(self.mara).action_go_on_here()
        self.work()
        own = self.env["res.users"].with_user(self.mara).browse(self.mara.id)
        self.assertEqual((own.icloud_state, own.icloud_last_error), ("connected", False))
        self.assertEqual(len(self.puts()), 1)

    def test_who_leaves_a_copy_may_connect_there_anew(self):
        self.become_a_copy()
        self.work()
        self.account.with_user(self.mara).action_disconnect()
        self.cloud.add_account("tests@icloud.com", PASSWORD)
        connected = (
            self.env["icloud.account"].with_user(self.mara).connect("tests@icloud.com", PASSWORD)
        )
        self.assertEqual(connected.state, "connected")
        self.assertFalse(connected.is_copied)
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_what_tells_a_copy(self):
        for elsewhere in ({"uuid": "other"}, {"name": "production"}, {"cluster": "7"}):
            with self.subTest(elsewhere), self.env.cr.savepoint() as savepoint:
                self.belonged(**elsewhere)
                self.work()
                self.assertTrue(self.account.is_copied)
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertFalse(self.cloud.requests())

    def test_another_frozen_address_tells_a_copy(self):
        self.parameter("web.base.url.freeze", "True")
        self.parameter("web.base.url", "https://salon.example.com")
        self.work()
        self.assertFalse(self.account.is_copied)
        self.parameter("web.base.url", "http://salon.example.com:8069")
        self.work()
        self.assertFalse(self.account.is_copied)
        self.parameter("web.base.url", "https://staging.example.com")
        self.cloud.clear_requests()
        self.work()
        self.assertTrue(self.account.is_copied)
        self.assertFalse(self.cloud.requests())

    def test_an_address_that_odoo_changes_by_itself_stops_nobody(self):
        for address in ("https://salon.example.com", "http://10.0.0.5:8069", "http://localhost"):
            self.parameter("web.base.url", address)
            self.work()
            self.assertFalse(self.account.is_copied)
        self.assertTrue(self.cloud.requests())

    def test_an_account_from_before_this_was_remembered_goes_on(self):
        self.account.sudo().home_database = False
        self.work()
        self.assertFalse(self.account.is_copied)
        self.become_a_copy()
        self.work()
        self.assertTrue(self.account.is_copied)

    def test_a_server_that_does_not_tell_its_number_stops_nobody(self):
        self.belonged(cluster="")
        self.work()
        self.assertFalse(self.account.is_copied)

    def test_postgresql_tells_its_number_or_is_not_asked(self):
        accounts = self.env["icloud.account"]
        number = accounts._cluster()
        self.assertGreater(int(number), 10**15)
        with patch.object(home_database, "_MAY_ASK", SQL("SELECT FALSE")):
            self.assertEqual(accounts._cluster(), "")
            self.work()
        self.assertFalse(self.account.is_copied)
