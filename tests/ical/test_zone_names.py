"""Names of zones as they are found in the field, and what they say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from icloud_calendar_sync.ical.lines import serialise
from icloud_calendar_sync.ical.read import read
from icloud_calendar_sync.ical.zone_names import named, olson
from icloud_calendar_sync.ical.zones import vtimezone

from .bounded import at_most

WINDOW = (datetime(2026, 10, 19, tzinfo=UTC), datetime(2027, 10, 19, tzinfo=UTC))
WALL = datetime(2026, 12, 2, 15)


def reading(parameter: str, definition: bytes = b""):
    data = (
        b"BEGIN:VCALENDAR\r\n"
        + definition
        + f"BEGIN:VEVENT\r\nUID:x\r\nDTSTART{parameter}:{WALL:%Y%m%dT%H%M%S}\r\n".encode()
        + b"DURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return read(data, *WINDOW, "Asia/Tokyo", frozenset())


def offset(parameter: str, definition: bytes = b"") -> float:
    """Hours that the zone is ahead of UTC on 2 December; 9 where the host's clock stands in."""
    (found,) = reading(parameter, definition).occurrences
    return (WALL.replace(tzinfo=UTC) - found.start) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("GMT+05:30", 5.5),
        ("UTC+03:00", 3),
        ("GMT-0700", -7),
        ("UTC+3", 3),
        ("utc-11", -11),
        ("+05:30", 5.5),
        ("-0330", -3.5),
        ("+14", 14),
        ("(UTC+05:45)", 5.75),
        ("UTC +02:00", 2),
        # A name of the tz database, where the sign is the other way round.
        ("Etc/GMT+5", -5),
        ("Etc/GMT-14", 14),
        ("GMT+0", 0),
        # What Windows shows: the cities say it.
        ("(UTC+01:00) Amsterdam, Berlin", 1),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 1),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", 0),
        ("(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", 0),
        ("(UTC-06:00) Guadalajara, Mexico City, Monterrey", -6),
        ("(UTC+10:00) Canberra, Melbourne, Sydney", 11),
        ("(UTC-05:00) Eastern Time (US & Canada)", -5),
        ("(UTC-04:00) Atlantic Time (Canada)", -4),
        ("tzone://Microsoft/Utc", 0),
        ("TZONE://MICROSOFT/UTC", 0),
        ("(UTC) Coordinated Universal Time", 0),
        ("Coordinated Universal Time", 0),
        ("utc", 0),
        ("Z", 0),
        ("W. Europe Standard Time", 1),
        ("w. europe standard time", 1),
        ("Pacific Standard Time", -8),
        # Names of Windows that look like offsets, and mean them.
        ("UTC-11", -11),
        ("UTC+12", 12),
        ("europe/berlin", 1),
        ("/vendor.example/2024/America/New_York", -5),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_zone_is_known_by_its_name_with_quotes_or_without(name, hours, quote):
    parameter = f";TZID={quote}{name}{quote}"
    assert offset(parameter) == hours
    assert offset(f"{parameter};VALUE=DATE-TIME") == hours
    found = reading(parameter)
    assert found.problems == ()
    assert not found.floating


@pytest.mark.parametrize(
    "name",
    [
        "GMT+5:3",
        "UTC+25",
        "GMT+05:99",
        "+",
        "UTC+",
        "GMT5",
        "tzone://Microsoft/Custom",
        "localtime",
        # No city that is known, cities that differ, and an offset that is not theirs.
        "(UTC+01:00) Nowhere",
        "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi",
        "(UTC+02:00) Amsterdam, Berlin",
    ],
)
def test_what_says_no_offset_is_unknown_and_named(name):
    found = reading(f';TZID="{name}"')
    assert offset(f';TZID="{name}"') == 9
    assert "is unknown" in found.problems[0]
    assert found.floating


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["UTC", "GMT", "gmt", ""]),
    st.sampled_from("+-"),
    st.integers(0, 14),
    st.sampled_from([None, 0, 15, 30, 45]),
    st.booleans(),
)
def test_any_offset_is_read_as_people_write_it(prefix, sign, hour, minute, colon):
    minutes = "" if minute is None else f"{':' if colon else ''}{minute:02}"
    name = f"{prefix}{sign}{hour:02}{minutes}"
    expected = (hour + (minute or 0) / 60) * (-1 if sign == "-" else 1)
    zone = olson(name) or named(name)
    assert WALL.replace(tzinfo=zone).utcoffset() == timedelta(hours=expected)


@pytest.mark.parametrize("name", sorted(WINDOWS_TO_OLSON))
def test_every_name_that_windows_has_is_a_zone(name):
    assert named(name).utcoffset(WALL) == ZoneInfo(WINDOWS_TO_OLSON[name]).utcoffset(WALL)


def definition(name: str) -> bytes:
    data = serialise(vtimezone("Asia/Kolkata", 2026, 2027))
    return data.replace(b"TZID:Asia/Kolkata", f"TZID:{name}".encode())


@pytest.mark.parametrize(
    ("written", "parameter"),
    [
        ("Chennai\\, Kolkata", ';TZID="Chennai, Kolkata"'),
        ("Chennai\\, Kolkata", ";TZID=Chennai, Kolkata"),
        ("Chennai\\, Kolkata", ';TZID="Chennai\\, Kolkata"'),
        ("Chennai, Kolkata", ';TZID="Chennai, Kolkata"'),
        ("(UTC+05:30) Chennai\\; Kolkata", ';TZID="(UTC+05:30) Chennai; Kolkata"'),
        ("At 5:30", ";TZID=At 5:30"),
        ("tzone://Microsoft/Custom", ";TZID=tzone://Microsoft/Custom"),
        # What the file says of a name is more than the name says itself.
        ("UTC+03:00", ";TZID=UTC+03:00"),
        ('Who says "here"', ";TZID=Who says ^'here^'"),
    ],
)
def test_a_definition_is_found_however_its_name_is_written(written, parameter):
    found = reading(parameter, definition(written))
    assert found.problems == ()
    assert offset(parameter, definition(written)) == 5.5


letters = st.text("abcXYZ019 ,:.+-()/_&'", min_size=1, max_size=25).map(str.strip).filter(bool)


@settings(max_examples=200, deadline=None)
@given(letters, st.sampled_from(['"', ""]))
def test_any_name_that_the_file_defines_is_found(name, quote):
    """With a colon or a comma in it, escaped or not, quoted or not."""
    name = f"x{name}"
    escaped = name.replace(",", "\\,")
    assert offset(f";TZID={quote}{name}{quote}", definition(escaped)) == 5.5
    assert offset(f";TZID={quote}{name}{quote};X=1", definition(name)) == 5.5


def test_a_file_of_many_zones_stays_cheap_and_the_rest_is_named():
    definitions = b"".join(definition(f"Z{number}") for number in range(1_500))
    dates = "".join(f"RDATE;TZID=Z{number}:20261203T100000\r\n" for number in range(1_500))
    data = (
        b"BEGIN:VCALENDAR\r\n" + definitions + b"BEGIN:VEVENT\r\nUID:x\r\n"
        b"DTSTART:20261202T100000Z\r\n" + dates.encode() + b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    with at_most(1_000_000):
        found = read(data, *WINDOW, "Asia/Tokyo", frozenset())
    assert found.floating
    assert found.problems
