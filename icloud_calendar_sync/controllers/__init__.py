from . import booking_pages, offer_pages, slots
