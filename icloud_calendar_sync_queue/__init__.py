"""Makes each account's push and import a job of OCA's queue_job; installs itself beside it.

Only where the operator has given the jobs a channel and the queue's runner is alive: otherwise the
scheduled jobs of the main addon do the work, as if this one were not there.
"""

from . import models
from . import wizards
from .models.icloud_queue import CHANNEL


def uninstall_hook(env):
    """Leave no job behind whose method is gone: the queue would try it for ever."""
    env["queue.job"].search([("channel", "=", CHANNEL)]).unlink()
