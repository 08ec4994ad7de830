from odoo import api, fields, models

_CRONS = {
    "push": "icloud_calendar_sync.cron_push",
    "import": "icloud_calendar_sync.cron_import",
    "compare": "icloud_calendar_sync.cron_import",
}


class ICloudWish(models.Model):
    """A user's wish that a worker looks at an account now.

    Users only insert these rows, workers only delete them, so that neither waits for the other
    nor meets a serialization error, however often somebody asks.
    """

    _name = "icloud.wish"
    _description = "Wish to sync now"
    _log_access = False

    account_id = fields.Many2one("icloud.account", required=True, ondelete="cascade", index=True)
    work = fields.Selection(
        [("push", "Push"), ("import", "Import"), ("compare", "Import, everything compared")],
        required=True,
    )

    @api.model
    def _ask(self, accounts, work):
        self.create([{"account_id": account.id, "work": work} for account in accounts])
        self._wake(accounts, work)

    @api.model
    def _wake(self, accounts, work, at=None):  # noqa: ARG002 (a module may wake one by itself)
        """Have a worker look at accounts soon; those are a hint, due is what the database says.

        :param accounts: whose work it is, none: everybody's
        :param work: of `icloud.wish`
        :param at: naive UTC, None: at once
        """
        # Waking a cron is no privilege: it does the work that is due and nothing else.
        self.env.ref(_CRONS[work]).sudo()._trigger(at)
