import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

from odoo import fields, models
from odoo.tools import SQL

from ....icloud import errors
from ....icloud.client import Client
from ....sync.importer import is_idle
from ....sync.news import Known, Listing, Watched, Window
from ..storing.files import READ_AGAIN, READER

# How much of iCloud is shown in Odoo. Every slot must lie well inside, and what goes on after the
# window is read again each day.
PAST = timedelta(days=31)
FUTURE = timedelta(days=400)
# Of what did not change, this many are read again in one look; the next one goes on.
MOST_AGAIN = 1000
# A comparison of everything is made each day, and when its owner asks, but not at every click.
COMPARE_EVERY = timedelta(days=1)
COMPARE_PAUSE = timedelta(minutes=5)
# A minute of doubt: the last look and the push may have met.
DOUBT = timedelta(minutes=1)


@dataclass(eq=False)
class Job:
    """A look at one account, and what comes of it.

    `calendars`: id → row, of all that are known; `watched`: those that are read, the ones that
    fail last. `compared` are ids of calendars of which nothing is believed, `whole` of those of
    which all that is due is read in this look. `is_first`: the account was never read as a whole;
    `is_in_doubt`: the listing is to confirm what an earlier one said; `is_asked`: its owner wants
    everything compared. `refused`: calendar id → sentences about what could not be stored;
    `failed`: what stopped a calendar; `gets_on`: the next look has less to read; `has_news`: it is
    not idle.
    """

    account: Any
    home_url: str
    window: Window
    client: Client
    secret: str
    calendars: dict[int, dict]
    watched: tuple[Watched, ...]
    compared: frozenset[int]
    fresh: dict[int, set[str]]
    is_first: bool
    is_in_doubt: bool
    is_asked: bool = False
    ours: frozenset[str] | None = None
    kept: dict[int, int] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)
    listing: Listing | None = None
    refused: dict[int, list] = field(default_factory=lambda: defaultdict(list))
    unread: list[dict] = field(default_factory=list)
    failed: list = field(default_factory=list)
    done: int = 0
    gets_on: bool = False
    has_news: bool = False

    def times_forgotten(self, key: int) -> int:
        """How often what was read of a calendar had been dropped when the look began."""
        return self.calendars[key]["times_forgotten"]

    def idle(self) -> list[int]:
        """The calendars that are read and were listed as they were."""
        listed = {each.href: each for each in self.listing.calendars}
        return [
            each.key
            for each in self.watched
            if each.href in listed and is_idle(each, listed[each.href])
        ]


