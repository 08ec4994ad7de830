from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...icloud import errors
from ...sync.importer import Known, Window, look
from .icloud_account import IMPORT_EVERY
from .icloud_worker import log_privately

ACCOUNTS_AT_ONCE = 4
ACCOUNT_SECONDS = 90
BATCH = 20
# How much of iCloud is shown in Odoo. Every slot must lie well inside: see _again.
PAST = timedelta(days=31)
FUTURE = timedelta(days=400)
# A recurring event is expanded again when less than this of its future is known.
KNOWN_AHEAD = timedelta(days=370)
TRIES_BEFORE_SET_ASIDE = 3


class ICloudImport(models.AbstractModel):
    """The worker that shows iCloud's events in Odoo, so that they block slots."""

    _name = "icloud.import"
    _inherit = ["icloud.worker"]
    _description = "Import from iCloud"

    @api.model
    def _cron_import(self):
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(self._due()))
        while accounts := self._despite_conflicts(self._claim):
            jobs = [job for account in accounts if (job := self._job(account))]
            cron._commit_progress(len(accounts) - len(jobs))
            if not self._look_and_apply(jobs):
                break

    def _due(self):
        """Accounts whose time has come, or whose owner asked."""
        # A minute early: the cron itself runs every five minutes, not to the second.
        soon = fields.Datetime.now() + timedelta(minutes=1)
        asked = self.env["icloud.wish"].search([("work", "=", "import")]).account_id
        return self.env["icloud.account"].search(
            Domain("state", "=", "connected")
            & Domain("user_id.active", "=", True)
            & (
                Domain("next_import", "=", False)
                | Domain("next_import", "<=", soon)
                | Domain("id", "in", asked.ids)
            )
        )

    def _claim(self):
        """Some of the due accounts; whatever happens in this run, each is asked once."""
        accounts = self._due()[:BATCH]
        accounts.write({"next_import": fields.Datetime.now() + IMPORT_EVERY})
        self.env["icloud.wish"].search(
            [("work", "=", "import"), ("account_id", "in", accounts.ids)]
        ).unlink()
        return accounts

    def _job(self, account):
        """What a thread needs to look at an account without touching a record."""
        try:
            client = account._open_client(ACCOUNT_SECONDS)
        except errors.ICloudError as error:
            account._password_refused(error)
            return None
        return account, client, self._known(account), self._window(account)

    def _window(self, account):
        now = datetime.now(UTC)
        return Window(
            now - PAST,
            now + FUTURE,
            account.user_id.tz or account.user_id.company_id.resource_calendar_id.tz or "UTC",
            frozenset(account.addresses or ()),
        )

    def _known(self, account):
        rows = self.env["icloud.event"].search_fetch(
            [("account_id", "=", account.id)],
            ["calendar_id", "href", "etag", "origin", "uid", "known_until", "pushed_at"],
        )
        ours = frozenset(rows.filtered(lambda row: row.origin == "odoo").mapped("uid"))
        by_calendar = rows.grouped("calendar_id")
        return [
            self._known_of(calendar, by_calendar.get(calendar, rows.browse()), ours)
            for calendar in account.calendar_ids
            if calendar._is_read()
        ]

    def _known_of(self, calendar, rows, ours):
        soon = fields.Datetime.now() + KNOWN_AHEAD
        # A minute of doubt: the last look and the push may have met.
        since = calendar.last_import and calendar.last_import - timedelta(minutes=1)
        return Known(
            key=calendar.id,
            href=calendar.href,
            listed_token=calendar.listed_token,
            sync_token=calendar.sync_token,
            etags={row.href: row.etag for row in rows if row.etag},
            again=frozenset(row.href for row in rows if row.known_until and row.known_until < soon),
            ours=ours,
            fresh=frozenset(
                row.href for row in rows if since and row.pushed_at and row.pushed_at >= since
            ),
        )

    def _look_and_apply(self, jobs):
        """Look into all accounts side by side, store each answer in a transaction of its own.

        :return: whether there is time left for more
        """
        time_left = True
        with ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as pool:
            running = {
                pool.submit(self._requests, account.home_url, client, known, window): (
                    account,
                    window,
                )
                for account, client, known, window in jobs
            }
            for done in as_completed(running):
                account, window = running[done]
                self._apply_or_report(account, done, window)
                time_left = self.env["ir.cron"]._commit_progress(1)
        return time_left

    @staticmethod
    def _requests(home_url, client, known, window):
        """In a thread of its own: no cursor, no record is touched here."""
        with client:
            return look(client, home_url, known, window)

    def _apply_or_report(self, account, done, window):
        try:
            self._despite_conflicts(self._apply, account, done.result(), window)
        except Exception as error:  # noqa: BLE001 (one record's trouble is no other's; it is logged)
            # One account's trouble is not the others'; its owner sees it.
            self.env.cr.rollback()
            log_privately(error)
            sentence = self.env._("Odoo could not store what iCloud sent. It tries again later.")
            self._despite_conflicts(account._pause_import, sentence)

    # -- storing -------------------------------------------------------------------------------

    def _apply(self, account, answer, window):
        failed = [news.error for news in answer.news if news.error]
        if answer.error:
            failed = [answer.error]
        else:
            if account.home_url != answer.home_url:
                account.home_url = answer.home_url
            account._store_calendars(answer.calendars)
        for news in answer.news:
            if news.error is None:
                self._apply_calendar(self.env["icloud.calendar"].browse(news.key), news, window)
        if not failed:
            if not account.last_import:
                # A booking made while Connect was waiting for iCloud saw no account.
                account._collect_upcoming()
            account.write(
                {
                    "last_import": fields.Datetime.now(),
                    "failures": 0,
                    "last_error": False,
                }
            )
        elif isinstance(failed[-1], errors.Unauthorized):
            account._password_refused(failed[-1])
        else:
            account._pause_import(failed[-1])

    def _apply_calendar(self, calendar, news, window):
        """Store one calendar's news; its tokens only together with all they stand for."""
        if not calendar.exists() or not calendar._is_read():
            return  # The owner changed their mind while we looked.
        rows = {
            row.href: row
            for row in self.env["icloud.event"].search([("calendar_id", "=", calendar.id)])
        }
        self._apply_removed([rows[href] for href in news.removed if href in rows])
        self._apply_ours(calendar, [found for found in news.found if found.our_uid])
        changed = self._apply_foreign(
            calendar, rows, [found for found in news.found if not found.our_uid], window
        )
        unread = self._count_unread(calendar, news.missing)
        complete = all(tries >= TRIES_BEFORE_SET_ASIDE for tries in unread.values())
        values = {"unread": unread or False}
        if complete:
            values.update(
                listed_token=news.listed_token,
                sync_token=news.sync_token,
                last_import=fields.Datetime.now(),
            )
        calendar.write(values)
        self.env["icloud.booking"]._flag_overlaps(changed)

    def _apply_removed(self, rows):
        for row in rows:
            if row.origin == "icloud":
                row._forget()
            elif row.wanted == "present":
                row._put_back(etag=False)

    def _apply_ours(self, calendar, found):
        """Refresh what we know of our own copies; Odoo's wish stands (rules 6 and 11)."""
        copies = {
            copy.uid: copy
            for copy in self.env["icloud.event"].search(
                [
                    ("account_id", "=", calendar.account_id.id),
                    ("origin", "=", "odoo"),
                    ("uid", "in", [each.our_uid for each in found]),
                ]
            )
        }
        for each in found:
            copy = copies.get(each.our_uid)
            if not copy:
                continue
            if copy.href != each.href:
                copy._found_at(each.href)
            if copy.outcome_id.pushed_fingerprint == each.fingerprint:
                copy.outcome_id.etag = each.etag
            elif copy.outcome_id.pushed_revision:
                copy._put_back(etag=each.etag)

    def _apply_foreign(self, calendar, rows, found, window):
        """Upsert resources that are not ours.

        :return: the occurrences in Odoo that were created or changed
        """
        Row = self.env["icloud.event"]
        missing = [each for each in found if each.href not in rows]
        created = Row.create(
            [
                {
                    "calendar_id": calendar.id,
                    "href": each.href,
                    "uid": each.reading.uid if each.reading else each.href,
                    "origin": "icloud",
                }
                for each in missing
            ]
        )
        rows.update(zip([each.href for each in missing], created, strict=True))
        readings = {}
        for each in found:
            row = rows[each.href]
            if row.origin != "icloud":
                continue  # Our own copy, made unreadable on the phone: the push will mend it.
            row.outcome_id.etag = each.etag
            self._report(calendar, each)
            # A file that cannot be read says nothing: what it said before still blocks.
            if each.reading:
                row.known_until = each.reading.more_after and window.stop.replace(tzinfo=None)
                readings[row] = each.reading
        return self.env["calendar.event"]._store_imported(calendar, readings, window)

    def _report(self, calendar, found):
        problems = [found.problem] if found.problem else found.reading.problems
        for problem in problems:
            calendar.account_id._tell(
                "warning",
                self.env._(
                    "%(calendar)s, %(file)s: %(problem)s",
                    calendar=calendar.name,
                    file=found.href.rpartition("/")[2],
                    problem=problem,
                ),
            )

    def _count_unread(self, calendar, missing):
        """Tries for each listed resource without data; after three it is set aside, and named."""
        before = calendar.unread or {}
        unread = {href: before.get(href, 0) + 1 for href in missing}
        for href, tries in unread.items():
            if tries == TRIES_BEFORE_SET_ASIDE:
                calendar.account_id._tell(
                    "warning",
                    self.env._(
                        "%(calendar)s, %(file)s: iCloud lists this event but does not give it out. "
                        "It is set aside.",
                        calendar=calendar.name,
                        file=href.rpartition("/")[2],
                    ),
                )
        # Set aside for good: with a newer version it comes as a change and is tried anew.
        aside = {href: tries for href, tries in before.items() if tries >= TRIES_BEFORE_SET_ASIDE}
        return {**aside, **unread}
