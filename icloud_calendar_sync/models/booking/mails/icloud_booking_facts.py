from datetime import timedelta

from odoo import models
from odoo.tools import format_date, format_time
from odoo.tools.misc import format_amount

from ...planning.zones import to_local, zone_words


class ICloudBooking(models.Model):
    """What the mails about a booking show, as its reader needs it.

    Who reads stands in the context, `mail_reader`: the id of a host, or nothing for the customer.
    """

    _inherit = "icloud.booking"

    def _reader(self):
        """The host who reads, or nobody: then it is the customer."""
        return self.env["res.users"].browse(self.env.context.get("mail_reader") or ())

    def _host(self):
        """The host who reads, or the one who comes."""
        return self._reader() or self.user_id

    def _reader_lang(self):
        """The language in which it is read; None for that of whoever writes."""
        self.ensure_one()
        reader = self._reader()
        return (reader.lang if reader else self.lang or self.partner_id.lang) or None

    def _zones(self):
        """(the reader's zone, the other one's)."""
        self.ensure_one()
        customer = self.tz or self.type_id.tz
        host = self._host().tz or self.type_id.tz
        return (host, customer) if self._reader() else (customer, host)

    def _in_words(self, start, stop, zone):
        """A span of naive UTC times on the clocks of a zone: {"day", "times", "zone"}."""
        times = [
            format_time(self.env, moment, tz=zone, time_format="short") for moment in (start, stop)
        ]
        return {
            "day": format_date(self.env, to_local(start, zone).date(), date_format="full"),
            "times": " – ".join(times),
            "zone": zone_words(zone, start),
        }

    def _when(self):
        """Start in the reader's zone, in words, with the zone's name."""
        self.ensure_one()
        return self._moment_in_words(self.start, self._zones()[0])

    def _span(self):
        """(start, stop) in naive UTC; of a chain all of it, of its host the part that is theirs."""
        self.ensure_one()
        parts = self._parts()
        own = parts.filtered(lambda part: part.user_id == self._reader())
        parts = own or parts
        return min(parts.mapped("start")), max(parts.mapped("stop"))

    def _facts(self):
        """All that the facts of a mail show, as plain values."""
        self.ensure_one()
        start, stop = self._span()
        zone, other = self._zones()
        differs = to_local(start, zone).utcoffset() != to_local(start, other).utcoffset()
        former = self.former_start
        return {
            "name": self.type_id.name,
            "is_for_host": bool(self._reader()),
            **self._in_words(start, stop, zone),
            "other": self._in_words(start, stop, other) if differs else None,
            "former": former and self._in_words(former, former + (stop - start), zone),
            "is_over": self.state == "cancelled",
            "location": self.event_id.location or "",
            "map_url": self._map_url(),
            # Not in what is only asked for, or gives up.
            "bring": (self.state == "confirmed" and self.type_id.bring) or "",
            "deadline": self._deadline_in_words(),
            "calendars": self._calendar_links() if self.state == "confirmed" else [],
            "host": "" if self.child_ids else self._hosts_in_words(),
            "seats": self.seats if self.type_id.kind == "class" else 0,
            "services": self._services_in_words(zone),
            "price": self._amount(self.price_total),
            "customer": self.customer_name,
            "email": self.email,
            "phone": self.phone or "",
            "answers": list((self.answers or {}).items()),
        }

    def _services_in_words(self, zone):
        """[{"time", "name", "host", "minutes", "price"}] in order."""
        rows = []
        for part in self._parts():
            begin = part.start
            for line in part.line_ids:
                rows.append(
                    {
                        "time": format_time(self.env, begin, tz=zone, time_format="short"),
                        "name": line.name,
                        "host": part.user_id.name if self.child_ids else "",
                        "minutes": line.duration,
                        "price": self._amount(line.price),
                    }
                )
                begin += timedelta(minutes=line.duration)
        return rows

    def _amount(self, amount):
        return format_amount(self.env, amount, self.currency_id) if amount else ""

    # -- for the templates ---------------------------------------------------------------------

    def _mail_facts(self):
        """When, where, with whom: the middle of every mail, for its reader."""
        return self.env["ir.qweb"]._render(
            "icloud_calendar_sync.mail_facts", {"facts": self._facts()}, minimal_qcontext=True
        )

    def _mail_rating(self):
        """How the customer may say how it was; nothing without Odoo's ratings."""
        return ""

    def _office_url(self):
        """Where staff see this booking."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")  # Public knowledge.
        return f"{base}/odoo/icloud.booking/{self.id}"
