from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

# As everything is compared once a day, whatever the tokens say.
LOOK_EVERY = timedelta(days=1)


class ICloudImport(models.AbstractModel):
    """Copies that their host dragged into a calendar that is not read: what is done to them there
    has to be noticed, too.

    Nothing of such a calendar is imported. When the listing shows that it changed, the push looks
    at the copies in it: it reads before it writes, and sends nothing where nothing is wrong.
    """

    _inherit = "icloud.import"

    def _holds_dragged(self):
        """Whether that of a query's row `calendar`, beside its `account`, holds such copies."""
        return SQL(
            """
            (calendar.check_conflicts IS NOT TRUE
             AND calendar.id IS DISTINCT FROM account.primary_calendar_id
             AND EXISTS (SELECT FROM icloud_event copy
                           JOIN calendar_event session ON session.id = copy.event_id
                          WHERE copy.calendar_id = calendar.id AND copy.origin = 'odoo'
                            AND copy.wanted = 'present' AND session.stop > %s))
            """,
            fields.Datetime.now(),
        )

    def _look_after_dragged(self, job):
        """:return: whether anything was written"""
        listed = {each.href: each.sync_token or each.ctag for each in job.listing.calendars}
        holding = {
            key: listed[row["href"]]
            for key, row in job.calendars.items()
            if row["holds_dragged"] and row["href"] in listed
        }
        now, is_written = fields.Datetime.now(), False
        long_ago = now - LOOK_EVERY
        for calendar in self.env["icloud.calendar"].browse(holding).exists():
            copies = self.env["icloud.event"].search(
                [
                    ("calendar_id", "=", calendar.id),
                    ("origin", "=", "odoo"),
                    ("wanted", "=", "present"),
                    ("event_id.stop", ">", now),
                ]
            )
            token = holding[calendar.id]
            is_changed = job.is_asked or not token or token != calendar.copies_token
            due = copies.filtered(
                lambda copy, is_changed=is_changed: (
                    copy.pushed_revision and (is_changed or copy.outcome_id.pushed_at <= long_ago)
                )
            )
            due._look_again()
            # What a worker has in its hands it may have read before this change.
            is_seen = not any(copies.outcome_id.mapped(lambda each: each._is_leased()))
            if is_seen and token != calendar.copies_token:
                calendar.copies_token = token
                is_written = True
            is_written |= bool(due)
        return is_written
