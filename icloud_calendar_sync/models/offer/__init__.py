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
from . import icloud_booking_type
from . import icloud_booking_type_offer
from . import icloud_booking_type_pages
from . import icloud_booking_type_series
from . import icloud_booking_type_visit
from . import resource_calendar
from . import resource_rights
