from odoo import api, models
from odoo.exceptions import UserError

from ..quiet import QUIET

IMPORT_KEY = "icloud_import"


class CalendarEvent(models.Model):
    """What came from iCloud: read-only in Odoo, and its words for its owner alone."""

    _inherit = "calendar.event"

    # -- what others see -----------------------------------------------------------------------

    @api.depends("icloud_title", "user_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        super()._compute_display_name()
        if self.env.su:
            return  # What code reads with all rights may end up before anybody.
        own = self.filtered(lambda event: event.icloud_origin_id and event.user_id == self.env.user)
        for event in own:
            # The owner's own title, which no group may read as a field.
            event.display_name = event.sudo().icloud_title or event.display_name

    def _compute_user_can_edit(self):
        result = super()._compute_user_can_edit()
        self.filtered("icloud_origin_id").user_can_edit = False
        return result

    def _message_compute_subject(self):
        # Mails and notifications about an imported event go to others: never the owner's words.
        event = self.sudo() if self.icloud_origin_id else self
        return super(CalendarEvent, event)._message_compute_subject()

    # -- who may change it ---------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        if not self._is_import():
            self._refuse_imported()

    def _is_import(self):
        # Clients choose their own context; they cannot choose to be the superuser.
        return self.env.su and self.env.context.get(IMPORT_KEY)

    def _as_import(self):
        return self.with_context(**QUIET, **{IMPORT_KEY: True})

    def _refuse_imported(self):
        if self.filtered("icloud_origin_id"):
            raise UserError(
                self.env._(
                    "This event lives in iCloud: change it there, Odoo follows within minutes."
                )
            )
