"""What an owner does while a look is under way is newer than all that the look brings."""

from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.models.icloud.importing import icloud_import
from odoo.exceptions import MissingError

from tests.models.icloud.import_case import ImportCase

NEW_PASSWORD = "qrst-uvwx-yzab-cdef"


class TestForgotten(ImportCase):
    def setUp(self):
        super().setUp()
        self.work = self.account.sudo().calendar_ids.filtered(
            lambda calendar: calendar.href.endswith("/work/")
        )
        self.work.check_conflicts = True
        self.put_at(10)
        self.put_at(12)
        self.run_import()
        self.assertEqual(len(self.imported()), 2)

    def put_at(self, hour):
        times = {"start": self.aware(hour), "stop": self.aware(hour, 30)}
        self.cloud.put_event("mara@icloud.com", "work", summary="Busy", **times)

    def look_during(self, name, act, is_meant=lambda _key: True):
        """One look; `act` comes just before what it brings is stored."""
        worker = self.registry["icloud.import"]
        store, done = getattr(worker, name), []

        def overtaken(worker, *arguments):
            if is_meant(arguments[-1]) and not done:
                done.append(name)
                act(worker.env)
            return store(worker, *arguments)

        with patch.object(worker, name, overtaken):
            self.run_import()
        self.assertTrue(done)

    def of_work(self, item):
        return item.key == self.work.id

    def untick_and_tick(self, env):
        """Mara does, and that is stored."""
        calendar = env["icloud.calendar"].with_user(self.mara).browse(self.work.id)
        for ticked in (False, True):
            calendar.check_conflicts = ticked
        env.flush_all()
        env.invalidate_all()

    def assert_read_anew(self, count):
        self.assertFalse(self.work.last_import)
        self.run_import()
        self.assertEqual(len(self.imported()), count)
        self.assertTrue(self.work.last_import)

    def test_a_calendar_that_was_forgotten_meanwhile_is_read_anew(self):
        self.account.sudo().calendar_ids.last_comparison = self.before(days=2)
        self.look_during("_store_news", self.untick_and_tick, self.of_work)
        self.assert_read_anew(2)

    def test_what_was_read_before_that_does_not_make_it_whole(self):
        self.put_at(14)
        self.account.sudo().calendar_ids.last_comparison = self.before(days=2)
        self.look_during("_store_part", self.untick_and_tick, self.of_work)
        self.assert_read_anew(3)

    def test_an_idle_calendar_that_was_forgotten_meanwhile_is_not_confirmed(self):
        self.look_during("_note_idle", self.untick_and_tick)
        self.assert_read_anew(2)


class TestOtherWorker(ImportCase):
    """What one worker hears, the other one does not undo."""

    def test_a_pause_that_the_import_was_told_outlasts_a_push_under_way(self):
        account = self.account.sudo()
        self.run_import()
        account.quiet_seconds = 30  # The last pause is over.
        settle = self.registry["icloud.push"]._settle

        def overtaken(worker, its, results):
            its._be_quiet(600)
            return settle(worker, its, results)

        self.book(10, user_id=self.mara.id)
        with patch.object(self.registry["icloud.push"], "_settle", overtaken):
            self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)
        self.assertGreater(account.quiet_until, self.before(seconds=-590))
        self.cloud.clear_requests()
        self.book(11, user_id=self.mara.id)
        self.push()
        self.assertFalse(self.cloud.requests())

    def test_a_look_ends_when_the_push_is_told_to_leave_icloud_alone(self):
        self.put()
        worker = self.registry["icloud.import"]
        store = worker._store_listing

        def overtaken(worker, job, listing):
            job.account._be_quiet(600)
            return store(worker, job, listing) or None

        self.cloud.clear_requests()
        with (
            patch.object(worker, "_store_listing", overtaken),
            patch.object(icloud_import, "LOOK_AGAIN_SECONDS", 0),
        ):
            self.run_import()
        # The listing, and what was under way by then; no file is fetched.
        self.assertLessEqual(len(self.cloud.requests()), 2)
        self.time_passes()
        self.run_import()
        self.assertEqual(len(self.imported()), 1)


class TestGone(ImportCase):
    def test_a_user_who_is_deleted_during_a_look_stops_nobody_else(self):
        other = self.connect(self.jonas).sudo()
        worker, gone = self.registry["icloud.import"], self.account.id
        store, settle = worker._store_listing, worker._settle_unhandled

        def deleted(worker, job, listing):
            if job.account.id == gone:
                raise MissingError("The account is no more.")
            return store(worker, job, listing)

        def unlinked(worker, job):
            job.account.unlink()
            worker.env.flush_all()
            return settle(worker, job)

        with (
            patch.object(worker, "_store_listing", deleted),
            patch.object(worker, "_settle_unhandled", unlinked),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.run_import()
        self.assertTrue(other.last_import)
        self.assertFalse(self.account.exists())


class TestConnectedAnew(ImportCase):
    """An owner connects again while a worker still asks with the old password."""

    def setUp(self):
        super().setUp()
        self.run_import()
        self.book(10, user_id=self.mara.id)
        self.settle()
        self.cloud.revoke("mara@icloud.com")

    def run_during(self, model, name, run):
        worker = self.registry[model]
        settle = getattr(worker, name)

        def overtaken(worker, *arguments):
            self.cloud.change_password("mara@icloud.com", NEW_PASSWORD)
            accounts = worker.env["icloud.account"].with_user(self.mara)
            accounts.connect("mara@icloud.com", NEW_PASSWORD)
            worker.env.flush_all()
            worker.env.invalidate_all()
            return settle(worker, *arguments)

        with patch.object(worker, name, overtaken):
            run()

    def assert_still_connected(self):
        self.assertEqual(self.account.state, "connected")
        self.assertFalse(self.account.sudo().last_error)
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)

    def test_a_push_with_the_old_password_does_not_stop_the_new_one(self):
        self.run_during("icloud.push", "_settle_end", self.push)
        self.assert_still_connected()

    def test_a_look_with_the_old_password_does_not_stop_the_new_one(self):
        self.run_during("icloud.import", "_settle", self.run_import)
        self.assert_still_connected()


class TestWaiting(ImportCase):
    def test_who_waits_for_others_has_as_much_time_as_they_had(self):
        """Claimed together, begun when there is room: by then the first ones' time is over."""
        seconds = iter([0])
        worker = self.registry["icloud.import"]
        with patch.object(worker, "_look_seconds", lambda _worker: next(seconds, 30)):
            self.run_import()
        account = self.account.sudo()
        self.assertTrue(account.last_import)
        self.assertFalse(account.failures)
