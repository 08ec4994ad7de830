from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ....ical.write import fingerprint
from ....sync.orders import Order, name
from ..account.quiet import FIRST_PAUSE, JITTER, LONGEST_PAUSE

# Rows claimed at once, and how many of one account.
BATCH = 200
BATCH_OF_ACCOUNT = 50
# Longer than any run: a worker that died gives its orders free again after this.
LEASE = timedelta(minutes=5)
# In a rush for a class its copy is sent again after this, and not for every seat.
RECOUNT_PAUSE = timedelta(seconds=5)

_CHANGED = SQL("(event.revision IS DISTINCT FROM outcome.pushed_revision)")
_RECOUNTED = SQL(
    "(event.wanted = 'present' AND EXISTS ("
    "SELECT FROM icloud_recount recount WHERE recount.event_id = event.event_id))"
)
_WISHED = SQL(
    "EXISTS (SELECT FROM icloud_wish wish"
    " WHERE wish.account_id = account.id AND wish.work = 'push')"
)


class ICloudPush(models.AbstractModel):
    """What is due, the freshest first: a booking of this second before any backlog, and what failed
    behind all others.
    """

    _inherit = "icloud.push"

    def _due(self, columns, accounts, resting=False):
        """The query of rows whose wish is not what iCloud holds, or whose count is old, and whose
        time has come.

        :param resting: those instead that are due for their count alone and were sent just now
        """
        self.env.flush_all()
        return SQL(
            """
            SELECT %(columns)s
              FROM icloud_event event
              JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
              JOIN icloud_account account ON account.id = event.account_id
             WHERE event.id = ANY(%(candidates)s)
               AND event.origin = 'odoo'
               AND %(condition)s
               AND %(its_time)s
               AND %(only)s
               AND %(may_be_sent_to)s
            """,
            columns=columns,
            candidates=self.env["icloud.due"]._query(),
            condition=self._resting() if resting else self._changed_or_recounted(),
            its_time=self._its_time(),
            only=self._only(accounts),
            may_be_sent_to=self._may_be_sent_to(),
        )

    def _left_alone(self, ids):
        """Those of these accounts to which nothing may be sent now."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM icloud_account account WHERE id = ANY(%s) AND NOT (%s)",
                ids,
                self._may_be_sent_to(),
            )
        )
        return [row[0] for row in rows]

    def _may_be_sent_to(self):
        return SQL(
            "(account.state IN ('connected', 'disconnecting')"
            " AND account.is_copied IS NOT TRUE AND %s)",
            self.env["icloud.account"]._may_be_asked(),
        )

    def _its_time(self):
        """Neither in somebody's hands nor to be tried later. What lies further ahead than we ever
        put it was put there by a clock that was wrong.
        """
        now = fields.Datetime.now()
        return SQL(
            """
            (outcome.leased_until IS NULL OR outcome.leased_until <= %(now)s
             OR outcome.leased_until > %(last_lease)s)
            AND (outcome.next_try IS NULL OR outcome.next_try <= %(now)s OR %(wished)s
                 OR outcome.next_try > %(now)s + %(jitter)s * interval '1 second'
                    * LEAST(%(first)s * 2 ^ LEAST(outcome.attempts, 20), %(longest)s))
            """,
            now=now,
            last_lease=now + LEASE,
            wished=_WISHED,
            jitter=JITTER,
            first=FIRST_PAUSE,
            longest=LONGEST_PAUSE,
        )

    def _changed_or_recounted(self):
        return SQL("(%s OR %s AND NOT %s)", _CHANGED, _RECOUNTED, self._sent_just_now())

    def _resting(self):
        return SQL("(NOT %s AND %s AND %s)", _CHANGED, _RECOUNTED, self._sent_just_now())

    def _sent_just_now(self):
        now = fields.Datetime.now()
        return SQL(
            "COALESCE(outcome.pushed_at > %s AND outcome.pushed_at <= %s, FALSE)",
            now - RECOUNT_PAUSE,
            now,
        )

    def _count_due(self, accounts=None, resting=False):
        return self.env.execute_query(self._due(SQL("COUNT(*)"), accounts, resting))[0][0]

    # -- claim ---------------------------------------------------------------------------------

    def _claim(self, accounts=None, full=(), most=1, begun=()):
        """Take what is due.

        :param accounts: of those alone; None: of everybody's
        :param full: ids of accounts that have enough to do
        :param most: how many accounts may be begun
        :param begun: ids of accounts that are at work
        :return: {account: [Order]} of what has to be sent, or None when nothing was due
        """
        self._grant_wishes(accounts)
        ranks = self._take(accounts, full, most, begun)
        copies = self.env["icloud.event"].search([("outcome_id", "in", [*ranks])])
        copies = copies.sorted(lambda copy: ranks[copy.outcome_id.id])
        self.env["icloud.recount"]._done(copies)
        orders = {
            account: self._orders(account, its_copies, ranks)
            for account, its_copies in copies.grouped("account_id").items()
        }
        return {account: its for account, its in orders.items() if its} if copies else None

    def _grant_wishes(self, accounts):
        """Who pressed Sync now waits for no pause of a single copy, only for those of iCloud's."""
        granted = self.env.execute_query(
            SQL(
                """
                DELETE FROM icloud_wish wish USING icloud_account account
                 WHERE wish.account_id = account.id AND wish.work = 'push' AND %s AND %s
                 RETURNING account.id
                """,
                self._only(accounts),
                self.env["icloud.account"]._may_be_asked(),
            )
        )
        if granted:
            self.env["icloud.event.outcome"]._try_again_now([each[0] for each in granted])

    def _take(self, accounts, full, most, begun):
        """{outcome id: rank} of due rows, some of each account, locked so that no second worker
        takes them. The lowest rank is the most urgent.
        """
        rank = SQL("COALESCE(outcome.attempts, 0) > 0, %s, event.id", self._age())
        due = self.env.execute_query(
            SQL(
                """
                SELECT due.id, due.account_id, due.failed, due.age, due.event_id FROM (%s) due
                 WHERE due.place <= %s AND NOT due.account_id = ANY(%s)
                 ORDER BY due.failed, due.age, due.event_id LIMIT %s
                """,
                self._due(
                    SQL(
                        """
                        outcome.id, event.account_id, event.id AS event_id,
                        COALESCE(outcome.attempts, 0) > 0 AS failed, %s AS age,
                        row_number() OVER (PARTITION BY event.account_id ORDER BY %s) AS place
                        """,
                        self._age(),
                        rank,
                    ),
                    accounts,
                ),
                BATCH_OF_ACCOUNT,
                list(full),
                BATCH,
            )
        )
        chosen, ranks = set(begun), {}
        for outcome_id, account_id, *rank in due:
            if account_id in chosen or len(chosen) < most + len(begun):
                chosen.add(account_id)
                ranks[outcome_id] = tuple(rank)
        locked = self.env.execute_query(
            SQL(
                "SELECT id FROM icloud_event_outcome WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED",
                [*ranks],
            )
        )
        return {outcome_id: ranks[outcome_id] for (outcome_id,) in locked}

    def _age(self):
        """Seconds since the wish, in SQL; a seat taken in a class is a wish of this moment."""
        return SQL(
            "CASE WHEN %s THEN -EXTRACT(EPOCH FROM event.write_date) ELSE %s END",
            _CHANGED,
            -fields.Datetime.now().timestamp(),
        )

    def _only(self, accounts):
        return SQL("TRUE") if accounts is None else SQL("account.id = ANY(%s)", accounts.ids)

    # -- orders --------------------------------------------------------------------------------

    def _orders(self, account, copies, ranks):
        """[Order] of one account's copies; what needs no request is settled at once."""
        places = [
            calendar.href
            for calendar in account.calendar_ids
            if calendar.writable and not calendar.missing
        ]
        orders = [
            order
            for those in self._apart(
                copies, lambda those: self._orders_of(those, places, ranks), self._unhandled
            )
            for order in those
        ]
        self._copies_of(orders).outcome_id._begin(LEASE)
        if account.state == "disconnecting" and not orders:
            account._finish_if_clean()
        return orders

    def _orders_of(self, copies, places, ranks):
        needless, orders = copies.browse(), []
        for copy in copies:
            outcome = copy.outcome_id
            if not copy.event_id and copy.wanted == "present":
                copy._want("absent")  # Its session is gone without a word to us.
            session = copy.event_id._as_remote(copy) if copy.wanted == "present" else None
            if not session and not outcome._is_tried():
                needless |= copy
            elif session and outcome._holds(fingerprint(session)):
                outcome.pushed_revision = copy.revision
            else:
                orders.append(self._order_of(copy, session, places, ranks[outcome.id]))
        needless._forget()
        return orders

    def _order_of(self, copy, session, places, rank):
        return Order(
            key=copy.id,
            revision=copy.revision,
            href=copy.href,
            uid=copy.uid,
            session=session,
            may_exist=copy.outcome_id._is_tried(),
            elsewhere=tuple(
                place + name(copy.href) for place in places if not copy.href.startswith(place)
            ),
            tries=copy.outcome_id.attempts + 1,
            rank=rank,
        )

    def _unhandled(self, copy, error):
        """Something in Odoo fails for this one copy: so do not the others."""
        env = copy.account_id._for_owner().env
        said = env._("Odoo could not handle this: %s.", type(error).__name__)
        copy.outcome_id._begin(LEASE)
        self._settle_failed(copy.account_id, {copy: said})
        return []

    def _copies_of(self, orders):
        return self.env["icloud.event"].browse(order.key for order in orders)
