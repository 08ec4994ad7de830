import uuid
from datetime import UTC

from odoo import fields, models
from odoo.tools import format_list

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
        if self.type_id.kind != "class":  # Of a full class there is no room for as many.
            lines.append(self._root().customer_url)
        return "\n".join(line for line in lines if line)

    def _hosts_in_words(self):
        """With whom, for the customer: the host, or all of them."""
        self.ensure_one()
        parts = self._parts()
        hosts = parts.event_id._hosts() | parts.user_id
        return format_list(self.env, hosts.mapped("name"))

    def _ical_attachment(self):
        """The booking for the customer's own calendar, or what takes it out of there again."""
        self.ensure_one()
        link = self.env._("Change or cancel: %s", self.customer_url)
        return self._file(
            # Unique in the world: customers book with several businesses.
            uid=str(uuid.uuid5(uuid.NAMESPACE_URL, self.customer_url)),
            start=self.start,
            stop=max(self._parts().mapped("stop")),
            zone=self.tz or self.type_id.tz,
            title=self.type_id.name,
            description="" if self.state == "cancelled" else link,
        )

    def _host_files(self, host):
        """The file for a host's calendar, where no iCloud shows the session anyway.

        A class stands in no file: it stays when one of many cancels.
        """
        self.ensure_one()
        # sudo: whether there is a connection, no more.
        accounts = host.sudo().icloud_account_ids.filtered("primary_calendar_id")
        if accounts or self.type_id.kind == "class":
            return []
        start, stop = self._span()
        return [
            self._file(
                uid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.customer_url}#{host.id}")),
                start=start,
                stop=stop,
                zone=host.tz or self.type_id.tz,
                title=self.event_id.name or self.type_id.name,
                description="" if self.state == "cancelled" else self._summary(),
                cancelled=host not in self._all_hosts(),
            )
        ]

    def _file(self, start, stop, cancelled=False, **columns):
        """Values of an attachment: the booking as an iCalendar file.

        Without ORGANIZER and ATTENDEE, although RFC 5546 wants the first in a CANCEL: programs that
        read mail answer an organizer, and nobody here reads answers; customers have their link.

        :param start: naive UTC; the session may be gone already
        """
        is_cancelled = cancelled or self.state == "cancelled"
        session = Session(
            start=start.replace(tzinfo=UTC),
            stop=stop.replace(tzinfo=UTC),
            location=self.event_id.location or "",
            tentative=self.state == "pending",
            sequence=self.ical_sequence,
            cancelled=is_cancelled,
            **columns,
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
