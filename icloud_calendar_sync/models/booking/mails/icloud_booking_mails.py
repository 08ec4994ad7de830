from odoo import fields, models

# What a host may choose not to hear of, by the news.
SWITCHES = {
    "requested": "booking_mail_requested",
    "confirmed": "booking_mail_confirmed",
    "moved": "booking_mail_moved",
    "cancelled": "booking_mail_cancelled",
    "declined": "booking_mail_cancelled",
    "handed_over": "booking_mail_cancelled",
}


class ICloudBooking(models.Model):
    """Who hears what of a booking.

    News are “requested”, “confirmed”, “moved”, “cancelled” and “declined”; each has a template for
    the customer, and one for the hosts. A host whom a booking leaves hears “handed_over”.
    """

    _inherit = "icloud.booking"

    former_start = fields.Datetime(
        "Moved from", readonly=True, copy=False, help="The time before it was last moved."
    )

    told_at = fields.Datetime(
        "Told on", readonly=True, copy=False, help="When the customer last read the time."
    )

    def _tell(self, news):
        """Write to customers and hosts, each in their language."""
        if news in ("confirmed", "moved"):
            self.told_at = fields.Datetime.now()
        for booking in self:
            booking._write_to_customer(news)
            booking._write_to_hosts(news, booking._all_hosts())

    def _write_to_customer(self, news, with_file=True):
        """:param with_file: with the file for the customer's calendar"""
        for booking in self.with_context(mail_reader=None, with_file=with_file):
            booking._send_mail(
                f"mail_booking_{news}",
                booking.email,
                author=booking.user_id.partner_id,
                files=[booking._ical_attachment()] if with_file else [],
            )

    def _write_to_hosts(self, news, hosts):
        """Write to those of these users who want to hear of it; who acts now knows it already."""
        for host in hosts - self.env.user:
            if not (host.active and host.email and host[SWITCHES[news]]):
                continue
            for booking in self.with_context(mail_reader=host.id):
                booking._send_mail(
                    f"mail_host_{news}",
                    host.email_formatted,
                    files=booking._host_files(host),
                    # Whoever sees the booking reads what was sent about it; what this host alone
                    # may know or do stays out of there.
                    is_private=True,
                )

    def _all_hosts(self):
        """Whose time the booking takes, or took until it was given up."""
        parts = self._parts()
        sessions = parts.event_id.with_context(active_test=False)
        return sessions.reservation_ids._users() | parts.user_id

    # -- without a template --------------------------------------------------------------------

    def _sender(self):
        return self.user_id.email_formatted or super()._sender()

    def _plain_words(self, template_name):
        facts = self._facts()
        for_host = facts["is_for_host"]
        lines = [
            f"{facts['day']}, {facts['times']}",
            facts["zone"],
            facts["location"],
            facts["customer"] if for_host else facts["host"],
        ]
        link = self._office_url() if for_host else self.customer_url
        return self._plain_news(template_name), lines, link

    def _plain_news(self, template_name):
        offer = self.type_id.name
        return {
            "mail_booking_requested": self.env._("We have your request: %s", offer),
            "mail_booking_confirmed": self.env._("You are booked: %s", offer),
            "mail_booking_moved": self.env._("New time: %s", offer),
            "mail_booking_cancelled": self.env._("Cancelled: %s", offer),
            "mail_booking_declined": self.env._("Not possible: %s", offer),
            "mail_booking_reminder": self.env._("See you soon: %s", offer),
            "mail_booking_follow_up": self.env._("Thank you for coming: %s", offer),
            "mail_booking_held": self.env._("A seat is free: %s", offer),
            "mail_host_requested": self.env._("Please confirm or decline: %s", offer),
            "mail_host_confirmed": self.env._("New booking: %s", offer),
            "mail_host_moved": self.env._("Moved: %s", offer),
            "mail_host_cancelled": self.env._("Cancelled: %s", offer),
            "mail_host_declined": self.env._("Declined: %s", offer),
            "mail_host_handed_over": self.env._("Not yours any more: %s", offer),
        }.get(template_name, offer)
