"""The VTIMEZONE that we write, and those that files bring, against the tz database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from icloud_calendar_sync.ical.lines import parse, serialise
from icloud_calendar_sync.ical.zones import Zones, vtimezone

from .bounded import at_most

ZONES = [
    "Europe/Brussels",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Gaza",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Etc/GMT+5",
]
# Both changes of clock of either hemisphere, and Ramadan.
HOURS = [datetime(2025, 9, 20, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 205)]


def defined(tzid: str, first: int = 2025, last: int = 2027, new_name: str = "Of the file"):
    """The zone as somebody sees it who has nothing but our VTIMEZONE."""
    data = serialise(vtimezone(tzid, first, last)).replace(tzid.encode(), new_name.encode())
    return Zones(parse(data), ZoneInfo("UTC"), datetime(2028, 1, 1)).get(new_name)


@pytest.mark.parametrize("tzid", ZONES)
def test_our_definition_gives_the_offsets_of_the_zone(tzid):
    zone, own = ZoneInfo(tzid), defined(tzid)
    for moment in HOURS:
        expected = moment.astimezone(zone)
        assert moment.astimezone(own).replace(tzinfo=None) == expected.replace(tzinfo=None)


@pytest.mark.parametrize("tzid", ZONES)
def test_our_definition_turns_wall_times_into_the_same_moments(tzid):
    """Also for times that the clock jumps over or shows twice."""
    zone, own = ZoneInfo(tzid), defined(tzid)
    for moment in HOURS:
        for minute in (0, 45):
            wall = moment.replace(tzinfo=None, minute=minute)
            assert wall.replace(tzinfo=own).utcoffset() == wall.replace(tzinfo=zone).utcoffset()


@pytest.mark.parametrize("tzid", ZONES)
def test_our_definition_is_understood_the_same_way_by_another_library(tzid):
    zone = icalendar.Timezone.from_ical(serialise(vtimezone(tzid, 2025, 2027)))
    other = zone.to_tz(lookup_tzid=False)
    for moment in HOURS[::3]:
        assert moment.astimezone(other).utcoffset() == moment.astimezone(ZoneInfo(tzid)).utcoffset()


def test_the_day_that_samoa_skipped_is_in_its_definition():
    own = defined("Pacific/Apia", 2011, 2012)
    before, after = (
        datetime(2011, 12, 30, 9, 59, tzinfo=UTC),
        datetime(2011, 12, 30, 10, tzinfo=UTC),
    )
    assert [moment.astimezone(own).day for moment in (before, after)] == [29, 31]


def test_summer_time_begins_on_the_clock_before_the_change():
    text = serialise(vtimezone("Europe/Brussels", 2026, 2026)).decode()
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100" in text
    assert "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200" in text


def test_a_definition_is_small():
    assert len(serialise(vtimezone("Africa/Casablanca", 2025, 2028))) < 2_000


BROKEN = """BEGIN:VTIMEZONE
TZID:Odd
BEGIN:STANDARD
DTSTART:{start}
TZOFFSETFROM:{before}
TZOFFSETTO:{after}
{more}
END:STANDARD
END:VTIMEZONE
"""


def odd_zone(start="19700101T000000", before="+0100", after="+0200", more="TZNAME:Odd", year=2026):
    data = BROKEN.format(start=start, before=before, after=after, more=more).encode()
    zones = Zones(parse(data), ZoneInfo("Asia/Tokyo"), datetime(2030, 1, 1))
    return datetime(year, 6, 1, tzinfo=zones.get("Odd")).utcoffset(), zones.problems


def test_offsets_with_seconds_are_kept():
    assert odd_zone(after="+001730")[0] == timedelta(minutes=17, seconds=30)


def test_a_definition_from_year_one_on_is_followed():
    assert odd_zone(start="00010101T000000") == (timedelta(hours=2), [])


def test_before_its_first_change_a_zone_has_the_offset_it_came_from():
    assert odd_zone(year=1960) == (timedelta(hours=1), [])


def test_a_definition_that_starts_on_a_day_is_followed():
    assert odd_zone(start="19700101") == (timedelta(hours=2), [])


def test_changes_listed_one_by_one_are_followed():
    assert odd_zone(more="RDATE:19800101T000000,19900101T000000") == (timedelta(hours=2), [])


@pytest.mark.parametrize(
    "broken",
    [
        {"before": "+9900"},
        {"after": "soon"},
        {"start": "then"},
        {"start": "PT1H"},
        {"more": "RDATE:19700101T000000/PT1H"},
        {"more": "RRULE:FREQ=YEARLY;INTERVAL=0"},
    ],
)
def test_a_definition_that_cannot_be_read_leaves_the_clock_of_the_host(broken):
    offset, problems = odd_zone(**broken)
    assert offset == timedelta(hours=9)
    assert problems[0] == "A part of a time zone in the file cannot be read."
    assert "unknown" in problems[1]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_clock_changes_by_the_year_or_the_rule_is_not_followed(rule):
    with at_most(5_000):
        assert odd_zone(more=f"RRULE:{rule}") == (timedelta(hours=2), [])
