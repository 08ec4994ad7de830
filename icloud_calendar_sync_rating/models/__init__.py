"""What this addon adds to bookings. Imports nothing of ours."""

from . import icloud_booking
