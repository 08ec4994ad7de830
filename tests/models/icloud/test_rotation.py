"""Passwords move from the server's old key to its new one, batch by batch."""

import os
from contextlib import suppress
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.icloud import secret
from odoo.addons.icloud_calendar_sync.models.icloud.account import rotation
from odoo.tests import new_test_user

from tests.models.common import PASSWORD, ICloudCase


class TestRotation(ICloudCase):
    def setUp(self):
        super().setUp()
        self.old, self.new, self.lost = (secret.new_key() for _number in range(3))
        self.env["icloud.account"].search([]).write({"secret": False})

    def under(self, key, count):
        """Accounts whose password is stored under a key."""
        accounts = self.env["icloud.account"]
        for _number in range(count):
            login = f"user{self.env['res.users'].search_count([])}"
            user = new_test_user(self.env, login=login, groups="base.group_user")
            accounts |= accounts.create(
                {"user_id": user.id, "secret": secret.encrypt(key, PASSWORD), "state": "connected"}
            )
        return accounts

    def rotate(self, *keys):
        self.env.flush_all()
        setting = {"ICLOUD_SYNC_KEY": b",".join(keys).decode()}
        with (
            patch.dict(os.environ, setting),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cursor,  # It commits, batch by batch.
        ):
            counts = self.env(cr=cursor)["icloud.account"]._rotate_keys()
        self.env.invalidate_all()
        return counts

    def opens(self, key, accounts):
        for account in accounts:
            self.assertEqual(secret.decrypt(key, account.secret), PASSWORD)

    def test_rows_under_old_new_and_lost_keys(self):
        old, new, lost = self.under(self.old, 3), self.under(self.new, 2), self.under(self.lost, 1)
        before = lost.secret
        with patch.object(rotation, "BATCH", 2):
            counts = self.rotate(self.new, self.old)
        self.assertEqual(counts, {"moved": 3, "current": 2, "lost": 1})
        self.opens(self.new, old | new)
        self.assertEqual(lost.secret, before)
        self.assertEqual(lost.state, "connected")

    def test_what_was_begun_goes_on(self):
        accounts = self.under(self.old, 4)
        worker = type(self.env["icloud.worker"])
        calls = []

        def dies(self, work, *arguments):
            if calls:
                raise KeyboardInterrupt
            calls.append(work)
            return despite_conflicts(self, work, *arguments)

        despite_conflicts = worker._despite_conflicts
        with (
            patch.object(rotation, "BATCH", 2),
            patch.object(worker, "_despite_conflicts", dies),
            suppress(KeyboardInterrupt),  # `assertRaises` would undo what was committed.
        ):
            self.rotate(self.new, self.old)
        counts = self.rotate(self.new, self.old)
        self.assertEqual(counts, {"moved": 2, "current": 2, "lost": 0})
        self.opens(self.new, accounts)

    def test_several_old_keys(self):
        accounts = self.under(self.old, 1) | self.under(self.lost, 1)
        self.assertEqual(self.rotate(self.new, self.old, self.lost)["moved"], 2)
        self.opens(self.new, accounts)

    def test_a_key_that_is_none_moves_nothing(self):
        accounts = self.under(self.old, 1)
        with self.assertRaises(OSError):
            self.rotate(self.new, b"typo", self.old)
        self.opens(self.old, accounts)
