from datetime import timedelta
from itertools import zip_longest

from odoo import api, fields, models
from odoo.fields import Domain

from .columns import TIME_FIELDS


class CalendarEvent(models.Model):
    """Makes the imported events in Odoo those that were read."""

    _inherit = "calendar.event"

    @api.model
    def _store_imported(self, calendar, readings, window):
        """Make the occurrences in Odoo those that were read: update rows, keep their ids.

        :param readings: {remote event: Reading}, complete inside the window
        :return: the events created or changed
        """
        start = window.start.replace(tzinfo=None)
        keys = [
            occurrence.original_start
            for reading in readings.values()
            for occurrence in reading.occurrences
        ]
        # By key too: what was moved into the window had its place before it.
        present = (
            self.with_context(active_test=False)
            .search(
                Domain("icloud_origin_id", "in", [row.id for row in readings])
                & (Domain("stop", ">", start) | Domain("icloud_recurrence_id", "in", keys)),
                order="start, id",
            )
            .grouped("icloud_origin_id")
        )
        created, changed, gone = [], self.browse(), self.browse()
        for row, reading in readings.items():
            pairs, left = present.get(row, self.browse())._paired(reading.occurrences)
            gone |= left
            for event, occurrence in pairs:
                values = self._imported_values(occurrence)
                if not event:
                    created.append({**values, **self._imported_identity(calendar.user_id, row)})
                elif event._update_imported(values):
                    changed |= event
        # An all-day event is stored in hours that are not its own: at the edge nothing is judged.
        inside = start + timedelta(days=1)
        gone.filtered(lambda event: event.stop > inside)._as_import().unlink()
        return changed | self._as_import().create(created)

    def _paired(self, occurrences):
        """Which of these events is which occurrence.

        By original start; what was moved as a whole on the phone (a single event, a series) has
        other ones, and is the same event all the same: the rest is paired in order of time.

        :return: ([(event or none, occurrence)], events that are no more)
        """
        known = {event.icloud_recurrence_id: event for event in self}
        pairs, unknown = [], []
        for occurrence in occurrences:
            event = known.pop(occurrence.original_start, None)
            if event is None:
                unknown.append(occurrence)
            else:
                pairs.append((event, occurrence))
        rest = list(known.values())
        pairs += zip_longest(rest[: len(unknown)], unknown, fillvalue=self.browse())
        return pairs, self.browse().union(*rest[len(unknown) :])

    def _update_imported(self, values):
        """Write what differs. :return: whether anything did."""
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            if changed.keys() & TIME_FIELDS:
                # Odoo recomputes the stop when the start alone is written.
                changed.update({name: values[name] for name in values.keys() & TIME_FIELDS})
            self._as_import().write({**changed, **self._not_elsewhere()})
        return bool(changed)

    @api.model
    def _imported_values(self, occurrence):
        """Columns that iCloud decides; the times as Odoo wants them (naive UTC, or days)."""
        values = {
            "icloud_recurrence_id": occurrence.original_start,
            "icloud_title": occurrence.title,
            "show_as": "busy" if occurrence.busy else "free",
            "icloud_travel": occurrence.travel,
            "allday": occurrence.all_day,
        }
        if occurrence.all_day:
            return {
                **values,
                "start_date": occurrence.first_day,
                "stop_date": occurrence.last_day,
            }
        return {
            **values,
            "start": occurrence.start.replace(tzinfo=None),
            "stop": occurrence.stop.replace(tzinfo=None),
        }

    @api.model
    def _imported_identity(self, user, row):
        return {
            "name": self.env._("Busy"),
            "privacy": "public",
            "user_id": user.id,
            "partner_ids": [fields.Command.set(user.partner_id.ids)],
            "attendee_ids": [
                fields.Command.create({"partner_id": user.partner_id.id, "state": "accepted"})
            ],
            "icloud_origin_id": row.id,
            **self._not_elsewhere(),
        }

    @api.model
    def _not_elsewhere(self):
        """Columns that keep other calendar services from sending an event of iCloud's on."""
        return {}
