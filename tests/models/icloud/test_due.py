"""To find what is due costs what is due, not what exists."""

from odoo.tools import SQL

from tests.models.common import ICloudCase

MANY = 5_000
TABLES = {"icloud_event", "icloud_event_outcome"}


class TestDue(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara).sudo()
        self.run_import()
        self.worker = self.env["icloud.push"].sudo()

    def marks(self):
        self.env.flush_all()
        return self.env["icloud.due"].sudo().search_count([])

    def fill(self):
        """Much that is not due: imported files, and copies of former bookings."""
        self.env.execute_query(
            SQL(
                """
                WITH outcome AS (
                    INSERT INTO icloud_event_outcome (etag, pushed_revision)
                    SELECT number::text, number %% 2 FROM generate_series(1, %s) number
                    RETURNING id, etag)
                INSERT INTO icloud_event
                    (outcome_id, calendar_id, account_id, user_id, uid, href, origin, wanted,
                     revision)
                SELECT id, %s, %s, %s, etag, '/' || etag,
                       CASE WHEN etag::int %% 2 = 0 THEN 'icloud' ELSE 'odoo' END, 'absent', 1
                  FROM outcome RETURNING id
                """,
                MANY,
                self.account.primary_calendar_id.id,
                self.account.id,
                self.mara.id,
            )
        )
        self.cr.execute("ANALYZE icloud_event, icloud_event_outcome")

    def rows_read(self, query):
        """How many rows PostgreSQL looks at in the tables of remote events."""
        explained = SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query)
        return _rows_of(self.env.execute_query(explained)[0][0][0]["Plan"])

    def test_neither_counting_nor_claiming_looks_at_what_is_done(self):
        self.fill()
        for hour in (10, 11):
            self.book(hour, user_id=self.mara.id)
        self.settle()
        for resting in (False, True):
            query = self.worker._due(SQL("COUNT(*)"), None, resting)
            self.assertLess(self.rows_read(query), 20)
        self.assertEqual(self.worker._count_due(), 2)
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 2)

    def test_a_mark_lasts_until_icloud_holds_what_is_wished(self):
        first, second = (self.book(hour, user_id=self.mara.id) for hour in (10, 11))
        self.settle()
        refused = first.event_id.sudo().icloud_event_ids
        self.cloud.set_fault("refused", status=403, methods=["PUT"], path=refused.href)
        self.push()
        self.assertEqual(self.env["icloud.due"].sudo().search([]).copy_id, refused)
        self.cloud.clear_faults()
        self.time_passes()
        self.push()
        self.assertEqual(self.marks(), 0)
        second.action_cancel()
        self.settle()
        self.assertEqual(self.marks(), 1)
        self.push()
        self.assertEqual(self.marks(), 0)
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_a_wish_that_comes_while_its_copy_is_sent_keeps_its_mark(self):
        booking = self.book(10, user_id=self.mara.id)
        self.settle()
        claimed = self.worker._claim()
        booking.event_id.location = "Saved meanwhile"
        self.settle()
        self.carry_out(claimed)
        self.env["icloud.due"].sudo()._done()
        self.assertGreaterEqual(self.marks(), 1)
        self.push()
        self.assertEqual(self.marks(), 0)
        self.assertIn(b"Saved meanwhile", self.in_icloud(self.mara)[0])

    def test_whatever_makes_a_copy_due_marks_it(self):
        copy = self.book(10, user_id=self.mara.id).event_id.sudo().icloud_event_ids
        self.push()
        for row, values in (
            (copy.outcome_id, {"pushed_revision": 0}),
            (copy, {"revision": copy.revision + 1}),
        ):
            row.write(values)
            self.assertEqual(self.worker._count_due(), 1)
            self.push()
            self.assertEqual(self.marks(), 0)

    def test_what_was_changed_past_odoo_is_found_within_a_day(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.cr.execute("UPDATE icloud_event_outcome SET pushed_revision = 0 WHERE attempts = 0")
        self.env.invalidate_all()
        self.assertEqual(self.worker._count_due(), 0)
        self.env["icloud.due"].sudo()._find_lost()
        self.assertEqual(self.worker._count_due(), 1)


def _rows_of(plan):
    own = 0
    if plan.get("Relation Name") in TABLES:
        removed = plan.get("Rows Removed by Filter", 0)
        own = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return own + sum(map(_rows_of, plan.get("Plans", ())))
