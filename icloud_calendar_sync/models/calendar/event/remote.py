from datetime import UTC

from odoo import models
from odoo.tools import html2plaintext

from ....ical.write import Session

# Of a class of thousands a phone shows the first; who comes to the others stands in Odoo.
MOST_LISTED = 200


class CalendarEvent(models.Model):
    """A session as the event that stands in its host's iCloud."""

    _inherit = "calendar.event"

    def _as_remote(self, copy):
        """This session as the event that stands in its host's iCloud, in the host's zone."""
        self.ensure_one()
        session = self.with_context(lang=copy.user_id.lang)
        # A seat that is only offered to somebody is taken, but nobody comes yet.
        bookings = session.booking_ids.filtered(
            lambda booking: (
                booking.holds_time and not (booking.state == "pending" and booking.hold_until)
            )
        )
        texts = [*session._who_comes(bookings), html2plaintext(self.description or "").strip()]
        return Session(
            uid=copy.uid,
            start=self.start.replace(tzinfo=UTC),
            stop=self.stop.replace(tzinfo=UTC),
            zone=copy.user_id.tz or self.booking_type_id.tz,
            title=session._title_with_count() or self.name,
            description="\n\n".join(text for text in texts if text),
            location=self.location or "",
            tentative=bool(bookings) and all(booking.state == "pending" for booking in bookings),
        )

    def _who_comes(self, bookings):
        """A paragraph for each booking, up to a number that a phone can show."""
        # A part of a recordset forgets with whom it was read: with those of the same push.
        listed = bookings.sorted("id")[:MOST_LISTED].with_prefetch(self.booking_ids._prefetch_ids)
        yield from (booking._summary() for booking in listed)
        if len(bookings) > MOST_LISTED:
            yield self.env._("… and %s more bookings", len(bookings) - MOST_LISTED)
