from odoo import models


class CalendarPopoverDeleteWizard(models.TransientModel):
    _inherit = "calendar.popover.delete.wizard"

    def action_send_mail_and_delete(self):
        # Odoo's mail is out before the deletion is refused.
        self.calendar_event_id.check_access("unlink")
        return super().action_send_mail_and_delete()
