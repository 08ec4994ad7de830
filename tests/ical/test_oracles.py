"""Whole files against two oracles: the slow one, and recurring-ical-events with its dateutil.

All three must agree. Where the library differs, the rule must be one of those in `DEVIATIONS`,
each with the reason why the library is wrong by RFC 5545 section 3.3.10; and then the slow oracle,
which knows nothing but the table of that section, has to be of our opinion.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import event as seen
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.lines import serialise
from icloud_calendar_sync.ical.read import read
from icloud_calendar_sync.ical.zones import vtimezone

from .any_rules import rules, text
from .slow_rules import slow_times

# Two hemispheres, half an hour of summer time, none, and a zone that goes back for Ramadan.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
]


def calendar(rule: dict, start: datetime, tzid: str, definition: bytes = b"") -> bytes:
    rule = dict(rule)
    if "UNTIL" in rule:
        until = datetime.strptime(rule["UNTIL"], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(tzid))
        rule["UNTIL"] = f"{until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    name = "Of the file" if definition else tzid
    return (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
        + definition.replace(tzid.encode(), b"Of the file")
        + f"BEGIN:VEVENT\r\nUID:x\r\nDTSTART;TZID={name}:{start:%Y%m%dT%H%M%S}\r\n"
        f"DURATION:PT1S\r\nRRULE:{text(rule)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    )


def ours(data: bytes, window) -> set[datetime]:
    found = read(data, *window, "Europe/Berlin", frozenset(), most=10**6, steps=10**6)
    assert found.problems == ()
    assert found.known_until is None
    return {one.start for one in found.occurrences}


def slow(rule: dict, start: datetime, tzid: str, window) -> set[datetime]:
    """The start counts as an occurrence even where the rule does not give it."""
    stop = window[1].astimezone(ZoneInfo(tzid)).replace(tzinfo=None) + timedelta(hours=2)
    walls = {start, *slow_times(rule, start, stop)}
    moments = {wall.replace(tzinfo=ZoneInfo(tzid)).astimezone(UTC) for wall in walls}
    return {moment for moment in moments if window[0] <= moment < window[1]}


def library(data: bytes, window) -> set[datetime]:
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(data))
    return {one["DTSTART"].dt.astimezone(UTC) for one in query.between(*window)}


class Deviation(NamedTuple):
    """Why the table is right, which rules it shows in, and one of them with its start."""

    reason: str
    applies: Callable[[dict], bool]
    example: dict
    start: datetime


def numbered(rule: dict) -> set[bool]:
    return {entry[:-2] != "" for entry in rule.get("BYDAY", "").split(",") if entry}


DEVIATIONS = [
    Deviation(
        "Entries of BYDAY are a union. dateutil wants all of them at once.",
        lambda rule: rule["FREQ"] in ("MONTHLY", "YEARLY") and len(numbered(rule)) == 2,
        {"FREQ": "MONTHLY", "BYDAY": "1MO,WE"},
        datetime(2026, 12, 2, 10),
    ),
    Deviation(
        "The set for BYSETPOS is that of its period. dateutil's first begins with the start.",
        lambda rule: "BYSETPOS" in rule,
        {"FREQ": "WEEKLY", "BYDAY": "MO,TU,WE,TH,FR", "BYSETPOS": "1,3"},
        datetime(2026, 12, 2, 10),
    ),
    Deviation(
        "BYWEEKNO without a day means the weekday of the start. dateutil takes all seven days.",
        lambda rule: "BYWEEKNO" in rule and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & rule.keys(),
        {"FREQ": "YEARLY", "BYWEEKNO": "49"},
        datetime(2026, 12, 3, 10),
    ),
    Deviation(
        "A week is one of the year whose number it has. dateutil cuts it at New Year.",
        lambda rule: rule["FREQ"] == "YEARLY" and {"BYWEEKNO", "INTERVAL"} <= rule.keys(),
        {"FREQ": "YEARLY", "INTERVAL": "2", "BYWEEKNO": "1", "BYDAY": "MO,FR"},
        datetime(2024, 1, 1, 10),
    ),
    Deviation(
        "The RFC wants no numbers beside BYWEEKNO, so they do not narrow the week.",
        lambda rule: rule["FREQ"] == "YEARLY" and "BYWEEKNO" in rule and True in numbered(rule),
        {"FREQ": "YEARLY", "BYWEEKNO": "2", "BYDAY": "2MO"},
        datetime(2026, 1, 5, 10),
    ),
]


def deviations(rule: dict) -> list[str]:
    return [deviation.reason for deviation in DEVIATIONS if deviation.applies(rule)]


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.reason)
def test_the_library_deviates_and_the_table_says_so(deviation):
    """When this fails for a new version, the library has learned: take the deviation out."""
    rule, start = deviation.example, deviation.start
    window = start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + timedelta(days=1600)
    data = calendar(rule, start, "Europe/Berlin")
    assert ours(data, window) == slow(rule, start, "Europe/Berlin", window)
    assert library(data, window) != ours(data, window)
    assert deviation.applies(rule)


@settings(max_examples=120, deadline=None)
@given(rules(), st.sampled_from(ZONES), st.booleans())
def test_a_whole_file_gives_the_times_of_the_table_in_any_zone(drawn, tzid, defined):
    rule, start, stop = drawn
    definition = serialise(vtimezone(tzid, 2023, 2036)) if defined else b""
    window = start.replace(tzinfo=UTC), stop.replace(tzinfo=UTC)
    data = calendar(rule, start, tzid, definition)
    assert ours(data, window) == slow(rule, start, tzid, window)


# By the day and above: below, the library takes minutes for a rule that seldom matches.
@settings(max_examples=120, deadline=None)
@given(rules(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")), st.sampled_from(ZONES))
def test_the_library_agrees_or_deviates_for_a_reason_that_is_known(drawn, tzid):
    rule, start, stop = drawn
    window = start.replace(tzinfo=UTC), stop.replace(tzinfo=UTC)
    expected = slow(rule, start, tzid, window)
    # The library looks until the year 9999 for what does not come: asked only where it ends.
    endless = {name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")}
    if not slow_times(endless, start, stop + timedelta(days=800)):
        seen("never")
        return
    data = calendar(rule, start, tzid)
    theirs = library(data, window)
    seen("agrees" if theirs == expected else "deviates")
    assert theirs == expected or deviations(rule)
    assert ours(data, window) == expected
