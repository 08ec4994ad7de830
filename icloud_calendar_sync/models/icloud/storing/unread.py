from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_datetime

from .files import READ_AGAIN, READER

# Beyond no booking type offers anything.
_FAR = timedelta(days=365)
# Of what one look sets aside, so many are named; the preferences tell how many more there are.
_MOST_TOLD = 20
# A write that a server shows late is there by then.
_SOON = timedelta(seconds=30)


class ICloudStore(models.AbstractModel):
    """Stores what iCloud has and nobody can read: when it takes place, as far as that is known."""

    _inherit = "icloud.store"

    def _store_unreadable(self, calendar, found):
        """Set files aside. What was known of them still blocks, and so does what the server tells.

        :return: sentences about what could not even be set aside
        """
        refused = []
        rows = self._rows(calendar) if found else {}
        # Our own copy, made unreadable on the phone: the push will mend it.
        files = [
            each for each in found if each.href not in rows or rows[each.href].origin != "odoo"
        ]
        set_aside = self._apart(
            files,
            lambda those: self._set_unread_aside(calendar, rows, those),
            lambda file, error: self._refuse(calendar, refused, file, error),
        )
        changed = self.env["icloud.event"].union(*set_aside)
        self._apart([*changed], self._flag_spans, self._tell_unchecked)
        return refused

    def _set_unread_aside(self, calendar, rows, files):
        """:return: the remote events that block other times by now than before"""
        changed, told = self.env["icloud.event"], self.env["icloud.event"]
        for file in files:
            row = rows.get(file.href) or self._new_row(calendar, file)
            if file.is_stale:
                row._forget_occurrences()
            spans, problem = _minutes(file.spans or ()), self._why_set_aside(calendar, file)
            if spans != (row.unstored or []):
                changed |= row
            if problem != row.problem:
                told |= row
            row.outcome_id.etag = file.etag
            now = fields.Datetime.now()
            row.write(
                {
                    "read_by": READER,
                    "next_reading": now + READ_AGAIN,
                    "known_until": file.spans is None and now,
                    "set_aside": True,
                    "unstored": spans or False,
                    "problem": problem,
                }
            )
        for row in self._to_owner(told[:_MOST_TOLD]):
            calendar.account_id._tell("warning", row._trouble(fields.Datetime.now() + _FAR))
        return changed

    def _new_row(self, calendar, file):
        return self.env["icloud.event"].create(
            {"calendar_id": calendar.id, "href": file.href, "uid": file.href, "origin": "icloud"}
        )

    def _why_set_aside(self, calendar, file):
        """In the owner's words, with what to do where all times are closed because of it."""
        owner = self._to_owner(calendar.account_id)
        said = self._in_words(owner, file.problem)
        if file.spans is None:
            said += " " + owner.env._(
                "Nobody can tell when it takes place. Open it on your phone and save it, or choose "
                "that this calendar is not checked."
            )
        return said

    def _flag_spans(self, rows):
        rows = self.env["icloud.event"].union(*rows)
        self.env["icloud.booking"]._flag_overlaps(self.env["calendar.event"], rows)

    def _tell_unchecked(self, row, _error):
        row = self._to_owner(row)
        row.account_id._tell(
            "warning",
            row.env._(
                "Odoo could not check whether the event of %s overlaps with a booking.",
                format_datetime(row.env, row._unstored_from(), tz=row.user_id.tz),
            ),
        )

    # -- what is tried again ---------------------------------------------------------------------

    def _count_unread(self, calendar, news):
        """{href: looks in which it was there and could not be read}, until it is set aside."""
        settled = news.removed.union(found.href for found in news.found)
        before = {
            href: tries for href, tries in (calendar.unread or {}).items() if href not in settled
        }
        unread = {href: before.get(href, 0) + 1 for href in news.unread}
        return {**before, **unread} if news.late else unread

    def _look_soon(self, account, unread):
        """Once, half a minute later: a server may list what it cannot show yet.

        :param unread: what `_count_unread` told, of each calendar
        """
        if not any(tries == 1 for counted in unread for tries in counted.values()):
            return
        at = fields.Datetime.now() + _SOON
        # The worker comes a minute early.
        account.next_import = min(account.next_import or at, at + timedelta(minutes=1))
        self.env["icloud.wish"]._wake(account, "import", at=at)


def _minutes(spans):
    """Aware spans as those of `unstored`: minutes UTC since 1970, rounded outwards."""
    return [
        [int(start.timestamp()) // 60, -(-int(stop.timestamp()) // 60)] for start, stop in spans
    ]
