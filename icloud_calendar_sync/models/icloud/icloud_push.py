import logging
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta
from math import inf

from odoo import api, fields, models
from odoo.tools import SQL

from ...ical.write import fingerprint
from ...icloud import errors
from ...sync.push import Order, carry_out
from .icloud_worker import in_words

_logger = logging.getLogger(__name__)

BATCH = 200
BATCH_OF_ACCOUNT = 25
# A slow account must not hold up the others; iCloud is asked one thing at a time per account.
ACCOUNTS_AT_ONCE = 4
ACCOUNT_SECONDS = 60
# Of these, each account has at least so many for itself: whose turn comes later is claimed anew.
LEAST_SECONDS = 30
# Longer than any run: a worker that died gives its orders free again after this.
LEASE = timedelta(minutes=5)
FIRST_PAUSE = 30
LONGEST_PAUSE = 3600
# In a rush for a class its copy is sent again after this, and not for every seat.
RECOUNT_PAUSE = timedelta(seconds=5)
# How often a worker with nothing else to do looks whether that pause is over. A booking that comes
# meanwhile waits no longer than this.
LOOK_AGAIN_SECONDS = 0.5

_CHANGED = SQL("(event.revision IS DISTINCT FROM outcome.pushed_revision)")
_RECOUNTED = SQL(
    "(event.wanted = 'present' AND EXISTS ("
    "SELECT FROM icloud_recount recount WHERE recount.event_id = event.event_id))"
)


