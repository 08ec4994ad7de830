import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from psycopg2 import InterfaceError, OperationalError

from ....icloud import errors
from ....icloud.client import Client
from ....sync.crew import Crew, Done
from ....sync.orders import Feed
from ....sync.push import Run
from ..icloud_worker import log_privately

# An order that is begun has at least so long, as one request may take.
ORDER_SECONDS = 15
# Orders of one account that lie ready: while these are sent, the next ones are prepared.
READY = 50
# How often a worker looks whether something new is due, or the pause of a count over. A booking
# that comes meanwhile waits no longer than this.
LOOK_AGAIN_SECONDS = 0.5


@dataclass(eq=False)
class Job:
    """One account whose orders are being sent; `keys` are those not settled yet."""

    account: Any
    client: Client
    secret: str
    run: Run
    feed: Feed
    keys: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Round:
    """One run of the worker: the accounts at work, by id, and what was asked of iCloud."""

    crew: Crew
    jobs: dict[int, Job] = field(default_factory=dict)
    tally: dict = field(default_factory=dict)

    def feed(self, job, orders):
        """Have these sent, too."""
        key = job.account.id
        self.jobs[key] = job
        job.keys.update(order.key for order in orders)
        job.feed.add(orders)
        if key not in self.crew:
            self.crew.start(key, job.run.batches())

    def end(self, key):
        """This account is done. :return: its job"""
        job = self.jobs.pop(key)
        job.client.close()
        for kind, (count, seconds) in job.client.tally.items():
            known = self.tally.setdefault(kind, [0, 0.0])
            known[0], known[1] = known[0] + count, known[1] + seconds
        return job

    def full(self):
        """Ids of accounts that need no more orders for now."""
        return [key for key, job in self.jobs.items() if len(job.feed) >= READY or job.run.stopped]


class ICloudPush(models.AbstractModel):
    """The worker that makes iCloud hold what is wanted.

    Claim (short transaction) → requests (threads, no transaction held) → outcomes (short
    transaction); all three go on at the same time, each account in a thread of its own.
    """

    _name = "icloud.push"
    _inherit = ["icloud.worker"]
    _description = "Push to iCloud"

    @api.model
    def _cron_push(self):
        if self._work():
            # Not left to Odoo, which would call again in the same run.
            wake = self.env["icloud.event"]._wake_push
            self._despite_conflicts(wake, self.env["icloud.account"])

    @api.model
    def _work(self, accounts=None):
        """Send all that is due, until nothing is or the run has to end.

        :param accounts: those alone; None: everybody's
        :return: how many copies are still due
        """
        self = self._as_run()
        self._land(0, self.env["icloud.account"]._stop_copies)
        self._despite_conflicts(self._note_due, accounts)
        with Crew() as crew:
            its = Round(crew)
            while True:
                # Asked first: what rests no more a moment later is claimed.
                is_resting = not its.jobs and self._land(0, self._count_due, accounts, True)
                self._end_those_left_alone(its)
                # While a slow account is waited for, the others' bookings go on.
                has_time = self._may_begin()
                is_claimed = has_time and self._begin_due(its, accounts)
                if not its.jobs and not (has_time and (is_claimed or is_resting)):
                    break
                self._hear_within(LOOK_AGAIN_SECONDS, its)
                if is_resting and not is_claimed and not its.jobs:
                    # Here, not by a trigger: Odoo looks at those for later once a minute.
                    time.sleep(LOOK_AGAIN_SECONDS)
        self._stored(0, self._count_requests, its.tally)
        return self._despite_conflicts(self._note_end, accounts)

    def _note_due(self, accounts):
        self._landed(remaining=self._count_due(accounts))

    def _note_end(self, accounts):
        self.env["icloud.due"]._done()
        remaining = self._count_due(accounts) + self._count_due(accounts, resting=True)
        self._landed(remaining=0)
        return remaining

    def _end_those_left_alone(self, its):
        """Accounts that may not be asked any more, by what another worker heard or a user said."""
        if its.jobs:
            for key in self._land(0, self._left_alone, [*its.jobs]):
                its.jobs[key].run.end()

    def _begin_due(self, its, accounts):
        """Claim what is due, and have it sent. :return: whether there was anything"""
        full, most = its.full(), its.crew.room
        if not most:
            # Those at work are fed; nobody else is begun.
            accounts = self.env["icloud.account"].browse(set(its.jobs).difference(full))
        # Committed before the first request: after a crash it is known what may be in iCloud.
        claimed = self._land(0, self._claim_jobs, accounts, full, most, its)
        if claimed is None:
            return False
        for job, orders in claimed:
            if isinstance(job, Job):
                its.feed(job, orders)
            else:
                account, error = job
                keys = {order.key for order in orders}
                self._stored(0, self._settle_unopened, account, keys, error)
        return True

    def _claim_jobs(self, accounts, full, most, its):
        """What is due, and who sends it: [(`Job`, or why an account cannot be asked, orders)].

        What threads are told is read in the transaction that claims it.
        """
        claimed = self._claim(accounts, full, most, [*its.jobs])
        return claimed and [
            (its.jobs.get(account.id) or self._open(account), orders)
            for account, orders in claimed.items()
        ]

    def _open(self, account):
        """A job for an account, or (account, error) when it cannot be asked."""
        seconds = self._seconds_left()
        try:
            client = account._open_client(seconds)
        except errors.ICloudError as error:
            return account, error
        feed = Feed()
        begin_by = time.monotonic() + seconds - ORDER_SECONDS
        run = Run(client, account.home_url, feed, lambda: datetime.now(UTC), begin_by)
        return Job(account, client, account.secret, run, feed)

    # -- what comes back -----------------------------------------------------------------------

    def _hear_within(self, seconds, its):
        """Store what came back by now."""
        event = its.crew.within(seconds)
        if event is None:
            return
        job = its.jobs[event.key]
        if isinstance(event.item, Done):
            error = event.item.error
            if not error and job.feed and not job.run.is_over:
                its.crew.start(event.key, job.run.batches())
            else:
                self._stored(0, self._settle_end, its.end(event.key), error)
            return
        # First of all: the next ones are sent while these are stored.
        event.reply()
        results, _untried = event.item
        self._stored(len(results), self._settle, job.account, results)
        job.keys.difference_update(result.order.key for result in results)

    def _stored(self, processed, work, *arguments):
        """Do database work for one account; its trouble is no other's.

        What could not be stored is sent again when its lease is over: it is found there.
        """
        try:
            self._land(processed, work, *arguments)
        except Exception as error:
            is_lost = isinstance(error, (OperationalError, InterfaceError))
            if is_lost and not isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                raise
            self.env.cr.rollback()
            log_privately(error)

    def _settle_end(self, job, error=None):
        """What was not tried is due as before, or waits with its account.

        :param error: what ended it, which nobody thought of
        """
        account = job.account
        self.env["icloud.event"]._tell_put_back(account)
        if error:
            log_privately(error)
            copies = self.env["icloud.event"].browse(job.keys).exists()
            said = account._for_owner().env._(
                "Odoo could not handle this: %s.", type(error).__name__
            )
            self._settle_failed(account, dict.fromkeys(copies, said))
            return
        if account._is_connected_anew(job.secret):
            self._give_back(job.keys)
            return
        if account.home_url != job.run.home.url:
            account.home_url = job.run.home.url
        if job.run.stopped:
            self._settle_stopped(account, job.keys, job.run.stopped)
        else:
            self._give_back(job.keys)
        account.filtered(lambda each: each.state == "disconnecting")._finish_if_clean()
