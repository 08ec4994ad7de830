"""A session of Mara's with a guest, and those who look at it."""

from odoo.fields import Command
from odoo.tests import new_test_user

from tests.models.common import BookingCase

QUIET = {
    "no_mail_to_attendees": True,
    "mail_create_nolog": True,
    "skip_contact_description": True,
    "dont_notify": True,
}

TITLE, PLACE, NOTE = "Wedding styling: Zoë Quast", "Zoë's house, Elm 7", "Zoë is shy"
GUEST = "guest@quast.example"


class SessionCase(BookingCase):
    """Mara has a session with a customer's name, place and guest in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manager = cls.env.ref("icloud_calendar_sync.group_booking_manager")
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.manager, cls.foreigner, cls.foreign_manager = (
            new_test_user(
                cls.env,
                login=login,
                groups="base.group_user",
                email=f"{login}@example.com",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for login, company in (
                ("manager", cls.env.company),
                ("foreigner", cls.elsewhere),
                ("foreign_manager", cls.elsewhere),
            )
        )
        (cls.manager | cls.foreign_manager).group_ids |= manager
        cls.colleague.group_ids |= cls.env.ref("base.group_partner_manager")
        cls.booking = cls.book(cls, user_id=cls.mara.id)
        cls.guest = cls.env["res.partner"].create({"name": "Uncle Quast", "email": GUEST})
        cls.session = cls.booking.event_id
        cls.session.with_context(no_mail_to_attendees=True).write(
            {
                "name": TITLE,
                "location": PLACE,
                "description": NOTE,
                "notes": NOTE,
                "partner_ids": [Command.link(cls.guest.id)],
            }
        )
        cls.session.message_post(body=NOTE)
        cls.env.invalidate_all()

    def of(self, user, session=None):
        self.env.invalidate_all()
        return (session or self.session).with_user(user)

    def strangers(self):
        """Users who see neither the booking nor its session."""
        return [self.jonas, self.colleague, self.foreigner, self.foreign_manager]
