"""Mails from before: bookings have a language, templates that nobody has edited are renewed."""

from odoo import SUPERUSER_ID, api

_TEMPLATES = (
    "mail_booking_confirmed",
    "mail_booking_moved",
    "mail_booking_cancelled",
    "mail_booking_requested",
    "mail_booking_declined",
    "mail_booking_held",
    "mail_booking_enough",
    "mail_waiting_listed",
    "mail_waiting_ended",
)


def migrate(cr, _version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        """
        UPDATE icloud_booking booking SET lang = partner.lang FROM res_partner partner
         WHERE partner.id = booking.partner_id AND booking.lang IS NULL
        """
    )
    for name in _TEMPLATES:
        template = env.ref(f"icloud_calendar_sync.{name}", raise_if_not_found=False)
        # What an administrator wrote stays: the old words go on working.
        if template and template.write_uid.id == SUPERUSER_ID:
            template.reset_template()
