import uuid
from datetime import UTC

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_datetime, format_list

from ...ical.write import Session
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

    def _write_to_customer(self, template_xmlid, with_file=True):
        # Queued: no customer waits for a mail server, and a failed one is seen in the queue.
        template = self.env.ref(template_xmlid).with_context(with_file=with_file)
        for booking in self:
            attached = [Command.create(booking._ical_attachment())] if with_file else []
            template.send_mail(booking.id, email_values={"attachment_ids": attached})

    def _ical_attachment(self):
        """The booking for the customer's own calendar, or what takes it out of there again.

        Without ORGANIZER and ATTENDEE, although RFC 5546 wants the first in a CANCEL: programs that
        read mail answer an organizer, and nobody here reads answers; customers have their link.
        """
        self.ensure_one()
        is_cancelled = self.state == "cancelled"
        link = self.env._("Change or cancel: %s", self.customer_url)
        session = Session(
            # Unique in the world: customers book with several businesses.
            uid=str(uuid.uuid5(uuid.NAMESPACE_URL, self.customer_url)),
            # The session may be gone already.
            start=self.start.replace(tzinfo=UTC),
            stop=max(self._parts().mapped("stop")).replace(tzinfo=UTC),
            zone=self.tz or self.type_id.tz,
            title=self.type_id.name,
            description="" if is_cancelled else link,
            location=self.event_id.location or "",
            tentative=self.state == "pending",
            sequence=self.ical_sequence,
            cancelled=is_cancelled,
        )
        return {
            "name": "booking.ics",
            "raw": write_ical(session, now=fields.Datetime.now().replace(tzinfo=UTC)),
            # Outlook follows a METHOD only when the mail names it, too.
            "mimetype": "text/calendar; method=cancel" if is_cancelled else "text/calendar",
            # Goes with the mail that carries it.
            "res_model": "mail.message",
            "res_id": 0,
        }
