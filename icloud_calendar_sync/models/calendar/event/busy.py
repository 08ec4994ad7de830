from contextlib import contextmanager
from itertools import repeat

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
    # Where they stay what they are (of most events nothing) they are known, and not written.
    busy_start = fields.Integer(precompute=False, prefetch=True)
    busy_stop = fields.Integer(precompute=False, prefetch=True)

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
        self._know_no_bookings()
        # `unlink` names all fields at once, right before the rows go (odoo/orm/models.py); other
        # apps' `unlink` may archive instead, and then minutes do change.
        if not before or len(fnames) < len(self._fields):
            return super().modified(fnames, create, before)
        # The database deletes the attendees with their events; to compute them cost six queries.
        with self._without_attendees():
            return super().modified(fnames, create, before)

    def _know_no_bookings(self):
        """Spare Odoo the question which bookings follow: none follow what is no session."""
        events = self._as_triggers_see()
        kinds, bookings = (self._fields[name] for name in ("booking_type_id", "booking_ids"))
        kind_of = kinds._get_cache(events.env)
        plain = [each for each in events._origin._ids if kind_of.get(each, True) is None]
        bookings._insert_cache(events.browse(plain), repeat(()))

    @contextmanager
    def _without_attendees(self):
        """A block in which these events' attendees, who are about to vanish, follow nothing."""
        events = self._as_triggers_see()
        field = self._fields["attendee_ids"]
        found = field._get_cache(events.env)
        unknown = events.browse(each for each in events._ids if each not in found)
        # Those that nobody has read need not be read for this.
        field._insert_cache(unknown, repeat(()))
        with events.attendee_ids._not_computed():
            yield
        field._invalidate_cache(unknown.env, unknown._ids)

    def _as_triggers_see(self):
        return self.sudo().with_context(active_test=False)  # As `_modified` in odoo/orm/models.py.

    def _busy_minutes(self):
        if not self.icloud_origin_id:
            return NOT_BUSY
        return event_minutes(self, self.allday and self.user_id.tz)

    def _timed_update(self, minutes, is_busy):
        return SQL(
            "UPDATE calendar_event event SET %s WHERE event.icloud_origin_id IS NOT NULL AND %s",
            minutes,
            is_busy,
        )

    def _all_day_domain(self):
        return [("allday", "=", True), ("icloud_origin_id", "!=", False)]
