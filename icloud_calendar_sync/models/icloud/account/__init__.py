"""One user's connection: its columns, connecting and leaving, whose database it is, what is told,
and when iCloud is left alone.

Imports nothing but what its own room shares.
"""

from . import icloud_account
from . import connecting
from . import home_database
from . import leaving
from . import notices
from . import quiet
from . import rotation
from . import places
