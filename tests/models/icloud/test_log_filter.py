"""A query that fails is logged by Odoo with its values: ours without what is private in them."""

import logging

import psycopg2
from odoo.addons.icloud_calendar_sync import operator_settings
from odoo.addons.icloud_calendar_sync.icloud import secret
from psycopg2.errors import SerializationFailure

from tests.models.common import ICloudCase

CLEAR = "abcd-efgh-ijkl-mnop"


class TestLogFilter(ICloudCase):
    def logged(self, query, values=()):
        """What Odoo logs of a query that fails, and at debug level of one that does not."""
        with (
            self.assertLogs("odoo.sql_db", logging.DEBUG) as logs,
            self.assertRaises(psycopg2.Error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(query, values)
        return "\n".join(logs.output)

    def test_a_conflict_while_reconnecting_logs_neither_the_password_nor_its_ciphertext(self):
        ciphertext = secret.encrypt(operator_settings.secret_key(), CLEAR)
        # Two real cursors: a conflict needs two transactions.
        with self.registry.cursor() as setting_up:
            setting_up.execute(
                "INSERT INTO icloud_account (user_id, state) VALUES (%s, 'disconnected')"
                " RETURNING id",
                [self.env.ref("base.user_admin").id],
            )
            (account_id,) = setting_up.fetchone()
        self.addCleanup(self._delete_committed, account_id)
        with (
            self.registry.cursor() as first,
            self.registry.cursor() as second,
            self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
        ):
            model = "icloud.account"
            accounts = [self.env(cr=cr)[model].browse(account_id) for cr in (first, second)]
            self.assertEqual([each.state for each in accounts], ["disconnected"] * 2)
            accounts[0].write({"username": "mara@icloud.com", "secret": ciphertext})
            accounts[0].env.flush_all()
            first.commit()
            with self.assertRaises(SerializationFailure):
                accounts[1].write({"username": "mara@icloud.com", "secret": ciphertext})
                accounts[1].env.flush_all()
        printed = "\n".join(logs.output)
        self.assertIn('UPDATE "icloud_account"', printed)
        self.assertIn("could not serialize access", printed)
        self.assertNotIn(ciphertext, printed)
        self.assertNotIn(ciphertext[10:40], printed)
        self.assertNotIn("mara@icloud.com", printed)

    def _delete_committed(self, account_id):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM icloud_account WHERE id = %s", [account_id])

    def test_no_text_of_ours_is_logged_with_a_query_that_fails(self):
        for text in ("Dentist", "it's a 'secret'", "back\\slash' or \\'", "two\nlines 'and' more"):
            with self.subTest(text):
                printed = self.logged(
                    "UPDATE icloud_booking_waiting SET customer_name = %s, nonsense = %s",
                    [text, text],
                )
                self.assertIn("nonsense", printed)
                for word in ("Dentist", "secret", "slash", "lines", "more"):
                    self.assertNotIn(word, printed)

    def test_the_row_that_postgresql_quotes_is_not_logged(self):
        booking = self.book(10)
        self.settle()
        printed = self.logged(
            "INSERT INTO icloud_booking (token, type_id) SELECT token, type_id FROM icloud_booking"
            " WHERE id = %s",
            [booking.id],
        )
        self.assertIn("ERROR: ", printed)
        self.assertNotIn(booking.token, printed)

    def test_what_does_not_fail_is_masked_too_at_debug_level(self):
        with self.assertLogs("odoo.sql_db", logging.DEBUG) as logs:
            self.env.cr.execute("SELECT 1 FROM icloud_account WHERE secret = %s", ["cipher-text"])
        self.assertIn("icloud_account", "\n".join(logs.output))
        self.assertNotIn("cipher-text", "\n".join(logs.output))

    def test_others_queries_are_logged_as_ever(self):
        self.assertIn("Anna", self.logged("SELECT %s FROM nowhere", ["Anna"]))
