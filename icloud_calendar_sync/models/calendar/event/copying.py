from datetime import date, datetime, time
from itertools import repeat
from typing import NamedTuple
from uuid import uuid4

from odoo import api, models

from ..icloud_busy import event_minutes

# What Odoo puts beside the days of an event that takes whole ones (`_inverse_dates`).
_DAY_BEGINS, _DAY_ENDS = time(8), time(18)

# What a copy has of its own; all else it has from its template, as the ORM would have put there.
_OWN = (
    *("icloud_origin_id", "icloud_recurrence_id", "icloud_title", "icloud_travel"),
    *("icloud_free", "icloud_unanswered", "icloud_declined", "show_as"),
    *("start", "stop", "start_date", "stop_date", "duration", "busy_start", "busy_stop"),
)
# What follows of that in the row of its attendee: that this is busy stands beside the event.
_OF_ATTENDEE = ("event_id", "access_token", "busy_start", "busy_stop", "in_session")
_ALIKE = {"calendar.event": _OWN, "calendar.attendee": _OF_ATTENDEE}


class _Times(NamedTuple):
    """What `event_minutes` asks of an event."""

    active: bool
    show_as: str
    allday: bool
    start: datetime
    stop: datetime
    start_date: date | None
    stop_date: date | None
    icloud_travel: int


class CalendarEvent(models.Model):
    """Imported events are stored in bulk, where that is the same as one by one."""

    _inherit = "calendar.event"

    @api.model
    def _create_imported(self, user, vals_list):
        """Create imported events of one user, as `create` does, in any order.

        :param vals_list: `_imported_identity`, `icloud_origin_id` and `_imported_values` of each
        """
        kinds, events = {}, self.browse()
        for vals in vals_list:
            # What Odoo refuses shall be refused by Odoo.
            kind = vals["allday"] if _is_in_order(vals) else None
            kinds.setdefault(kind, []).append(vals)
        for kind, those in kinds.items():
            if kind is not None and self.env["icloud.copies"]._may_copy(len(those), _ALIKE):
                events |= self._copies(user, those)
            else:
                events |= self._as_import().create(those)
        return events

    def _copies(self, user, vals_list):
        copies = self.env["icloud.copies"]
        template = self._as_import().create(vals_list[:1])
        self.env.flush_all()
        rows = [self._own_columns(vals, user.tz) for vals in vals_list[1:]]
        events = copies._insert(template, dict(zip(_OWN, zip(*rows, strict=True), strict=True)))
        copies._insert_links(template, events)
        for attendee in template.attendee_ids:
            tokens = [uuid4().hex for _event in events]
            copies._insert(attendee, {"event_id": events.ids, "access_token": tokens})
        # Whose meetings were listed before has more of them now.
        self.env["res.partner"].invalidate_model(["meeting_ids"])
        self._fields["user_id"]._insert_cache(events, repeat(user.id))
        return template | events

    @api.model
    def _own_columns(self, vals, zone):
        """The values of `_OWN`, computed as Odoo and we do."""
        if vals["allday"]:
            first, last = vals["start_date"], vals["stop_date"]
            start, stop = datetime.combine(first, _DAY_BEGINS), datetime.combine(last, _DAY_ENDS)
        else:
            first, last, start, stop = None, None, vals["start"], vals["stop"]
        times = _Times(
            *(vals["active"], vals["show_as"], vals["allday"]),
            *(start, stop, first, last, vals["icloud_travel"]),
        )
        return (
            *(vals[name] for name in _OWN[:8]),
            *(start, stop, first, last, self._get_duration(start, stop)),
            *event_minutes(times, zone),
        )


def _is_in_order(vals):
    if vals["allday"]:
        return vals["start_date"] <= vals["stop_date"]
    return vals["start"] <= vals["stop"]
