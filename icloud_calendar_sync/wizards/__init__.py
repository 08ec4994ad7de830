from . import icloud_booking_publish
from . import icloud_booking_why
