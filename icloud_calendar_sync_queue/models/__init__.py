"""The queue in place of the scheduled jobs. Of ours it imports what the workers share."""

from . import icloud_queue
from . import icloud_account
from . import icloud_health
from . import icloud_import
from . import icloud_push
