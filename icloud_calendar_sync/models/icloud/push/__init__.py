"""The worker that makes iCloud hold what is wanted: it claims, has it sent, settles, and tells.

What it sends is worked out by the sessions themselves; how, by the plain rooms.
"""

from . import icloud_push
from . import claiming
from . import settling
from . import telling
from . import copies
