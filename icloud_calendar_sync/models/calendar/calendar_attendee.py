from odoo import api, fields, models
from odoo.tools import SQL

from .icloud_busy import NOT_BUSY, event_minutes


class CalendarAttendee(models.Model):
    """Knows when its event keeps the attendee busy; imported events know that themselves."""

    _name = "calendar.attendee"
    _inherit = ["calendar.attendee", "icloud.busy"]

    # Whoever is reserved for a session is busy by that; its attendees are looked at one by one.
    in_session = fields.Boolean(
        compute="_compute_in_session", store=True, precompute=True, prefetch="icloud"
    )

    # A host's month is one stretch of it, whatever the past holds.
    _busy_idx = models.Index(
        "(partner_id, busy_stop) INCLUDE (busy_start) WHERE in_session IS NOT TRUE"
    )
    _busy_session_idx = models.Index("(partner_id, busy_stop) WHERE in_session")

    @api.depends(
        "state",
        "partner_id.tz",
        "event_id.active",
        "event_id.show_as",
        "event_id.start",
        "event_id.stop",
        "event_id.allday",
        "event_id.start_date",
        "event_id.stop_date",
        "event_id.icloud_origin_id",
        "event_id.icloud_travel",
    )
    def _compute_busy(self):
        return super()._compute_busy()

    @api.depends("event_id.booking_type_id")
    def _compute_in_session(self):
        for attendee in self:
            attendee.in_session = bool(attendee.event_id.booking_type_id)

    def _not_computed(self):
        """A block in which no change elsewhere marks these rows, as they are about to vanish."""
        stored = [field for field in self._fields.values() if field.store and field.compute]
        return self.env.protecting(stored, self)

    def _busy_minutes(self):
        if self.state == "declined" or self.event_id.icloud_origin_id:
            return NOT_BUSY
        # Whose zone it is matters for whole days alone; others need not be read for it.
        return event_minutes(self.event_id, self.event_id.allday and self.partner_id.tz)

    def _busy_columns(self):
        return {**super()._busy_columns(), "in_session": "bool"}

    def _fill_busy(self):
        self.env.cr.execute(
            SQL(
                """
                UPDATE calendar_attendee attendee SET in_session = TRUE FROM calendar_event event
                 WHERE event.id = attendee.event_id AND event.booking_type_id IS NOT NULL
                """
            )
        )
        return super()._fill_busy()

    def _timed_update(self, minutes, is_busy):
        return SQL(
            """
            UPDATE calendar_attendee attendee SET %s FROM calendar_event event
             WHERE event.id = attendee.event_id AND event.icloud_origin_id IS NULL
               AND attendee.state IS DISTINCT FROM 'declined' AND %s
            """,
            minutes,
            is_busy,
        )

    def _all_day_domain(self):
        return [("event_id.allday", "=", True)]
