from odoo import api, fields, models
from odoo.tools import SQL

_IS_HELD = SQL(
    """
    event.outcome_id = outcome.id AND event.origin = 'odoo'
    AND event.revision IS NOT DISTINCT FROM outcome.pushed_revision
    """
)


class ICloudDue(models.Model):
    """A copy that may have to be sent: whoever looks for what is due looks at these alone.

    Whether it is due its own row and its outcome say, which are two, so that no index can. Writing
    either of them only inserts such a row, and the push worker only deletes those whose copies
    iCloud holds as they are wished; so neither waits for the other.
    """

    _name = "icloud.due"
    _description = "Copy that may have to be sent to iCloud"
    _log_access = False

    copy_id = fields.Many2one("icloud.event", required=True, ondelete="cascade", index=True)

    @api.model
    def _note(self, rows):
        """Those of these remote events that are due."""
        due = rows.filtered(
            lambda row: row.origin == "odoo" and row.revision != row.pushed_revision
        )
        self.create([{"copy_id": copy.id} for copy in due])

    @api.model
    def _note_begun(self, outcomes):
        """These are about to be sent, and due until that is done, whatever made them so."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO icloud_due (copy_id)
                SELECT event.id FROM icloud_event event
                 WHERE event.outcome_id = ANY(%s)
                   AND NOT EXISTS (SELECT FROM icloud_due due WHERE due.copy_id = event.id)
                RETURNING id
                """,
                outcomes.ids,
            )
        )

    @api.model
    def _done(self, outcomes=None):
        """Drop what iCloud holds as it is wished; a wish that came meanwhile is not seen here.

        :param outcomes: of these alone; None: of all
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                DELETE FROM icloud_due due USING icloud_event event, icloud_event_outcome outcome
                 WHERE due.copy_id = event.id AND %s AND %s RETURNING due.id
                """,
                _IS_HELD,
                SQL("TRUE") if outcomes is None else SQL("outcome.id = ANY(%s)", outcomes.ids),
            )
        )

    @api.model
    def _query(self):
        """Ids of all copies that may be due, those of sessions to count again among them, in SQL.

        As an array: however little PostgreSQL knows of these tables, it looks them up one by one.
        """
        return SQL(
            """
            ARRAY(SELECT copy_id FROM icloud_due
                  UNION
                  SELECT copy.id FROM icloud_recount recount
                    JOIN icloud_event copy ON copy.event_id = recount.event_id)
            """
        )

    @api.autovacuum
    def _find_lost(self):
        """Once a day all is looked at: what somebody changed past us, in a restored table."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO icloud_due (copy_id)
                SELECT event.id
                  FROM icloud_event event
                  JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
                 WHERE event.origin = 'odoo'
                   AND event.revision IS DISTINCT FROM outcome.pushed_revision
                   AND NOT EXISTS (SELECT FROM icloud_due due WHERE due.copy_id = event.id)
                RETURNING id
                """
            )
        )
        return len(rows), 0
