"""What was booked: bookings, seats, reservations, waiting lists. Imports `planning` alone."""

from . import icloud_mailing
from . import icloud_customer
from . import icloud_booking
from . import icloud_booking_changes
from . import icloud_booking_form
from . import icloud_booking_line
from . import icloud_booking_overlap
from . import icloud_booking_quota
from . import icloud_booking_reservation
from . import icloud_booking_seat
from . import icloud_booking_visit
from . import icloud_booking_waiting
from . import icloud_booking_words
from . import mails
from . import on_phone
