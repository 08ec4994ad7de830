from datetime import date, datetime, time
from itertools import repeat
from typing import NamedTuple
from uuid import uuid4

from odoo import api, models

from ..icloud_busy import event_minutes
from .columns import TIME_FIELDS

# What Odoo puts beside the days of an event that takes whole ones (`_inverse_dates`).
_DAY_BEGINS, _DAY_ENDS = time(8), time(18)

# What a copy has of its own; all else it has from its template, as the ORM would have put there.
_OWN = (
    *("icloud_origin_id", "icloud_recurrence_id", "icloud_title", "icloud_travel"),
    *("icloud_free", "icloud_unanswered", "icloud_declined", "show_as"),
    *("start", "stop", "start_date", "stop_date", "duration", "busy_start", "busy_stop"),
)
_OWN_NAMES = {*_OWN}
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
    def _update_imported(self, user, updates):
        """Write what differs.

        :param updates: [(event of that user, its `_imported_values`, those that differ)]
        :return: the events
        """
        columns = self._not_elsewhere()
        alike = {**_ALIKE, "calendar.event": [*_OWN, *columns]}
        together = [
            (event, values)
            for event, values, different in updates
            if different.keys() <= _OWN_NAMES and _is_in_order(values)
        ]
        if self.env["icloud.copies"]._may_copy(len(together), alike):
            self._update_together(user, together, columns)
        else:
            together = []
        done = {event.id for event, _values in together}
        alone = [update for update in updates if update[0].id not in done]
        for event, values, different in alone:
            if different.keys() & TIME_FIELDS:
                # Odoo recomputes the stop when the start alone is written.
                different.update({name: values[name] for name in values.keys() & TIME_FIELDS})
            event = event._as_owners(user)
            event.write({**different, **columns})
            if event._different(columns):  # Odoo moves whole days by writes of its own.
                event.write(columns)
        return self.browse([event.id for event, *_rest in updates])

    def _update_together(self, user, updates, columns):
        events = self.browse([event.id for event, _values in updates])
        origins = [event.icloud_origin_id.id for event in events]
        rows = [
            self._own_columns({**values, "icloud_origin_id": origin}, user.tz)
            for origin, (_event, values) in zip(origins, updates, strict=True)
        ]
        own = dict(zip(_OWN, zip(*rows, strict=True), strict=True))
        same = {name: [value] * len(rows) for name, value in columns.items()}
        self.env["icloud.copies"]._update(events._as_owners(user), {**own, **same})

    def _as_owners(self, user):
        # Of somebody else's change of the time Odoo would ask its owner anew.
        return self.with_user(user).sudo()._as_import()

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
