from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from odoo import fields, models
from odoo.tools import format_datetime

from ...ical.read import Reading
from .icloud_calendar import storable

# Counts up whenever files are read or stored in a better way: all are read again by the new one.
READER = 2
READ_AGAIN = timedelta(days=1)
# Occurrences that are held in memory and written at once; a file is never split.
BATCH = 500


@dataclass(frozen=True)
class File:
    """One resource of a calendar as it is to be stored; without a reading it could not be read.

    `problem`: what could not be followed, in the owner's words, "" when all could. `unknown_from`
    (aware UTC): it could be read and was not, or not to its end, for what that would cost.
    """

    href: str
    etag: str
    reading: Reading | None
    problem: str
    unknown_from: datetime | None

    def __len__(self) -> int:
        return len(self.reading.occurrences) if self.reading else 0


class ICloudStore(models.AbstractModel):
    """Stores the files of a calendar that are not ours, each as far as Odoo takes it."""

    _inherit = "icloud.store"

    def _store_foreign(self, calendar, found, window):
        """Upsert resources that are not ours.

        :return: sentences about what could not even be set aside
        """
        if not found:
            return []
        rows = self._rows(calendar)
        # Our own copy, made unreadable on the phone: the push will mend it.
        found = [
            each for each in found if each.href not in rows or rows[each.href].origin != "odoo"
        ]
        elsewhere = self._of_other_accounts(found)
        files = [self._file(calendar, each, elsewhere) for each in found]
        refused = []
        for batch in _batches(files):
            stored = self._apart(
                batch,
                lambda those: self._store_files(calendar, rows, those, window),
                lambda file, error: self._set_aside(calendar, rows, file, error, window, refused),
            )
            self._flag_overlaps(calendar, self.env["calendar.event"].union(*stored))
            # A year of twenty hourly series, held at once, would be half a gigabyte.
            self.env.flush_all()
            self.env.invalidate_all()
        return refused

    def _flag_overlaps(self, calendar, events):
        owner = self._to_owner(calendar.account_id)
        self._apart(
            [*events],
            lambda those: self.env["icloud.booking"]._flag_overlaps(events.union(*those)),
            lambda event, _error: owner._tell(
                "warning",
                owner.env._(
                    "Odoo could not check whether the event of %s overlaps with a booking.",
                    format_datetime(owner.env, event.start, tz=owner.user_id.tz),
                ),
            ),
        )

    def _file(self, calendar, found, elsewhere):
        """A `Found` as it is to be stored; of our own bookings nothing is."""
        reading, account = found.reading, self._to_owner(calendar.account_id)
        problems = [*filter(None, [found.problem]), *(reading.problems if reading else ())]
        if reading and reading.uid in elsewhere:
            reading = replace(reading, occurrences=(), more_after=False, known_until=None)
        said = " ".join(self._in_words(account, problem) for problem in problems)
        return File(found.href, found.etag, reading, said, found.unknown_from)

    def _of_other_accounts(self, found):
        """The UIDs of these files that are our own copies in anybody's account.

        A host's booking is nobody's busy time, wherever its copy is met: in a calendar that two
        share, or where two users connect one Apple Account.
        """
        uids = [storable(each.reading.uid) for each in found if each.reading]
        own = self.env["icloud.event"].search_fetch(
            [("origin", "=", "odoo"), ("uid", "in", uids)], ["uid"]
        )
        return set(own.mapped("uid"))

    def _store_files(self, calendar, rows, files, window):
        """:return: the occurrences in Odoo that were created or changed"""
        readings = {}
        for row, file in zip(self._ensure_rows(calendar, rows, files), files, strict=True):
            if file.problem and file.problem != row.problem:
                self._tell_of(calendar, file.href, file.problem)
            row.outcome_id.etag = file.etag
            row.write({**self._row_values(file, window), "problem": file.problem or False})
            # A file that cannot be read says nothing: what it said before still blocks.
            if file.reading:
                row.write({"set_aside": False, "unstored": False})
                readings[row] = file.reading
            elif not file.unknown_from:
                row.set_aside = True
        return self.env["calendar.event"]._store_imported(calendar, readings, window)

    def _ensure_rows(self, calendar, rows, files):
        """The remote event of each file. `rows` is not told: the savepoint may be given up."""
        missing = [file for file in files if file.href not in rows]
        created = self.env["icloud.event"].create(
            [
                {
                    "calendar_id": calendar.id,
                    "href": file.href,
                    "uid": storable(file.reading.uid if file.reading else "") or file.href,
                    "origin": "icloud",
                }
                for file in missing
            ]
        )
        by_href = {file.href: row for file, row in zip(missing, created, strict=True)}
        return [rows.get(file.href) or by_href[file.href] for file in files]

    def _row_values(self, file, window):
        """What is known of a file, and until when: columns of its remote event."""
        now = fields.Datetime.now()
        tomorrow = now + READ_AGAIN
        reading = file.reading
        if not reading and not file.unknown_from:
            return {"read_by": READER, "next_reading": tomorrow}
        if not reading:
            return {"next_reading": now, "known_until": _naive(file.unknown_from)}
        until = [
            window.stop if reading.more_after else None,
            reading.known_until,
            file.unknown_from,
        ]
        known_until = min((_naive(moment) for moment in until if moment), default=False)
        return {
            "read_by": READER,
            "known_until": known_until,
            "next_reading": bool(known_until or reading.occurrences) and tomorrow,
            "zone": reading.floating and window.zone,
        }

    # -- what cannot be stored -----------------------------------------------------------------

    def _set_aside(self, calendar, rows, file, error, window, refused):
        """Keep what a file says in the plainest way there is: no event of Odoo, but spans of time.

        Should even that be refused, the calendar counts as not read.

        :return: no events
        """
        owner = self._to_owner(calendar)
        # What the error says may be a row of the database.
        problem = owner.env._(
            "Odoo could not store this event (%s). It is set aside; its time blocks.",
            type(error).__name__,
        )
        set_aside = partial(self._set_one_aside, calendar, rows, window, problem)
        return self.env["calendar.event"].union(
            *self._apart([file], set_aside, partial(self._refuse, calendar, refused))
        )

    def _set_one_aside(self, calendar, rows, window, problem, files):
        [row], [file] = self._ensure_rows(calendar, rows, files), files
        if row.problem != problem:
            self._tell_of(calendar, file.href, problem)
        spans = row.unstored
        if file.reading:
            spans = self.env["calendar.event"]._blocked_minutes(
                file.reading.occurrences, calendar._choice(), window
            )
        row.outcome_id.etag = file.etag
        values = self._row_values(file, window)
        row.write(
            {
                **values,
                # Also of what has nothing to come: what it was refused for may pass.
                "next_reading": values["next_reading"] or fields.Datetime.now() + READ_AGAIN,
                "set_aside": True,
                "unstored": spans or False,
                "problem": problem,
            }
        )
        return self.env["calendar.event"]

    def _refuse(self, calendar, refused, file, _error):
        owner = self._to_owner(calendar)
        refused.append(
            calendar._of_file(
                file.href,
                owner.env._(
                    "Odoo can neither store this event nor set it aside. Until it can, this "
                    "calendar counts as not read."
                ),
            )
        )
        return self.env["calendar.event"]


def _batches(files: list[File]) -> Iterator[list[File]]:
    batch, size = [], 0
    for file in files:
        if batch and size + len(file) > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += max(len(file), 1)
    if batch:
        yield batch


def _naive(moment):
    return moment.astimezone(UTC).replace(tzinfo=None)
