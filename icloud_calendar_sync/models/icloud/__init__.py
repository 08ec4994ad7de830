"""The connection to iCloud and its workers. Imports nothing of the other rooms."""

from . import icloud_event_outcome
from . import icloud_worker
from . import account
from . import icloud_calendar
from . import icloud_calendar_words
from . import icloud_copies
from . import icloud_due
from . import icloud_event
from . import storing
from . import importing
from . import icloud_health
from . import icloud_log
from . import push
from . import icloud_recount
from . import icloud_tally
from . import icloud_wish
