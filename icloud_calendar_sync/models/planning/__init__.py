"""Finding and taking a time. Imports `scheduling`, and no other room."""

from . import icloud_booking_assignment
from . import icloud_booking_availability
from . import icloud_booking_explanation
from . import icloud_booking_planner
from . import icloud_booking_planner_moves
