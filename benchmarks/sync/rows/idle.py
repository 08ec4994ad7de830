"""A round over accounts in which nothing changed, each answer 100 ms late."""

import base64
import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks import inside
from benchmarks.sync.idle_server import TOKENS
from benchmarks.sync.memory import Growth
from benchmarks.sync.options import Size
from benchmarks.sync.ours import Odoo
from benchmarks.sync.process import serving
from benchmarks.sync.radicale_server import PASSWORD
from benchmarks.sync.report import BARE, OURS, Row
from benchmarks.sync.rounds import in_turns
from devtools.machine.postgres import Postgres
from devtools.steps import step

KEYS = {"idle-1000", "idle-10000"}
MILLISECONDS = 100
# What each account has in each of its two calendars, and is not looked at.
EVENTS = 10
# As many bare requests at once.
AT_ONCE = 32

_USERS = """
    WITH wanted AS (SELECT 'bench-idle-' || number AS login FROM generate_series(%s, %s) number),
    partner AS (
        INSERT INTO res_partner (name, active, tz, company_id, type, lang)
        SELECT login, TRUE, 'Europe/Berlin', NULL, 'contact', 'en_US' FROM wanted
        RETURNING id, name)
    INSERT INTO res_users (login, partner_id, company_id, active, notification_type, share)
    SELECT partner.name, partner.id, admin.company_id, TRUE, 'inbox', FALSE
      FROM partner, res_users admin WHERE admin.login = 'admin'
    RETURNING id
"""
_COMPANIES = """
    INSERT INTO res_company_users_rel (cid, user_id)
    SELECT company_id, id FROM res_users WHERE id = ANY(%s)
"""
_ACCOUNTS = """
    INSERT INTO icloud_account
        (user_id, state, username, secret, home_url, addresses, home_database, last_import,
         next_import, failures, is_copied, create_uid, create_date)
    SELECT id, 'connected', login || '@example.com', %(secret)s,
           %(url)s || id || '/calendars/', '[]', %(home)s,
           now() AT TIME ZONE 'UTC' - interval '5 minutes', NULL, 0, FALSE, 1, now()
      FROM res_users WHERE id = ANY(%(users)s)
    RETURNING id
"""
_CALENDARS = """
    INSERT INTO icloud_calendar
        (account_id, user_id, name, href, sequence, writable, check_conflicts, unanswered_blocks,
         all_day_blocks, last_import, last_comparison, listed_token, sync_token, color)
    SELECT account.id, account.user_id, initcap(place.name),
           '/' || account.user_id || '/calendars/' || place.name || '/', 0, TRUE, TRUE, TRUE,
           'several_days', account.last_import, account.last_import, place.token, place.token, ''
      FROM icloud_account account,
           jsonb_to_recordset(%(places)s::jsonb) AS place (name varchar, token varchar)
     WHERE account.id = ANY(%(accounts)s)
    RETURNING id
"""
_PRIMARY = """
    UPDATE icloud_account account SET primary_calendar_id = calendar.id
      FROM icloud_calendar calendar
     WHERE calendar.account_id = account.id AND calendar.name = 'Home'
       AND account.id = ANY(%s)
"""
_FILES = """
    WITH outcome AS (
        INSERT INTO icloud_event_outcome (etag)
        SELECT '"' || calendar || '-' || number || '"'
          FROM unnest(%(calendars)s) calendar, generate_series(1, %(events)s) number
        RETURNING id, etag),
    file AS (
        SELECT id, etag, split_part(trim(etag, '"'), '-', 1)::int AS calendar_id FROM outcome)
    INSERT INTO icloud_event
        (outcome_id, calendar_id, account_id, user_id, uid, href, origin, wanted, revision, read_by)
    SELECT file.id, calendar.id, calendar.account_id, calendar.user_id, etag,
           calendar.href || trim(etag, '"') || '.ics', 'icloud', 'present', 1, %(reader)s
      FROM file JOIN icloud_calendar calendar ON calendar.id = file.calendar_id
"""


class Idling:
    """Accounts on a server of their own; `server` is a running one."""

    def __init__(self, odoo: Odoo, cluster: Postgres, url: str, size: Size) -> None:
        self._odoo, self._cluster, self._url, self._size = odoo, cluster, url, size
        self.accounts: list[int] = []
        self._users: list[int] = []

    def rows(self, wanted: Callable[[str], bool]) -> Iterator[Row]:
        rounds = {"idle-1000": (self._size.idle, 3), "idle-10000": (self._size.most_idle, 1)}
        for key, (count, times) in rounds.items():
            if wanted(key):
                with step(f"{count:,} accounts"):
                    self.grow(count)
                yield self._measured(key, count, min(times, self._size.short_rounds))

    def _measured(self, key: str, count: int, rounds: int) -> Row:
        title = f"one round over {count:,} idle accounts, each answer {MILLISECONDS} ms late"
        # Once uncounted: what a process asks once it remembers.
        self._odoo.read_all(self.accounts[:100])
        peaks = []

        def ours() -> float:
            growth = Growth()
            seconds = self._odoo.read_all(self.accounts)
            peaks.append(growth.peak())
            return seconds

        with step(title):
            seconds = in_turns({OURS: ours, BARE: self._bare}, rounds)
        note = f"memory grew by {max(peaks):.1f} MiB at most"
        return Row(key, title, seconds, (f"{AT_ONCE} bare requests at once", note))

    def grow(self, count: int) -> None:
        """Have so many accounts, each read a moment ago."""
        env, first = self._odoo.env, len(self.accounts) + 1
        if first > count:
            return
        # Here, because addons can only be imported once Odoo has started.
        from odoo.addons.icloud_calendar_sync import operator_settings
        from odoo.addons.icloud_calendar_sync.icloud import secret
        from odoo.addons.icloud_calendar_sync.models.icloud.storing.files import READER

        cursor = env.cr
        cursor.execute(_USERS, [first, count])
        users = [user for (user,) in cursor.fetchall()]
        cursor.execute(_COMPANIES, [users])
        cursor.execute(
            _ACCOUNTS,
            {
                "users": users,
                "secret": secret.encrypt(operator_settings.secret_key(), PASSWORD),
                "url": self._url,
                "home": env["icloud.account"]._this_database(),
            },
        )
        accounts = [account for (account,) in cursor.fetchall()]
        places = [{"name": name, "token": TOKENS[name]} for name in ("home", "work")]
        cursor.execute(_CALENDARS, {"accounts": accounts, "places": json.dumps(places)})
        calendars = [calendar for (calendar,) in cursor.fetchall()]
        cursor.execute(_PRIMARY, [accounts])
        cursor.execute(_FILES, {"calendars": calendars, "events": EVENTS, "reader": READER})
        self.accounts += accounts
        self._users += users
        inside.settle(env, self._cluster)
        env.registry.clear_all_caches()
        env.invalidate_all()

    def _bare(self) -> float:
        """The listings alone, so many at once, each on a connection of its own."""
        begin = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert all(pool.map(self._listed, self._users))
        return time.perf_counter() - begin

    def _listed(self, user: int) -> bool:
        pair = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        netloc = self._url.partition("//")[2].strip("/")
        with contextlib.closing(http.client.HTTPConnection(netloc)) as connection:
            headers = {"Authorization": f"Basic {pair}", "Depth": "1"}
            connection.request("PROPFIND", f"/{user}/calendars/", b"", headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status == 207


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The server far away, in a process of its own; yields its address."""
    with serving("benchmarks.sync.idle_server", str(MILLISECONDS)) as port:
        yield f"http://127.0.0.1:{port}/"
