from datetime import UTC, datetime, time, timedelta

from icalendar import Calendar
from odoo.exceptions import UserError

from tests.models.common import BRUSSELS, ICloudCase


class TestSeries(ICloudCase):
    """A weekly series around the next change of Brussels' clocks, its second date on that day."""

    def setUp(self):
        super().setUp()
        self.type.horizon_days = 365
        self.first = _next_change_of_clocks() - timedelta(weeks=1)

    def local(self, weeks=0, hour=10):
        return datetime.combine(self.first + timedelta(weeks=weeks), time(hour), BRUSSELS)

    def utc(self, weeks=0, hour=10):
        return self.local(weeks, hour).astimezone(UTC).replace(tzinfo=None)

    def book_series(self, count=3, **options):
        customer = {"name": "Anna Berg", "email": "anna@example.com"}
        options = {"user_id": self.mara.id, **options}
        return self.type.book_series(self.local().isoformat(), customer, count, **options)

    def on_phone(self):
        """{UID: start on the phone's clock} of Mara's events; each stands for itself."""
        events = [
            event
            for data in self.in_icloud(self.mara)
            for event in Calendar.from_ical(data).walk("VEVENT")
        ]
        for event in events:
            self.assertFalse({"RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"} & event.keys())
        return {str(event["UID"]): event["DTSTART"].dt for event in events}

    def test_every_date_keeps_its_hour_on_the_clock_and_is_an_event_of_its_own(self):
        self.connect(self.mara)
        self.run_import()
        bookings = self.book_series()
        self.assertEqual(bookings.mapped("start"), [self.utc(week) for week in range(3)])
        self.assertNotEqual(self.local(0).utcoffset(), self.local(2).utcoffset())
        self.assertEqual(bookings.series_id, bookings[0])
        self.push()
        self.assertEqual(sorted(self.on_phone().values()), [self.local(week) for week in range(3)])

    def test_one_date_moves_and_one_is_cancelled_and_the_phone_shows_just_that(self):
        self.connect(self.mara)
        self.run_import()
        before, on_the_day, after = self.book_series()
        self.push()
        uid_before, uid_after = (
            each.event_id.sudo().icloud_event_ids.uid for each in (before, after)
        )
        # The day itself, moved by an hour of its clock, and then the first one given up.
        on_the_day.reschedule(self.local(1, 14).isoformat())
        before.action_cancel()
        self.push()
        phone = self.on_phone()
        self.assertEqual(sorted(phone.values()), [self.local(1, 14), self.local(2)])
        self.assertNotIn(uid_before, phone)
        self.assertEqual(phone[uid_after], self.local(2))
        self.cloud.clear_requests()
        self.push()
        self.assertFalse(self.cloud.requests(), "nothing is left to say")

    def test_what_the_phone_added_to_one_date_stays_with_that_date(self):
        self.connect(self.mara)
        self.run_import()
        bookings = self.book_series()
        self.push()
        copy = bookings[1].event_id.sudo().icloud_event_ids
        stored = self.cloud.events("mara@icloud.com", "home")[copy.href]
        alarm = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT"
        changed = stored.replace(b"END:VEVENT", alarm)
        self.cloud.put_event("mara@icloud.com", "home", changed, href=copy.href)
        bookings[1].reschedule(self.local(1, 14).isoformat())
        bookings[2].reschedule(self.local(2, 14).isoformat())
        self.push()
        events = self.cloud.events("mara@icloud.com", "home")
        with_alarm = [href for href, data in events.items() if b"VALARM" in data]
        self.assertEqual(with_alarm, [copy.href])

    def test_all_dates_or_none(self):
        self.type.book(
            self.local(1).isoformat(),
            {"name": "Ben", "email": "ben@example.com"},
            user_id=self.mara.id,
        )
        with self.assertRaisesRegex(UserError, "(?s)Nothing was booked.*free nearby"):
            self.book_series()
        self.assertEqual(self.type.booking_ids.mapped("customer_name"), ["Ben"])

    def test_any_host_of_a_round_robin_may_come_where_the_other_is_taken(self):
        busy = self.type.book(
            self.local(1).isoformat(), {"name": "Ben", "email": "ben@example.com"}
        )
        bookings = self.book_series(user_id=None)
        self.assertEqual(len(bookings), 3)
        self.assertNotEqual(bookings[1].user_id, busy.user_id)

    def test_odd_numbers_are_refused(self):
        for options in (
            {"count": 1},
            {"count": 0},
            {"count": 53},
            {"count": True},
            {"count": "3"},
            {"weeks": 0},
            {"weeks": 9},
            {"weeks": 1.5},
        ):
            with self.subTest(options), self.assertRaises(UserError):
                self.book_series(**options)
        self.assertFalse(self.type.booking_ids)


def _next_change_of_clocks():
    """The next day, two weeks from now at the earliest, on which Brussels' clocks change."""
    day = datetime.now(BRUSSELS).date() + timedelta(days=15)
    while _offset(day) == _offset(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _offset(day):
    return datetime.combine(day, time(), BRUSSELS).utcoffset()
