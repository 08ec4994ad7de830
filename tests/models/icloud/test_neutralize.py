"""A copy that Odoo neutralizes: nothing of anybody's iCloud in it, and no page that is open."""

from odoo.tools import file_open

from tests.models.common import ICloudCase

PRIVATE = ("Pick John from school", "mara@icloud.com", "A note of the log")


class TestNeutralize(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.run_import()
        self.booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.cloud.put_event(
            "mara@icloud.com",
            "home",
            summary=PRIVATE[0],
            start=self.aware(15),
            stop=self.aware(16),
        )
        self.run_import()
        self.account.sudo()._tell("info", PRIVATE[2])
        self.uids = self.env["icloud.event"].search([]).mapped("uid")
        self.token = self.booking.token
        self.env.flush_all()

    def neutralize(self):
        with file_open("icloud_calendar_sync/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()

    def found(self, words):
        """Columns of text, of our tables and of the calendar's, that hold one of these words."""
        self.env.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
             WHERE table_schema = 'public'
               AND data_type IN ('character varying', 'text', 'jsonb')
               AND (table_name LIKE 'icloud%' OR table_name LIKE 'calendar%'
                    OR column_name LIKE 'icloud%')
            """
        )
        found = set()
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT FROM "{table}" WHERE "{column}"::text LIKE ANY(%s)',
                [[f"%{word}%" for word in words]],
            )
            if self.env.cr.rowcount:
                found.add(f"{table}.{column}")
        return found

    def test_nothing_private_is_left(self):
        words = [*PRIVATE, *self.uids, self.token]
        self.assertGreaterEqual(
            self.found(words),
            {
                "calendar_event.icloud_title",
                "icloud_account.username",
                "icloud_event.href",
                "icloud_log.message",
                "icloud_booking.token",
            },
        )
        self.neutralize()
        self.assertFalse(self.found(words))

    def test_pages_are_closed_and_bookings_stay(self):
        self.neutralize()
        self.assertFalse(self.env["icloud.booking.type"].search([("is_published", "=", True)]))
        self.assertEqual(self.booking.state, "confirmed")
        self.assertTrue(self.booking.event_id.exists())
        self.assertGreaterEqual(len(self.booking.token), 32)

    def test_nobody_is_connected_and_everybody_may_connect_anew(self):
        self.neutralize()
        self.assertEqual(self.account.state, "disconnected")
        self.assertFalse(self.account.sudo().secret)
        self.cloud.clear_requests()
        self.push()
        self.run_import()
        self.assertFalse(self.cloud.requests())
        self.assertEqual(self.connect(self.mara).state, "connected")
