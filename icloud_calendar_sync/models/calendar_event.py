from datetime import UTC, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..ical.write import Session

# What a session's copy in iCloud is made of.
PUSHED_FIELDS = {
    "name",
    "start",
    "stop",
    "duration",
    "allday",
    "start_date",
    "stop_date",
    "active",
    "user_id",
    "location",
    "description",
    "booking_type_id",
    "seats",
}
TIME_FIELDS = {"start", "stop", "duration", "allday", "start_date", "stop_date"}
# What iCloud says about an imported event, and Odoo does not change.
IMPORTED_FIELDS = PUSHED_FIELDS | {
    "partner_ids",
    "attendee_ids",
    "show_as",
    "privacy",
    "recurrency",
    "rrule",
    "videocall_location",
    "notes",
    "icloud_title",
    "icloud_origin_id",
    "icloud_recurrence_id",
    "icloud_travel",
}
# Of a class of thousands a phone shows the first; who comes to the others stands in Odoo.
MOST_LISTED = 200
IMPORT_KEY = "icloud_import"
# Nobody is written to because of what the sync stores.
QUIET = {
    "no_mail_to_attendees": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
    "skip_contact_description": True,
    "dont_notify": True,
    "no_calendar_sync": True,
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    booking_type_id = fields.Many2one(
        "icloud.booking.type", index="btree_not_null", ondelete="restrict", copy=False
    )
    booking_ids = fields.One2many("icloud.booking", "event_id", copy=False)
    reservation_ids = fields.One2many("icloud.booking.reservation", "event_id", copy=False)
    waiting_ids = fields.One2many("icloud.booking.waiting", "event_id", copy=False)
    icloud_event_ids = fields.One2many("icloud.event", "event_id", copy=False)
    icloud_origin_id = fields.Many2one(
        "icloud.event", index="btree_not_null", ondelete="cascade", copy=False
    )
    icloud_recurrence_id = fields.Char(copy=False)
    icloud_travel = fields.Integer(
        copy=False, help="Minutes of travel before the start, as set on the phone. They are busy."
    )
    # The owner's words. Only `display_name` shows them, and only to the owner (rule 9).
    icloud_title = fields.Char(copy=False, groups=fields.NO_ACCESS)

    _icloud_occurrence_uniq = models.UniqueIndex(
        "(icloud_origin_id, icloud_recurrence_id) WHERE icloud_origin_id IS NOT NULL",
        "This occurrence is already imported.",
    )

    # -- what others see -----------------------------------------------------------------------

    @api.depends("icloud_title", "user_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        super()._compute_display_name()
        if self.env.su:
            return  # What code reads with all rights may end up before anybody.
        own = self.filtered(lambda event: event.icloud_origin_id and event.user_id == self.env.user)
        for event in own:
            # The owner's own title, which no group may read as a field.
            event.display_name = event.sudo().icloud_title or event.display_name

    def _compute_user_can_edit(self):
        result = super()._compute_user_can_edit()
        self.filtered("icloud_origin_id").user_can_edit = False
        return result

    def _message_compute_subject(self):
        # Mails and notifications about an imported event go to others: never the owner's words.
        event = self.sudo() if self.icloud_origin_id else self
        return super(CalendarEvent, event)._message_compute_subject()

    # -- hooks ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_booking_type(vals)
            if vals.get("booking_type_id") and vals.get("recurrency"):
                raise UserError(self.env._("A booked session cannot repeat."))
        events = super().create(vals_list)
        sessions = events.filtered("booking_type_id")
        if sessions:
            # Also a default in the context makes a session.
            self._refuse_booking_type({"booking_type_id": sessions.booking_type_id.ids})
        self.env["icloud.event"]._collect_sessions(sessions.ids)
        return events

    def write(self, vals):
        if not vals.keys() & IMPORTED_FIELDS:
            return super().write(vals)
        self._refuse_booking_type(vals)
        if not self._is_import():
            self._refuse_imported()
        sessions = self.filtered("booking_type_id")
        if sessions and vals.get("recurrency"):
            raise UserError(self.env._("A booked session cannot repeat."))
        if not vals.keys() & (TIME_FIELDS | {"active", "user_id"}) or self._is_planned():
            followed = sessions.browse()
        else:
            followed = sessions.sudo()  # Bookings follow whoever may change the session.
        followed._refuse_revival(vals)
        # Before the session's row is taken: who books takes them in this order, too.
        followed.reservation_ids._lock(followed.reservation_ids.resource_id)
        places = {session: session._place() for session in followed}
        result = super().write(vals)
        self.env["icloud.event"]._collect_sessions(sessions.ids)
        followed._refuse_tearing(places)
        followed.reservation_ids._follow_sessions(vals)
        if not vals.get("active", True):
            sessions._wake_waiting()
        return result

    def _refuse_booking_type(self, vals):
        # What makes an event a session comes with its reservation and its booking, from code.
        if "booking_type_id" in vals and not self.env.su:
            raise AccessError(self.env._("Sessions are made with “Book” on a booking type."))

    def unlink(self):
        # Odoo unlinks empty recordsets on every write.
        sessions = self.filtered("booking_type_id")
        if sessions:
            # Whoever may delete a session cancels its bookings; their rows are not theirs.
            sessions.sudo().booking_ids._session_gone()
            sessions.sudo().icloud_event_ids._session_gone()
            sessions._wake_waiting()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        if not self._is_import():
            self._refuse_imported()

    def _is_import(self):
        # Clients choose their own context; they cannot choose to be the superuser.
        return self.env.su and self.env.context.get(IMPORT_KEY)

    def _as_import(self):
        return self.with_context(**QUIET, **{IMPORT_KEY: True})

    def _refuse_imported(self):
        if self.filtered("icloud_origin_id"):
            raise UserError(
                self.env._(
                    "This event lives in iCloud: change it there, Odoo follows within minutes."
                )
            )

    # -- sessions ------------------------------------------------------------------------------

    @api.model
    def _upcoming_sessions(self, users):
        """Sessions of these hosts that have not ended."""
        reservations = self.env["icloud.booking.reservation"].search(
            [
                ("resource_id", "in", users.booking_resource_id.ids),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        return reservations.event_id

    def _hosts(self):
        """Users whose time these sessions take."""
        return self.reservation_ids._users()

    def _is_live(self):
        """Whether this session takes its host's time: somebody comes, or waits to be asked."""
        self.ensure_one()
        return self.active and bool(
            self.booking_ids.filtered("holds_time")
            or self.waiting_ids.filtered(lambda entry: entry.state == "waiting")
        )

    def _as_remote(self, copy):
        """This session as the event that stands in its host's iCloud, in the host's zone."""
        session = self.with_context(lang=copy.user_id.lang)
        # A seat that is only offered to somebody is taken, but nobody comes yet.
        bookings = session.booking_ids.filtered(
            lambda booking: (
                booking.holds_time and not (booking.state == "pending" and booking.hold_until)
            )
        )
        return session._as_ical(
            uid=copy.uid,
            zone=copy.user_id.tz or self.booking_type_id.tz,
            texts=[
                *session._who_comes(bookings),
                html2plaintext(self.description or "").strip(),
            ],
            title=session._title_with_count(),
            tentative=bool(bookings) and all(booking.state == "pending" for booking in bookings),
        )

    def _who_comes(self, bookings):
        """A paragraph for each booking, up to a number that a phone can show."""
        yield from (booking._summary() for booking in bookings.sorted("id")[:MOST_LISTED])
        if len(bookings) > MOST_LISTED:
            yield self.env._("… and %s more bookings", len(bookings) - MOST_LISTED)

    def _as_ical(self, uid, zone, texts, title=None, tentative=False):
        self.ensure_one()
        return Session(
            uid=uid,
            start=self.start.replace(tzinfo=UTC),
            stop=self.stop.replace(tzinfo=UTC),
            zone=zone,
            title=title or self.name,
            description="\n\n".join(text for text in texts if text),
            location=self.location or "",
            tentative=tentative,
        )

    def _busy_span(self, zone):
        """Naive UTC start and stop of the time this event takes: whole days in a zone, or hours
        with the way there.
        """
        self.ensure_one()
        if self.allday:
            return local_midnight(self.start_date, zone), local_midnight(
                self.stop_date + timedelta(days=1), zone
            )
        return self.start - timedelta(minutes=self.icloud_travel), self.stop

    # -- imported events -----------------------------------------------------------------------

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


def local_midnight(day, zone):
    """Naive UTC time at which a date begins in a zone (an IANA name)."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
