"""What comes from outside: odd, broken, huge or hostile data."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.lines import MAX_BYTES, MAX_COMPONENTS
from icloud_calendar_sync.ical.read import Malformed, Reading, read
from icloud_calendar_sync.ical.series import MAX_OCCURRENCES
from icloud_calendar_sync.ical.vevent import MAX_DATES, TITLE_LENGTH

from .bounded import at_most
from .test_corpus import CORPUS

WINDOW = (datetime(2026, 10, 19, tzinfo=UTC), datetime(2028, 10, 19, tzinfo=UTC))


def event(*lines: str) -> bytes:
    text = "\n".join(
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:x", *lines, "END:VEVENT", "END:VCALENDAR"]
    )
    return text.encode()


def reading(data: bytes, zone: str = "Europe/Brussels") -> Reading:
    return read(data, *WINDOW, zone, frozenset({"host@example.com"}))


def only(data: bytes, zone: str = "Europe/Brussels"):
    (occurrence,) = reading(data, zone).occurrences
    return occurrence


DATES = ("DTSTART:20261020T080000Z", "DTEND:20261020T090000Z")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "There is no calendar in the data."),
        (b"<html>Service unavailable</html>", "There is no calendar in the data."),
        (b"BEGIN:VCARD\nEND:VCARD\n", "There is no calendar in the data."),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n", "The event is cut off."),
        (event(*DATES)[:-8], "The parts of the event do not end where they should."),
        (b"END:VCALENDAR\n", "The parts of the event do not end where they should."),
        (event("SUMMARY:No time"), "The event has no start."),
        (event("DTSTART:yesterday"), "The time in DTSTART cannot be read."),
        (event("DTSTART:PT1H"), "The time in DTSTART cannot be read."),
        (event("DTSTART:120000"), "The time in DTSTART cannot be read."),
        (event("DTSTART:20261345T990000Z"), "The time in DTSTART cannot be read."),
        (b"x" * (MAX_BYTES + 1), "The event is larger than 2 MB."),
        (b"BEGIN:A\n" * 11 + b"END:A\n" * 11, "The event has too many parts."),
    ],
)
def test_data_that_cannot_be_used_is_refused_with_one_plain_sentence(data, sentence):
    with pytest.raises(Malformed) as refusal:
        reading(data)
    assert str(refusal.value) == sentence


def test_too_many_parts_are_refused():
    parts = "BEGIN:VALARM\nEND:VALARM\n" * MAX_COMPONENTS
    with pytest.raises(Malformed, match="too many parts"):
        reading(event(*DATES, parts.strip()))


def test_one_broken_override_does_not_hide_the_series():
    data = event(*DATES, "RRULE:FREQ=DAILY;COUNT=3").replace(
        b"END:VCALENDAR", b"BEGIN:VEVENT\nUID:x\nRECURRENCE-ID:??\nEND:VEVENT\nEND:VCALENDAR"
    )
    found = reading(data)
    assert len(found.occurrences) == 3
    assert found.problems == ("The event has no start.",)


def test_a_series_that_cannot_be_read_is_not_taken_for_its_changed_occurrences():
    data = event("DTSTART:soon", "RRULE:FREQ=DAILY").replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\nUID:x\nRECURRENCE-ID:20261021T080000Z\nDTSTART:20261021T090000Z\n"
        b"END:VEVENT\nEND:VCALENDAR",
    )
    with pytest.raises(Malformed, match="The time in DTSTART cannot be read"):
        reading(data)


def test_a_byte_order_mark_and_a_fold_inside_a_character_do_no_harm():
    data = b"\xef\xbb\xbf" + event(*DATES, "SUMMARY:Caf\u00e9").replace(
        b"\xc3\xa9", b"\xc3\r\n \xa9"
    )
    assert only(data).title == "Caf\u00e9"


def test_bytes_that_are_no_text_do_not_stop_the_reading():
    assert only(event(*DATES, "SUMMARY:Caf").replace(b"Caf", b"Caf\xe9!")).title == "Caf\ufffd!"


def test_a_title_is_one_bounded_line_without_control_characters():
    title = 'A\x00\x07 b\\n\\nc\\, \\"d\\" ' + "x" * 9_000
    found = only(event(*DATES, f"SUMMARY:{title}")).title
    assert found.startswith('A b c, "d" xxx')
    assert TITLE_LENGTH - 9 < len(found) <= TITLE_LENGTH


def test_properties_that_cannot_be_read_but_do_not_matter_are_ignored():
    odd = (
        'X-ODD;P="unclosed:value',
        "no colon at all",
        ";;;",
        ":",
        "X-APPLE-STRUCTURED-LOCATION;A=:",
    )
    assert reading(event(*DATES, *odd)).problems == ()


def test_a_title_that_cannot_be_read_is_named_and_the_time_still_blocks():
    found = reading(event(*DATES, 'SUMMARY;X="open:Doctor'))
    assert found.occurrences[0].busy
    assert found.occurrences[0].title == ""
    assert found.problems == ("The property SUMMARY cannot be read.",)


def test_who_accepted_with_one_address_is_busy_whatever_another_answered():
    guests = [
        "ATTENDEE;PARTSTAT=DECLINED:mailto:host@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=host@icloud.com:/123/principal/",
    ]
    addresses = frozenset({"host@example.com", "host@icloud.com"})
    found = read(event(*DATES, *guests), *WINDOW, "Europe/Brussels", addresses)
    assert found.occurrences[0].busy


def test_travel_time_is_told_apart_and_bounded():
    assert only(event(*DATES, "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT1H5M")).travel == 65
    assert only(event(*DATES, "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:P9D")).travel == 1_440
    assert only(event(*DATES, "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:-PT5M")).travel == 0
    assert reading(event(*DATES, "X-APPLE-TRAVEL-DURATION:far")).problems == (
        "The travel time cannot be read.",
    )


def test_an_all_day_event_is_a_day_on_the_clock_of_the_host():
    day = event("DTSTART;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261026")
    assert [f"{at:%dT%H:%M}" for at in (only(day).start, only(day).stop)] == [
        "24T22:00",
        "25T23:00",
    ]
    tokyo = only(day, "Asia/Tokyo")
    assert [f"{at:%dT%H:%M}" for at in (tokyo.start, tokyo.stop)] == ["24T15:00", "25T15:00"]


@pytest.mark.parametrize(
    "end",
    ["DTEND;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261020", "DURATION:PT1H", "DURATION:P1D"],
)
def test_an_all_day_event_lasts_a_day_at_least(end):
    found = only(event("DTSTART;VALUE=DATE:20261025", end))
    assert found.first_day == found.last_day
    assert found.busy


def test_a_day_that_is_written_with_a_time_stays_a_day():
    assert only(event("DTSTART;VALUE=DATE:20261025T000000", "DTEND;VALUE=DATE:20261026")).all_day


def test_an_end_that_is_a_day_means_its_midnight_on_the_clock_of_the_start():
    found = only(event("DTSTART;TZID=Asia/Tokyo:20261025T200000", "DTEND;VALUE=DATE:20261026"))
    assert f"{found.stop:%dT%H:%M}" == "25T15:00"


def test_a_time_in_utc_is_in_utc_whatever_zone_stands_beside_it():
    found = only(event("DTSTART;TZID=Asia/Tokyo:20261020T080000Z", "DURATION:PT1H"))
    assert f"{found.start:%dT%H:%M}" == "20T08:00"


@pytest.mark.parametrize("tzid", ["", "Europe", "../../etc/passwd", "x" * 5_000, "a,b"])
def test_a_zone_name_that_is_none_falls_back_to_the_clock_of_the_host(tzid):
    found = only(event(f"DTSTART;TZID={tzid}:20261020T100000", "DURATION:PT1H"))
    assert f"{found.start:%dT%H:%M}" == "20T08:00"


def test_a_zone_of_one_file_does_not_change_the_times_of_another():
    zone = "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    zone += "TZOFFSETFROM:{0}\nTZOFFSETTO:{0}\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT"
    data = event("DTSTART;TZID=Mine:20261020T100000", "DURATION:PT1H").decode()
    first = data.replace("BEGIN:VEVENT", zone.format("+0900"))
    second = data.replace("BEGIN:VEVENT", zone.format("-0500"))
    assert f"{only(first.encode()).start:%dT%H:%M}" == "20T01:00"
    assert f"{only(second.encode()).start:%dT%H:%M}" == "20T15:00"


def test_more_occurrences_than_the_limit_are_cut_and_named():
    found = reading(event(*DATES, "RRULE:FREQ=HOURLY"))
    assert len(found.occurrences) == MAX_OCCURRENCES
    assert found.occurrences[0].original_start == "20261020T080000Z"
    assert found.more_after
    assert f"Only the first {MAX_OCCURRENCES} occurrences were read." in found.problems


def test_more_dates_than_the_limit_are_cut_and_named():
    values = ",".join(["20261021T080000Z"] * (MAX_DATES + 5))
    found = reading(event(*DATES, f"RDATE:{values}"))
    assert len(found.occurrences) == 2
    assert found.problems == (f"Only the first {MAX_DATES} dates of RDATE were read.",)


def test_dates_that_cannot_be_read_are_named_and_the_others_count():
    found = reading(event(*DATES, "RDATE:20261021T080000Z,never,", "EXDATE:,20261020T080000Z"))
    assert [one.original_start for one in found.occurrences] == ["20261021T080000Z"]
    assert found.problems == ("The time in RDATE cannot be read.",)


def test_a_file_full_of_problems_names_a_few():
    lines = [f"RDATE;TZID=Nowhere/{number}:20261021T080000" for number in range(500)]
    assert len(reading(event(*DATES, *lines)).problems) == 20


NEVER = "RRULE:FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30"
OBSERVANCE = """\
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30
END:STANDARD
"""
HOSTILE = {
    "rules that never match": event("DTSTART:00010101T080000", "DURATION:PT1H", *[NEVER] * 1_000),
    "a daily rule since the year 1": event("DTSTART:00010101T080000Z", "RRULE:FREQ=DAILY"),
    "a rule by the second": event(*DATES, "RRULE:FREQ=SECONDLY"),
    "a repeated event of a thousand years": event(
        DATES[0], "DURATION:P365000D", "RRULE:FREQ=DAILY"
    ),
    "a repeated event until the end of time": event(
        DATES[0], "DTEND:99991231T235959Z", "RRULE:FREQ=DAILY"
    ),
    "a duration of millions of years": event(
        DATES[0], "DURATION:P999999999D", "RRULE:FREQ=DAILY", "RDATE:20261101T080000Z/P999999999D"
    ).replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\nUID:x\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261021T080000Z\n"
        b"DTSTART:20270101T000000Z\nDURATION:P999999999D\nEND:VEVENT\nEND:VCALENDAR",
    ),
    "a move by thousands of years": event(*DATES, "RRULE:FREQ=DAILY").replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\nUID:x\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261021T080000Z\n"
        b"DTSTART:99980101T000000Z\nEND:VEVENT\nEND:VCALENDAR",
    ),
    "a zone of many parts": event("DTSTART;TZID=Q:20261020T080000").replace(
        b"BEGIN:VEVENT",
        f"BEGIN:VTIMEZONE\nTZID:Q\n{OBSERVANCE * 4_000}END:VTIMEZONE\nBEGIN:VEVENT".encode(),
    ),
    "a zone at both ends of time": event("DTSTART;TZID=Q:00010101T000000", "DURATION:PT1H").replace(
        b"BEGIN:VEVENT",
        b"BEGIN:VTIMEZONE\nTZID:Q\nBEGIN:STANDARD\nDTSTART:99991231T235959\nRDATE:00010101T000000\n"
        b"TZOFFSETFROM:-2359\nTZOFFSETTO:+2359\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT",
    ),
    "two megabytes of line breaks": event(*DATES, "\n" * 1_900_000),
    "two megabytes of folds": event(*DATES, "X-A:b" + "\r\n c" * 450_000),
    "two megabytes of one title": event(*DATES, "SUMMARY:" + "\\n;" * 600_000),
    "a crowd of guests": event(*DATES, *["ATTENDEE:mailto:a@example.com"] * 15_000),
    "two megabytes of dates": event(*DATES, "EXDATE:" + "20261020T080000Z," * 110_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_data_takes_more_than_a_bounded_amount_of_work(name):
    with at_most(9_000_000):
        found = reading(HOSTILE[name])
    assert len(found.occurrences) <= MAX_OCCURRENCES


def test_a_repeated_event_longer_than_the_window_blocks_all_of_it():
    found = reading(HOSTILE["a repeated event of a thousand years"])
    assert found.occurrences[0].start == datetime(2026, 10, 20, 8, tzinfo=UTC)
    assert all(one.stop > WINDOW[1] for one in found.occurrences)
    long_ago = reading(event("DTSTART:19900101T000000Z", "DURATION:P40Y", "RRULE:FREQ=DAILY"))
    assert long_ago.problems == ("The duration of the event cannot be read.",)
    since_1990 = event("DTSTART:19900101T000000Z", "DURATION:P15000D", "RRULE:FREQ=DAILY")
    # Too many at once; of none of these days more is known.
    assert reading(since_1990).known_until == WINDOW[0]
    assert len(reading(since_1990).occurrences) == MAX_OCCURRENCES


FILES = [path.read_bytes() for path in sorted(CORPUS.glob("*.ics"))]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(data):
    """Lines are cut out, doubled and garbled: the only way out besides a reading is `Malformed`."""
    lines = data.draw(st.sampled_from(FILES)).split(b"\n")
    for _damage in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        garbled = data.draw(st.binary(max_size=20))
        cut = data.draw(st.integers(0, len(lines[index])))
        lines[index : index + 1] = data.draw(
            st.sampled_from([[], [lines[index]] * 2, [lines[index][:cut] + garbled]])
        ) or [b""]
    with suppress(Malformed):
        found = reading(b"\n".join(lines))
        assert all(one.start <= one.stop for one in found.occurrences)


@pytest.mark.parametrize(
    ("lines", "marks"),
    [
        ((), (False, False, False)),
        (("TRANSP:TRANSPARENT",), (True, False, False)),
        (("ATTENDEE:mailto:host@example.com",), (False, True, False)),
        (("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:host@example.com",), (False, True, False)),
        (("ATTENDEE;PARTSTAT=ACCEPTED:mailto:host@example.com",), (False, False, False)),
        (("ATTENDEE;PARTSTAT=TENTATIVE:mailto:host@example.com",), (False, False, False)),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:host@example.com",), (False, False, True)),
        (("ATTENDEE:mailto:somebody@example.com",), (False, False, False)),
        (
            ("ORGANIZER:mailto:host@example.com", "ATTENDEE:mailto:host@example.com"),
            (False, False, False),
        ),
        (
            ("TRANSP:TRANSPARENT", "ORGANIZER:mailto:a@example.com", "ATTENDEE:host@example.com"),
            (True, True, False),
        ),
    ],
)
def test_the_marks_that_a_hosts_choice_is_about(lines, marks):
    found = only(event("DTSTART:20261203T120000Z", "DTEND:20261203T130000Z", *lines))
    assert (found.marked_free, found.unanswered, found.declined) == marks
