"""Ends and durations: read for what they plainly say; what cannot be read makes nothing free."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .test_read import DATES, event, only, reading

UNREADABLE_ENDS = [
    ("DTEND:soon", "The time in DTEND cannot be read."),
    ("DTEND:20261020", "The event ends before it starts."),
    ("DTEND:20261020T", "The time in DTEND cannot be read."),
    ("DTEND:20261020T250000Z", "The time in DTEND cannot be read."),
    ('DTEND;X="open:20261020T090000Z', "The property DTEND cannot be read."),
    ("DTEND:20261020T070000Z", "The event ends before it starts."),
    ("DURATION:long", "The duration of the event cannot be read."),
    ("DURATION:", "The duration of the event cannot be read."),
    ("DURATION:P", "The duration of the event cannot be read."),
    ("DURATION:PT", "The duration of the event cannot be read."),
    ("DURATION:20261020", "The duration of the event cannot be read."),
    (f"DURATION:P{'9' * 30}D", "The duration of the event cannot be read."),
    ("DURATION:-PT1H", "The event ends before it starts."),
]


@pytest.mark.parametrize(("end", "sentence"), UNREADABLE_ENDS)
def test_an_end_that_cannot_be_read_blocks_the_rest_of_the_hosts_day_and_is_named(end, sentence):
    found = reading(event(DATES[0], end))
    assert [(one.busy, f"{one.stop:%dT%H:%M}") for one in found.occurrences] == [(True, "20T22:00")]
    assert sentence in found.problems
    assert found.floating


def test_late_in_the_day_an_unreadable_end_blocks_an_hour():
    found = only(event("DTSTART:20261020T214500Z", "DTEND:soon"))
    assert f"{found.stop:%dT%H:%M}" == "20T22:45"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["DTEND", "DURATION"]), st.text(max_size=25))
def test_no_text_in_the_place_of_an_end_makes_an_event_free(name, value):
    value = value.replace("\n", " ").replace("\r", " ")
    found = reading(event(DATES[0], f"{name}:{value}"))
    zero = any(one.start == one.stop for one in found.occurrences)
    # Only who writes an end as plain as the start, or no time at all, may mean no time.
    assert all(one.busy for one in found.occurrences) or (zero and "0" in value)
    assert len(found.occurrences) == 1


def test_times_without_seconds_are_plain_enough():
    found = only(event("DTSTART:20261020T0800Z", "DTEND:20261020T0930Z"))
    assert f"{found.start:%H:%M} {found.stop:%H:%M}" == "08:00 09:30"


@pytest.mark.parametrize("end", ["T030000", "T031500", "T033000"])
def test_an_event_that_begins_in_the_hour_the_clock_jumps_over_still_blocks(end):
    zone = ";TZID=Europe/Brussels:20270328"
    found = only(event(f"DTSTART{zone}T023000", f"DTEND{zone}{end}"))
    assert found.busy
    assert found.stop.hour < 3


def test_a_readable_duration_beside_an_unreadable_end_counts():
    found = reading(event(DATES[0], "DTEND:soon", "DURATION:PT90M"))
    assert f"{found.occurrences[0].stop:%dT%H:%M}" == "20T09:30"
    assert found.problems == ("The time in DTEND cannot be read.",)


@pytest.mark.parametrize(
    ("duration", "stop"),
    [
        ("PT1.5H", "20T09:30"),
        ("PT1,5H", "20T09:30"),
        ("PT0.25H", "20T08:15"),
        ("pt45m", "20T08:45"),
        ("+PT1H", "20T09:00"),
        ("P1W", "27T09:00"),
        ("P1W2D", "29T09:00"),
        ("P1DT", "21T08:00"),
        ("P0.5D", "20T20:00"),
        # Over the night that is an hour longer: real time, and time on the clock.
        ("PT168H", "27T08:00"),
        ("P7D", "27T09:00"),
        ("P7DT1H", "27T10:00"),
        ("PT90S", "20T08:01"),
    ],
)
def test_a_duration_is_read_for_what_it_plainly_says(duration, stop):
    found = only(event("DTSTART;TZID=Europe/Brussels:20261020T100000", f"DURATION:{duration}"))
    assert f"{found.stop:%dT%H:%M}" == stop


@pytest.mark.parametrize("clock", ["DTSTART;TZID=Europe/Brussels", "DTSTART"])
@pytest.mark.parametrize(("duration", "hours"), [("PT24H", 24), ("PT1440M", 24), ("P1D", 25)])
def test_24_hours_are_no_day_where_the_clock_is_put_back(clock, duration, hours):
    first = f"{clock}:20261023T120000", f"DURATION:{duration}", "RRULE:FREQ=DAILY;COUNT=2"
    changed = (
        f"{clock.replace('DTSTART', 'RECURRENCE-ID')}:20261023T120000",
        f"{clock}:20261024T110000",
        f"DURATION:{duration}",
    )
    override = "\n".join(["BEGIN:VEVENT", "UID:x", *changed, "END:VEVENT", "END:VCALENDAR"])
    found = reading(event(*first).replace(b"END:VCALENDAR", override.encode()))
    lengths = [one.stop - one.start for one in found.occurrences]
    assert lengths == [timedelta(hours=hours)] * 2


@pytest.mark.parametrize(
    ("end", "stop"),
    [
        ("DTEND:20261020T240000Z", "21T00:00"),
        ("DTEND;TZID=Europe/Brussels:20261020T240000", "20T22:00"),
        ("DTEND:20261231T240000Z", "01T00:00"),
        ("DTEND:20261020t090000z", "20T09:00"),
        ("DTEND:20261020T095960Z", "20T09:59"),
    ],
)
def test_an_end_is_read_for_what_it_plainly_says(end, stop):
    found = reading(event(DATES[0], end))
    assert f"{found.occurrences[0].stop:%dT%H:%M}" == stop
    assert found.problems == ()


def test_an_all_day_event_with_an_end_in_utc_ends_where_the_host_lives():
    start = "DTSTART;VALUE=DATE:20261207"
    assert only(event(start, "DTEND:20261208T230000Z")).last_day.day == 8
    assert only(event(start, "DTEND:20261208T110000Z")).last_day.day == 8


def test_a_broken_identity_does_not_free_the_time_beside_it():
    data = event(*DATES, "RRULE:FREQ=DAILY;COUNT=2").replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\nUID:x\nRECURRENCE-ID:??\nDTSTART:20261021T120000Z\nDURATION:PT1H\n"
        b"END:VEVENT\nEND:VCALENDAR",
    )
    found = reading(data)
    assert [f"{one.start:%dT%H}" for one in found.occurrences] == ["20T08", "21T08", "21T12"]
    assert found.problems == ("The time in RECURRENCE-ID cannot be read.",)


def test_a_period_whose_end_cannot_be_read_lasts_as_long_as_the_event():
    found = reading(event(*DATES, "RDATE;VALUE=PERIOD:20261022T080000Z/soon"))
    assert [f"{one.start:%dT%H}..{one.stop:%H}" for one in found.occurrences] == [
        "20T08..09",
        "22T08..09",
    ]
    assert found.problems == ("The end of a time in RDATE cannot be read.",)


def test_a_period_without_a_readable_end_of_an_event_without_one_blocks_the_rest_of_the_day():
    found = reading(event(DATES[0], "RDATE;VALUE=PERIOD:20261022T080000Z/soon"))
    assert [(one.busy, f"{one.stop:%dT%H}") for one in found.occurrences] == [
        (False, "20T08"),
        (True, "22T22"),
    ]
