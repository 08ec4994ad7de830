from . import booking_pages, offer_pages, pictures, slots, waiting_pages
