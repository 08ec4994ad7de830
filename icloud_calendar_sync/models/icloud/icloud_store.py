from odoo import api, fields, models

from ...icloud import errors
from ...sentence import Sentence
from .icloud_calendar import storable


class ICloudStore(models.AbstractModel):
    """Stores what a look at an account found. Whatever is refused, it is one file that fails."""

    _name = "icloud.store"
    _inherit = ["icloud.worker"]
    _description = "Storing what was read in iCloud"

    @api.model
    def _store(self, account, answer, window, compared):
        """Store an `AccountNews`, in the transaction of the caller.

        :param compared: ids of the calendars of which everything was asked for
        """
        failed = [error for news in answer.news if (error := news.error or news.late)]
        if answer.error:
            failed = [answer.error]
        else:
            if account.home_url != answer.home_url:
                account.home_url = answer.home_url
            account._store_calendars(answer.calendars)
        if any(news.late and news.found for news in answer.news):
            account.failures = 0  # It gets on: the next look is not put off for longer and longer.
        read = []
        for news in answer.news:
            calendar = self.env["icloud.calendar"].browse(news.key)
            if news.error is None:
                values, refused = self._store_calendar(calendar, news, window, compared)
                read.append((calendar, values))
                failed += refused
        # Last, and without a pause: whoever saves their preferences waits for this row.
        for calendar, values in read:
            if values:
                calendar.write(values)
        if not failed:
            self._all_stored(account)
            self._look_soon(account, [values.get("unread") or {} for _calendar, values in read])
        elif isinstance(failed[-1], errors.Unauthorized):
            account._password_refused(failed[-1])
        else:
            account._pause_import(failed[-1])

    def _all_stored(self, account):
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

    def _store_calendar(self, calendar, news, window, compared):
        """Store one calendar's news; its tokens only together with all they stand for.

        :return: what is to be written on the calendar, and sentences about what could not even be
            set aside; it will be tried again
        """
        if not calendar.exists() or not calendar._is_read():
            return {}, []  # The owner changed their mind while we looked.
        account = self._to_owner(calendar.account_id)
        for problem in news.problems:
            said = f"{calendar.name}: {self._in_words(account, problem)}"
            account._tell_once_a_day("warning", said)
        rows = self._rows(calendar) if news.removed else {}
        self._store_removed(calendar, [rows[href] for href in news.removed if href in rows])
        self._store_ours(calendar, news.found)
        foreign = [each for each in news.found if not each.our_uid and not each.is_set_aside]
        refused = self._store_foreign(calendar, foreign, window)
        refused += self._store_unreadable(
            calendar, [each for each in news.found if each.is_set_aside]
        )
        unread = self._count_unread(calendar, news)
        values = {
            "unread": unread or False,
            "incomplete": news.is_unknown or bool(refused),
            "known_until": self._known_until(calendar),
        }
        if not refused and not news.late and not unread:
            values.update(
                listed_token=news.listed_token,
                sync_token=news.sync_token,
                last_import=fields.Datetime.now(),
            )
            if news.key in compared:
                values["last_comparison"] = fields.Datetime.now()
        return values, refused

    def _rows(self, calendar):
        """{href: remote event}"""
        rows = self.env["icloud.event"].search_fetch(
            [("calendar_id", "=", calendar.id)], ["href", "origin"]
        )
        return {row.href: row for row in rows}

    def _known_until(self, calendar):
        [(first,)] = self.env["icloud.event"]._read_group(
            [("calendar_id", "=", calendar.id), ("origin", "=", "icloud")],
            aggregates=["known_until:min"],
        )
        return first

    # -- one by one ----------------------------------------------------------------------------

    def _tell_of(self, calendar, href, problem):
        """One line in the owner's log. :param problem: in the owner's words"""
        calendar.account_id._tell("warning", calendar._of_file(href, problem))

    def _in_words(self, account, problem):
        """What a plain room said, in the owner's language."""
        if isinstance(problem, Sentence):
            return storable(account.env._(problem.template, **problem.values))
        return storable(problem)

    def _to_owner(self, record):
        return record.with_context(lang=record.user_id.lang)

    # -- what is gone --------------------------------------------------------------------------

    def _store_removed(self, calendar, rows):
        """Forget what is gone from iCloud; what Odoo does not let go is tried again each day."""
        self._apart(
            [row for row in rows if row.origin == "icloud"],
            lambda those: self.env["icloud.event"].union(*those)._forget(),
            lambda row, _error: self._tell_of(
                calendar,
                row.href,
                self._to_owner(calendar).env._(
                    "It is gone from iCloud, but Odoo refuses to delete it. Its time blocks."
                ),
            ),
        )
        self._store_ours_removed([row for row in rows if row.exists() and row.origin == "odoo"])
