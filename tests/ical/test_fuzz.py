"""Whatever the bytes: a reading or `Malformed`, in bounded memory, and as promised."""

import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.read import Malformed, read
from icloud_calendar_sync.ical.write import Session, remote_fingerprint, write
from icloud_calendar_sync.sentence import Sentence

from .any_rules import rules, text
from .promises import WINDOW, checked
from .test_read import HOSTILE, event

HERE = Path(__file__).parent
FILES = [path.read_bytes() for path in sorted(HERE.glob("c*/*.ics"))]


def refused(data: bytes) -> Sentence:
    with pytest.raises(Malformed) as refusal:
        read(data, *WINDOW, "Europe/Berlin", frozenset())
    return refusal.value.sentence


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    checked(data)
    checked(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT\nEND:VCALENDAR\n")


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_files_with_bytes_changed_are_read_or_refused(data, draw):
    changed = bytearray(data)
    for _change in range(draw.draw(st.integers(1, 12))):
        start = draw.draw(st.integers(0, len(changed)))
        length = draw.draw(st.integers(0, 6))
        changed[start : start + length] = draw.draw(st.binary(max_size=6))
    checked(bytes(changed))
    with suppress(Malformed):
        remote_fingerprint(bytes(changed), "x")


NAMES = [
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SUMMARY",
    "UID",
    "STATUS",
    "TRANSP",
    "SEQUENCE",
    "ATTENDEE",
    "X-APPLE-TRAVEL-DURATION",
]
PARAMETERS = [
    "",
    ";VALUE=DATE",
    ";VALUE=PERIOD",
    ";TZID=Europe/Berlin",
    ";TZID=GMT+05:30",
    ";TZID=Nowhere",
    ";RANGE=THISANDFUTURE",
    ";RANGE=THISANDFUTURE;TZID=America/New_York",
    ";EMAIL=a@example.com;PARTSTAT=DECLINED",
    ';X="a:b"',
    ';X="',
    ";=",
    ";;",
]
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)) | st.datetimes(
    datetime(2026, 10, 1), datetime(2027, 12, 31)
)
VALUES = (
    moments.map(lambda at: f"{at.year:04}{at:%m%dT%H%M%S}")
    | moments.map(lambda at: f"{at.year:04}{at:%m%dT%H%M%SZ}")
    | moments.map(lambda at: f"{at.year:04}{at:%m%d}")
    | st.sampled_from(["P1D", "-P1D", "PT0S", "P99999999D", "PT1.5H", "P1W2D", "PT36H", "P", ""])
    | rules().map(lambda drawn: text(drawn[0]))
    | st.text(max_size=12)
)


@st.composite
def properties(draw) -> str:
    values = draw(st.lists(VALUES, min_size=1, max_size=3))
    value = draw(st.sampled_from([",", "/", ";"])).join(values).replace("\n", "").replace("\r", "")
    return f"{draw(st.sampled_from(NAMES))}{draw(st.sampled_from(PARAMETERS))}:{value}"


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(properties(), max_size=6), min_size=1, max_size=4), st.booleans())
def test_any_values_of_any_properties_are_read_or_refused(events, sane):
    """Several VEVENTs of one UID, so that masters meet overrides of every kind."""
    start = ["DTSTART:20261020T080000Z", "DTEND:20261020T090000Z"] if sane else []
    blocks = [
        "\n".join(["BEGIN:VEVENT", "UID:x\x00", *start, *own, "END:VEVENT"]) for own in events
    ]
    checked("\n".join(["BEGIN:VCALENDAR", *blocks, "END:VCALENDAR"]).encode())


PARTS_OF_ZONES = ["TZOFFSETFROM", "TZOFFSETTO", "DTSTART", "RRULE", "RDATE"]
offsets = st.sampled_from(["+0100", "-2359", "+2359", "+9999", "+000001", "x", ""])
lines_of_zones = st.sampled_from(PARTS_OF_ZONES).flatmap(
    lambda name: (offsets if "OFFSET" in name else VALUES).map(lambda value: f"{name}:{value}")
)


@settings(max_examples=100, deadline=None)
@given(st.lists(lines_of_zones, max_size=6))
def test_any_definition_of_a_zone_is_read_or_named(lines):
    lines = [line.replace("\n", "").replace("\r", "") for line in lines]
    zone = ["BEGIN:VTIMEZONE", "TZID:Q", "BEGIN:STANDARD", *lines, "END:STANDARD", "END:VTIMEZONE"]
    data = event("DTSTART;TZID=Q:20261102T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    found = checked(data.replace(b"BEGIN:VEVENT", "\n".join([*zone, "BEGIN:VEVENT"]).encode()))
    assert found.occurrences


MEGABYTES = {
    "short lines": b"BEGIN:VCALENDAR\n" + b"A:\n" * 660_000,
    "empty lines": b"BEGIN:VCALENDAR\n" + b"\n" * 1_900_000 + b"END:VCALENDAR\n",
    "parts in parts": b"BEGIN:A\n" * 240_000,
    "parameters": event("DTSTART:20261020T080000Z", "DTEND" + ";A=1" * 480_000 + ":x"),
    "zones": event(*[f"RDATE;TZID=Z{number}:20261020T080000" for number in range(45_000)]),
    "one address": event("DTSTART:20261020T080000Z", "ATTENDEE:mailto:" + "%41" * 600_000),
    **HOSTILE,
}


@pytest.mark.parametrize("name", MEGABYTES)
def test_two_megabytes_take_a_bounded_multiple_of_memory(name):
    tracemalloc.start()
    try:
        checked(MEGABYTES[name])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000


def test_a_refusal_is_a_sentence_that_can_be_said_in_another_language():
    sentence = refused(event("DTSTART:yesterday"))
    assert sentence.template == "The time in %(name)s cannot be read."
    assert sentence.values == {"name": "DTSTART"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_what_is_written_over_any_bytes_can_be_read(data):
    start = datetime(2026, 10, 27, 9, tzinfo=UTC)
    session = Session("x", start, start + timedelta(hours=1), "Europe/Berlin", "T", "D", "L")
    existing = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n" + data + b"\nEND:VEVENT\nEND:VCALENDAR\n"
    found = checked(write(session, existing, now=start))
    assert [one.start for one in found.occurrences] == [start]
