import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

FIRST_PAUSE = 30
LONGEST_PAUSE = 3600
# What a server may ask for itself; the client believes no more, either.
LONGEST_ASKED = 24 * 3600
# Hosts that failed together shall not come back together.
JITTER = 1.25


class ICloudAccount(models.Model):
    """Whether iCloud is to be left alone: it asked for that, or cannot be had.

    Until then nothing at all goes to this account, whoever asks: no booking, no look, no Sync now.
    """

    _inherit = "icloud.account"

    quiet_until = fields.Datetime(
        copy=False, help="iCloud cannot be had, or asked not to be asked until then."
    )
    quiet_seconds = fields.Integer(copy=False, help="How long that pause is.")

    _quiet_idx = models.Index("(quiet_until) WHERE quiet_until IS NOT NULL")

    def _be_quiet(self, seconds=None):
        """Leave these accounts alone for a while; the push goes on by itself when it is over.

        :param seconds: what the server asked for; None: longer with each time in a row
        """
        for account in self:
            if seconds is None:
                pause = min(max(account.quiet_seconds * 2, FIRST_PAUSE), LONGEST_PAUSE)
            else:
                pause = min(max(seconds, 1), LONGEST_ASKED)
            pause = round(pause * random.uniform(1, JITTER))
            until = fields.Datetime.now() + timedelta(seconds=pause + 1)
            account.write({"quiet_until": until, "quiet_seconds": pause})
            self.env["icloud.event"]._wake_push(account, at=until)

    @api.model
    def _may_be_asked(self):
        """That of a query's row `account` as a condition."""
        now = fields.Datetime.now()
        return SQL(
            """
            (account.quiet_until IS NULL OR account.quiet_until <= %(now)s
             -- Further away than the pause is long: the clock was wrong.
             OR account.quiet_until > %(now)s + (account.quiet_seconds + 1) * interval '1 second')
            """,
            now=now,
        )

    def _is_answered(self):
        """iCloud answered as it should: the next pause is a short one again.

        One that has begun meanwhile, by what the other worker heard, lasts as long as it was said.
        """
        if paused := self.filtered("quiet_seconds"):
            self.env.flush_all()
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM icloud_account account WHERE id = ANY(%s) AND %s",
                    paused.ids,
                    self._may_be_asked(),
                )
            )
            over = self.browse(row[0] for row in rows)
            over.write({"quiet_until": False, "quiet_seconds": 0})
