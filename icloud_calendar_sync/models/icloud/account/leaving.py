from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

# What cannot be removed for so long is left behind, and its owner told. Not after so many tries:
# those are over in minutes, and most of iCloud's troubles are not.
LONGEST_WAIT = timedelta(days=1)


class ICloudAccount(models.Model):
    """How disconnecting ends: when all is gone from iCloud, or what is left cannot be removed."""

    _inherit = "icloud.account"

    def _finish_if_clean(self):
        """Disconnecting accounts are done when nothing is left to delete, or nothing can be."""
        for account in self:
            left = account._left_in_icloud()
            if not left:
                account._finish_disconnect()
            elif all(_is_hopeless(copy) for copy in left):
                account._for_owner()._copies_gone(left[0].last_error)

    def _left_in_icloud(self):
        """Copies that shall be gone and are not yet, as far as is known."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.id FROM icloud_event event
                  JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
                 WHERE event.account_id = %s AND event.origin = 'odoo'
                   AND event.wanted = 'absent'
                   AND event.revision IS DISTINCT FROM outcome.pushed_revision
                   AND (outcome.attempts > 0 OR outcome.pushed_at IS NOT NULL
                        OR outcome.etag IS NOT NULL)
                """,
                self.id,
            )
        )
        return self.env["icloud.event"].browse(row[0] for row in rows)

    def _copies_gone(self, reason):
        """Disconnecting ends although something could not be deleted: it stays in iCloud."""
        left = self._left_in_icloud()
        said = self.env._(
            "%(count)s bookings could not be removed from iCloud: %(reason)s",
            count=len(left),
            reason=reason,
        )
        stay = self.env._("They stay there until you connect again: %s.", left._listed_in_words())
        self._tell("warning", f"{said} {stay}")
        # Their rows stay: the next connect deletes them from iCloud.
        self._finish_disconnect()


def _is_hopeless(copy):
    since = copy.failing_since
    return bool(since and since < fields.Datetime.now() - LONGEST_WAIT)
