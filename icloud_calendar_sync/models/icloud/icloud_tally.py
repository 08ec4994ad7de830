import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.sql_db import db_connect
from odoo.tools import SQL
from psycopg2 import Error as DatabaseError
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

_logger = logging.getLogger(__name__)

# Hours that are kept one by one; what is older is one sum, so that no total ever falls.
KEEP = timedelta(days=8)
BEFORE = "1970-01-01 00:00:00"
# Of one round, and letters of a word: a server chooses statuses.
MOST_KINDS = 200
MOST_LETTERS = 40

_ADD = """
    INSERT INTO icloud_tally AS known (hour, method, outcome, requests, seconds)
    SELECT date_trunc('hour', now() AT TIME ZONE 'UTC'), method, outcome, requests, seconds
      FROM unnest(%s, %s, %s::float[], %s::float[]) AS new (method, outcome, requests, seconds)
     ORDER BY method, outcome
    ON CONFLICT (hour, method, outcome) DO UPDATE
       SET requests = known.requests + EXCLUDED.requests, seconds = known.seconds + EXCLUDED.seconds
"""
_SUM_UP = """
    WITH old AS (DELETE FROM icloud_tally WHERE hour < %(limit)s AND hour > %(before)s RETURNING *)
    INSERT INTO icloud_tally AS known (hour, method, outcome, requests, seconds)
    SELECT %(before)s::timestamp, method, outcome, SUM(requests), SUM(seconds)
      FROM old GROUP BY method, outcome
    ON CONFLICT (hour, method, outcome) DO UPDATE
       SET requests = known.requests + EXCLUDED.requests, seconds = known.seconds + EXCLUDED.seconds
"""


class ICloudTally(models.Model):
    """How many requests went to iCloud in an hour, what came of them, and how long they took.

    Of nobody: neither accounts nor addresses are in it.
    """

    _name = "icloud.tally"
    _description = "Requests to iCloud of an hour"
    _log_access = False
    _order = "hour desc, method, outcome"
    _rec_name = "method"

    hour = fields.Datetime(required=True, help="When the hour began, UTC; 1970 is all before.")
    method = fields.Char(required=True)
    outcome = fields.Char(required=True, help="HTTP status, or what kind of failure it was.")
    requests = fields.Float(required=True, digits=0)
    seconds = fields.Float(required=True, digits=0)

    _hour_uniq = models.UniqueIndex("(hour, method, outcome)", "Each kind is counted once an hour.")

    @api.model
    def _add(self, tallies):
        """Count what clients have asked; one statement, past the worker's own transaction.

        So that several workers, who all count in the same rows, neither wait for each other's
        transactions nor fail because of them.

        :param tallies: dicts {(method, status or name of a failure): [requests, seconds]}
        """
        total = {}
        for tally in tallies:
            for (method, outcome), (requests, seconds) in tally.items():
                key = str(method)[:MOST_LETTERS], str(outcome)[:MOST_LETTERS]
                known = total.get(key, (0, 0.0))
                total[key] = known[0] + requests, known[1] + seconds
        kinds = sorted(total)[:MOST_KINDS]
        if not kinds:
            return
        columns = zip(*((*kind, *total[kind]) for kind in kinds), strict=True)
        try:
            with db_connect(self.env.cr.dbname).cursor() as cursor:
                # Odoo reads snapshots, in which two who count the same would fail.
                cursor.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
                cursor.execute(_ADD, [list(column) for column in columns])
        except DatabaseError:
            # The sync is not stopped by what only watches it.
            _logger.exception("Requests to iCloud could not be counted")

    @api.model
    def _sums(self, since=None):
        """What was asked, of all time or since a moment (naive UTC).

        :return: [(method, outcome, requests, seconds)], in order
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT method, outcome, SUM(requests), SUM(seconds) FROM icloud_tally
                 WHERE %s GROUP BY method, outcome ORDER BY method, outcome
                """,
                SQL("TRUE") if since is None else SQL("hour >= %s", since),
            )
        )

    @api.autovacuum
    def _sum_up(self):
        limit = fields.Datetime.now() - KEEP
        self.env.cr.execute(_SUM_UP, {"limit": limit, "before": BEFORE})
