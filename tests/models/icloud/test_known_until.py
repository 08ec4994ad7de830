"""What was not read is not free: beyond it nothing is offered, and the host is told."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.sync import budget
from odoo.exceptions import UserError

from tests.models.common import BRUSSELS
from tests.models.icloud.import_case import ImportCase


class TestKnownUntil(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only_mara = cls.make_type(cls.mara, name="Only Mara", horizon_days=365)

    def series(self, hour=9, count=14):
        start = self.aware(hour, days=5)
        return self.put(
            "Rounds",
            start=start,
            stop=start + timedelta(minutes=30),
            rrule=f"FREQ=DAILY;COUNT={count}",
        )

    def at_most(self, occurrences):
        return patch.object(budget, "MAX_OCCURRENCES_OF_CALENDAR", occurrences)

    def lines(self):
        return self.env["icloud.log"].search([("account_id", "=", self.account.id)])

    # -- more than Odoo takes ------------------------------------------------------------------

    def test_beyond_the_maximum_nothing_is_offered_and_the_owner_is_told(self):
        self.series(9)
        with self.at_most(3):
            self.run_import()
            self.assertEqual(len(self.imported()), 3)
            self.assertNotIn((9, 0), self.starts(self.only_mara))
            self.assertIn((9, 30), self.starts(self.only_mara))
            self.assertFalse(self.starts(self.only_mara, days=9))
            self.assertFalse(self.starts(self.only_mara, days=200))
            said = self.lines()
            self.assertTrue(said)
            self.compare()
            self.assertEqual(self.lines(), said)
        self.compare()
        self.assertFalse(self.home.known_until)
        self.assertTrue(self.starts(self.only_mara, days=9))

    def test_what_there_is_no_room_for_closes_all_times_until_there_is(self):
        first = self.series(9, count=4)
        with self.at_most(4):
            self.run_import()
            self.assertTrue(self.starts(self.only_mara))
            self.put("Late", start=self.aware(12, days=20), stop=self.aware(13, days=20))
            self.run_import()
            self.assertFalse(self.starts(self.only_mara))
            self.assertEqual(len(self.imported()), 4)
            self.assertIn("more occurrences than can be read", self.lines()[0].message)
            self.cloud.delete_event(first)
            self.run_import()
        self.assertTrue(self.starts(self.only_mara))
        self.assertNotIn((12, 0), self.starts(self.only_mara, days=20))

    def test_eight_times_a_day(self):
        start = self.aware(9, days=-180)
        self.put(
            "Rounds",
            start=start,
            duration="PT30M",
            rrule="FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16",
        )
        # In the host's own zone: at the same hour also after the clocks change.
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        stamp = f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        lines = [line for line in data.decode().splitlines() if not line.startswith("DTEND")]
        local = f"DTSTART;TZID=Europe/Brussels:{start:%Y%m%dT%H%M%S}"
        text = "\r\n".join(local if line == stamp else line for line in lines)
        self.cloud.put_event("mara@icloud.com", "home", text.encode(), href=href)
        self.run_import()
        slots = [
            slot
            for days in range(0, 366, 61)
            for slot in self.only_mara.slots(self.iso(0, days=days), self.iso(0, days=days + 61))
        ]
        starts = [datetime.fromisoformat(slot["start"]).astimezone(BRUSSELS) for slot in slots]
        self.assertGreater(max(starts), self.aware(9, days=360))
        self.assertEqual({each.minute for each in starts}, {30})

    def test_listing_taking_and_explaining_agree(self):
        self.series(9)
        with self.at_most(3):
            self.run_import()
        self.assertFalse(self.starts(self.only_mara, days=9))
        with self.assertRaises(UserError):
            self.book(11, days=9, booking_type=self.only_mara)
        [host] = self.only_mara.why_not(self.iso(11, days=9))["hosts"]
        self.assertIn("is not known", host["reasons"][0])

    def test_the_preferences_name_the_file(self):
        href = self.series(9)
        with self.at_most(3):
            self.run_import()
        trouble = self.mara.with_user(self.mara).icloud_trouble
        self.assertIn(href.rpartition("/")[2], trouble)
        self.assertIn("your times are not offered", trouble)
        self.assertFalse(self.mara.with_user(self.jonas).icloud_trouble)

    def test_a_calendar_that_is_not_checked_closes_nothing(self):
        self.home.known_until = self.at(9, days=-1)
        self.run_import()
        self.home.known_until = self.at(9, days=-1)
        self.assertFalse(self.starts(self.only_mara))
        work = self.account.sudo().calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        self.account.with_user(self.mara).primary_calendar_id = work
        self.home.with_user(self.mara).check_conflicts = False
        self.run_import()
        self.assertTrue(self.starts(self.only_mara))

    def test_a_weekly_event_without_an_end_closes_nothing_that_can_be_offered(self):
        start = self.aware(15)
        self.put("Choir", start=start, stop=start + timedelta(hours=1), rrule="FREQ=WEEKLY")
        self.run_import()
        self.assertGreater(self.home.known_until, self.at(9, days=366))
        self.assertTrue(self.starts(self.only_mara, days=363))
        self.assertFalse(self.mara.with_user(self.mara).icloud_trouble)

    def test_a_day_later_it_is_read_again_and_known_for_longer(self):
        start = self.aware(15)
        self.put("Choir", start=start, stop=start + timedelta(hours=1), rrule="FREQ=WEEKLY")
        self.run_import()
        known_until = self.home.known_until
        self.compare()
        self.assertGreater(self.home.known_until, known_until)

    # -- where the host lives ------------------------------------------------------------------

    def test_a_floating_event_follows_its_host_to_another_zone(self):
        day = f"{self.day():%Y%m%d}"
        data = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\nBEGIN:VEVENT\r\nUID:gym\r\n"
            f"DTSTAMP:20261101T000000Z\r\nSUMMARY:Gym\r\nDTSTART:{day}T150000\r\n"
            f"DTEND:{day}T160000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        self.cloud.put_event("mara@icloud.com", "home", data.encode())
        self.run_import()
        self.assertEqual(self.imported().start, self.at(15))
        self.env["icloud.wish"].search([]).unlink()
        self.mara.tz = "America/New_York"
        self.assertEqual(self.env["icloud.wish"].search([]).account_id, self.account)
        self._run("icloud_calendar_sync.cron_import")
        moved = self.aware(15).replace(tzinfo=None)
        offset = moved - self.imported().start
        self.assertIn(offset, (timedelta(hours=-5), timedelta(hours=-4)))

    def test_a_zone_that_stays_the_same_wakes_nobody(self):
        self.run_import()
        self.mara.tz = self.mara.tz
        self.assertFalse(self.env["icloud.wish"].search([("work", "=", "import")]))

    def test_events_with_a_zone_are_not_read_again_when_their_host_moves(self):
        self.put()
        self.run_import()
        self.cloud.clear_requests()
        self.mara.tz = "America/New_York"
        self._run("icloud_calendar_sync.cron_import")
        self.assertEqual([each["method"] for each in self.cloud.requests()], ["PROPFIND"])
        self.assertEqual(self.imported().start, self.aware(15).astimezone(UTC).replace(tzinfo=None))
