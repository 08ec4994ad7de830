from odoo import models
from odoo.addons.icloud_calendar_sync.models.icloud.icloud_health import Check
from odoo.tools import SQL

from .icloud_queue import CHANNEL

# Jobs that were done well are of no interest here.
_JOBS = """
    SELECT COUNT(*) FILTER (WHERE state = 'pending') AS pending,
           COUNT(*) FILTER (WHERE state = 'enqueued') AS enqueued,
           COUNT(*) FILTER (WHERE state = 'started') AS started,
           COUNT(*) FILTER (WHERE state = 'failed') AS failed,
           EXTRACT(epoch FROM %(now)s - MIN(GREATEST(date_created, eta))
               FILTER (WHERE state IN ('pending', 'enqueued')
                         AND (eta IS NULL OR eta <= %(now)s)))::float AS oldest_seconds
      FROM queue_job
     WHERE channel = %(channel)s AND state IN ('pending', 'enqueued', 'started', 'failed')
"""


class ICloudHealth(models.AbstractModel):
    """Who does the work, and whether jobs wait for their turn."""

    _inherit = "icloud.health"

    def _facts(self):
        return {**super()._facts(), "jobs": self._jobs()}

    def _jobs(self):
        """How many are in which state, and for how long the oldest waits for its turn."""
        self.env.flush_all()
        return self._one(_JOBS, now=SQL("now() AT TIME ZONE 'UTC'"), channel=CHANNEL)

    def _workers(self):
        workers = super()._workers()
        if self.env["icloud.queue"]._is_on():
            for worker in workers.values():
                worker["by"] = "queue"
        return workers

    def _checks(self, facts):
        waits = facts["jobs"]["oldest_seconds"]
        return [*super()._checks(facts), Check("oldest_job_seconds", waits, 10 * 60, 60 * 60)]