class ICloudPush(models.AbstractModel):
    """The worker that makes iCloud hold what is wanted.

    Claim (short transaction) → requests (no transaction held) → outcomes (short transaction).
    """

    _name = "icloud.push"
    _inherit = ["icloud.worker"]
    _description = "Push to iCloud"

    @api.model
    def _cron_push(self):
        self._work()

    @api.model
    def _work(self):
        """Do all that is due, until nothing is or time is over."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self._count_due())
        while True:
            # Asked first: what rests no more a moment later is claimed.
            is_resting = self._count_due(resting=True)
            jobs = self._despite_conflicts(self._claim)
            if jobs is None and not is_resting:
                break
            cron._commit_progress()
            if jobs is None:
                # Here, not by a trigger: Odoo looks at those for later once a minute.
                time.sleep(LOOK_AGAIN_SECONDS)
            else:
                self._carry_out(jobs)
            remaining = self._count_due() + self._count_due(resting=True)
            if not cron._commit_progress(remaining=remaining):
                break

    # -- claim ---------------------------------------------------------------------------------

    def _due(self, columns, tail, resting=False):
        """Rows whose wish is not what iCloud holds, or whose count is old, and whose time has come.

        :param resting: those instead that are due for their count alone and were sent just now
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
            SELECT %(columns)s
              FROM icloud_event event
              JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
              JOIN icloud_account account ON account.id = event.account_id
             WHERE event.origin = 'odoo'
               AND %(condition)s
               AND (outcome.next_try IS NULL OR outcome.next_try <= %(now)s OR EXISTS (
                       SELECT FROM icloud_wish wish
                        WHERE wish.account_id = account.id AND wish.work = 'push'))
               AND account.state IN ('connected', 'disconnecting')
               AND account.is_copied IS NOT TRUE
            %(tail)s
            """,
                columns=columns,
                condition=self._resting() if resting else self._changed_or_recounted(),
                now=_now(),
                tail=tail,
            )
        )

    def _changed_or_recounted(self):
        return SQL("(%s OR %s AND NOT %s)", _CHANGED, _RECOUNTED, self._sent_just_now())

    def _resting(self):
        return SQL("(NOT %s AND %s AND %s)", _CHANGED, _RECOUNTED, self._sent_just_now())

    def _sent_just_now(self):
        return SQL("COALESCE(outcome.pushed_at > %s, FALSE)", _now() - RECOUNT_PAUSE)

    def _count_due(self, resting=False):
        return self._due(SQL("COUNT(*)"), SQL(), resting)[0][0]

    def _claim(self):
        """Take what is due.

        :return: [(account, client, [Order])], or None when nothing was due
        """
        self.env["icloud.account"]._stop_copies()
        copies = self._take()
        # Every wish we can see was looked at, also those for which nothing waits.
        self.env["icloud.wish"].search([("work", "=", "push")]).unlink()
        self.env["icloud.recount"]._done(copies)
        return self._jobs(copies) if copies else None

    def _take(self):
        """Due rows, some of each account, locked so that no second worker takes them."""
        due = self._due(
            SQL("event.account_id, outcome.id"),
            SQL("ORDER BY outcome.next_try NULLS FIRST, event.id"),
        )
        taken, by_account = [], Counter()
        for account_id, outcome_id in due:
            # One account's backlog does not hold up another's fresh booking.
            if by_account[account_id] < BATCH_OF_ACCOUNT:
                by_account[account_id] += 1
                taken.append(outcome_id)
        locked = self.env.execute_query(
            SQL(
                "SELECT id FROM icloud_event_outcome WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED",
                taken[:BATCH],
            )
        )
        return self.env["icloud.event"].search([("outcome_id", "in", [row[0] for row in locked])])

    def _jobs(self, copies):
        """[(account, client, [Order])]; what needs no request is settled at once."""
        jobs = []
        for account, its_copies in copies.grouped("account_id").items():
            orders = [order for copy in its_copies if (order := self._order_alone(copy))]
            if account.state == "disconnecting":
                account._finish_if_clean()
            if orders and (client := self._client(account, orders)):
                jobs.append((account, client, orders))
        return jobs

    def _order_alone(self, copy):
        return self._alone(
            self._order_for,
            copy,
            otherwise=lambda kind: self._settle_unhandled(copy, kind),
        )

    def _order_for(self, copy):
        """What to send for a row, or None when iCloud already holds it."""
        outcome, session = copy.outcome_id, None
        tried = bool(outcome.attempts or outcome.pushed_revision or outcome.etag)
        if not copy.event_id and copy.wanted == "present":
            copy._want("absent")  # Its session is gone without a word to us.
        if copy.wanted == "present":
            session = copy.event_id._as_remote(copy)
            if outcome.pushed_fingerprint and outcome.pushed_fingerprint == fingerprint(session):
                outcome.pushed_revision = copy.revision
                return None
        elif not tried:
            copy._forget()
            return None
        # Counted before the request, and committed: after a crash it is known that iCloud may
        # have it.
        outcome.write(
            {
                "attempts": outcome.attempts + 1,
                # What made it due for its count is gone by now; until it is sent it stays due.
                "pushed_revision": 0,
                "next_try": fields.Datetime.now() + LEASE,
            }
        )
        name = copy.href.rpartition("/")[2]
        return Order(
            key=copy.id,
            revision=copy.revision,
            href=copy.href,
            session=session,
            may_exist=tried,
            elsewhere=tuple(
                calendar.href + name
                for calendar in copy.account_id.calendar_ids - copy.calendar_id
                if calendar.writable
            ),
        )

    def _client(self, account, orders):
        try:
            return account._open_client(ACCOUNT_SECONDS)
        except errors.ICloudError as error:
            self._settle_waiting(self._copies_of(orders), error)
            account._password_refused(error)
            return None

    # -- requests ------------------------------------------------------------------------------

    def _carry_out(self, jobs):
        # The first begin at once, so that each round gets on.
        begin_by = time.monotonic() + ACCOUNT_SECONDS - LEAST_SECONDS
        with ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as pool:
            running = {
                pool.submit(self._requests, client, orders, begin_by): (account, orders)
                for account, client, orders in jobs
            }
            for done in as_completed(running):
                account, orders = running[done]
                settle = self._give_back if done.result() is None else self._settle
                self._despite_conflicts(settle, account, orders, done.result())
                self.env["ir.cron"]._commit_progress(len(orders))

    @staticmethod
    def _requests(client, orders, begin_by=inf):
        """In a thread of its own: no cursor, no record is touched here.

        :param begin_by: in `time.monotonic()`; later there is not enough time left
        :return: the results, or None when its turn came too late
        """
        with client:
            if time.monotonic() > begin_by:
                return None
            return list(carry_out(client, orders, datetime.now(UTC)))

    # -- outcomes ------------------------------------------------------------------------------

    def _copies_of(self, orders):
        return self.env["icloud.event"].browse(order.key for order in orders).exists()

    def _give_back(self, _account, orders, _results):
        """Nothing was asked of iCloud: these are due as before."""
        for outcome in self._copies_of(orders).outcome_id:
            outcome.write({"attempts": outcome.attempts - 1, "next_try": False})

    def _settle(self, account, orders, results):
        """Store what became of each order; those not tried share the fate of the last one."""
        stopped_by = None
        for result in results:
            if isinstance(result.error, (errors.Unauthorized, errors.Unavailable)):
                stopped_by = result.error
                continue
            copy = self._copies_of([result.order])
            self._alone(
                self._settle_one,
                copy,
                result,
                otherwise=lambda kind, copy=copy: self._settle_unhandled(copy, kind),
            )
        if stopped_by:
            tried = {result.order.key for result in results if result.error is not stopped_by}
            waiting = self._copies_of(order for order in orders if order.key not in tried)
            self._settle_waiting(waiting, stopped_by)
            if isinstance(stopped_by, errors.Unauthorized):
                account._password_refused(stopped_by)
        account.filtered(lambda each: each.state == "disconnecting")._finish_if_clean()

    def _settle_one(self, copy, result):
        if not copy:
            return
        if result.error is None:
            self._settle_done(copy, result)
        else:
            self._settle_failed(copy, result.error)

    def _settle_done(self, copy, result):
        order = result.order
        if order.session is None and copy.wanted == "absent":
            copy._forget()
            return
        copy.outcome_id.write(
            {
                "etag": result.etag,
                "pushed_revision": order.revision,
                "pushed_at": fields.Datetime.now(),
                "pushed_fingerprint": order.session and fingerprint(order.session),
                "attempts": 0,
                "next_try": False,
                "last_error": False,
            }
        )
        if result.href != copy.href:
            copy._found_at(result.href)

    def _settle_unhandled(self, copy, kind):
        env = copy.account_id._for_owner().env
        self._settle_failed(copy, env._("Odoo could not handle this: %s.", kind))

    def _settle_failed(self, copy, error):
        """This one fails alone, and is tried again later and later."""
        pause = min(FIRST_PAUSE * 2 ** min(copy.outcome_id.attempts - 1, 10), LONGEST_PAUSE)
        self._try_again(copy, error, pause)

    def _settle_waiting(self, copies, error):
        """The whole account waits: it was not these events' fault."""
        if isinstance(error, errors.Unavailable):
            attempts = max(copies.mapped("attempts"), default=1)
            pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
            self._try_again(copies, error, max(pause, error.retry_after or 0))
        else:
            copies.outcome_id.write({"next_try": False, "last_error": self._said(copies, error)})

    def _try_again(self, copies, error, pause):
        if not copies:
            return
        # Jitter: hosts that failed together shall not come back together.
        when = fields.Datetime.now() + timedelta(seconds=pause * random.uniform(1, 1.25))
        copies.outcome_id.write({"next_try": when, "last_error": self._said(copies, error)})
        self.env["icloud.event"]._wake_push(copies.account_id, at=when)

    def _said(self, copies, error):
        """In the language of whose copies these are; they are all of one account."""
        return in_words(copies.account_id._for_owner().env, error)


def _now():
    """Naive UTC, as PostgreSQL holds it."""
    return datetime.now(UTC).replace(tzinfo=None)
