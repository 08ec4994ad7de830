"""The key file when a database leaves, and a database from before `apple_id` had two names."""

import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync import operator_settings, uninstall
from odoo.tools import file_path, sql

from tests.models.common import ICloudCase

SCRIPT = "icloud_calendar_sync/migrations/19.0.1.1.0/pre-account.py"


class TestKeyFile(ICloudCase):
    def setUp(self):
        super().setUp()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.key = Path(folder) / operator_settings.KEY_FILE
        self.key.write_bytes(b"key")
        self.startPatcher(patch.object(operator_settings, "key_path", lambda: self.key))

    def test_it_goes_with_the_last_database(self):
        uninstall._delete_key([])
        self.assertFalse(self.key.exists())
        uninstall._delete_key([])

    def test_it_stays_for_another_database_with_the_addon(self):
        uninstall._delete_key([self.env.cr.dbname])
        self.assertTrue(self.key.exists())

    def test_it_stays_when_nobody_knows(self):
        uninstall._delete_key(["a_database_that_is_not_there"])
        self.assertTrue(self.key.exists())


class TestUpgrade(ICloudCase):
    def test_the_apple_account_keeps_its_value(self):
        account = self.connect(self.mara)
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE icloud_account RENAME COLUMN username TO apple_id")
        spec = spec_from_file_location("migration", file_path(SCRIPT))
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.0.0")
        self.assertFalse(sql.column_exists(self.env.cr, "icloud_account", "apple_id"))
        self.env.invalidate_all()
        self.assertEqual(account.with_user(self.mara).apple_id, "mara@icloud.com")
