from odoo import api, fields, models
from odoo.exceptions import UserError

from .columns import PUSHED_FIELDS, RECURRENCE_FIELDS, TIME_FIELDS


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    booking_type_id = fields.Many2one(
        "icloud.booking.type", index="btree_not_null", ondelete="restrict", copy=False
    )
    booking_ids = fields.One2many("icloud.booking", "event_id", copy=False)
    reservation_ids = fields.One2many("icloud.booking.reservation", "event_id", copy=False)
    waiting_ids = fields.One2many("icloud.booking.waiting", "event_id", copy=False)
    icloud_event_ids = fields.One2many("icloud.event", "event_id", copy=False)
    icloud_origin_id = fields.Many2one(
        "icloud.event", index="btree_not_null", ondelete="cascade", copy=False
    )
    # What only imported events have is not fetched with what is read of others.
    icloud_recurrence_id = fields.Char(copy=False, prefetch="icloud")
    icloud_travel = fields.Integer(
        copy=False, help="Minutes of travel before the start, as set on the phone. They are busy."
    )
    # The owner's words. Only `display_name` shows them, and only to the owner (rule 9).
    icloud_title = fields.Char(copy=False, groups=fields.NO_ACCESS, prefetch="icloud")

    _icloud_occurrence_uniq = models.UniqueIndex(
        "(icloud_origin_id, icloud_recurrence_id) WHERE icloud_origin_id IS NOT NULL",
        "This occurrence is already imported.",
    )

    # -- hooks ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("booking_type_id") and vals.get("recurrency"):
                raise UserError(self.env._("A booked session cannot repeat."))
        events = super().create(vals_list)
        sessions = events.filtered("booking_type_id")
        self.env["icloud.event"]._collect_sessions(sessions.ids)
        return events

    def write(self, vals):
        self._refuse_change_of_imported(vals)
        if not vals.keys() & (PUSHED_FIELDS | RECURRENCE_FIELDS):
            return super().write(vals)
        sessions = self.filtered("booking_type_id")
        sessions.check_access("write")  # Before anything follows them.
        if sessions and any(vals.get(name) for name in RECURRENCE_FIELDS):
            raise UserError(self.env._("A booked session cannot repeat."))
        if not vals.keys() & (TIME_FIELDS | {"active", "user_id"}) or self._is_planned():
            followed = sessions.browse()
        else:
            followed = sessions.sudo()  # Bookings follow whoever may change the session.
        followed._refuse_revival(vals)
        # Before the session's row is taken: who books takes them in this order, too.
        followed.reservation_ids._lock(followed.reservation_ids.resource_id)
        places = {session: session._place() for session in followed}
        result = super().write(vals)
        self.env["icloud.event"]._collect_sessions(sessions.ids)
        followed._refuse_tearing(places)
        followed.reservation_ids._follow_sessions(vals)
        if not vals.get("active", True):
            sessions._wake_waiting()
        return result

    def unlink(self):
        # Odoo unlinks empty recordsets on every write.
        sessions = self.filtered("booking_type_id")
        if sessions:
            sessions.check_access("unlink")  # Before anybody is told.
            # Whoever may delete a session cancels its bookings; their rows are not theirs.
            sessions.sudo().booking_ids._session_gone()
            sessions.sudo().icloud_event_ids._session_gone()
            sessions._wake_waiting()
        return super().unlink()
