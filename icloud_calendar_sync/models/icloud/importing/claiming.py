from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from ..account.icloud_account import IMPORT_EVERY, LONGEST_PAUSE

# A minute early: the cron itself runs every five minutes, not to the second.
EARLY = timedelta(minutes=1)


class Claimed(NamedTuple):
    """`compared`: ids of those of the accounts whose owner asked to have everything compared."""

    accounts: models.Model
    compared: frozenset[int]


class ICloudImport(models.AbstractModel):
    """Which accounts are due, the freshest wish first: Sync now and who just connected."""

    _inherit = "icloud.import"

    def _claim(self, within, begun, most):
        """Some of the due accounts.

        :param within: accounts; None: everybody's
        :param begun: ids of accounts that are looked at just now
        :return: a `Claimed`, in the order in which they are to be looked at; or None
        """
        self.env["icloud.account"]._stop_copies()
        taken = []
        for those, order in self._whose_turn():
            if len(taken) < most:
                tail = SQL(
                    "%s AND NOT account.id = ANY(%s) ORDER BY %s LIMIT %s"
                    " FOR UPDATE OF account SKIP LOCKED",
                    *(those, [*begun, *taken], order, most - len(taken)),
                )
                taken += [row[0] for row in self._due(within, SQL("account.id"), tail)]
        if not taken:
            return None
        accounts = self.env["icloud.account"].browse(taken)
        self._set_next_import(accounts, fields.Datetime.now() + IMPORT_EVERY)
        granted = self.env.execute_query(
            SQL(
                "DELETE FROM icloud_wish WHERE work IN ('import', 'compare')"
                " AND account_id = ANY(%s) RETURNING account_id, work",
                accounts.ids,
            )
        )
        compared = frozenset(account_id for account_id, work in granted if work == "compare")
        return Claimed(accounts, compared)

    def _set_next_import(self, accounts, moment):
        self.env.execute_query(
            SQL(
                "UPDATE icloud_account SET next_import = %s WHERE id = ANY(%s) RETURNING id",
                moment,
                accounts.ids,
            )
        )
        accounts.invalidate_recordset(["next_import"], flush=False)

    def _give_back(self, accounts):
        """What was claimed and not begun is due as before."""
        self._set_next_import(accounts, fields.Datetime.now())

    def _count_due(self, within):
        is_due = SQL("(%s)", SQL(" OR ").join(those for those, _order in self._whose_turn()))
        return self._due(within, SQL("COUNT(*)"), is_due)[0][0]

    def _whose_turn(self):
        """[(condition, order)] for three kinds of due accounts, each with an index of its own."""
        now = fields.Datetime.now()
        wished = SQL(
            "(SELECT MAX(wish.id) FROM icloud_wish wish"
            " WHERE wish.account_id = account.id AND wish.work IN ('import', 'compare'))"
        )
        asked = SQL(
            "account.id IN (SELECT account_id FROM icloud_wish WHERE work IN ('import', 'compare'))"
        )
        return [
            (asked, SQL("%s DESC", wished)),
            (SQL("account.next_import IS NULL"), SQL("account.id DESC")),
            (
                # Further ahead than it is ever put after so many failures: the clock was wrong.
                SQL(
                    """
                    (account.next_import <= %(early)s
                     -- The first of these is for the index.
                     OR account.next_import > %(early)s + %(every)s
                        AND account.next_import > %(early)s
                            + LEAST(%(every)s * 2 ^ LEAST(COALESCE(account.failures, 0), 20),
                                    %(longest)s))
                    """,
                    early=now + EARLY,
                    every=IMPORT_EVERY,
                    longest=LONGEST_PAUSE,
                ),
                SQL("account.next_import"),
            ),
        ]

    def _due(self, within, columns, tail):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(columns)s
                  FROM icloud_account account
                  JOIN res_users users ON users.id = account.user_id
                 WHERE account.state = 'connected'
                   AND account.is_copied IS NOT TRUE
                   AND users.active
                   AND %(only)s
                   AND %(may_be_asked)s
                   AND %(tail)s
                """,
                columns=columns,
                only=SQL("TRUE") if within is None else SQL("account.id = ANY(%s)", within.ids),
                may_be_asked=self.env["icloud.account"]._may_be_asked(),
                tail=tail,
            )
        )
