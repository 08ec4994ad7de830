from odoo import models


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    # Busy time is asked by partner; Odoo indexes neither column.
    _partner_event_idx = models.Index("(partner_id, event_id)")
