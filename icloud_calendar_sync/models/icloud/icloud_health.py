import hashlib
import secrets
from datetime import timedelta
from math import inf
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ... import operator_settings
from .account.icloud_account import WORKING

# Below so many requests in the last hour a share of them says nothing.
FEW_REQUESTS = 20
STALE = timedelta(hours=1)
# Holds the token's hash: who reads a copy of the database learns no token.
TOKEN_PARAMETER = "icloud_calendar_sync.health_token_sha256"
_WORKERS = {"push": "icloud_calendar_sync.cron_push", "import": "icloud_calendar_sync.cron_import"}
_LEVELS = ("ok", "warning", "critical")


class Check(NamedTuple):
    """A number that tells whether the sync is well, and from where on it is not.

    :param value: None when there is nothing to judge
    :param warning: from this value on somebody should look; None for never
    :param critical: from this value on hosts or customers notice; None for never
    """

    name: str
    value: float | None
    warning: float | None
    critical: float | None

    @property
    def level(self) -> str:
        if self.value is None:
            return "ok"
        limits = (self.warning, self.critical)
        return _LEVELS[sum(limit is not None and self.value >= limit for limit in limits)]


class ICloudHealth(models.AbstractModel):
    """How the sync of this database does, in a fixed number of queries.

    Numbers alone: no user, no account, no title. Thresholds: docs/operating.md.
    """

    _name = "icloud.health"
    _description = "Health of the sync with iCloud"

    @api.model
    def _report(self):
        """All of it.

        :return: {"status", "accounts", "calendars", "pushes", "set_aside", "requests",
            "requests_last_hour", "workers", "checks": [Check]}, and "jobs" where there is a queue;
            times are seconds, ages included
        """
        self.env.flush_all()
        facts = self._facts()
        checks = self._checks(facts)
        status = max((check.level for check in checks), key=_LEVELS.index)
        return {"status": status, **facts, "checks": checks}

    def _facts(self):
        """What the checks judge; who shares the work out adds to both."""
        last_hour = fields.Datetime.now().replace(minute=0, second=0) - timedelta(hours=1)
        tally = self.env["icloud.tally"]
        return {
            "accounts": self._accounts(),
            "calendars": self._calendars(),
            "pushes": self._pushes(),
            "set_aside": self._set_aside(),
            "requests": tally._sums(),
            "requests_last_hour": tally._sums(since=last_hour),
            "workers": self._workers(),
        }

    # -- the token of those who ask --------------------------------------------------------------

    @api.model
    def _token_hash(self):
        """SHA-256 of the token that opens the report, in hexadecimal, or "" when there is none.

        The operator's own (ICLOUD_HEALTH_TOKEN) comes first.
        """
        if chosen := operator_settings.health_token():
            return self._hash(chosen)
        return self.env["ir.config_parameter"].get_param(TOKEN_PARAMETER) or ""

    @api.model
    def _hash(self, token):
        # Fast on purpose: what we make has 256 bits, which nobody guesses.
        return hashlib.sha256(token.encode(errors="replace")).hexdigest()

    @api.model
    def _new_token(self):
        """Make a token, which replaces the one before; it is nowhere kept as it is."""
        token = secrets.token_urlsafe(32)
        self.env["ir.config_parameter"].set_param(TOKEN_PARAMETER, self._hash(token))
        return token

    # -- the report ----------------------------------------------------------------------------

    def _one(self, query, **values):
        """{column: value} of a query with one row."""
        self.env.cr.execute(SQL(query, **values))
        return self.env.cr.dictfetchone()

    def _accounts(self):
        return self._one(
            """
            SELECT COUNT(*) FILTER (WHERE state = 'connected') AS connected,
                   COUNT(*) FILTER (WHERE state = 'password_needed') AS password_needed,
                   COUNT(*) FILTER (WHERE state = 'disconnecting') AS disconnecting,
                   COUNT(*) FILTER (WHERE state = 'disconnected') AS disconnected,
                   COUNT(*) FILTER (WHERE state = 'connected' AND is_copied) AS stopped_as_copy,
                   COUNT(*) FILTER (WHERE state = 'connected' AND failures > 0) AS failing,
                   COUNT(*) FILTER (WHERE quiet_until > %(now)s) AS told_to_wait
              FROM icloud_account
            """,
            now=fields.Datetime.now(),
        )

    def _calendars(self):
        """Those that are read: how many, and for how long the oldest was not.

        One that iCloud does not list any more is its owner's to untick; it is counted apart.
        """
        return self._one(
            """
            SELECT COUNT(*) FILTER (WHERE NOT missing) AS read,
                   COUNT(*) FILTER (WHERE missing) AS missing,
                   COUNT(*) FILTER (WHERE NOT missing AND since < %(stale)s) AS stale,
                   EXTRACT(epoch FROM %(now)s - MIN(since) FILTER (WHERE NOT missing))::float
                       AS oldest_seconds
              FROM (SELECT COALESCE(calendar.missing, FALSE) AS missing,
                           COALESCE(calendar.last_import, calendar.create_date) AS since
                      FROM icloud_calendar calendar
                      JOIN icloud_account account ON account.id = calendar.account_id
                      JOIN res_users owner ON owner.id = account.user_id
                     WHERE account.state = 'connected' AND account.is_copied IS NOT TRUE
                       AND owner.active
                       AND (calendar.check_conflicts OR calendar.id = account.primary_calendar_id)
                   ) calendars
            """,
            now=fields.Datetime.now(),
            stale=fields.Datetime.now() - STALE,
        )

    def _pushes(self):
        """Changes that iCloud does not hold yet; those that failed wait for their next try."""
        return self._one(
            """
            SELECT COUNT(*) AS waiting,
                   COUNT(*) FILTER (WHERE failed) AS failing,
                   EXTRACT(epoch FROM %(now)s - MIN(since))::float AS oldest_seconds,
                   EXTRACT(epoch FROM %(now)s - MIN(since) FILTER (WHERE NOT failed))::float
                       AS oldest_due_seconds
              FROM (SELECT event.write_date AS since, outcome.failing_since IS NOT NULL AS failed
                      FROM icloud_event event
                      JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
                      JOIN icloud_account account ON account.id = event.account_id
                     WHERE event.id = ANY(ARRAY(SELECT copy_id FROM icloud_due))
                       AND event.origin = 'odoo'
                       AND event.revision IS DISTINCT FROM outcome.pushed_revision
                       AND account.state IN ('connected', 'disconnecting')
                       AND account.is_copied IS NOT TRUE) pushes
            """,
            now=fields.Datetime.now(),
        )

    def _set_aside(self):
        return self._one("SELECT COUNT(*) AS files FROM icloud_event WHERE set_aside")["files"]

    def _workers(self):
        """Who does the work, and when each was last at it: {work: {…}}."""
        crons = {
            work: self.env.ref(xmlid, raise_if_not_found=False) for work, xmlid in _WORKERS.items()
        }
        now = fields.Datetime.now()
        return {
            work: {
                "by": "cron",
                "active": bool(cron and cron.active),
                "failures": cron.failure_count if cron else 0,
                # Never yet: since there is such a job.
                "last_run_seconds": (now - (cron.lastcall or cron.create_date)).total_seconds()
                if cron
                else None,
            }
            for work, cron in crons.items()
        }

    def _checks(self, facts):
        accounts, calendars, pushes = facts["accounts"], facts["calendars"], facts["pushes"]
        working = sum(accounts[state] for state in WORKING)
        asked = sum(requests for _method, _outcome, requests, _s in facts["requests_last_hour"])
        refused = sum(
            requests
            for _method, outcome, requests, _seconds in facts["requests_last_hour"]
            if is_trouble(outcome)
        )
        return [
            *(
                Check(f"{work}_worker_seconds", _age_of(worker), 15 * 60, 60 * 60)
                for work, worker in facts["workers"].items()
            ),
            Check("oldest_due_push_seconds", pushes["oldest_due_seconds"], 10 * 60, 60 * 60),
            Check("failing_pushes", pushes["failing"], 1, None),
            Check("oldest_calendar_seconds", calendars["oldest_seconds"], 60 * 60, None),
            Check(
                "stale_calendars_share", _share(calendars["stale"], calendars["read"]), 0.02, 0.25
            ),
            Check("failing_accounts_share", _share(accounts["failing"], working), 0.05, 0.25),
            Check("password_needed_share", _share(accounts["password_needed"], working), 0.1, 0.5),
            Check("stopped_as_copy", accounts["stopped_as_copy"], 1, None),
            Check(
                "failed_requests_share",
                _share(refused, asked) if asked >= FEW_REQUESTS else None,
                0.05,
                0.5,
            ),
        ]


def is_trouble(outcome):
    """Whether a request's outcome is a sign that something is wrong: not what syncing brings along.

    A file that is gone (404, 410), one that changed meanwhile (412), and a token that is too old
    (403, 507) are; a 403 may be either, and counts.
    """
    if not outcome.isdigit():
        return True
    return int(outcome) >= 400 and outcome not in ("404", "410", "412", "507")


def _share(part, whole):
    return part / whole if whole else None


def _age_of(worker):
    """Seconds since its last run; a job that is switched off will never run again."""
    return worker["last_run_seconds"] if worker["active"] else inf
