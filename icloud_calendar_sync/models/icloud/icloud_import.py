import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...icloud import errors
from ...icloud.client import Client
from ...sync.importer import look
from ...sync.news import Known, Window
from .account.icloud_account import IMPORT_EVERY
from .icloud_store_files import READER
from .icloud_worker import log_privately

ACCOUNTS_AT_ONCE = 4
# With what is left to store, less than the two minutes after which Odoo ends a cron by default.
ACCOUNT_SECONDS = 60
# Of these, each account has at least so many for itself: whose turn comes later waits for the next
# round. Else a few large or slow ones would use up the time of all the others.
LEAST_SECONDS = 30
BATCH = 20
# How much of iCloud is shown in Odoo. Every slot must lie well inside, and what goes on after the
# window is read again each day.
PAST = timedelta(days=31)
FUTURE = timedelta(days=400)
# Of what did not change, this many are read again in one look; the next one goes on.
MOST_AGAIN = 1000
# A comparison of everything is made each day, and when its owner asks, but not at every click.
COMPARE_EVERY = timedelta(days=1)
COMPARE_PAUSE = timedelta(minutes=5)
_WORKS = ("import", "compare")


class Job(NamedTuple):
    """A look at one account; `compared` are the ids of calendars of which nothing is believed."""

    account: Any
    home_url: str
    client: Client
    known: list[Known]
    window: Window
    compared: frozenset[int]


