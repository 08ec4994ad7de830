from odoo import fields, models
from odoo.tools import SQL

from ....sentence import Sentence
from ..icloud_calendar import storable


class ICloudStore(models.AbstractModel):
    """Stores what a look at an account found. Whatever is refused, it is one file that fails."""

    _name = "icloud.store"
    _inherit = ["icloud.worker"]
    _description = "Storing what was read in iCloud"

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

    def _store_part(self, calendar, part, window):
        """Store some of a calendar's news as it comes.

        :return: sentences about what could not even be set aside; it will be tried again
        """
        if not calendar.exists() or not calendar._is_read():
            return []  # The owner changed their mind while we looked.
        self._store_ours(calendar, part.found)
        foreign = [
            each for each in part.found if not (each.our_uid or each.is_set_aside or each.is_same)
        ]
        refused = self._store_foreign(calendar, foreign, window)
        self._store_digests(calendar, [each for each in part.found if each.digest])
        return refused

    def _store_calendar(self, calendar, news, window, compared, refused=()):
        """Store the end of a calendar's news; its tokens only together with all they stand for.

        :param compared: ids of the calendars of which everything was asked for
        :param refused: what `_store_part` returned for its parts
        :return: what is to be written on the calendar, and sentences about what could not even be
            set aside; it will be tried again
        """
        if not calendar.exists() or not calendar._is_read():
            return {}, []
        account = self._to_owner(calendar.account_id)
        for problem in news.problems:
            said = f"{calendar.name}: {self._in_words(account, problem)}"
            account._tell_once_a_day("warning", said)
        rows = self._rows(calendar) if news.removed else {}
        self._store_removed(calendar, [rows[href] for href in news.removed if href in rows])
        refused = [*refused, *self._store_part(calendar, news, window)]
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

    def _store_digests(self, calendar, found):
        """What their data were, and of what is as it was, the new ETag."""
        if not found:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE icloud_event_outcome outcome
                   SET digest = found.digest,
                       etag = CASE WHEN found.is_same THEN found.etag ELSE outcome.etag END
                  FROM icloud_event event,
                       unnest(%s::text[], %s::text[], %s::text[], %s::bool[])
                           AS found (href, digest, etag, is_same)
                 WHERE event.outcome_id = outcome.id AND event.calendar_id = %s
                   AND md5(event.href) = md5(found.href) AND event.origin = 'icloud'
                RETURNING outcome.id
                """,
                [each.href for each in found],
                [each.digest for each in found],
                [each.etag for each in found],
                [each.is_same for each in found],
                calendar.id,
            )
        )
        self.env["icloud.event.outcome"].invalidate_model(["digest", "etag"], flush=False)

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
