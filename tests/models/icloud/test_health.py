"""What whoever runs the server can see of the sync, and in how many queries."""

from contextlib import closing
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import new_test_user
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from tests.models.common import ICloudCase


class HealthCase(ICloudCase):
    def setUp(self):
        super().setUp()
        # Counted past the transaction of a test: what others left goes.
        self.forget_tallies()
        self.addCleanup(self.forget_tallies)
        for xmlid in ("cron_push", "cron_import"):
            cron = self.env.ref(f"icloud_calendar_sync.{xmlid}")
            cron.write({"active": True, "lastcall": fields.Datetime.now()})

    def forget_tallies(self):
        with closing(db_connect(self.env.cr.dbname).cursor()) as cursor:
            cursor.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            cursor.execute("DELETE FROM icloud_tally")

    def committed(self):
        """An environment that sees what other connections have written since the test began."""
        cursor = self.enterContext(closing(db_connect(self.env.cr.dbname).cursor()))
        return api.Environment(cursor, SUPERUSER_ID, {})

    def report(self):
        return self.env["icloud.health"]._report()

    def level(self, name, env=None):
        report = (env or self.env)["icloud.health"]._report()
        [check] = [check for check in report["checks"] if check.name == name]
        return check.level

    def synced(self):
        """Mara and Jonas, connected, read, with a booking each in iCloud."""
        accounts = self.connect(self.mara).sudo() | self.connect(self.jonas).sudo()
        self.run_import()
        self.book(10, user_id=self.mara.id)
        self.push()
        return accounts


class TestHealth(HealthCase):
    def test_a_sync_that_does_its_work_is_well(self):
        self.synced()
        report = self.report()
        self.assertEqual(report["status"], "ok", report["checks"])
        self.assertEqual(report["accounts"]["connected"], 2)
        self.assertEqual(report["pushes"]["waiting"], 0)
        self.assertGreater(report["calendars"]["read"], 0)

    def test_accounts_are_counted_by_state(self):
        accounts = self.synced()
        accounts[0].write({"state": "password_needed"})
        self.assertEqual(self.report()["accounts"]["password_needed"], 1)
        self.assertEqual(self.level("password_needed_share"), "critical")

    def test_a_calendar_that_is_not_read_is_seen(self):
        accounts = self.synced()
        old = fields.Datetime.now() - timedelta(hours=2)
        accounts.calendar_ids.write({"last_import": old})
        self.assertAlmostEqual(self.report()["calendars"]["oldest_seconds"], 7200, delta=60)
        self.assertEqual(self.level("oldest_calendar_seconds"), "warning")
        self.assertEqual(self.level("stale_calendars_share"), "critical")

    def test_a_calendar_that_its_owner_does_not_tick_is_not_missed(self):
        accounts = self.synced()
        unread = accounts.calendar_ids.filtered(lambda calendar: not calendar._is_read())
        self.assertTrue(unread)
        unread.write({"last_import": fields.Datetime.now() - timedelta(days=9)})
        self.assertEqual(self.report()["status"], "ok")

    def test_a_booking_that_waits_is_seen(self):
        self.synced()
        self.book(11, user_id=self.mara.id)
        self.settle()
        self.env.cr.execute(
            "UPDATE icloud_event SET write_date = now() AT TIME ZONE 'UTC' - interval '20 minutes'"
        )
        self.assertEqual(self.report()["pushes"]["waiting"], 1)
        self.assertEqual(self.level("oldest_due_push_seconds"), "warning")

    def test_a_booking_that_icloud_refuses_is_seen_apart(self):
        self.synced()
        self.cloud.set_fault("refused", methods=("PUT",))
        self.book(11, user_id=self.mara.id)
        self.push()
        self.assertEqual(self.report()["pushes"]["failing"], 1)
        self.assertEqual(self.level("failing_pushes"), "warning")
        self.assertEqual(self.level("oldest_due_push_seconds"), "ok")

    def test_a_worker_that_is_switched_off_or_late_is_critical(self):
        cron = self.env.ref("icloud_calendar_sync.cron_import")
        cron.lastcall = fields.Datetime.now() - timedelta(hours=2)
        self.assertEqual(self.level("import_worker_seconds"), "critical")
        cron.write({"lastcall": fields.Datetime.now(), "active": False})
        self.assertEqual(self.level("import_worker_seconds"), "critical")

    def test_a_copy_says_that_it_is_one(self):
        self.synced()[0].is_copied = True
        self.assertEqual(self.level("stopped_as_copy"), "warning")

    def test_requests_that_fail_are_seen_but_not_those_that_syncing_brings_along(self):
        tally = self.env["icloud.tally"]
        tally._add([{("GET", 404): [30, 1.0], ("PUT", 412): [30, 1.0], ("REPORT", 207): [30, 1]}])
        self.assertEqual(self.level("failed_requests_share", self.committed()), "ok")
        tally._add([{("PROPFIND", 503): [10, 1.0], ("PUT", "Unreachable"): [10, 1.0]}])
        self.assertEqual(self.level("failed_requests_share", self.committed()), "warning")
        tally._add([{("PROPFIND", 401): [200, 1.0]}])
        self.assertEqual(self.level("failed_requests_share", self.committed()), "critical")

    def test_few_requests_prove_nothing(self):
        self.env["icloud.tally"]._add([{("PROPFIND", 503): [3, 1.0]}])
        self.assertEqual(self.level("failed_requests_share", self.committed()), "ok")

    def test_the_number_of_queries_is_fixed(self):
        self.synced()
        few = self.queries()
        for number in range(20):
            user = new_test_user(self.env, login=f"another{number}", groups="base.group_user")
            account = self.env["icloud.account"].create({"user_id": user.id, "state": "connected"})
            self.env["icloud.calendar"].create(
                {"account_id": account.id, "name": "Home", "href": "/", "check_conflicts": True}
            )
        self.assertEqual(self.queries(), few)

    def queries(self):
        self.report()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.report()
        return self.env.cr.sql_log_count - before

    def test_nothing_of_anybody_is_in_it(self):
        self.synced()
        said = str(self.report())
        for private in ("mara", "jonas", "Anna", "First visit", "icloud.com", "127.0.0."):
            self.assertNotIn(private, said.lower() if private.islower() else said)

    def test_no_booking_page_stands_where_programs_ask(self):
        self.assertNotEqual(self.make_type(name="Health").slug, "health")
        with self.assertRaises(ValidationError):
            self.type.slug = "health"


