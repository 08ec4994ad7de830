"""The worker that reads iCloud: it claims accounts, looks at many side by side, and settles.

How an answer is read is for the plain rooms; how it is stored, for `icloud.store`.
"""

from . import icloud_import
from . import claiming
from . import knowing
from . import settling
from . import dragged
from . import calendars
