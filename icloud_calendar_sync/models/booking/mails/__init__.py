"""Mails about bookings: who hears what, what stands in them, what became of them; answers."""

from . import icloud_booking_mails
from . import icloud_booking_facts
from . import icloud_booking_delivery
from . import icloud_booking_notice
from . import icloud_booking_decision
