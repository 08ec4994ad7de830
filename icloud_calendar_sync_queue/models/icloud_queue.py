import logging
import math
import time
import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.addons.icloud_calendar_sync.models.icloud.icloud_worker import log_privately, run_seconds
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import DONE, ENQUEUED, PENDING
from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.runner import PG_ADVISORY_LOCK_ID, _channels
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, config
from psycopg2 import InterfaceError, OperationalError

_logger = logging.getLogger(__name__)

CHANNEL = "root.icloud"
# What a host waits for goes first.
PRIORITY = {"push": 5, "import": 10}
# Where more accounts are due than this, several share a job, so that a round has no more jobs: each
# costs some ten queries and an HTTP request, whatever it does.
MOST_JOBS = 100
# As many as a worker asks side by side: fewer in a job would only wait for each other.
SHARED_BY = 32
DONE_KEPT = timedelta(hours=1)
DROPPED_AT_ONCE = 2000
# When a job waits so long for its turn, the scheduled jobs work as well.
LATE = timedelta(minutes=10)
# Seconds until the next look, when another job is at work for the same account.
MEANWHILE = 2
# First part of the keys of our locks; the second is the account.
_LOCKS = {"push": 0x1C10D01, "import": 0x1C10D02}

# A runner holds this lock, in each of its databases, for as long as it lives (bigint keys: the
# manual of PostgreSQL, section 53.12, pg_locks).
_RUNNER = SQL(
    """
    SELECT EXISTS (
        SELECT FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND objsubid = 1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid::bigint << 32) | objid::bigint = %s)
    """,
    PG_ADVISORY_LOCK_ID,
)


