"""Routes: one file for each thing that strangers open. Imports `chosen` and `shown`."""

from . import booking_pages
from . import decision_pages
from . import health
from . import offer_pages
from . import pictures
from . import slots
from . import waiting_pages
