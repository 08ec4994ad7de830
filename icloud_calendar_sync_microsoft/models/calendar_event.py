from odoo import api, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _get_microsoft_records_to_sync(self, full_sync=False):
        # A private event of iCloud is nobody else's: need_sync alone is set again by later writes.
        records = super()._get_microsoft_records_to_sync(full_sync=full_sync)
        return records.filtered(lambda event: not event.icloud_origin_id)

    @api.model
    def _not_elsewhere(self):
        return {**super()._not_elsewhere(), "need_sync_m": False}
