from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ...planning.choice import Choice
from .columns import TIME_FIELDS

PLANNED_KEY = "icloud_planned"


class CalendarEvent(models.Model):
    """What a session is to the planner."""

    _inherit = "calendar.event"

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

    def _bookings_changed(self):
        """The copies in iCloud have to tell it.

        Seats come in a rush: they only leave a mark, because two that change the session's row,
        or its copy's, would meet.
        """
        classes = self.filtered(lambda session: session.booking_type_id.kind == "class")
        self.env["icloud.recount"]._ask(classes)
        self.env["icloud.event"]._collect_sessions((self - classes).ids)

    def _attended_by(self, former, users, **values):
        """Write who comes now; whom a host has added to the session stays.

        :param former: the hosts until now
        :param values: columns to write with it
        """
        self.ensure_one()
        left = (former - users).partner_id - users.partner_id
        commands = [Command.unlink(partner.id) for partner in left & self.partner_ids]
        commands += [Command.link(partner.id) for partner in users.partner_id - self.partner_ids]
        # Odoo makes the attendees of what is written here, and would not take others.
        self.write({**values, **({"partner_ids": commands} if commands else {})})
        hosting = self.attendee_ids.filtered(lambda each: each.partner_id in users.partner_id)
        # Hosts' attendance is taken for granted, also where Odoo asks anew for another time.
        hosting.filtered(lambda each: each.state != "accepted").state = "accepted"

    def _services(self):
        """The services done in this session, in their order."""
        return self.booking_ids.line_ids.sorted("sequence").service_id

    def _choice(self):
        """What was chosen here besides the time, its own time being free."""
        return Choice(user_id=self.user_id.id, service_ids=tuple(self._services().ids), ignore=self)

    def _padded(self):
        """(start, stop) as it is reserved, buffers included, in naive UTC."""
        self.ensure_one()
        services = self._services()
        first, last = services[:1] or self.booking_type_id, services[-1:] or self.booking_type_id
        return (
            self.start - timedelta(minutes=first.buffer_before),
            self.stop + timedelta(minutes=last.buffer_after),
        )

    def _is_only_for(self, bookings):
        """Whether nobody else comes, or waits to be asked."""
        self.ensure_one()
        others = self.booking_ids.filtered("holds_time") - bookings
        return not others and not self.waiting_ids.filtered(lambda each: each.state == "waiting")

    # -- who changes it ------------------------------------------------------------------------

    def _as_planned(self):
        """To write what the planner has reserved already; nobody gets mail by Odoo's calendar."""
        return self.with_context(no_mail_to_attendees=True, **{PLANNED_KEY: True})

    def _is_planned(self):
        # Clients choose their own context; they cannot choose to be the superuser.
        return self.env.su and self.env.context.get(PLANNED_KEY)

    @api.constrains("booking_type_id", "recurrency", "recurrence_id", *sorted(TIME_FIELDS))
    def _check_session_time(self):
        """Whoever changes it, and in whatever way: Odoo writes the same time by several fields."""
        for session in self.filtered("booking_type_id"):
            if session.allday:
                raise ValidationError(
                    self.env._(
                        "A booked session has hours, it cannot take all day: give it a start and "
                        "an end."
                    )
                )
            if session.recurrency or session.recurrence_id:
                raise ValidationError(self.env._("A booked session cannot repeat."))
            # A duration of 0 is an hour to Odoo, which nobody asked for.
            if session.start >= session.stop or session.duration <= 0:
                raise ValidationError(
                    self.env._("A booked session takes time: it must end after it starts.")
                )

    def _refuse_revival(self, vals):
        """A session that was given up has no reservation any more, and nobody comes."""
        if vals.get("active") and self.filtered(lambda session: not session.active):
            raise UserError(self.env._("This session was cancelled: please book the time anew."))

    def _place(self):
        self.ensure_one()
        return self.start, self.stop, self.user_id

    def _refuse_tearing(self, places):
        """Services in a row stay in a row.

        :param places: {session: `_place` before it was changed}
        """
        if any(
            session.booking_ids._is_chain() and session._place() != place
            for session, place in places.items()
        ):
            raise UserError(
                self.env._(
                    "This is one of several services in a row: move or cancel the booking as a "
                    "whole."
                )
            )