class ICloudImport(models.AbstractModel):
    """The worker that shows iCloud's events in Odoo, so that they block slots."""

    _name = "icloud.import"
    _inherit = ["icloud.worker"]
    _description = "Import from iCloud"

    @api.model
    def _cron_import(self):
        if self._work():
            # Not left to Odoo, which would call again in the same run.
            self.env["icloud.wish"]._wake(self.env["icloud.account"], "import")

    @api.model
    def _work(self, accounts=None):
        """Look at all that is due, until nothing is or the run has to end.

        :param accounts: only at these; None: at everybody's
        :return: how many accounts are still due
        """
        self = self._as_run()
        self._landed(remaining=len(self._due(accounts)))
        while claimed := self._despite_conflicts(self._claim, accounts):
            claimed, asked = claimed
            jobs = [job for account in claimed if (job := self._job(account, account in asked))]
            self._landed(len(claimed) - len(jobs))
            if not self._look_and_apply(jobs):
                break
        remaining = len(self._due(accounts))
        self._landed(remaining=0)
        return remaining

    def _due(self, accounts):
        """Accounts whose time has come, or whose owner asked; of these `accounts`, or of all."""
        # A minute early: the cron itself runs every five minutes, not to the second.
        soon = fields.Datetime.now() + timedelta(minutes=1)
        asked = self.env["icloud.wish"].search([("work", "in", _WORKS)]).account_id
        within = Domain.TRUE if accounts is None else Domain("id", "in", accounts.ids)
        return self.env["icloud.account"].search(
            within
            & Domain("state", "=", "connected")
            & Domain("is_copied", "=", False)
            & Domain("user_id.active", "=", True)
            & (
                Domain("next_import", "=", False)
                | Domain("next_import", "<=", soon)
                | Domain("id", "in", asked.ids)
            )
        )

    def _claim(self, within):
        """Some of the due accounts; whatever happens in this run, each is asked once.

        :param within: see `_due`
        :return: them, and those whose owner asked to have everything compared; or None
        """
        self.env["icloud.account"]._stop_copies()
        accounts = self._due(within)[:BATCH]
        if not accounts:
            return None
        accounts.write({"next_import": fields.Datetime.now() + IMPORT_EVERY})
        wishes = self.env["icloud.wish"].search(
            [("work", "in", _WORKS), ("account_id", "in", accounts.ids)]
        )
        asked = wishes.filtered(lambda wish: wish.work == "compare").account_id
        wishes.unlink()
        return accounts, asked

    def _job(self, account, asked):
        """What a thread needs to look at an account without touching a record."""
        try:
            client = account._open_client(ACCOUNT_SECONDS)
        except errors.ICloudError as error:
            account._password_refused(error)
            return None
        window = self._window(account)
        compared = self._to_compare(account, asked)
        known = self._known(account, window.zone, compared)
        return Job(account, account.home_url, client, known, window, frozenset(compared.ids))

    def _window(self, account):
        now = datetime.now(UTC)
        return Window(
            now - PAST,
            now + FUTURE,
            account.user_id.tz or account.user_id.company_id.resource_calendar_id.tz or "UTC",
            frozenset(account.addresses or ()),
        )

    def _to_compare(self, account, asked):
        """The calendars of which everything is listed and read again, whatever their tokens say.

        What differs in Odoo from what was read, whoever wrote it, is mended by that.
        """
        before = fields.Datetime.now() - (COMPARE_PAUSE if asked else COMPARE_EVERY)
        return account.calendar_ids.filtered(
            lambda calendar: not calendar.last_comparison or calendar.last_comparison <= before
        )

    def _known(self, account, zone, compared):
        rows = self.env["icloud.event"].search_fetch(
            [("account_id", "=", account.id)],
            [
                *("calendar_id", "href", "etag", "origin", "uid", "pushed_at"),
                *("next_reading", "read_by", "zone", "set_aside"),
            ],
        )
        ours = frozenset(rows.filtered(lambda row: row.origin == "odoo").mapped("uid"))
        by_calendar, held = rows.grouped("calendar_id"), self._held(account)
        return [
            replace(
                self._known_of(calendar, by_calendar.get(calendar, rows.browse()), zone, compared),
                ours=ours,
                held=held[calendar.id],
            )
            for calendar in account.calendar_ids
            if calendar._is_read()
        ]

    def _held(self, account):
        """{calendar id: {href: how many occurrences Odoo has of it, in the window and after}}"""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT remote.calendar_id, remote.href, COUNT(*)
                  FROM icloud_event remote
                  JOIN calendar_event event ON event.icloud_origin_id = remote.id
                 WHERE remote.account_id = %s AND event.stop > %s
                 GROUP BY remote.calendar_id, remote.href
                """,
                account.id,
                fields.Datetime.now() - PAST,
            )
        )
        held = defaultdict(dict)
        for calendar_id, href, count in rows:
            held[calendar_id][href] = count
        return held

    def _known_of(self, calendar, rows, zone, compared):
        everything = calendar in compared
        # A minute of doubt: the last look and the push may have met.
        since = calendar.last_import and calendar.last_import - timedelta(minutes=1)
        return Known(
            key=calendar.id,
            href=calendar.href,
            listed_token=None if everything else calendar.listed_token,
            sync_token=None if everything else calendar.sync_token,
            # What was imported without an ETag (not every answer has one) can vanish, too.
            etags={row.href: row.etag or "" for row in rows if row.etag or row.origin == "icloud"},
            again=self._again(rows, zone, everything),
            tries=calendar.unread or {},
            aside=frozenset(row.href for row in rows if row.set_aside),
            fresh=frozenset(
                row.href for row in rows if since and row.pushed_at and row.pushed_at >= since
            ),
        )

    def _again(self, rows, zone, everything):
        """Hrefs of imported events that are read again although they did not change.

        Because the window moves on, because the host lives in another zone now, because we read
        better than before, or to see whether Odoo still has what was read.
        """
        now = fields.Datetime.now()
        due = [
            row
            for row in rows
            if row.origin == "icloud"
            and (
                row.read_by != READER
                or (row.zone and row.zone != zone)
                or (row.next_reading and (everything or row.next_reading <= now))
            )
        ]
        # First what is wrong for sure, then what was read the longest time ago.
        due.sort(key=lambda row: (row.zone in (False, zone), row.next_reading or datetime.min))
        return frozenset(row.href for row in due[:MOST_AGAIN])

    def _look_and_apply(self, jobs):
        """Look into all accounts side by side, store each answer in a transaction of its own.

        :return: whether there is time left for more
        """
        time_left = True
        # The first begin at once, so that each round gets on.
        begin_by = time.monotonic() + ACCOUNT_SECONDS - LEAST_SECONDS
        with ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as pool:
            running = {pool.submit(self._requests, job, begin_by): job for job in jobs}
            for done in as_completed(running):
                # Forgotten as soon as it is stored: it may be a year of a whole account.
                self._store_or_report(running.pop(done), done)
                time_left = self._landed(1)
        return time_left

    @staticmethod
    def _requests(job, begin_by):
        """In a thread of its own: no cursor, no record is touched here.

        :param begin_by: in `time.monotonic()`; later there is not enough time left
        :return: the news, or None when its turn came too late
        """
        with job.client:
            if time.monotonic() > begin_by:
                return None
            return look(job.client, job.home_url, job.known, job.window)

    def _store_or_report(self, job, done):
        account, store = job.account, self.env["icloud.store"]
        try:
            if done.result() is None:
                work = "compare" if job.compared else "import"
                self._despite_conflicts(account._ask_workers, work)
                return
            self._despite_conflicts(store._store, account, done.result(), job.window, job.compared)
        except Exception as error:  # noqa: BLE001 (one record's trouble is no other's; it is logged)
            # One account's trouble is not the others'; its owner sees it.
            self.env.cr.rollback()
            log_privately(error)
            sentence = self.env._("Odoo could not store what iCloud sent. It tries again later.")
            self._despite_conflicts(account._pause_import, sentence)
