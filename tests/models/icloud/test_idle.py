"""What a look costs where nothing is new, and which look comes first."""

from functools import partial
from unittest.mock import patch

from odoo import fields
from odoo.addons.icloud_calendar_sync.models.icloud.importing import icloud_import
from odoo.addons.icloud_calendar_sync.sync.crew import Crew

from tests.models.common import PASSWORD, ICloudCase

MINUTE = 60


class TestIdle(ICloudCase):
    def setUp(self):
        super().setUp()
        # Nothing here happens because time passes.
        for name in ("LOOK_AGAIN_SECONDS", "IDLE_SECONDS"):
            self.startPatcher(patch.object(icloud_import, name, MINUTE))

    def hosts(self, count, first=0):
        users = self.env["res.users"]
        for number in range(first, first + count):
            self.cloud.add_account(f"idle{number}@icloud.com", PASSWORD)
            users += self.env["res.users"].create(
                {"name": f"Idle {number}", "login": f"idle{number}", "tz": "Europe/Brussels"}
            )
        return self.env["icloud.account"].union(*map(self.connect, users)).sudo()

    def round_of(self, accounts):
        """How many queries and requests a round takes over these accounts."""
        accounts.next_import = False
        self.env.flush_all()
        self.cloud.clear_requests()
        before = self.cr.sql_log_count
        self.assertFalse(self.work(accounts))
        return self.cr.sql_log_count - before, len(self.cloud.requests())

    def work(self, accounts):
        """One run of the worker, which commits. :return: how many accounts are left"""
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            worker = self.env(cr=cursor)["icloud.import"]
            left = worker._work(accounts.with_env(worker.env))
        self.env.invalidate_all()
        return left

    def test_a_round_over_idle_accounts_costs_a_fixed_number_of_queries(self):
        few = self.hosts(2)
        for number in range(40):
            self.cloud.put_event(
                "idle0@icloud.com",
                "home",
                summary=str(number),
                start=self.aware(8 + number % 10),
                stop=self.aware(9 + number % 10),
            )
        many = few + self.hosts(8, first=2)
        self.round_of(many)
        self.assertTrue(all(many.mapped("last_import")))
        self.assertEqual(self.round_of(few)[1], 2)
        queries, requests = self.round_of(few)
        self.assertEqual(requests, 2)
        self.assertEqual(self.round_of(many), (queries, 10))

    def test_an_idle_account_is_confirmed(self):
        account = self.hosts(1)
        self.round_of(account)
        home = account.primary_calendar_id
        long_ago = fields.Datetime.subtract(fields.Datetime.now(), hours=3)
        home.last_import = long_ago
        account.write({"last_import": long_ago, "failures": 3, "last_error": "Something"})
        self.round_of(account)
        self.assertGreater(home.last_import, long_ago)
        self.assertGreater(account.last_import, long_ago)
        self.assertEqual((account.failures, account.last_error), (0, False))
        self.assertGreater(account.next_import, fields.Datetime.now())

    # -- whose turn it is --------------------------------------------------------------------------

    def claimed(self, within, most=10):
        claimed = self.env["icloud.import"]._claim(within, [], most)
        return claimed and claimed.accounts

    def test_the_freshest_wish_goes_first(self):
        waiting, asked, new, later = self.hosts(4)
        all_of_them = waiting | asked | new | later
        self.env["icloud.wish"].search([]).unlink()
        all_of_them.next_import = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        new.next_import = False
        later._ask_workers("compare")
        asked._ask_workers("compare")
        self.assertEqual(self.claimed(all_of_them, most=3), asked + later + new)
        self.assertEqual(self.claimed(all_of_them), waiting)
        self.assertIsNone(self.claimed(all_of_them))

    def test_a_clock_that_was_wrong_starves_nobody(self):
        account = self.hosts(1)
        self.env["icloud.wish"].search([]).unlink()
        # Failures so far, minutes ahead: a clock that went back by an hour stops nothing for one.
        for failures, minutes, is_due in (
            (0, 5, False),
            (0, 55, True),
            (1, 5, False),
            (2, 55, True),
            (9, 60, False),
            (9, 120, True),
        ):
            ahead = fields.Datetime.add(fields.Datetime.now(), minutes=minutes)
            account.write({"failures": failures, "next_import": ahead})
            self.assertEqual(bool(self.claimed(account)), is_due, (failures, minutes))

    def test_a_comparison_that_lies_ahead_was_none(self):
        account = self.hosts(1)
        self.round_of(account)
        for ahead, is_compared in ((1, False), (60, True)):
            account.calendar_ids.last_comparison = fields.Datetime.add(
                fields.Datetime.now(), minutes=ahead
            )
            self.assertEqual(self.round_of(account)[1] > 1, is_compared)

    def test_who_asked_to_be_left_alone_is_left_alone_also_by_sync_now(self):
        account = self.hosts(1)
        self.round_of(account)
        self.cloud.set_fault("unavailable", status=429, retry_after=600)
        self.addCleanup(self.cloud.clear_faults)
        self.assertEqual(self.round_of(account)[1], 1)
        self.assertGreater(account.quiet_until, fields.Datetime.now())
        self.cloud.clear_faults()
        account.with_user(account.user_id).action_sync_now()
        self.assertEqual(self.round_of(account)[1], 0)
        account.quiet_until = False
        self.assertGreater(self.round_of(account)[1], 0)

    def test_what_was_claimed_and_not_begun_is_due_as_before(self):
        accounts = self.hosts(3)
        self.round_of(accounts)
        self.env["icloud.wish"].search([]).unlink()
        seconds = iter([MINUTE, MINUTE])
        worker = self.env.registry["icloud.import"]
        with (
            patch.object(worker, "_seconds_left", lambda _worker: next(seconds, 0)),
            patch.object(worker, "_look_seconds", lambda _worker: MINUTE),
            patch.object(icloud_import, "Crew", partial(Crew, 1, 1)),
        ):
            accounts.next_import = False
            self.env.flush_all()
            self.assertEqual(self.work(accounts), 2)
        self.assertEqual(len(self.claimed(accounts)), 2)
