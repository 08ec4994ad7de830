"""What depends on the host: the addresses that are the host's, and the clock the host lives by."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.read import read

from .test_read import DATES, WINDOW, event, only, reading


@pytest.mark.parametrize(
    "guest",
    [
        "mailto:host%40example.com",
        "MAILTO:Host@Example.COM",
        "mailto:%68ost@example.com",
        "mailto: host@example.com ",
        "mailto:host@example.com?subject=x",
        "host@example.com",
    ],
)
def test_the_host_is_known_however_the_address_is_written(guest):
    assert not only(event(*DATES, f"ATTENDEE;PARTSTAT=DECLINED:{guest}")).busy


@pytest.mark.parametrize(
    "guest",
    ["mailto:h%2540example.com", "http://host%40example.com", "mailto:other@example.com", "%"],
)
def test_who_is_not_the_host_does_not_free_the_time(guest):
    assert only(event(*DATES, f"ATTENDEE;PARTSTAT=DECLINED:{guest}")).busy


@settings(max_examples=100, deadline=None)
@given(
    st.text("abz019.!#$&'*+/=?^_`{|}~-é", min_size=1, max_size=12),
    st.sampled_from(["example.com", "exämple.com", "xn--exmple-cua.com"]),
    st.sampled_from(["mailto", "MAILTO", "Mailto"]),
    st.booleans(),
)
def test_any_address_is_compared_decoded(local, domain, scheme, all_quoted):
    address = f"{local}@{domain}".lower()
    quoted = "".join(f"%{byte:02X}" for byte in address.encode()) if all_quoted else quote(address)
    data = event(*DATES, f"ATTENDEE;PARTSTAT=DECLINED:{scheme}:{quoted}")
    found = read(data, *WINDOW, "Europe/Brussels", frozenset({address}))
    assert not found.occurrences[0].busy


FLOATING = {
    "a day": ["DTSTART;VALUE=DATE:20261025"],
    "a time without a zone": ["DTSTART:20261025T100000", "DURATION:PT1H"],
    "an unknown zone": ["DTSTART;TZID=Mars/Olympus:20261025T100000", "DURATION:PT1H"],
    "an unreadable end": ["DTSTART:20261025T100000Z", "DTEND:soon"],
    "days of a series": [
        "DTSTART;VALUE=DATE:20261025",
        "RRULE:FREQ=DAILY",
        "EXDATE:20261026T230000Z",
    ],
    "an end in an unknown zone": ["DTSTART:20261025T100000Z", "DTEND;TZID=Mars:20261025T200000"],
    "one date in an unknown zone": [*DATES, "RDATE;TZID=Mars:20261026T080000"],
}
FIXED = {
    "UTC": list(DATES),
    "a zone": ["DTSTART;TZID=Asia/Tokyo:20261025T100000", "DTEND:20261025T110000"],
    "an offset": ["DTSTART;TZID=GMT+05:30:20261025T100000", "DURATION:PT1H"],
    "a day taken out": [*DATES, "RRULE:FREQ=DAILY;COUNT=9", "EXDATE;VALUE=DATE:20261021"],
    "a day added": [*DATES, "RDATE;VALUE=DATE:20261025"],
}


@pytest.mark.parametrize("name", FLOATING)
def test_what_goes_with_the_host_says_so(name):
    data = event(*FLOATING[name])
    assert reading(data).floating
    assert reading(data).occurrences != reading(data, "America/New_York").occurrences


@pytest.mark.parametrize("name", FIXED)
def test_what_is_the_same_moment_everywhere_says_so(name):
    data = event(*FIXED[name])
    assert not reading(data).floating
    assert reading(data) == reading(data, "America/New_York")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Europe/Brussels", "America/New_York", "Asia/Tokyo", "Pacific/Apia"]),
    st.sampled_from(["UTC", "Asia/Kolkata", "America/Los_Angeles"]),
    st.integers(0, 9),
    st.integers(0, 1439),
    st.sampled_from(["EXDATE", "RECURRENCE-ID"]),
)
def test_a_time_beside_an_all_day_series_means_the_hosts_day(host, other, day, minute, name):
    """Any moment of the host's day, written on any clock."""
    first = datetime(2026, 10, 21)
    moment = (first + timedelta(days=day, minutes=minute)).replace(tzinfo=ZoneInfo(host))
    written = f"{name};TZID={other}:{moment.astimezone(ZoneInfo(other)):%Y%m%dT%H%M%S}"
    series = ["DTSTART;VALUE=DATE:20261021", "RRULE:FREQ=DAILY;COUNT=10"]
    if name == "EXDATE":
        data = event(*series, written)
    else:
        change = [
            "BEGIN:VEVENT",
            "UID:x",
            "DTSTART;VALUE=DATE:20261021",
            "STATUS:CANCELLED",
            written,
        ]
        ending = "\n".join([*change, "END:VEVENT", "END:VCALENDAR"]).encode()
        data = event(*series).replace(b"END:VCALENDAR", ending)
    days = {one.first_day.day for one in reading(data, host).occurrences}
    assert days == set(range(21, 31)) - {21 + day}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 25), min_size=1, max_size=8, unique=True), st.booleans())
def test_a_day_beside_a_timed_series_means_its_time_on_that_day(days, taken_out):
    dates = ",".join(f"202611{day:02}" for day in days)
    start = ["DTSTART;TZID=Europe/Berlin:20261020T190000", "DURATION:PT90M"]
    name = "EXDATE" if taken_out else "RDATE"
    every = ["RRULE:FREQ=DAILY;UNTIL=20261125"] if taken_out else []
    found = reading(event(*start, *every, f"{name};VALUE=DATE:{dates}"), "America/New_York")
    november = {one.start for one in found.occurrences if one.start.month == 11}
    expected = set(range(1, 26)) - set(days) if taken_out else set(days)
    assert november == {datetime(2026, 11, day, 18, tzinfo=UTC) for day in expected}
    assert found.problems == ()