class TestView(HealthCase):
    def view(self, user):
        return self.env["icloud.health.view"].with_user(user).create({})

    def test_administrators_see_it_and_nobody_else(self):
        self.synced()
        report = self.view(self.env.ref("base.user_admin")).report
        self.assertIn("All is well", report)
        self.assertNotIn("Mara", report)
        with self.assertRaises(AccessError):
            self.view(self.colleague)

    def test_trouble_comes_with_what_to_do(self):
        self.synced().write({"state": "password_needed"})
        report = self.view(self.env.ref("base.user_admin")).report
        self.assertIn("Hosts or customers notice this", report)
        self.assertIn("Apple may have changed something", report)

    def test_each_check_has_its_words(self):
        view = self.view(self.env.ref("base.user_admin"))
        names = {check.name for check in self.report()["checks"]}
        self.assertEqual(names, set(view._words()))

    def test_a_token_is_shown_once_and_kept_as_a_hash(self):
        admin = self.env.ref("base.user_admin")
        token = self.view(admin).action_new_token()["params"]["message"]
        health = self.env["icloud.health"]
        self.assertEqual(health._token_hash(), health._hash(token))
        values = self.env["ir.config_parameter"].search([]).mapped("value")
        self.assertNotIn(token, values)


class TestTally(HealthCase):
    def setUp(self):
        super().setUp()
        self.tally = self.env["icloud.tally"]

    def sums(self, since=None):
        return self.committed()["icloud.tally"]._sums(since)

    def rows(self):
        return self.committed()["icloud.tally"].search_count([])

    def test_workers_add_to_the_same_rows(self):
        self.tally._add(
            [{("PUT", 201): [2, 0.5]}, {("PUT", 201): [1, 0.25], ("GET", 200): [1, 0.5]}]
        )
        self.tally._add([{("PUT", 201): [1, 0.25]}])
        self.assertEqual(self.sums(), [("GET", "200", 1, 0.5), ("PUT", "201", 4, 1.0)])
        self.assertEqual(self.rows(), 2)

    def test_it_is_counted_whatever_becomes_of_the_round(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.tally._add([{("PUT", 201): [1, 0.5]}])
            raise ZeroDivisionError
        self.assertEqual(self.sums(), [("PUT", "201", 1, 0.5)])

    def test_nothing_asked_is_nothing_stored(self):
        self.tally._add([{}])
        self.assertEqual(self.sums(), [])

    def test_old_hours_become_one_sum_and_no_total_falls(self):
        for days in (10, 20, 30):
            self.tally._add([{("PUT", 201): [1, 0.5]}])
            env = self.committed()
            env.cr.execute(
                "UPDATE icloud_tally SET hour = now() - %s * interval '1 day'"
                " WHERE hour > '2000-01-01'",
                [days],
            )
            env["icloud.tally"]._sum_up()
            env.cr.commit()
        self.assertEqual(self.sums(), [("PUT", "201", 3, 1.5)])
        self.assertEqual(self.sums(fields.Datetime.now() - timedelta(days=60)), [])
        self.assertEqual(self.rows(), 1)

    def test_what_a_server_makes_up_is_bounded(self):
        kinds = {("GET", str(number) + "x" * 1000): [1, 1.0] for number in range(1000)}
        self.tally._add([kinds])
        self.assertEqual(self.rows(), 200)
        self.assertEqual(max(len(row[1]) for row in self.sums()), 40)
