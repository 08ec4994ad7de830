from odoo import api, models
from odoo.tools import SQL


class ICloudPush(models.AbstractModel):
    _inherit = "icloud.push"

    @api.model
    def _cron_push(self):
        queue = self.env["icloud.queue"]
        if queue._is_on() and queue._dispatch("push"):
            return None
        return super()._cron_push()

    def _accounts_due(self):
        """Accounts with something to send, or whose owner asked: the worker clears their wishes."""
        due = self.env.execute_query(self._due(SQL("DISTINCT event.account_id"), None))
        asked = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT account.id
                  FROM icloud_wish wish JOIN icloud_account account ON account.id = wish.account_id
                 WHERE wish.work = 'push' AND %s
                """,
                self.env["icloud.account"]._may_be_asked(),
            )
        )
        return self.env["icloud.account"].browse(sorted({id_ for (id_,) in [*due, *asked]}))

    def _next_try(self, accounts):
        """When something of these accounts is sent that waits now.

        :return: naive UTC, maybe over, or None when nothing waits
        """
        [(moment,)] = self.env.execute_query(
            SQL(
                """
                SELECT MIN(COALESCE(GREATEST(outcome.next_try, outcome.leased_until,
                                             account.quiet_until), now() AT TIME ZONE 'UTC'))
                  FROM icloud_event event
                  JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
                  JOIN icloud_account account ON account.id = event.account_id
                 WHERE event.origin = 'odoo' AND event.account_id = ANY(%s)
                   AND event.revision IS DISTINCT FROM outcome.pushed_revision
                   AND account.state IN ('connected', 'disconnecting')
                   AND account.is_copied IS NOT TRUE
                """,
                accounts.ids,
            )
        )
        return moment
