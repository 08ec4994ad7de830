from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from odoo import fields, models
from odoo.tools import SQL, format_datetime

from ....ical.read import Reading
from ..icloud_calendar import storable

# Counts up whenever files are read or stored in a better way: all are read again by the new one.
READER = 2
READ_AGAIN = timedelta(days=1)
# Occurrences that are held in memory and written at once; a file is never split.
BATCH = 500
# What all remote events of one calendar that were imported have in common.
_SAME_FOR_ALL = {"calendar_id", "origin", "etag"}


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
        found = {each.href: each for each in found}
        # Our own copy, made unreadable on the phone: the push will mend it.
        for href, (_id, origin) in self._rows_at(calendar, found).items():
            if origin == "odoo":
                del found[href]
        elsewhere = self._of_other_accounts(found.values())
        account, refused = self._to_owner(calendar.account_id), []
        files = [self._file(account, each, elsewhere) for each in found.values()]
        for batch in _batches(files):
            stored = self._apart(
                batch,
                lambda those: self._store_files(calendar, those, window),
                lambda file, error: self._set_aside(calendar, file, error, window, refused),
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

    def _file(self, account, found, elsewhere):
        """A `Found` as it is to be stored; of our own bookings nothing is."""
        reading = found.reading
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

    def _store_files(self, calendar, files, window):
        """:return: the occurrences in Odoo that were created or changed"""
        rows = self._write_rows(calendar, [(file, self._said(file, window)) for file in files])
        # A file that cannot be read says nothing: what it said before still blocks.
        readings = {
            row: file.reading for row, file in zip(rows, files, strict=True) if file.reading
        }
        return self.env["calendar.event"]._store_imported(calendar, readings, window)

    def _said(self, file, window):
        """What is written of a file that is stored: columns of its remote event."""
        values = {**self._row_values(file, window), "problem": file.problem or False}
        if file.reading:
            return {**values, "set_aside": False, "unstored": False}
        return values if file.unknown_from else {**values, "set_aside": True}

    def _rows_at(self, calendar, hrefs):
        """{href: (id, origin)} of the remote events of a calendar that are known."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT row.href, row.id, row.origin
                  FROM unnest(%s::text[]) AS asked(href)
                  JOIN icloud_event row
                    ON md5(row.href) = md5(asked.href) AND row.calendar_id = %s
                """,
                [href for href in hrefs if storable(href) == href],
                calendar.id,
            )
        )
        return {href: (row_id, origin) for href, row_id, origin in rows}

    def _write_rows(self, calendar, said):
        """The remote event of each file, as is said of it.

        :param said: [(file, columns)]
        """
        remote = self.env["icloud.event"]
        places = self._rows_at(calendar, [file.href for file, _values in said])
        known = remote.browse([row_id for row_id, _origin in places.values()])
        rows = dict(zip(places, known, strict=True))
        self._update_rows(
            [(rows[file.href], file, values) for file, values in said if file.href in rows]
        )
        missing = [(file, values) for file, values in said if file.href not in rows]
        created = self._create_rows(calendar, missing)
        rows.update(zip((file.href for file, _values in missing), created, strict=True))
        return [rows[file.href] for file, _values in said]

    def _update_rows(self, said):
        """Write what differs, equal values together.

        :param said: [(remote event, file, columns)]
        """
        together, versions = {}, {}
        for row, file, values in said:
            if file.problem and file.problem != row.problem:
                self._tell_of(row.calendar_id, file.href, file.problem)
            different = {
                name: value for name, value in values.items() if (row[name] or False) != value
            }
            if different:
                together.setdefault(repr(different), (different, []))[1].append(row.id)
            if (row.etag or "") != file.etag:
                versions[row.outcome_id] = file.etag
        for values, ids in together.values():
            self.env["icloud.event"].browse(ids).write(values)
        for outcome, etag in versions.items():
            outcome.etag = etag

    def _create_rows(self, calendar, said):
        """:param said: [(file, columns)] of files that were not known"""
        for file, values in said:
            if values["problem"]:
                self._tell_of(calendar, file.href, values["problem"])
        vals_list = [
            {
                "calendar_id": calendar.id,
                "href": file.href,
                "uid": storable(file.reading.uid if file.reading else "") or file.href,
                "origin": "icloud",
                "etag": file.etag,
                **values,
            }
            for file, values in said
        ]
        kinds = {}
        for position, vals in enumerate(vals_list):
            kinds.setdefault(frozenset(vals), []).append(position)
        rows = [None] * len(vals_list)
        for names, positions in kinds.items():
            created = self._create_alike(names, [vals_list[each] for each in positions])
            for position, row in zip(positions, created, strict=True):
                rows[position] = row
        return rows

    def _create_alike(self, names, vals_list):
        """:param vals_list: each with the same columns, those of `_SAME_FOR_ALL` with one value"""
        remote, copies = self.env["icloud.event"], self.env["icloud.copies"]
        own = sorted(names - _SAME_FOR_ALL)
        given = {"icloud.event": [*own, "outcome_id"], "icloud.event.outcome": ["etag"]}
        if not copies._may_copy(len(vals_list), given):
            return remote.create(vals_list)
        template, others = remote.create(vals_list[:1]), vals_list[1:]
        self.env.flush_all()
        outcomes = copies._insert(template.outcome_id, {"etag": [vals["etag"] for vals in others]})
        columns = {name: [vals[name] for vals in others] for name in own}
        return template + copies._insert(template, {**columns, "outcome_id": outcomes.ids})

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

    def _set_aside(self, calendar, file, error, window, refused):
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
        set_aside = partial(self._set_one_aside, calendar, window, problem)
        return self.env["calendar.event"].union(
            *self._apart([file], set_aside, partial(self._refuse, calendar, refused))
        )

    def _set_one_aside(self, calendar, window, problem, files):
        values = self._row_values(files[0], window)
        values = {
            **values,
            # Also of what has nothing to come: what it was refused for may pass.
            "next_reading": values["next_reading"] or fields.Datetime.now() + READ_AGAIN,
            "set_aside": True,
            "problem": problem,
        }
        if files[0].reading:
            spans = self.env["calendar.event"]._blocked_minutes(
                files[0].reading.occurrences, calendar._choice(), window
            )
            values["unstored"] = spans or False
        self._write_rows(calendar, [(files[0], values)])
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
