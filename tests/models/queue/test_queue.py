"""Beside OCA's queue_job: who does the work, what the jobs are, and what they say."""

import os
from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from odoo import fields
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.jobrunner.runner import PG_ADVISORY_LOCK_ID
from odoo.sql_db import connection_info_for

from tests.models.common import ICloudCase

CHANNEL = "root.icloud"


class QueueCase(ICloudCase):
    """Mara and Jonas have iCloud; `turn_on` gives the queue a channel and a runner."""

    def setUp(self):
        super().setUp()
        self.accounts = self.connect(self.mara).sudo() | self.connect(self.jonas).sudo()
        self.push()
        self.run_import()

    def turn_on(self, channels="root:2,root.icloud:2"):
        self.configure(channels)
        self.runner = self.hold("%s::bigint", PG_ADVISORY_LOCK_ID)

    def turn_off(self):
        self.runner.close()

    def hold(self, key, *values):
        """Somebody else's connection, which holds a lock until it is closed."""
        _name, options = connection_info_for(self.env.cr.dbname)
        connection = self.enterContext(closing(psycopg2.connect(**options)))
        connection.autocommit = True
        connection.cursor().execute(f"SELECT pg_advisory_lock({key})", values)
        return connection

    def configure(self, channels):
        self.enterContext(patch.dict(os.environ, {"ODOO_QUEUE_JOB_CHANNELS": channels}))

    def jobs(self, work="push", state="pending"):
        self.env.flush_all()
        return self.env["queue.job"].search(
            [("method_name", "=", f"_job_{work}"), ("state", "=", state)], order="id"
        )

    def perform(self, job):
        """What queue_job does when a job's turn comes, without its HTTP request."""
        with self.enter_registry_test_mode():
            loaded = Job.load(self.env, job.uuid)
            loaded.perform()
        loaded.set_done()
        loaded.store()
        self.env.invalidate_all()

    def begin(self, job):
        job.write({"state": "started"})


class TestWhoWorks(QueueCase):
    def test_without_a_channel_the_scheduled_job_does_the_work(self):
        self.turn_on("root:4")
        self.book(10)
        self.push()
        self.assertFalse(self.jobs())
        self.assertEqual(len(self.puts()), 1)

    def test_without_a_runner_the_scheduled_job_does_the_work(self):
        self.configure("root:4,root.icloud:2")
        self.book(10)
        self.push()
        self.assertFalse(self.jobs())
        self.assertEqual(len(self.puts()), 1)

    def test_with_both_a_job_does_it(self):
        self.turn_on()
        self.book(10)
        self.push()
        self.assertFalse(self.puts())
        self.perform(self.jobs())
        self.assertEqual(len(self.puts()), 1)

    def test_what_waits_when_the_runner_dies_is_done_by_the_scheduled_job(self):
        self.turn_on()
        self.book(10)
        self.push()
        self.assertTrue(self.jobs())
        self.turn_off()
        self.push()
        self.assertEqual(len(self.puts()), 1)
        self.perform(self.jobs())
        self.assertEqual(len(self.puts()), 1)

    def test_a_queue_that_does_not_get_through_is_helped(self):
        self.turn_on()
        self.book(10)
        self.push()
        self.assertFalse(self.puts())
        self.env.cr.execute(
            "UPDATE queue_job SET date_created = date_created - interval '11 minutes'"
        )
        self.push()
        self.assertEqual(len(self.puts()), 1)
        self.assertEqual(len(self.jobs()), 1)

    def test_an_unreadable_channel_is_none(self):
        self.turn_on("root:4,root.icloud:many")
        self.assertFalse(self.env["icloud.queue"]._is_on())