class ICloudQueue(models.AbstractModel):
    """Makes jobs of what is due, and does what a job says.

    The scheduled jobs are the only ones that make jobs, after the commit of what is due: so no
    change is missed by a job that has begun before, and no two make the same job.
    """

    _name = "icloud.queue"
    _inherit = ["icloud.worker"]
    _description = "Jobs for iCloud"

    # -- whether there is a queue --------------------------------------------------------------

    @api.model
    def _is_on(self):
        """Whether jobs would be done: the operator wants them, and somebody runs them."""
        return is_configured() and self._is_runner_alive()

    @api.model
    def _is_runner_alive(self):
        """Whether a runner, on whatever machine, serves this database now."""
        return self.env.execute_query(_RUNNER)[0][0]

    @api.model
    def _is_late(self):
        """Whether jobs wait too long: a runner that reaches no server, or too narrow a channel."""
        seconds = self.env["icloud.health"]._jobs()["oldest_seconds"]
        return seconds is not None and seconds > LATE.total_seconds()

    # -- making jobs ---------------------------------------------------------------------------

    def _dispatch(self, work):
        """Have a job for each account for which this work is due.

        :param work: `push` or `import`
        :return: whether the queue gets through
        """
        made = self._despite_conflicts(self._make_jobs, work)
        self.env["ir.cron"]._commit_progress(made, remaining=0)
        return not self._is_late()

    def _make_jobs(self, work):
        self._forget_done()
        self.env["icloud.account"]._stop_copies()
        accounts = self.env[f"icloud.{work}"]._accounts_due()
        waiting = self._waiting(work)
        in_queue = {id_ for job in waiting for id_ in job.records.ids}
        self._bring_forward(waiting, set(accounts.ids))
        rest = accounts.filtered(lambda account: account.id not in in_queue)
        jobs = [self._values(bundle, work) for bundle in _bundles(rest)]
        # sudo: as queue_job makes them itself; no user had a say in what these do.
        queue = self.env["queue.job"].sudo()
        queue.with_context(_job_edit_sentinel=queue.EDIT_SENTINEL).create(jobs)
        return len(jobs)

    def _waiting(self, work):
        """Our jobs that have not begun: whatever is due by now, they will see it."""
        return self.env["queue.job"].search_fetch(
            [
                ("channel_method_name", "=", _function_name(work)),
                ("state", "in", (PENDING, ENQUEUED)),
            ],
            ["records", "eta", "state"],
        )

    def _bring_forward(self, waiting, due):
        """A job that waits for the next try of what failed does not hold up what is due now."""
        waiting.filtered(
            lambda job: job.eta and job.state == PENDING and not due.isdisjoint(job.records.ids)
        ).write({"eta": fields.Datetime.now()})

    def _forget_done(self):
        """Drop what is done: there is much of it, and queue_job keeps it for days."""
        before = fields.Datetime.now() - DONE_KEPT
        done = [("channel", "=", CHANNEL), ("state", "=", DONE), ("date_done", "<", before)]
        # sudo: ours, and nobody writes them any more; whoever looks at the queue may not delete.
        self.env["queue.job"].sudo().search(done, limit=DROPPED_AT_ONCE).unlink()

    def _values(self, accounts, work):
        """A row of the queue, as `queue_job.job.Job` makes it; of people it names the owners."""
        method = f"_job_{work}"
        function = self.env["queue.job.function"].job_config(_function_name(work))
        return {
            "uuid": str(uuid.uuid4()),
            "name": self._name_of(accounts, work),
            "user_id": self.env.uid,
            "company_id": accounts.user_id.company_id.id if len(accounts) == 1 else False,
            "model_name": accounts._name,
            "method_name": method,
            "records": accounts.sudo(),
            "args": (),
            "kwargs": {},
            "dependencies": {"depends_on": [], "reverse_depends_on": []},
            "func_string": f"{accounts!r}.{method}()"[:200],
            "state": PENDING,
            "priority": PRIORITY[work],
            "date_created": fields.Datetime.now(),
            "retry": 0,
            # The sync never gives up; what fails is seen in the queue and on the health page.
            "max_retries": 0,
            "job_function_id": function.job_function_id,
            "channel_method_name": _function_name(work),
            "channel": function.channel,
            "identity_key": f"icloud {work} {accounts[:1].id}+{len(accounts) - 1}",
        }

    def _name_of(self, accounts, work):
        if len(accounts) > 1:
            if work == "push":
                return self.env._("Send the bookings of %s users to iCloud", len(accounts))
            return self.env._("Read the iCloud calendars of %s users", len(accounts))
        owner = accounts.user_id.name
        if work == "push":
            return self.env._("Send the bookings of %s to iCloud", owner)
        return self.env._("Read the iCloud calendars of %s", owner)

    # -- doing them ----------------------------------------------------------------------------

    def _perform(self, accounts, work):
        """Do all that is due for these accounts.

        :raise RetryableJobError: more is to be done, and when
        """
        with self._alone_with(accounts.exists(), work) as own:
            # None would be everybody.
            left = self._work_for(own, work) if own else 0
        if accounts.exists() - own:
            # The other job may have looked before what this one was made for.
            raise _again(self.env._("Another job is at work for the same account."), MEANWHILE)
        if left:
            raise _again(self.env._("There is more to do than fits into one job."), 1)
        if moment := self.env[f"icloud.{work}"]._next_try(own):
            words = self.env._("What could not be done yet is tried again at %s UTC.", moment)
            raise _again(words, math.ceil((moment - _now()).total_seconds()))

    def _work_for(self, accounts, work):
        """:return: how much of it is left because the time was over"""
        try:
            return self._as_request(self.env[f"icloud.{work}"])._work(accounts)
        except (RetryableJobError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            raise
        except Exception as error:  # noqa: BLE001 (its text may hold a row of the database)
            log_privately(error)
            kind = type(error).__name__
            raise RetryableJobError(self.env._("Odoo met %s: see its log.", kind)) from None

    def _as_request(self, worker):
        """The worker with the time that one run may take: no cron runs here, but a request."""
        run, limits = worker._as_run(), (config["limit_time_real"], config["limit_time_real_cron"])
        return run._ending(time.monotonic(), min(map(run_seconds, limits)))

    @contextmanager
    def _alone_with(self, accounts, work):
        """Those of these accounts for which no other job does this work meanwhile.

        The locks belong to the connection, not to a transaction, so that work is committed in
        steps; with a worker that dies they go.
        """
        ids = self._lock(SQL("pg_try_advisory_lock"), accounts.ids, work)
        try:
            yield accounts.browse(ids)
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except BaseException:
            # What is cut cannot be rolled back, and holds no locks either.
            with suppress(InterfaceError, OperationalError):
                self.env.cr.rollback()
            raise
        finally:
            with suppress(InterfaceError, OperationalError):
                self._lock(SQL("pg_advisory_unlock"), ids, work)

    def _lock(self, function, ids, work):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (SELECT id, %s(%s, id) AS done FROM unnest(%s::int[]) id) asked
                 WHERE done
                """,
                function,
                _LOCKS[work],
                ids,
            )
        )
        return [id_ for (id_,) in rows]


def is_configured():
    """Whether the operator has given our jobs a channel: ODOO_QUEUE_JOB_CHANNELS, or odoo.conf."""
    try:
        channels = ChannelManager.parse_simple_config(_channels())
    except ValueError:
        return False  # No runner starts with these, and queue_job says so in the log.
    names = {channel["name"].removeprefix("root.") for channel in channels}
    return CHANNEL.removeprefix("root.") in names


def _function_name(work):
    return f"<icloud.account>._job_{work}"


def _bundles(accounts):
    """One account for each job, or as many as it takes."""
    count = len(accounts)
    size = max(math.ceil(count / MOST_JOBS), SHARED_BY) if count > MOST_JOBS else 1
    return [accounts[start : start + size] for start in range(0, len(accounts), size)]


def _again(words, seconds):
    """The same job once more, by the queue's own means; that is no failure of it."""
    return RetryableJobError(words, seconds=max(seconds, 1), ignore_retry=True)


def _now():
    """Naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
