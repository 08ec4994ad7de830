"""Which columns of Odoo's own models are code's alone: all that our addons add, unless named open.

Closed by default, so that the next column is not forgotten: the sync and the engine believe what
stands there, whoever wrote it. Code with all rights (`env.su`) writes them; what clients send never
has them, whatever context they choose.
"""

from odoo import api, models

_OURS = "icloud_calendar_sync"


class ICloudClosed(models.AbstractModel):
    _name = "icloud.closed"
    _description = "Columns that are written by code alone"

    # Asked by the ORM on create, write, copy and import, for defaults in the context, and for what
    # a form may edit. What is computed is stored without this question.
    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_closed(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _is_closed(self, field):
        """Whether nobody but code writes this column."""
        # First comes who brought the field in; who only changes one of Odoo's comes later. Of what
        # a user inherits of a contact nobody knows who came first; the contact decides there.
        known = () if field.inherited else field._modules[:1]
        is_ours = any(module.startswith(_OURS) for module in known)
        return is_ours and field.name not in self._open_columns()

    @api.model
    def _open_columns(self):
        """Names of our columns that whoever may write the record may write."""
        return frozenset()


class CalendarEvent(models.Model):
    _name = "calendar.event"
    _inherit = ["calendar.event", "icloud.closed"]

    @api.model
    def _open_columns(self):
        # How many may come is the host's to say; `rights.py` knows who that is.
        return super()._open_columns() | {"seats"}


class CalendarAttendee(models.Model):
    _name = "calendar.attendee"
    _inherit = ["calendar.attendee", "icloud.closed"]


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "icloud.closed"]

    @api.model
    def _open_columns(self):
        # One's own preferences, which check by themselves whose they are.
        return super()._open_columns() | set(self.SELF_WRITEABLE_FIELDS)