class TestJobs(QueueCase):
    def setUp(self):
        super().setUp()
        self.turn_on()

    def test_each_account_has_one_job_for_each_work(self):
        for hour in (10, 11, 12):
            self.book(hour)
            self.push()
        self.run_import()
        self.run_import()
        owners = [job.records.user_id.login for job in self.jobs()]
        self.assertEqual(sorted(owners), ["jonas", "mara"])
        self.assertEqual(len(self.jobs()), 2)
        self.assertEqual(len(self.jobs("import")), 2)

    def test_a_change_during_a_job_has_a_job_of_its_own(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.begin(self.jobs())
        self.book(11, user_id=self.mara.id)
        self.push()
        self.assertEqual(len(self.jobs()), 1)

    def test_a_job_is_in_the_channel_and_its_priority_is_the_hosts(self):
        self.book(10)
        self.push()
        self.run_import()
        self.assertEqual(set((self.jobs() | self.jobs("import")).mapped("channel")), {CHANNEL})
        self.assertLess(self.jobs().priority, min(self.jobs("import").mapped("priority")))

    def test_a_job_names_the_owner_and_nothing_else(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        [row] = self.jobs().read()
        said = " ".join(map(str, row.values()))
        self.assertIn("Mara", row["name"])
        for private in ("mara@icloud.com", "abcd-efgh", "Anna", "First visit", "127.0.0."):
            self.assertNotIn(private, said)

    def test_what_failed_stays_in_the_queue_until_its_next_try(self):
        self.cloud.set_fault("unavailable", times=10)
        self.book(10)
        self.push()
        with self.assertRaises(RetryableJobError) as raised:
            self.perform(self.jobs())
        self.assertTrue(raised.exception.ignore_retry)
        self.assertGreater(raised.exception.seconds, 5)

    def test_a_new_booking_does_not_wait_for_the_next_try_of_another(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.jobs().write({"eta": fields.Datetime.now() + timedelta(hours=1)})
        self.book(11, user_id=self.mara.id)
        self.push()
        self.assertEqual(len(self.jobs()), 1)
        self.assertLessEqual(self.jobs().eta, fields.Datetime.now())

    def test_two_jobs_of_one_account_are_never_at_work_together(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        account = self.jobs().records
        self.hold("%s, %s", 0x1C10D01, account.id)
        with self.assertRaises(RetryableJobError):
            self.perform(self.jobs())
        self.assertFalse(self.puts())

    def test_what_nobody_thought_of_says_its_kind_alone(self):
        self.book(10)
        self.push()
        push = type(self.env["icloud.push"])
        with (
            patch.object(push, "_work", side_effect=ValueError("Anna Berg")),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
            self.assertRaises(RetryableJobError) as raised,
        ):
            self.perform(self.jobs())
        self.assertIn("ValueError", str(raised.exception))
        self.assertNotIn("Anna", str(raised.exception))
        self.assertFalse(raised.exception.seconds)

    def test_very_many_accounts_share_jobs(self):
        with patch("odoo.addons.icloud_calendar_sync_queue.models.icloud_queue.MOST_JOBS", 1):
            self.run_import()
        self.assertEqual(self.jobs("import").records, self.accounts)
        self.run_import()
        self.assertEqual(len(self.jobs("import")), 1)

    def test_done_jobs_are_forgotten_within_hours(self):
        self.book(10)
        self.push()
        job = self.jobs()
        self.perform(job)
        self.push()
        self.assertTrue(job.exists())
        job.write({"date_done": fields.Datetime.now() - timedelta(hours=2)})
        self.push()
        self.assertFalse(job.exists())

    def test_an_owner_who_asks_has_the_wish_cleared(self):
        self.accounts._ask_workers("push")
        self._run("icloud_calendar_sync.cron_push")
        for job in self.jobs():
            self.perform(job)
        self.assertFalse(self.env["icloud.wish"].search([("work", "=", "push")]))

    def test_a_copy_that_nobody_neutralized_asks_nothing_and_makes_no_jobs(self):
        self.book(10)
        self.push()
        self.run_import()
        self.env["ir.config_parameter"].set_param("database.uuid", "the copy's")
        self.cloud.clear_requests()
        for job in self.jobs() | self.jobs("import"):
            self.perform(job)
        self.push()
        self.run_import()
        self.assertEqual(self.cloud.requests(), [])
        self.assertFalse(self.jobs() | self.jobs("import"))
        self.assertTrue(all(self.accounts.mapped("is_copied")))

    def test_a_neutralized_copy_has_no_jobs(self):
        self.book(10)
        self.push()
        self.run_import()
        with open(_neutralize_file()) as file:
            self.env.cr.execute(file.read())
        self.assertFalse(self.jobs() | self.jobs("import"))


class TestHealth(QueueCase):
    def test_it_says_who_works(self):
        self.assertEqual(self.by(), {"cron"})
        self.turn_on()
        self.assertEqual(self.by(), {"queue"})
        self.turn_off()
        self.assertEqual(self.by(), {"cron"})

    def by(self):
        workers = self.env["icloud.health"]._report()["workers"]
        return {worker["by"] for worker in workers.values()}

    def test_a_job_that_waits_for_its_turn_is_seen_but_not_one_that_waits_for_a_next_try(self):
        self.turn_on()
        self.book(10)
        self.push()
        job = self.jobs()
        self.env.cr.execute(
            "UPDATE queue_job SET date_created = date_created - interval '20 minutes'"
        )
        self.assertEqual(self.level(), "warning")
        job.write({"eta": fields.Datetime.now() + timedelta(hours=1)})
        self.assertEqual(self.level(), "ok")

    def level(self):
        self.env.flush_all()
        checks = self.env["icloud.health"]._report()["checks"]
        return next(each.level for each in checks if each.name == "oldest_job_seconds")

    def test_the_page_has_words_for_it(self):
        view = self.env["icloud.health.view"].create({})
        self.assertIn("Longest wait of a job", view.report)


def _neutralize_file():
    from odoo.modules import get_module_path

    return f"{get_module_path('icloud_calendar_sync_queue')}/data/neutralize.sql"
