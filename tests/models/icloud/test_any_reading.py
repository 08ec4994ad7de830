"""Arbitrary readings through the real store: whatever they hold, nothing else is lost."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from odoo.addons.icloud_calendar_sync.ical.events import Occurrence
from odoo.addons.icloud_calendar_sync.ical.read import Reading
from odoo.addons.icloud_calendar_sync.models.calendar.event.blocking import marks_of
from odoo.addons.icloud_calendar_sync.models.planning.busy_time import busy_rows, people_of
from odoo.addons.icloud_calendar_sync.scheduling.blocking import judge
from odoo.addons.icloud_calendar_sync.sync.news import CalendarNews, Found, Window

from tests.models.icloud.import_case import ImportCase

# Mostly what a file may really hold, with a NUL and other oddities among it.
texts = st.text(max_size=300) | st.text(st.sampled_from("ab\0'\\%\u202e😀"), max_size=3000)
moments = st.datetimes(datetime(1901, 1, 1), datetime(4900, 1, 1), timezones=st.just(UTC))
near = st.integers(-50_000, 500_000).map(
    lambda minutes: datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=minutes)
)


@st.composite
def occurrences(draw):
    all_day = draw(st.booleans())
    start, length = draw(near | moments), timedelta(minutes=draw(st.integers(-10, 20_000)))
    day, days = start.date(), draw(st.integers(0, 400))
    if all_day:
        start, length = datetime.combine(day, time(), UTC), timedelta(days=days + 1)
    return Occurrence(
        original_start=draw(st.sampled_from(["20261203", "20261203T120000Z"]) | texts),
        start=start,
        stop=start + length,
        all_day=all_day,
        first_day=day if all_day else None,
        last_day=day + timedelta(days=days) if all_day else None,
        title=draw(texts),
        busy=draw(st.booleans()),
        travel=draw(st.integers(0, 3000) | st.just(2**40)),
        marked_free=draw(st.booleans()),
        unanswered=draw(st.booleans()),
        declined=draw(st.booleans()),
    )


readings = st.builds(
    Reading,
    uid=texts,
    occurrences=st.lists(occurrences(), max_size=4).map(tuple),
    more_after=st.booleans(),
    problems=st.lists(texts, max_size=2).map(tuple),
    recurring=st.booleans(),
    known_until=st.none() | near | moments,
    floating=st.booleans(),
)
names = st.text(max_size=40).map(lambda text: text.replace("/", "")) | st.just("ä" * 3000)


class TestAnyReading(ImportCase):
    def setUp(self):
        super().setUp()
        now = datetime.now(UTC)
        span = timedelta(days=31), timedelta(days=400)
        self.window = Window(now - span[0], now + span[1], "Europe/Brussels", frozenset())

    def store(self, found):
        news = CalendarNews(self.home.id, tuple(found), listed_token="1", sync_token="1")
        values, refused = self.env["icloud.store"]._store_calendar(
            self.home, news, self.window, {self.home.id}
        )
        self.home.write(values)
        return refused

    def found(self, name, reading):
        return Found(f"{self.home.href}{name}.ics", '"1"', reading=reading)

    def plain(self):
        start = self.aware(15).astimezone(UTC)
        only = Occurrence(
            "20261203T140000Z", start, start + timedelta(hours=1), False, None, None, "Run", True
        )
        return Reading("school-run", (only,), False, ())

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(st.tuples(names, readings), max_size=3, unique_by=lambda file: file[0]))
    @example([("nul", Reading("\0", (), False, ("\0",)))])
    @example([("\0", Reading("uid", (), False, ()))])
    def test_whatever_a_file_says_the_others_arrive_and_its_time_blocks(self, files):
        found = [self.found(name, reading) for name, reading in files]
        with self.env.cr.savepoint() as savepoint:
            refused = self.store([*found, self.found("school run, plain", self.plain())])
            self.assertIn(self.at(15), self.imported().mapped("start"))
            # What can neither be stored nor set aside has its calendar count as not read.
            self.assertEqual(bool(refused), not self.home.last_import)
            if not refused:
                for _name, reading in files:
                    self.check_blocks(reading)
            savepoint.rollback()
        self.env.invalidate_all()

    def check_blocks(self, reading):
        first = datetime.now(UTC)
        last = min(first + timedelta(days=365), reading.known_until or self.window.stop)
        for one in reading.occurrences:
            start, stop = max(one.start, first), min(one.stop, last)
            if one.all_day:
                noon = datetime.combine(one.first_day, time(12), UTC)
                start, stop = noon, noon + timedelta(minutes=1)
            if judge(marks_of(one), self.home._choice()).blocks and first < start < stop < last:
                naive = [moment.replace(tzinfo=None) for moment in (start, stop)]
                self.assertTrue(busy_rows(self.env, people_of(self.mara), [], *naive, []), one)
