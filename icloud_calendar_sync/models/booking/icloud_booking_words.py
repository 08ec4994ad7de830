import uuid
from dataclasses import replace
from datetime import UTC

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_list

from ...ical.write import write as write_ical


class ICloudBooking(models.Model):
    """What a booking tells its customer and its host."""

    _inherit = "icloud.booking"

    def _summary(self):
        """Who comes, as plain text for the host's phone."""
        self.ensure_one()
        name = self.customer_name
        if self.seats > 1:
            name = self.env._("%(customer)s, %(count)s seats", customer=name, count=self.seats)
        lines = [name, self.email, self.phone or "", *self.line_ids.mapped("name")]
        lines += [f"{question}: {answer}" for question, answer in (self.answers or {}).items()]
        return "\n".join(line for line in lines if line)

    def _hosts_in_words(self):
        """With whom, for the customer: the host, or all of them."""
        self.ensure_one()
        parts = self._parts()
        hosts = parts.event_id._hosts() | parts.user_id
        return format_list(self.env, hosts.mapped("name"))

    def _when(self):
        """Start in the customer's zone, in words, with the zone's name."""
        self.ensure_one()
        zone = self.tz or self.type_id.tz
        when = format_datetime(self.env, self.start, tz=zone, dt_format="EEEE d MMMM y, HH:mm")
        return f"{when} ({zone})"

    def _write_to_customer(self, template_xmlid):
        # Queued: no customer waits for a mail server, and a failed one is seen in the queue.
        template = self.env.ref(template_xmlid)
        for booking in self:
            template.send_mail(
                booking.id,
                email_values={
                    "attachment_ids": [(0, 0, booking._ical_attachment())],
                }
                if booking.holds_time
                else None,
            )

    def _ical_attachment(self):
        """The session for the customer's own calendar, without anybody's address in it."""
        self.ensure_one()
        session = self.event_id._as_ical(
            # Unique in the world: customers book with several businesses.
            uid=str(uuid.uuid5(uuid.NAMESPACE_URL, self.customer_url)),
            zone=self.tz or self.type_id.tz,
            texts=[self.env._("Change or cancel: %s", self.customer_url)],
            title=self.type_id.name,
            tentative=self.state == "pending",
        )
        last = max(self._parts().mapped("stop")).replace(tzinfo=UTC)
        session = replace(session, stop=last)
        return {
            "name": "booking.ics",
            "raw": write_ical(session, now=fields.Datetime.now().replace(tzinfo=UTC)),
            "mimetype": "text/calendar",
            # Goes with the mail that carries it.
            "res_model": "mail.message",
            "res_id": 0,
        }

    # -- overlaps ------------------------------------------------------------------------------

    @api.model
    def _flag_overlaps(self, events):
        """Tell hosts whose upcoming bookings an imported event overlaps (rule 14).

        The hint names times only: colleagues see it too.
        """
        upcoming = events.filtered(
            lambda event: event.show_as == "busy" and event.stop > fields.Datetime.now()
        )
        for event in upcoming:
            start, stop = event._busy_span(event.user_id.tz or "UTC")
            bookings = self.search(
                Domain("user_id", "=", event.user_id.id)
                & Domain("holds_time", "=", True)
                & Domain("start", "<", stop)
                & Domain("stop", ">", start)
            )
            for booking in bookings:
                booking._flag_overlap(start, stop)

    def _flag_overlap(self, start, stop):
        summary = self.env._("Overlaps with iCloud")
        if self.activity_ids.filtered(lambda activity: activity.summary == summary):
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id,
            summary=summary,
            note=self.env._(
                "Your iCloud is busy from %(start)s to %(stop)s. The booking stands: move it, or "
                "the event on your phone.",
                start=format_datetime(self.env, start, tz=self.user_id.tz),
                stop=format_datetime(self.env, stop, tz=self.user_id.tz),
            ),
        )
