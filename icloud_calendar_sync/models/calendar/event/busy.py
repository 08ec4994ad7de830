from odoo import api, fields, models
from odoo.tools import SQL

from ..icloud_busy import NOT_BUSY, event_minutes


class CalendarEvent(models.Model):
    """An imported event knows when its owner is busy, whoever attends it in Odoo: iCloud says so.

    Other events are busy for their attendees, who know it themselves.
    """

    _name = "calendar.event"
    _inherit = ["calendar.event", "icloud.busy"]

    # Not before the row is there: when an event ends is computed then.
    busy_start = fields.Integer(precompute=False)
    busy_stop = fields.Integer(precompute=False)

    _busy_idx = models.Index(
        "(user_id, busy_stop) INCLUDE (busy_start, id) WHERE icloud_origin_id IS NOT NULL"
    )

    @api.depends(
        "user_id.tz",
        "active",
        "show_as",
        "start",
        "stop",
        "allday",
        "start_date",
        "stop_date",
        "icloud_origin_id",
        "icloud_travel",
    )
    def _compute_busy(self):
        return super()._compute_busy()

    def modified(self, fnames, create=False, before=False):
        # `unlink` names all fields at once, right before the rows go (odoo/orm/models.py); other
        # apps' `unlink` may archive instead, and then minutes do change.
        if not before or len(fnames) < len(self._fields):
            return super().modified(fnames, create, before)
        # The database deletes the attendees with their events; to compute them cost six queries.
        with self.sudo().attendee_ids._not_computed():
            return super().modified(fnames, create, before)

    def _busy_minutes(self):
        return event_minutes(self, self.user_id.tz) if self.icloud_origin_id else NOT_BUSY

    def _timed_update(self, minutes, is_busy):
        return SQL(
            "UPDATE calendar_event event SET %s WHERE event.icloud_origin_id IS NOT NULL AND %s",
            minutes,
            is_busy,
        )

    def _all_day_domain(self):
        return [("allday", "=", True), ("icloud_origin_id", "!=", False)]
