from odoo import api, fields, models

# Rows dropped at once; what is left over goes next time.
MOST_AT_ONCE = 5000


class ICloudRecount(models.Model):
    """A session whose count in iCloud is old.

    Whoever takes or frees a seat only inserts such a row, and the push worker only deletes them:
    many who book the same class at once would wait for each other, and fail, if each of them
    raised the revision of the session's copy.
    """

    _name = "icloud.recount"
    _description = "Session to count again"
    _log_access = False

    event_id = fields.Many2one("calendar.event", required=True, ondelete="cascade", index=True)

    @api.model
    def _ask(self, sessions):
        """Have the copies of these sessions tell the seats taken now."""
        if sessions:
            self.create([{"event_id": session.id} for session in sessions])
            # sudo: copies and accounts are their owners'; only who has work is asked of them.
            copies = sessions.sudo().icloud_event_ids
            self.env["icloud.event"]._wake_push(copies.account_id)

    @api.model
    def _done(self, copies):
        """Drop what a worker sees, but for sessions with copies that still have to be sent.

        :param copies: remote events that are being sent
        """
        # Those first: whatever waits for others, what is sent now must not stay due.
        asked = self.search([("event_id", "in", copies.event_id.ids)], limit=MOST_AT_ONCE)
        asked |= self.search([], limit=MOST_AT_ONCE)
        waiting = self.env["icloud.event"].search(
            [
                ("event_id", "in", asked.event_id.ids),
                ("origin", "=", "odoo"),
                ("wanted", "=", "present"),
                ("id", "not in", copies.ids),
            ]
        )
        by_session = asked.grouped("event_id")
        # One row says as much as many: a host who is away for weeks leaves no heap behind.
        left = self.browse().union(*(by_session[session][0] for session in waiting.event_id))
        (asked - left).unlink()
