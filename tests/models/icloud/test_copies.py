"""Events that are stored in bulk are, column by column, those that the ORM would have made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.ical.read import read
from odoo.addons.icloud_calendar_sync.sync.news import Found, Window
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time

from tests.models.icloud.import_case import ImportCase

# Tables that the import has nothing to do with, and that others may write meanwhile.
ELSEWHERE = {"ir_cron_progress", "ir_cron_trigger"}
# What is different each time by its nature.
RANDOM = {"access_token"}


class TestCopies(ImportCase):
    def setUp(self):
        super().setUp()
        now = datetime.now(UTC)
        self.window = Window(
            now - timedelta(days=31),
            now + timedelta(days=400),
            "Europe/Brussels",
            frozenset({"mara@icloud.com"}),
        )

    # -- files ---------------------------------------------------------------------------------

    def file(self, name, *lines):
        head = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"UID:{name}")
        data = "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()
        window = self.window
        reading = read(data, window.start, window.stop, window.zone, window.addresses)
        href = f"{self.home.href}{name}.ics"
        return Found(href, f'"{name}"', reading, unknown_from=reading.known_until)

    def timed(self, name, day, *lines, hour=10):
        start = f"{self.day(day):%Y%m%d}T{hour:02}"
        zone = "TZID=Europe/Brussels"
        times = (f"DTSTART;{zone}:{start}0000", f"DTEND;{zone}:{start}2000")
        return self.file(name, *times, f"SUMMARY:Lesson {name}, “ä”\\; it's", *lines)

    def files(self):
        """Some of each kind: more than are worth copying."""
        for day in range(7, 14):
            date = f"{self.day(day):%Y%m%d}"
            yield self.timed(f"timed{day}", day)
            yield self.timed(f"open{day}", day, "TRANSP:TRANSPARENT", hour=11)
            yield self.timed(f"travel{day}", day, "X-APPLE-TRAVEL-DURATION:PT45M", hour=12)
            yield self.timed(
                f"asked{day}", day, "ATTENDEE;PARTSTAT=DECLINED:mailto:mara@icloud.com", hour=13
            )
            yield self.file(f"day{day}", f"DTSTART;VALUE=DATE:{date}", "SUMMARY:Day")
            yield self.file(
                f"days{day}", f"DTSTART;VALUE=DATE:{date}", "DURATION:P3D", "TRANSP:TRANSPARENT"
            )
            yield self.file(f"free{day}", f"DTSTART;VALUE=DATE:{date}", "TRANSP:TRANSPARENT")
            yield self.file(f"floating{day}", f"DTSTART:{date}T140000", "DURATION:PT20M")
            yield self.file(f"empty{day}", f"DTSTART:{date}T150000Z", "SUMMARY:")
        yield self.timed("series", 3, "RRULE:FREQ=DAILY;COUNT=40", hour=16)
        yield self.timed("ever", 3, "RRULE:FREQ=WEEKLY", hour=17)
        yield self.file("yearly", f"DTSTART;VALUE=DATE:{self.day(9):%Y%m%d}", "RRULE:FREQ=WEEKLY")
        yield self.timed("bent", 8, "RRULE:FREQ=SOMETIMES")
        yield self.timed("long ago", -200)
        yield Found(f"{self.home.href}unread.ics", '"1"', problem="Nobody can read it.")
        yield Found(f"{self.home.href}late.ics", '"2"', unknown_from=self.window.start)

    def store(self, files):
        refused = self.env["icloud.store"]._store_foreign(self.home, list(files), self.window)
        self.assertFalse(refused)
        self.env.flush_all()

    # -- what stands in the database -----------------------------------------------------------

    def tables(self):
        """{table: number of rows} of all that can be written."""
        self.env.cr.execute(
            """
            SELECT relname FROM pg_class
             WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace
            """
        )
        counts = {}
        for (table,) in self.env.cr.fetchall():
            if table not in ELSEWHERE:
                self.env.cr.execute(f'SELECT count(*) FROM "{table}"')
                [(counts[table],)] = self.env.cr.fetchall()
        return counts

    def rows(self):
        """All that is stored of the files, without ids and what is random."""
        events, files = "calendar_event.icloud_origin_id", "calendar_event.id"
        joined = {
            "icloud_event": "TRUE",
            "icloud_event_outcome": "icloud_event_outcome.id = icloud_event.outcome_id",
            "calendar_event": f"{events} = icloud_event.id",
            "calendar_attendee": f"{events} = icloud_event.id"
            f" AND calendar_attendee.event_id = {files}",
            "calendar_event_res_partner_rel": f"{events} = icloud_event.id"
            f" AND calendar_event_res_partner_rel.calendar_event_id = {files}",
        }
        found = {}
        for table, condition in joined.items():
            tables = {"icloud_event", "calendar_event", table}
            if table.startswith("icloud"):
                tables.remove("calendar_event")
            moment = ", calendar_event.icloud_recurrence_id" * ("calendar_event" in tables)
            self.env.cr.execute(
                f"""
                SELECT icloud_event.href{moment}, to_jsonb({table})
                  FROM {", ".join(sorted(tables))}
                 WHERE icloud_event.calendar_id = %s AND {condition}
                """,
                [self.home.id],
            )
            found[table] = {tuple(key): self.plain(row) for *key, row in self.env.cr.fetchall()}
        return found

    @staticmethod
    def plain(row):
        ids = {"id", "outcome_id", "event_id", "calendar_event_id", "icloud_origin_id"}
        return {name: value for name, value in row.items() if name not in ids | RANDOM}

    def each_way(self, *rounds):
        """What is stored in bulk, and by the ORM alone; the numbers of new rows in all tables."""
        ways = []
        for is_bulk in (True, False):
            alike = patch.object(
                self.env.registry["icloud.copies"], "_are_alike", lambda *_args, ok=is_bulk: ok
            )
            with freeze_time(self.window.start), self.env.cr.savepoint() as savepoint:
                before = self.tables()
                with alike:
                    for files in rounds:
                        self.store(files)
                after = self.tables()
                new = {table: after[table] - before[table] for table in after}
                ways.append((self.rows(), new))
                savepoint.rollback()
            self.env.invalidate_all()
        return ways

    def assert_same(self, ways):
        (bulk, bulk_new), (single, single_new) = ways
        self.assertEqual(bulk_new, single_new)
        for table, rows in single.items():
            self.assertEqual(bulk[table].keys(), rows.keys())
            for key, row in rows.items():
                self.assertEqual(bulk[table][key], row, (table, key))

    def copied(self, files):
        """How many rows were copies, of all models."""
        copies = self.env.registry["icloud.copies"]
        insert, counts = copies._insert, {}

        def count(model, template, columns):
            found = insert(model, template, columns)
            counts[found._name] = counts.get(found._name, 0) + len(found)
            return found

        with patch.object(copies, "_insert", count):
            self.store(files)
        return counts

    # ------------------------------------------------------------------------------------------

    def test_new_files_are_stored_in_bulk_as_one_by_one(self):
        files = list(self.files())
        ways = self.each_way(files)
        self.assert_same(ways)
        rows = ways[0][0]
        self.assertEqual(len(rows["icloud_event"]), len(files))
        self.assertGreater(len(rows["calendar_event"]), 150)
        kinds = {(row["allday"], row["show_as"]) for row in rows["calendar_event"].values()}
        self.assertEqual(len(kinds), 4)

    def changed(self):
        """The same files as they are some days later, and some that are gone the other way."""
        for day in range(7, 14):
            date = f"{self.day(day + 1):%Y%m%d}"
            yield self.timed(f"timed{day}", day, hour=9)
            yield self.timed(f"open{day}", day, hour=11)
            yield self.timed(f"travel{day}", day, "X-APPLE-TRAVEL-DURATION:PT15M", hour=12)
            yield self.timed(
                f"asked{day}", day, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:mara@icloud.com", hour=13
            )
            yield self.file(f"day{day}", f"DTSTART;VALUE=DATE:{date}", "SUMMARY:Another")
            yield self.file(f"days{day}", f"DTSTART;VALUE=DATE:{date}", "DURATION:P2D")
            yield self.file(f"floating{day}", f"DTSTART;VALUE=DATE:{date}")
            yield self.file(f"empty{day}", f"DTSTART:{date}T150000Z", "DURATION:PT1H")
        yield self.timed("series", 4, "RRULE:FREQ=DAILY;COUNT=20", hour=16)

    def test_changed_files_are_stored_in_bulk_as_one_by_one(self):
        ways = self.each_way(list(self.files()), list(self.changed()), list(self.changed()))
        self.assert_same(ways)
        attendees = ways[0][0]["calendar_attendee"].items()
        timed = {row["state"] for (_href, moment), row in attendees if "T" in moment}
        self.assertEqual(timed, {"accepted"})  # Nobody is asked anew for what moved on the phone.

    def test_a_hundred_files_take_as_many_questions_as_ten(self):
        def lessons(count, hour):
            return [self.timed(f"timed{n}", 7 + n % 90, hour=hour + n // 90) for n in range(count)]

        asked = []
        for count in (10, 100):
            with self.env.cr.savepoint() as savepoint:
                numbers = []
                for hour in (8, 8, 14):  # new, the same, changed
                    self.env.invalidate_all()
                    before = self.env.cr.sql_log_count
                    self.store(lessons(count, hour))
                    numbers.append(self.env.cr.sql_log_count - before)
                asked.append(numbers)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(len(asked[0]), len(asked[1]))
        for few, many in zip(*asked, strict=True):
            self.assertLess(many, 60)
            self.assertLessEqual(many, few + 2)

    def test_nearly_all_are_copies_and_no_two_have_one_token(self):
        files = list(self.files())
        copied = self.copied(files)
        events = self.imported()
        self.assertGreater(copied["calendar.event"], len(events) - 10)
        self.assertEqual(copied["calendar.attendee"], copied["calendar.event"])
        tokens = events.attendee_ids.mapped("access_token")
        self.assertEqual(len(set(tokens)), len(events))

    def test_what_means_something_to_an_array_is_a_title_like_any_other(self):
        titles = ['{"a",NULL}', "NULL", '\\"', "%s", "\\N", "{}", "'", "a\\"]
        files = [self.timed(f"timed{day}", day) for day in range(7, 7 + len(titles))]
        files = [
            Found(file.href, file.etag, replace(file.reading, occurrences=(titled,)))
            for file, title in zip(files, titles, strict=True)
            for titled in [replace(file.reading.occurrences[0], title=title)]
        ]
        at_once = self.env.registry["icloud.store"]._store_files
        with patch.object(
            self.env.registry["icloud.store"], "_store_files", autospec=True, side_effect=at_once
        ) as stored:
            copied = self.copied(files)
        # What PostgreSQL refuses would be stored all the same, in smaller and smaller parts.
        self.assertEqual(stored.call_count, 1)
        self.assertEqual(copied["calendar.event"], len(titles) - 1)
        self.assertEqual(self.imported().sorted("start").sudo().mapped("icloud_title"), titles)

    def test_where_an_addon_has_a_word_in_it_the_orm_makes_them_all(self):
        events, files = self.env.registry["calendar.event"], list(self.files())
        create = events.create

        def look(model, vals_list):
            return create(model, vals_list)

        with patch.object(events, "create", look):
            copied = self.copied(files)
        self.assertNotIn("calendar.event", copied)
        self.assertIn("icloud.event", copied)

    def test_what_odoo_refuses_is_one_file_of_many(self):
        files = [self.timed(f"timed{day}", day) for day in range(7, 20)]
        odd = files[5].reading.occurrences[0]
        backwards = odd.__class__(
            **{
                **{name: getattr(odd, name) for name in odd.__slots__},
                "stop": odd.start - timedelta(hours=1),
            }
        )
        reading = files[5].reading.__class__("odd", (backwards,), False, ())
        files[5] = Found(files[5].href, files[5].etag, reading)
        with self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR") as logs:
            self.store(files)
        self.assertIn(ValidationError.__name__, logs.output[0])
        self.assertEqual(len(self.imported()), len(files) - 1)
        aside = self.env["icloud.event"].search([("set_aside", "=", True)])
        self.assertEqual(aside.href, files[5].href)

    def test_whoever_lists_the_meetings_of_the_host_finds_the_copies(self):
        meetings = self.mara.partner_id.meeting_ids
        self.store([self.timed(f"timed{day}", day) for day in range(7, 20)])
        self.assertEqual(len(self.mara.partner_id.meeting_ids - meetings), 13)
