import logging
import time
import traceback
from contextlib import suppress
from math import inf

from odoo import models
from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.sql_db import db_connect
from odoo.tools import SQL, config
from psycopg2 import DatabaseError, InterfaceError, OperationalError

from ...icloud.errors import ICloudError
from ...sentence import Sentence

_logger = logging.getLogger(__name__)

TRIES = 5
# Of Odoo's limits, what one run of one worker may take.
SHARE = 1 / 3
# A third of a short limit is too short for a request or two; a long one is not used up, because a
# worker gives its orders free after five minutes.
SHORTEST_RUN, MOST_OF_LIMIT = 25, 0.8
LONGEST_RUN = 240
# Later than this before the end of a run nothing more is begun, or than half of it.
LEAST_SECONDS = 20
# Where the operator set no limit.
UNLIMITED_SECONDS = 180
# A PostgreSQL that is started anew is waited for, until the run has to end; outside of a run, so
# long.
ASK_AGAIN_SECONDS, PATIENCE_SECONDS = 0.5, 10.0


class ICloudWorker(models.AbstractModel):
    """What the two workers share."""

    _name = "icloud.worker"
    _description = "Worker for iCloud"

    def _despite_conflicts(self, work, *arguments):
        """Do a piece of database work; again, on a fresh snapshot, when a user's write met it.

        Again, too, when PostgreSQL has cut the connection. Nothing before it may wait for its
        commit: both undo the whole transaction.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                result = work(*arguments)
                self.env.flush_all()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                if not tries_left:
                    raise
            except (OperationalError, InterfaceError):
                if not (tries_left and self._is_cut()):
                    raise
                self._reconnect()
            else:
                return result
        raise AssertionError("unreachable")

    def _land(self, processed, work, *arguments):
        """Do a piece of database work and commit it, just once; see `_despite_conflicts`.

        When the connection is cut in a commit, nobody hears whether it took place: PostgreSQL is
        asked. So what was claimed is not left to its leases, and nothing is told or counted twice.

        :param processed: how many accounts or events are done by it, see `_landed`
        :param work: what returns False has written nothing, and needs no commit
        :return: what the work returned
        """
        done = []

        def landed():
            if done and self._is_committed(done[0]):
                return done[1]
            result = work(*arguments)
            if processed or result is not False:
                self.env.flush_all()
                done[:] = self._transaction_id(), result
                try:
                    self._landed(processed)
                except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                    done.clear()
                    raise
            return result

        return self._despite_conflicts(landed)

    def _transaction_id(self):
        """That of this transaction, None as long as it has written nothing."""
        return self.env.execute_query(SQL("SELECT pg_current_xact_id_if_assigned()::text"))[0][0]

    def _is_committed(self, transaction_id):
        """Whether a transaction of a connection that is gone was committed."""
        if not transaction_id:
            return False
        query = SQL("SELECT pg_xact_status(%s::xid8)", transaction_id)
        until = time.monotonic() + PATIENCE_SECONDS
        while (status := self.env.execute_query(query)[0][0]) == "in progress":
            # Its process has not noticed yet that nobody listens.
            if time.monotonic() > until:
                raise TimeoutError("PostgreSQL does not end a transaction whose client is gone")
            time.sleep(ASK_AGAIN_SECONDS)
        return status == "committed"

    def _is_cut(self):
        """Whether PostgreSQL has ended the connection that this worker has."""
        connection = getattr(self.env.cr, "_cnx", None)
        if connection is None:
            return False
        if not connection.closed:
            # It may not know: what failed may be another one, which woke the scheduled jobs.
            with suppress(DatabaseError, InterfaceError), connection.cursor() as asking:
                asking.execute("SELECT 1")
        return bool(connection.closed)

    def _reconnect(self):
        """A new connection in the place of the one that was cut, for all who hold this cursor.

        Odoo's own bookkeeping of the cron holds it, too: without one its run would fail, though
        nothing is lost.
        """
        cursor = self.env.cr
        cursor.clear()
        for callbacks in (cursor.precommit, cursor.postcommit, cursor.prerollback):
            callbacks.clear()
        fresh = self._new_cursor(cursor.dbname)
        cursor._obj, fresh._obj = fresh._obj, cursor._obj
        cursor._cnx, fresh._cnx = fresh._cnx, cursor._cnx
        cursor._now = None
        with suppress(OperationalError, InterfaceError):
            fresh.close()
        _logger.warning("PostgreSQL had cut the connection; the worker goes on with a new one")

    def _new_cursor(self, database):
        until = self.env.context.get("icloud_ends", time.monotonic() + PATIENCE_SECONDS)
        while True:
            try:
                return db_connect(database).cursor()
            except OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(ASK_AGAIN_SECONDS)

    # -- how long a run may take -----------------------------------------------------------------

    def _as_run(self):
        """This worker with the time that one run may take; called within a run, the same run.

        Odoo kills a cron's process that is silent for `limit_time_real_cron`, or that works for
        `limit_time_cpu`, in all jobs that it does in a row: the two workers, others' crons.
        """
        if "icloud_ends" in self.env.context:
            return self
        now = time.monotonic()
        # A cron calls its job up to ten times in a row; all of them together are one run.
        began = min(self.env.context.get("cron_end_time", inf) - MIN_TIME_PER_JOB, now)
        run = self._ending(began, run_seconds(config["limit_time_real_cron"]))
        return run.with_context(
            icloud_cpu_ends=time.process_time() + _limit(config["limit_time_cpu"]) * SHARE
        )

    def _ending(self, began, seconds):
        """This worker with a run of so many seconds. :param began: in `time.monotonic()`"""
        return self.with_context(
            icloud_ends=began + seconds, icloud_least=min(LEAST_SECONDS, seconds / 2)
        )

    def _may_begin(self):
        """Whether there is time for something more."""
        return self._seconds_left() > self.env.context["icloud_least"]

    def _seconds_left(self):
        """Seconds that this run may still take; 0 when it is time to end."""
        context = self.env.context
        # Only processes that serve nobody else have a limit of their own.
        if config["workers"] and time.process_time() > context["icloud_cpu_ends"]:
            return 0.0
        return max(context["icloud_ends"] - time.monotonic(), 0.0)

    def _landed(self, processed=0, remaining=None):
        """Commit what was done; nothing of it is undone by what comes next.

        :param processed: how many accounts or events were done since the last time
        :param remaining: how many are left, None: fewer by those processed
        :return: seconds that are left for more, 0 when it is time to end; see `_as_run`
        """
        # Outside of a cron, as in the job of a queue, this is a plain commit.
        self.env["ir.cron"]._commit_progress(processed, remaining=remaining)
        return self._seconds_left()

    def _count_requests(self, tally):
        """What was asked of iCloud, for who watches it. :param tally: as that of a client"""
        self.env["icloud.tally"]._add([tally])

    # -- what may go wrong -----------------------------------------------------------------------

    def _alone(self, work, *arguments, otherwise):
        """Do the work for one record, so that its trouble is no other's.

        :param otherwise: called with the kind of the failure when the work failed and was undone
        :return: what the work returned, or None
        """
        try:
            with self.env.cr.savepoint():
                return work(*arguments)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001 (one record's trouble is no other's; it is logged)
            log_privately(error)
            otherwise(type(error).__name__)
            return None

    def _apart(self, items, work, refused):
        """Do work for all items at once; when that is refused, for halves of them.

        So one item that Odoo, PostgreSQL or another addon refuses stops no other.

        :param work: called with items, in a savepoint
        :param refused: called with the one item that cannot be worked on, and the error
        :return: what the calls returned, as a list
        """
        if not items:
            return []
        try:
            with self.env.cr.savepoint():
                return [work(items)]
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001 (one file's trouble is no other's; it is named)
            if len(items) == 1:
                log_privately(error)
                return [refused(items[0], error)]
        half = len(items) // 2
        return [
            *self._apart(items[:half], work, refused),
            *self._apart(items[half:], work, refused),
        ]


def run_seconds(limit):
    """How long a run may be under a limit of Odoo's for all that is done in a row."""
    seconds = _limit(limit)
    shortest = min(SHORTEST_RUN, seconds * MOST_OF_LIMIT)
    return min(max(seconds * SHARE, shortest), LONGEST_RUN)


def _limit(limit):
    """A limit of Odoo's in seconds; of crons, -1 says that it is the one of requests."""
    return (config["limit_time_real"] if limit < 0 else limit) or UNLIMITED_SECONDS


def in_words(env, what):
    """What to tell a person, in the language of `env`: an exception of iCloud's, or a sentence.

    :param what: an `ICloudError`, a `Sentence`, or text that is translated already
    """
    said = what.sentence if isinstance(what, ICloudError) else what
    return env._(said.template, **said.values) if isinstance(said, Sentence) else str(said)


def log_privately(error):
    """Where it happened and what kind it is; its text may hold a row of the database."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _logger.error("A worker for iCloud met %s\n%s", type(error).__name__, frames)
