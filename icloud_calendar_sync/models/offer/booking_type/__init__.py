"""`icloud.booking.type`: its rules, what it offers, its page, series, and what a visit takes."""

from . import icloud_booking_type
from . import icloud_booking_type_offer
from . import icloud_booking_type_pages
from . import icloud_booking_type_series
from . import icloud_booking_type_visit
