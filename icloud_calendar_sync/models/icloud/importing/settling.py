from odoo import fields, models
from odoo.tools import SQL

from ....icloud import errors
from ..storing.files import READER

ACCOUNT_SECONDS = 60
# What a run keeps for itself at its end, to store what the last looks brought.
STORE_SECONDS = 4


class ICloudImport(models.AbstractModel):
    """What a look brought, stored as it comes; nothing of it is lost when the look is cut."""

    _inherit = "icloud.import"

    def _look_seconds(self):
        """How long a look may take that begins now."""
        return min(self._seconds_left() - STORE_SECONDS, ACCOUNT_SECONDS)

    def _claim_jobs(self, within, begun, most):
        """Some of what is due, ready to be looked at; None when nothing is.

        :param begun: ids of accounts that are looked at just now
        """
        claimed = self._claim(within, begun, most)
        # What threads are told is read in the transaction that claims it.
        return claimed and self._jobs(claimed, self._look_seconds())

    # -- part by part ----------------------------------------------------------------------------

    def _store_listing(self, job, listing):
        """:return: whether anything was written"""
        job.listing = listing
        if job.account._is_connected_anew(job.secret):
            return False
        is_written = self._look_after_dragged(job)
        if job.home_url == listing.home_url and self._is_as_listed(job, listing.calendars):
            return is_written
        account = job.account
        if account.home_url != listing.home_url:
            account.home_url = listing.home_url
        account._store_calendars(listing.calendars)
        return True

    def _is_as_listed(self, job, calendars):
        """Whether the listing says what we know already."""
        if job.is_in_doubt:
            return False
        known = {row["href"]: row for row in job.calendars.values()}
        for sequence, remote in enumerate(calendars):
            row = known.pop(remote.href, None)
            if not row or row["missed_at"]:
                return False
            values = self.env["icloud.calendar"]._values(remote, sequence)
            if any((row[name] or False) != (value or False) for name, value in values.items()):
                return False
        return all(row["missing"] for row in known.values())

    def _store_part(self, job, part):
        job.has_news = True
        calendar = self.env["icloud.calendar"].browse(part.key)
        refused = self.env["icloud.store"]._store_part(calendar, part, job.window)
        job.refused[part.key] += refused
        job.gets_on |= any(each.is_news for each in part.found)
        return True

    def _store_news(self, job, news):
        job.has_news = True
        calendar = self.env["icloud.calendar"].browse(news.key)
        if news.error:
            job.failed.append(news.error)
            if calendar.exists():
                calendar.failures += 1
            return True
        if calendar.exists() and calendar.times_forgotten != job.times_forgotten(news.key):
            # Its owner unticked and ticked it: most of what this look knew of is not there any
            # more, and the wish for another one waits.
            return True
        refused = job.refused[news.key]
        values, refused = self.env["icloud.store"]._store_calendar(
            calendar, news, job.window, job.compared, refused
        )
        job.unread.append(values.get("unread") or {})
        failed = [*([news.late] if news.late else ()), *refused]
        job.failed += failed
        job.done += not failed
        job.gets_on |= any(each.is_news for each in news.found)
        if values:
            values["failures"] = calendar.failures + 1 if failed else 0
            if "last_import" in values and news.key in job.whole:
                values.update(read_by=READER, zone=job.window.zone)
            # Last, and without a pause: whoever saves their preferences waits for this row.
            calendar.write(values)
        return True

    # -- at the end ------------------------------------------------------------------------------

    def _settle(self, job, error):
        """:param error: what ended the look before any calendar, or None"""
        account, failed = job.account, [error] if error else job.failed
        if not account.exists() or account._is_connected_anew(job.secret):
            return
        if job.listing:
            self._note_idle([job])
        if not failed:
            self.env["icloud.store"]._all_stored(account)
            self.env["icloud.store"]._look_soon(account, job.unread)
        elif isinstance(failed[-1], errors.Unauthorized):
            account._password_refused(failed[-1])
        elif job.gets_on and isinstance(failed[-1], errors.TimedOut):
            # There is more than one look reads, and the next one has less: it goes on at once.
            account.write({"failures": 0, "next_import": fields.Datetime.now()})
        else:
            account._pause_import(failed[-1])
            if seconds := getattr(failed[-1], "retry_after", None):
                account._be_quiet(seconds)
            elif job.done or (job.listing and job.idle()):
                # One calendar's trouble: the others are read as ever.
                account._go_on_importing()

    def _settle_unhandled(self, job):
        sentence = self.env._("Odoo could not store what iCloud sent. It tries again later.")
        # Whose user was deleted meanwhile has nobody to be told.
        for account in job.account.exists():
            account._pause_import(sentence)

    def _settle_idle(self, jobs):
        """Accounts in which nothing is new: two statements, however many those are."""
        now = fields.Datetime.now()
        for job in jobs:
            if job.is_first:
                self.env["icloud.store"]._all_stored(job.account.exists())
        accounts = self.env["icloud.account"].union(*(job.account for job in jobs))
        self._note_idle(jobs)
        self.env.execute_query(
            SQL(
                """
                UPDATE icloud_account SET last_import = %s, failures = 0, last_error = NULL
                 WHERE id = ANY(%s) RETURNING id
                """,
                now,
                accounts.ids,
            )
        )
        # Nothing of thousands of accounts is kept in memory.
        self.env.invalidate_all(flush=False)

    def _note_idle(self, jobs):
        """iCloud has just confirmed that the copies of what is idle in these are complete."""
        idle = [
            (key, job.window.zone, job.times_forgotten(key)) for job in jobs for key in job.idle()
        ]
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE icloud_calendar calendar
                   SET last_import = %s, failures = 0, read_by = %s, zone = idle.zone
                  FROM unnest(%s::int[], %s::text[], %s::int[]) AS idle (id, zone, forgotten)
                 WHERE calendar.id = idle.id
                   AND COALESCE(calendar.times_forgotten, 0) = idle.forgotten
                RETURNING calendar.id
                """,
                fields.Datetime.now(),
                READER,
                [key for key, _zone, _forgotten in idle],
                [zone for _key, zone, _forgotten in idle],
                [forgotten for _key, _zone, forgotten in idle],
            )
        )
        calendars = self.env["icloud.calendar"].browse(key for key, _zone, _forgotten in idle)
        calendars.invalidate_recordset(flush=False)
