from odoo import api, models
from odoo.exceptions import UserError

from ..quiet import QUIET
from .columns import IMPORTED_FIELDS, IMPORTED_OPEN

IMPORT_KEY = "icloud_import"


class CalendarEvent(models.Model):
    """What came from iCloud: read-only in Odoo, and its words for its owner alone."""

    _inherit = "calendar.event"

    # -- what others see -----------------------------------------------------------------------

    # The title is in no field that code reads, whoever acts: mails, notifications, followers and
    # activities take `display_name`, and say "Busy". It is put into what its owner's client asks
    # to read, and nowhere else.
    def read(self, fields=None, load="_classic_read"):
        return self._with_own_titles(super().read(fields, load))

    @api.model
    def search_read(self, *args, **kwargs):
        return self._with_own_titles(super().search_read(*args, **kwargs))

    def _with_own_titles(self, rows):
        if self.env.su or not any("display_name" in row for row in rows):
            return rows
        events = self.browse([row["id"] for row in rows if isinstance(row["id"], int)])
        own = events.filtered(
            lambda event: event.icloud_origin_id and event.user_id == self.env.user
        )
        # sudo: no group may read the column, its owner may. Alone: what else stands in these rows
        # and in their neighbours must not come into the cache with all rights.
        alone = own.with_prefetch().sudo().with_context(prefetch_fields=False)
        titles = {event.id: event.icloud_title for event in alone if event.icloud_title}
        for row in rows:
            if "display_name" in row and row["id"] in titles:
                row["display_name"] = titles[row["id"]]
        return rows

    def _compute_user_can_edit(self):
        result = super()._compute_user_can_edit()
        self.filtered("icloud_origin_id").user_can_edit = False
        return result

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

    def _refuse_change_of_imported(self, vals):
        # Other addons' code may keep its own columns; what iCloud says is the import's alone.
        names = vals.keys() & IMPORTED_FIELDS if self.env.su else vals.keys() - IMPORTED_OPEN
        if names and not self._is_import():
            self._refuse_imported()

    def _refuse_imported(self):
        if self.filtered("icloud_origin_id"):
            raise UserError(
                self.env._(
                    "This event lives in iCloud: change it there, Odoo follows within minutes."
                )
            )
