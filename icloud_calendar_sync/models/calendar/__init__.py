"""What Odoo's calendar gains: sessions, imported events, busy minutes. Imports `planning` alone."""

from . import closed
from . import icloud_busy
from . import calendar_attendee
from . import attendee_rights
from . import event
from . import calendar_popover_delete_wizard
from . import ir_attachment
from . import mail_followers
from . import res_partner
