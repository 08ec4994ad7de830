import time

from odoo import api, models

from ....icloud import errors
from ....sync.crew import Crew, Done
from ....sync.gathered import gathered
from ....sync.importer import look
from ....sync.news import CalendarNews, Listing, Need, Part
from ..icloud_worker import log_privately

# Claimed at once: as many as are looked at side by side, a few times over.
BATCH = 128
# How often a worker with room looks whether somebody new is due: who pressed Sync now does not
# wait for a slow account.
LOOK_AGAIN_SECONDS = 1.0
# Idle accounts are settled together, so many at once, or after so long.
IDLE_AT_ONCE = 250
IDLE_SECONDS = 2.0


class ICloudImport(models.AbstractModel):
    """The worker that shows iCloud's events in Odoo, so that they block slots.

    Claim (short transaction) → looks (threads, no transaction held) → store, part by part (short
    transactions); all three go on at the same time, each account in a thread of its own.
    """

    _name = "icloud.import"
    _inherit = ["icloud.worker"]
    _description = "Import from iCloud"

    @api.model
    def _cron_import(self):
        if self._work():
            # Not left to Odoo, which would call again in the same run.
            self.env["icloud.wish"]._wake(self.env["icloud.account"], "import")

    @api.model
    def _work(self, accounts=None):
        """Look at all that is due, until nothing is or the run has to end.

        :param accounts: only at these; None: at everybody's
        :return: how many accounts are still due
        """
        self = self._as_run()
        self._despite_conflicts(self._note_due, accounts)
        with Crew() as crew:
            round_ = _Round(self, crew, accounts)
            while round_.goes_on():
                pass
        return self._despite_conflicts(self._note_end, accounts)

    def _note_due(self, accounts):
        self._landed(remaining=self._count_due(accounts))

    def _note_end(self, accounts):
        remaining = self._count_due(accounts)
        self._landed(remaining=0)
        return remaining


class _Round:
    """One run of the worker: who waits, who is under way, and what can be settled together."""

    def __init__(self, worker, crew, within):
        self._worker, self._crew, self._within = worker, crew, within
        self._waiting, self._jobs, self._idle = [], {}, []
        self._tally = {}
        self._asked_at = self._settled_at = self._checked_at = time.monotonic()
        self._is_exhausted = False

    def goes_on(self):
        """Begin what there is room for, and hear of one look. :return: whether there is more"""
        self._begin()
        if not self._jobs:
            self._end()
            return False
        if time.monotonic() - self._checked_at >= LOOK_AGAIN_SECONDS:
            self._end_those_left_alone()
        event = self._crew.within(LOOK_AGAIN_SECONDS)
        if event:
            self._hear(event)
        if len(self._idle) >= IDLE_AT_ONCE or self._is_time_to_settle():
            self._settle_idle()
        return True

    # -- beginning -------------------------------------------------------------------------------

    def _begin(self):
        has_time = self._worker._may_begin()
        room = self._crew.room if has_time else 0
        if room and not self._waiting:
            self._claim()
        for job in self._waiting[:room]:
            # Who had to wait for others has as much time as those.
            job.client.expire_in(self._worker._look_seconds())
            self._jobs[job.account.id] = job
            self._crew.start(job.account.id, _requests(job))
        del self._waiting[:room]

    def _claim(self):
        now = time.monotonic()
        if self._is_exhausted and now - self._asked_at < LOOK_AGAIN_SECONDS:
            return
        self._asked_at = now
        worker = self._worker
        # Committed before they are looked at: whatever happens now, each is asked once.
        jobs = self._land(0, worker._claim_jobs, self._within, [*self._jobs], BATCH)
        self._is_exhausted = jobs is None
        self._waiting += jobs or ()

    def _end(self):
        self._settle_idle()
        if self._waiting:
            worker = self._worker
            accounts = worker.env["icloud.account"].union(*(job.account for job in self._waiting))
            self._land(0, worker._give_back, accounts)
            for job in self._waiting:
                job.client.close()
        self._worker._count_requests(self._tally)

    def _end_those_left_alone(self):
        """Accounts that may not be asked any more, by what the push heard or a user said.

        What was read of them is stored, and the next look goes on.
        """
        self._checked_at = time.monotonic()
        push = self._worker.env["icloud.push"]
        for key in self._land(0, push._left_alone, [*self._jobs]):
            self._crew.stop(key)
            self._forget(key)

    # -- hearing ---------------------------------------------------------------------------------

    def _hear(self, event):
        job, item = self._jobs[event.key], event.item
        try:
            match item:
                case Done():
                    self._done(event.key, item.error)
                case Need():
                    event.reply(self._land(0, self._worker._known, job, item))
                case _:
                    # First of all: more is read while this is stored.
                    event.reply()
                    self._store(job, item)
        except Exception as error:
            if self._worker._is_cut():
                raise
            # One account's trouble is not the others'; its owner sees it.
            log_privately(error)
            self._worker.env.cr.rollback()
            self._crew.stop(event.key)
            if event.key in self._jobs:
                self._forget(event.key)
            self._land(1, self._worker._settle_unhandled, job)

    def _store(self, job, item):
        worker = self._worker
        match item:
            case Listing():
                store = worker._store_listing
            case Part():
                store = worker._store_part
            case CalendarNews():
                store = worker._store_news
        self._land(0, store, job, item)

    def _done(self, key, error):
        job = self._forget(key)
        if error is not None and not isinstance(error, errors.ICloudError):
            raise error
        if error is None and not job.has_news:
            self._idle.append(job)
            return
        self._land(1, self._worker._settle, job, error)

    def _forget(self, key):
        job = self._jobs.pop(key)
        job.client.close()
        for kind, (count, seconds) in job.client.tally.items():
            known = self._tally.setdefault(kind, [0, 0.0])
            known[0], known[1] = known[0] + count, known[1] + seconds
        return job

    # -- idle accounts ---------------------------------------------------------------------------

    def _is_time_to_settle(self):
        return bool(self._idle) and time.monotonic() - self._settled_at > IDLE_SECONDS

    def _settle_idle(self):
        self._settled_at = time.monotonic()
        if self._idle:
            self._land(len(self._idle), self._worker._settle_idle, self._idle)
            self._idle.clear()

    def _land(self, processed, work, *arguments):
        return self._worker._land(processed, work, *arguments)


def _requests(job):
    """In threads: no cursor and no record is touched here."""
    yield from gathered(look(job.client, job.home_url, job.watched, job.window))
