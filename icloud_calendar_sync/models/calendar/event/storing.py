from datetime import timedelta
from itertools import zip_longest

from odoo import api, fields, models
from odoo.fields import Domain

from .blocking import marks_of, shown_as


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
        present = self._present(calendar, readings, start).grouped("icloud_origin_id")
        choice, identity = calendar._choice(), self._imported_identity(calendar.user_id)
        created, updates, gone = [], [], self.browse()
        for row, reading in readings.items():
            pairs, left = present.get(row, self.browse())._paired(reading.occurrences)
            gone |= left
            for event, occurrence in pairs:
                values = self._imported_values(occurrence, choice)
                if not event:
                    created.append({**identity, "icloud_origin_id": row.id, **values})
                elif different := event._different(values):
                    updates.append((event, values, different))
        (self.browse().union(*present.values()) - gone)._mend_busy()
        changed = self._update_imported(calendar.user_id, updates)
        # An all-day event is stored in hours that are not its own: at the edge nothing is judged.
        inside = start + timedelta(days=1)
        gone.filtered(lambda event: event.stop > inside)._as_import().unlink()
        return changed | self._create_imported(calendar.user_id, created)

    def _present(self, calendar, readings, start):
        """What Odoo has of these remote events, from a time on (naive UTC)."""
        keys = [
            occurrence.original_start
            for reading in readings.values()
            for occurrence in reading.occurrences
        ]
        # By key too: what was moved into the window had its place before it.
        found = self.with_context(active_test=False).search(
            Domain("icloud_origin_id", "in", [row.id for row in readings])
            & (Domain("stop", ">", start) | Domain("icloud_recurrence_id", "in", keys)),
            order="start, id",
        )
        own = found.filtered(
            lambda event: event.user_id == calendar.user_id and not event.booking_type_id
        )
        (found - own)._release()
        return own

    def _release(self):
        """Events of others, and sessions, that say they came from this calendar: they did not.

        They stay what they are, and iCloud's events get their place.
        """
        self._as_import().write(
            {"icloud_origin_id": False, "icloud_recurrence_id": False, "icloud_title": False}
        )

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

    def _different(self, values):
        return {name: value for name, value in values.items() if self[name] != value}

    def _mend_busy(self):
        """Compute minutes again that are not those of the event, whoever wrote them."""
        wrong = self.filtered(
            lambda event: (event.busy_start, event.busy_stop) != event._busy_minutes()
        )
        for name in wrong._busy_columns():
            self.env.add_to_compute(self._fields[name], wrong)

    @api.model
    def _imported_values(self, occurrence, choice):
        """Columns that iCloud decides; the times as Odoo wants them (naive UTC, or days).

        :param choice: what blocks in this calendar, a `Choice`
        """
        marks = marks_of(occurrence)
        values = {
            "icloud_recurrence_id": occurrence.original_start,
            "icloud_title": occurrence.title,
            "icloud_free": marks.free,
            "icloud_unanswered": marks.unanswered,
            "icloud_declined": marks.declined,
            "show_as": shown_as(marks, choice),
            "icloud_travel": occurrence.travel,
            "active": True,
            "privacy": "public",
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
    def _imported_identity(self, user):
        """Columns that all imported events of a user have in common."""
        return {
            "name": self.env._("Busy"),
            "privacy": "public",
            "user_id": user.id,
            "partner_ids": [fields.Command.set(user.partner_id.ids)],
            "attendee_ids": [
                fields.Command.create({"partner_id": user.partner_id.id, "state": "accepted"})
            ],
            **self._not_elsewhere(),
        }

    @api.model
    def _not_elsewhere(self):
        """Columns that keep other calendar services from sending an event of iCloud's on."""
        return {}