class ICloudImport(models.AbstractModel):
    """What Odoo knows of iCloud: little for many accounts at once, the rest where it is needed."""

    _inherit = "icloud.import"

    def _jobs(self, claimed, seconds):
        """What threads need to look at accounts without touching a record.

        A fixed number of queries, however many accounts those are and whatever they hold.

        :param seconds: how long a look may take
        """
        now, accounts = fields.Datetime.now(), claimed.accounts
        rows = self._calendar_rows(accounts)
        read = [row["id"] for row in rows if row["is_read"]]
        windows = {account.id: self._window(account) for account in accounts}
        due, fresh = self._due_again(read), self._fresh(read, rows)
        due |= self._read_otherwise(rows, windows)
        by_account = defaultdict(list)
        for row in rows:
            by_account[row["account_id"]].append(row)
        jobs = []
        clients = accounts._open_clients(time.monotonic() + seconds)
        for account in accounts:
            client = clients[account.id]
            if isinstance(client, errors.ICloudError):
                account._password_refused(client)
                continue
            window, rows = windows[account.id], by_account[account.id]
            pause = COMPARE_PAUSE if account.id in claimed.compared else COMPARE_EVERY
            compared = frozenset(
                row["id"] for row in rows if row["is_read"] and _is_over(row, pause, now)
            )
            jobs.append(
                Job(
                    account=account,
                    home_url=account.home_url,
                    window=window,
                    client=client,
                    secret=account.secret,
                    calendars={row["id"]: row for row in rows},
                    watched=tuple(
                        _watched(row, row["id"] in compared, row["id"] in due or row["id"] in fresh)
                        for row in rows
                        if row["is_read"]
                    ),
                    compared=compared,
                    fresh=fresh,
                    is_first=not account.last_import,
                    is_in_doubt=account.primary_trouble == "seen",
                    is_asked=account.id in claimed.compared,
                )
            )
        return jobs

    def _calendar_rows(self, accounts):
        self.env.flush_all()
        query = SQL(
            """
            SELECT calendar.id, calendar.account_id, calendar.href, calendar.name, calendar.color,
                   calendar.writable, calendar.sequence, calendar.missing, calendar.missed_at,
                   calendar.listed_token, calendar.sync_token, calendar.last_import,
                   calendar.last_comparison, calendar.read_by, calendar.zone, calendar.unread,
                   COALESCE(calendar.times_forgotten, 0) AS times_forgotten,
                   (calendar.check_conflicts IS TRUE
                    OR calendar.id = account.primary_calendar_id) AS is_read,
                   calendar.copies_token, %s AS holds_dragged
              FROM icloud_calendar calendar
              JOIN icloud_account account ON account.id = calendar.account_id
             WHERE calendar.account_id = ANY(%s)
             ORDER BY COALESCE(calendar.failures, 0), calendar.sequence, calendar.id
            """,
            self._holds_dragged(),
            accounts.ids,
        )
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def _due_again(self, calendar_ids):
        """Ids of those of which some resource is read again today."""
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT calendar.id FROM unnest(%s::int[]) AS calendar (id)
                 WHERE EXISTS (SELECT FROM icloud_event event
                                WHERE event.calendar_id = calendar.id AND event.next_reading <= %s)
                """,
                calendar_ids,
                now,
            )
        )
        return {row[0] for row in rows}

    def _read_otherwise(self, rows, windows):
        """Ids of those that hold what an older reader of ours read, or what floats in another zone.

        Looked for where the calendar itself does not tell that there is nothing like that.
        """
        zones = {
            row["id"]: zone
            for row in rows
            for zone in [windows[row["account_id"]].zone]
            if row["is_read"] and (row["read_by"], row["zone"]) != (READER, zone)
        }
        found = zones and self.env.execute_query(
            SQL(
                """
                SELECT calendar.id FROM unnest(%s::int[], %s::text[]) AS calendar (id, zone)
                 WHERE EXISTS (SELECT FROM icloud_event event
                                WHERE event.calendar_id = calendar.id AND event.origin = 'icloud'
                                  AND (event.read_by IS DISTINCT FROM %s
                                       OR event.zone <> calendar.zone))
                """,
                [*zones],
                [*zones.values()],
                READER,
            )
        )
        return {row[0] for row in found}

    def _fresh(self, calendar_ids, rows):
        """{calendar id: hrefs of the copies that were pushed there since it was read last}"""
        since = {row["id"]: row["last_import"] for row in rows if row["last_import"]}
        oldest = max(
            min(since.values(), default=datetime.max), fields.Datetime.now() - COMPARE_EVERY
        )
        pushed = self.env.execute_query(
            SQL(
                """
                SELECT event.calendar_id, event.href, outcome.pushed_at
                  FROM icloud_event_outcome outcome
                  JOIN icloud_event event ON event.outcome_id = outcome.id
                 WHERE outcome.pushed_at >= %s AND event.calendar_id = ANY(%s)
                   AND event.origin = 'odoo' AND event.wanted = 'present'
                """,
                oldest - DOUBT,
                calendar_ids,
            )
        )
        fresh = defaultdict(set)
        for calendar_id, href, pushed_at in pushed:
            if calendar_id in since and pushed_at >= since[calendar_id] - DOUBT:
                fresh[calendar_id].add(href)
        return fresh

    def _window(self, account):
        now = datetime.now(UTC)
        return Window(
            now - PAST,
            now + FUTURE,
            account.user_id.tz or account.user_id.company_id.resource_calendar_id.tz or "UTC",
            frozenset(account.addresses or ()),
        )

    # -- where there is news -----------------------------------------------------------------------

    def _known(self, job, need):
        """The answer to a `Need`."""
        if job.ours is None:
            job.ours, job.kept = self._ours(job.account), self._kept(job)
        row, is_compared = job.calendars[need.key], need.key in job.compared
        # What a first import in several looks has read already is not read again by the next one.
        everything = is_compared and bool(row["last_comparison"])
        due = self._again(need.key, job.window.zone, everything)
        if len(due) < MOST_AGAIN:
            job.whole.add(need.key)
        fresh = frozenset(job.fresh.get(need.key, ()))
        hrefs = None if need.hrefs is None else need.hrefs | due | fresh
        rows = self._event_rows(need.key, hrefs)
        return Known(
            key=need.key,
            href=row["href"],
            listed_token=None if is_compared else row["listed_token"],
            sync_token=None if is_compared else row["sync_token"],
            # What was imported without an ETag (not every answer has one) can vanish, too.
            etags={
                each["href"]: each["etag"] or ""
                for each in rows
                if each["etag"] or each["origin"] == "icloud"
            },
            count=len(rows) if hrefs is None else self._count_events(need.key),
            again=due,
            ours=job.ours,
            copies=frozenset(each["href"] for each in rows if each["origin"] == "odoo"),
            fresh=fresh,
            held={each["href"]: each["held"] for each in rows if each["held"]},
            kept=job.kept,
            tries=row["unread"] or {},
            aside=frozenset(each["href"] for each in rows if each["set_aside"]),
            digests={each["href"]: each["digest"] for each in rows if each["digest"]},
        )

    def _again(self, calendar_id, zone, everything):
        """Hrefs of imported events that are read again although they did not change.

        Because the window moves on, because the host lives in another zone now, because we read
        better than before, or to see whether Odoo still has what was read.
        """
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT href FROM icloud_event
                 WHERE calendar_id = %(calendar)s AND origin = 'icloud'
                   AND (read_by IS DISTINCT FROM %(reader)s OR zone <> %(zone)s OR %(its_time)s)
                 -- First what is wrong for sure, then what was read the longest time ago.
                 ORDER BY COALESCE(zone = %(zone)s, TRUE), next_reading NULLS FIRST
                 LIMIT %(most)s
                """,
                calendar=calendar_id,
                reader=READER,
                zone=zone,
                its_time=SQL("next_reading IS NOT NULL")
                if everything
                # Further ahead than it is ever put: the clock was wrong.
                else SQL("(next_reading <= %s OR next_reading > %s)", now, now + 2 * READ_AGAIN),
                most=MOST_AGAIN,
            )
        )
        return frozenset(row[0] for row in rows)

    def _event_rows(self, calendar_id, hrefs):
        """What is known of these resources, None: of all of a calendar.

        `held`: occurrences that Odoo has of one, in the window and after.
        """
        query = SQL(
            """
            SELECT event.href, event.origin, event.set_aside, outcome.etag, outcome.digest,
                   (SELECT COUNT(*) FROM calendar_event held
                     WHERE held.icloud_origin_id = event.id AND held.stop > %s) AS held
              FROM icloud_event event
              JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
             WHERE event.calendar_id = %s AND %s
            """,
            fields.Datetime.now() - PAST,
            calendar_id,
            SQL("TRUE")
            if hrefs is None
            else SQL(
                "md5(event.href) = ANY(%s)",
                [md5(href.encode(), usedforsecurity=False).hexdigest() for href in hrefs],
            ),
        )
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def _count_events(self, calendar_id):
        return self.env["icloud.event"].search_count([("calendar_id", "=", calendar_id)])

    def _ours(self, account):
        """UIDs of the copies that we pushed into an account."""
        rows = self.env.execute_query(
            SQL(
                "SELECT uid FROM icloud_event WHERE account_id = %s AND origin = 'odoo'", account.id
            )
        )
        return frozenset(row[0] for row in rows)

    def _kept(self, job):
        """{calendar id: occurrences that Odoo has of it}, of all that are read."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT remote.calendar_id, COUNT(*)
                  FROM icloud_event remote
                  JOIN calendar_event event ON event.icloud_origin_id = remote.id
                 WHERE remote.account_id = %s AND event.stop > %s
                 GROUP BY remote.calendar_id
                """,
                job.account.id,
                fields.Datetime.now() - PAST,
            )
        )
        return {**dict.fromkeys((each.key for each in job.watched), 0), **dict(rows)}


def _watched(row, is_compared, is_due):
    return Watched(
        key=row["id"],
        href=row["href"],
        listed_token=None if is_compared else row["listed_token"],
        sync_token=None if is_compared else row["sync_token"],
        is_due=is_due,
    )


def _is_over(row, pause, now):
    """Whether the last comparison is so long ago; one that lies ahead is of a wrong clock."""
    last = row["last_comparison"]
    return not last or last <= now - pause or last > now + COMPARE_PAUSE
