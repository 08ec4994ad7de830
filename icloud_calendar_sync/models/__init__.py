# What others delegate to or inherit from must be known before them.
from . import icloud_event_outcome
from . import icloud_worker

from . import calendar_attendee
from . import calendar_event
from . import icloud_account
from . import icloud_booking
from . import icloud_booking_availability
from . import icloud_booking_host
from . import icloud_booking_reservation
from . import icloud_booking_type
from . import icloud_calendar
from . import icloud_event
from . import icloud_import
from . import icloud_log
from . import icloud_push
from . import icloud_wish
from . import ir_http
from . import res_users
from . import resource_calendar
