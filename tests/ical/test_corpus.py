"""Files as iCloud gives them, and what a host would say about each.

One window for all: 19 October to 15 November 2026 on the host's clock in Brussels, which holds the
night of 25 October, when the clock goes back.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from icloud_calendar_sync.ical.read import Occurrence, Reading, read

CORPUS = Path(__file__).parent / "corpus"
WINDOW = (datetime(2026, 10, 18, 22, tzinfo=UTC), datetime(2026, 11, 15, 23, tzinfo=UTC))

# File: each occurrence as "identity start..stop (UTC) busy|free [first..last day] title [travel]".
EXPECTED = {
    "accepted_invitation": ["20261028T150000Z 28T15:00..28T16:00 busy Planning"],
    "all_day_series": [
        "20261023 22T22:00..24T22:00 busy 23..24 Weekend with the children",
        "20261106 06T23:00..07T23:00 busy 07..07 Only Saturday",
        "20261113 12T23:00..14T23:00 busy 13..14 Weekend with the children",
    ],
    "autumn_break": ["20261026 25T23:00..28T23:00 busy 26..28 Herfstvakantie 🍂"],
    "birthdays": ["20261101 31T23:00..01T23:00 free 01..01 Oma Jeanne's birthday"],
    "book_club_until_a_date": [
        "20261110T190000Z 10T19:00..10T21:00 busy Book club, second Tuesday"
    ],
    "broken_rule": ["20261020T080000Z 20T08:00..20T09:00 busy Pottery"],
    "called_off": [],
    "declined_invitation": ["20261028T140000Z 28T14:00..28T15:00 free Budget round"],
    "dentist_with_travel_time": ["20261027T091500Z 27T09:15..27T10:00 busy Dentist +25"],
    "empty_shell": [],
    # Nobody knows when it ends: the rest of the host's day.
    "end_before_start": ["20261020T080000Z 20T08:00..20T22:00 busy Typo"],
    "expanded_by_server": [
        "20261019T160000Z 19T16:00..19T17:30 busy Choir",
        "20261026T170000Z 26T17:30..26T19:00 busy Choir",
    ],
    # Excluded: the 20th as a day, the 21st in UTC, the 22nd on the clock of New York.
    "extra_dates": [
        "20261019T070000Z 19T07:00..19T08:00 busy Rehearsal",
        "20261023T070000Z 23T07:00..23T08:00 busy Rehearsal",
        "20261024T070000Z 24T07:00..24T08:00 busy Rehearsal",
        "20261030T080000Z 30T08:00..30T11:00 busy Rehearsal",
        "20261031T080000Z 31T08:00..31T08:30 busy Rehearsal",
        "20261101T140000Z 01T14:00..01T15:00 busy Rehearsal",
    ],
    "flight": ["20261102T091500Z 02T09:15..02T17:40 busy Flight to New York"],
    "gmt_offset_zone": ["20261030T043000Z 30T04:30..30T05:00 busy Call with Pune"],
    # Seven in the morning on the host's clock, before and after it goes back.
    "gym_floating": [
        "20261023T050000Z 23T05:00..23T06:00 busy Gym",
        "20261025T060000Z 25T06:00..25T07:00 busy Gym",
        "20261027T060000Z 27T06:00..27T07:00 busy Gym",
    ],
    "later_from_now_on": [
        "20261019T080000Z 19T08:00..19T09:00 busy Physio",
        "20261026T090000Z 27T11:30..27T12:00 busy Physio at noon",
        "20261102T090000Z 03T11:30..03T12:00 busy Physio at noon",
        "20261109T090000Z 10T11:30..10T12:00 busy Physio at noon",
    ],
    "lunch_marked_free": [
        "20261019T100000Z 19T10:00..19T11:00 free Lunch",
        "20261026T110000Z 26T11:00..26T12:00 free Lunch",
    ],
    "moved_across_the_window": ["20261005T120000Z 20T12:00..20T13:00 busy Board (moved in)"],
    # Eight hours each, also in the night that is an hour longer (RFC 5545 section 3.8.5.3).
    "night_shift": [
        "20261023T200000Z 23T20:00..24T04:00 busy Night shift",
        "20261024T200000Z 24T20:00..25T04:00 busy Night shift",
        "20261025T210000Z 25T21:00..26T05:00 busy Night shift",
    ],
    # A day and an hour on the clock: the second one takes 26 hours of real time.
    "night_watch_nominal": [
        "20261023T100000Z 23T10:00..24T11:00 busy Watch",
        "20261024T100000Z 24T10:00..25T12:00 busy Watch",
    ],
    "no_end": ["20261020T080000Z 20T08:00..20T08:00 free Passport expires"],
    "no_end_all_day": ["20261025 24T22:00..25T23:00 busy 25..25 Clocks go back"],
    "orphan_override": [
        "20261103T100000Z 04T10:00..04T11:00 busy Only this one was shared with me"
    ],
    "outlook_windows_zone": ["20261026T080000Z 26T08:00..26T09:00 busy Stand-up"],
    "reminder": [],
    # The 2nd and 3rd are excluded, the 5th is cancelled, the 20th was moved to the 21st.
    "school_run": [
        "20261019T061500Z 19T06:15..19T06:45 busy School run",
        "20261020T061500Z 21T07:00..21T07:30 busy School run (late start)",
        "20261022T061500Z 22T06:15..22T06:45 busy School run",
        "20261026T071500Z 26T07:15..26T07:45 busy School run",
        "20261027T071500Z 27T07:15..27T07:45 busy School run",
        "20261029T071500Z 29T07:15..29T07:45 busy School run",
        "20261109T071500Z 09T07:15..09T07:45 busy School run",
        "20261110T071500Z 10T07:15..10T07:45 busy School run",
        "20261112T071500Z 12T07:15..12T07:45 busy School run",
    ],
    "two_events_in_one": ["20261020T080000Z 20T08:00..20T09:00 busy First"],
    "unknown_zone": ["20261030T090000Z 30T09:00..30T10:00 busy Landing"],
    "untitled": ["20261020T080000Z 20T08:00..20T09:00 busy"],
    "vendor_prefixed_zone": ["20261030T140000Z 30T14:00..30T15:00 busy New York call"],
    "zone_of_the_file": [
        "20261023T050000Z 23T05:00..23T06:00 busy Remote desk",
        "20261024T050000Z 24T05:00..24T06:00 busy Remote desk",
        "20261025T060000Z 25T06:00..25T07:00 busy Remote desk",
        "20261026T060000Z 26T06:00..26T07:00 busy Remote desk",
    ],
}
PROBLEMS = {
    "broken_rule": ("A recurrence rule does not say how often it repeats.",),
    "end_before_start": ("The event ends before it starts.",),
    "two_events_in_one": ("The file holds several events: only the first was read.",),
    "unknown_zone": ("The time zone Mars/Olympus is unknown: the host's is used.",),
}
GO_ON_AFTER_THE_WINDOW = {"birthdays", "moved_across_the_window"}


def read_file(name: str, line_break: bytes = b"\n") -> Reading:
    data = (CORPUS / f"{name}.ics").read_bytes().replace(b"\n", line_break)
    return read(data, *WINDOW, "Europe/Brussels", frozenset({"host@example.com"}))


def described(one: Occurrence) -> str:
    parts = [one.original_start, f"{one.start:%dT%H:%M}..{one.stop:%dT%H:%M}"]
    parts.append("busy" if one.busy else "free")
    if one.all_day:
        parts.append(f"{one.first_day:%d}..{one.last_day:%d}")
    parts += [one.title] if one.title else []
    return " ".join([*parts, f"+{one.travel}"] if one.travel else parts)


def test_every_file_has_its_expectation():
    assert {path.stem for path in CORPUS.glob("*.ics")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_occurrences_are_those_that_the_host_sees_on_the_phone(name):
    assert [described(one) for one in read_file(name).occurrences] == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_what_could_not_be_followed_is_named_and_nothing_else_is(name):
    assert read_file(name).problems == PROBLEMS.get(name, ())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_that_goes_on_after_the_window_says_so(name):
    assert read_file(name).more_after == (name in GO_ON_AFTER_THE_WINDOW)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_kind_of_line_break_does_not_matter(name):
    assert read_file(name, b"\r\n") == read_file(name)


def test_only_what_repeats_is_called_recurring():
    assert read_file("school_run").recurring
    assert read_file("orphan_override").recurring
    assert not read_file("flight").recurring
