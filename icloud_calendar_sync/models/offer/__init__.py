"""What is offered: types, hosts, services, hours, checks. Imports `planning` and `calendar`."""

from . import company_bound
from . import icloud_booking_content
from . import icloud_booking_check
from . import icloud_booking_check_hours
from . import icloud_booking_host
from . import icloud_booking_override
from . import icloud_booking_reminder
from . import icloud_booking_service
from . import icloud_booking_staff
from . import booking_type
from . import resource_calendar
from . import resource_rights
