import logging
import math

from odoo import api, fields, models
from odoo.sql_db import db_connect
from psycopg2 import Error
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from ...exceptions import NotCounted
from ...guard.clients import key_of
from ...guard.limits import PARAMETER, limits_from

_logger = logging.getLogger(__name__)

# `back_at` is the moment when all of a limit is back. Another one moves it on by its cost, as long
# as it stays within the limit's seconds from now: `spare` is what these have beyond one cost. (Two
# statements sent as one are a transaction of their own, for which alone the timeout holds.)
_SPEND = """
    SET LOCAL lock_timeout = '2s';
    INSERT INTO icloud_limit AS used (key, back_at, refused)
    VALUES (%(key)s, EXTRACT(epoch FROM clock_timestamp()) + %(cost)s, FALSE)
    ON CONFLICT (key) DO UPDATE SET
        refused = used.back_at + %(cost)s > EXCLUDED.back_at + %(spare)s,
        back_at = CASE WHEN used.back_at + %(cost)s > EXCLUDED.back_at + %(spare)s
                       THEN used.back_at
                       ELSE GREATEST(used.back_at + %(cost)s, EXCLUDED.back_at) END
    RETURNING refused, back_at - EXTRACT(epoch FROM clock_timestamp())
"""
_LOOK = """
    SELECT TRUE, back_at - EXTRACT(epoch FROM clock_timestamp())
      FROM icloud_limit WHERE key = %(key)s
"""
_GIVE_BACK = """
    UPDATE icloud_limit SET back_at = back_at - %(cost)s WHERE key = %(key)s
    RETURNING FALSE, 0
"""
_NO_LIMIT = 10 * 365 * 24 * 60 * 60  # seconds


class ICloudLimit(models.Model):
    """How much of a limit somebody has used.

    Counted past the request's own transaction, one statement at a time: what is refused or rolled
    back counts too, nobody waits for anybody's slow page, and no two can lock each other out.
    Neither names nor addresses are stored, only keyed hashes.
    """

    _name = "icloud.limit"
    _description = "Used part of a limit"
    _log_access = False

    key = fields.Char(required=True)
    back_at = fields.Float(required=True, help="Unix time when all of it is back.")
    refused = fields.Boolean(help="Whether the last one was refused.")

    _key_uniq = models.Constraint("UNIQUE(key)", "A limit is counted in one place.")

    def init(self):
        # Not worth a line in the write-ahead log: after a crash everybody begins anew.
        self.env.cr.execute("ALTER TABLE icloud_limit SET UNLOGGED")

    @api.model
    def _spend(self, wishes, forced=False):
        """Count something in each of these, until one has no more.

        Nothing is stored for who has nothing left of the others anyway: there is no end to the
        sessions that one program can make up.

        :param wishes: [(name of a limit, who)]
        :param forced: count it all the same
        :return: seconds until it may be done, 0 for now
        :raise NotCounted: nobody knows
        """
        others = [] if forced else [(_LOOK, wish) for wish in wishes[1:]]
        spare = _NO_LIMIT if forced else None
        return self._ask([*others, *((_SPEND, wish) for wish in wishes)], spare)

    @api.model
    def _wait_for(self, wishes):
        """As `_spend`, without counting anything."""
        return self._ask((_LOOK, wish) for wish in wishes)

    @api.model
    def _give_back(self, wishes):
        """What was counted by `_spend` was not done."""
        self._ask((_GIVE_BACK, wish) for wish in wishes)

    def _ask(self, questions, spare=None):
        # sudo: whoever asks, the limits and the secret are the database's.
        parameters = self.env["ir.config_parameter"].sudo()
        limits = limits_from(parameters.get_param(PARAMETER))
        secret = parameters.get_param("database.secret") or ""
        questions = [
            (query, limits[name], name, who) for query, (name, who) in questions if limits[name]
        ]
        if not questions:
            return 0
        try:
            # A connection of its own, also while tests put all others into one transaction.
            with db_connect(self.env.cr.dbname).cursor() as cursor:
                # Without it two who count at the same time would fail: Odoo reads snapshots.
                cursor.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
                for query, limit, name, who in questions:
                    values = {
                        "key": key_of(secret, name, who),
                        "cost": limit.cost,
                        "spare": limit.seconds - limit.cost if spare is None else spare,
                    }
                    if wait := _seconds(cursor, query, values, limit):
                        return wait
        except Error as error:
            _logger.exception("Limits cannot be counted")
            raise NotCounted from error
        return 0

    @api.autovacuum
    def _forget(self):
        """Whoever has all of it back is nobody any more."""
        self.env.cr.execute(
            "DELETE FROM icloud_limit WHERE back_at < EXTRACT(epoch FROM clock_timestamp())"
        )


def _seconds(cursor, query, values, limit):
    cursor.execute(query, values)
    found = cursor.fetchone()
    if not found or not found[0]:
        return 0
    return max(math.ceil(found[1] + limit.cost - limit.seconds), 0)
