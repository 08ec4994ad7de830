"""The text of a rule: what is understood, what is bent, and what is refused with a sentence."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from icloud_calendar_sync.ical.rules import BadRule, parse_rule

from .bounded import at_most
from .test_walk import walls

REFUSED = [
    "",
    "FREQ=",
    "FREQ=FORTNIGHTLY",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;INTERVAL=often",
    f"FREQ=DAILY;INTERVAL={'9' * 2500}",
    "FREQ=DAILY;COUNT=0",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=MONTHLY;BYDAY=XX",
    "FREQ=YEARLY;BYDAY=99MO",
    "FREQ=YEARLY;BYMONTH=13",
    "FREQ=YEARLY;BYMONTH=",
    "FREQ=DAILY;BYHOUR=24",
    "FREQ=DAILY;WKST=XX",
    "FREQ=DAILY;BYHOUR=-1",
    "FREQ=MONTHLY;BYMONTHDAY=0",
    "FREQ=MONTHLY;BYDAY=0MO",
    "FREQ=MONTHLY;BYDAY=",
    "FREQ=MONTHLY;SKIP=SIDEWAYS",
    "FREQ=YEARLY;RSCALE=HEBREW",
    "FREQ=YEARLY;RSCALE=CHINESE;BYMONTH=5L",
    "FREQ=YEARLY;BYYEARDAY=" + ",".join(["1"] * 5000),
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_rule_that_makes_no_sense_is_refused_with_a_sentence(text):
    with at_most(100_000), pytest.raises(BadRule, match=r"^A recurrence rule .*\.$"):
        parse_rule(text, UTC)


def test_an_end_in_utc_is_compared_on_the_clock_of_the_event():
    text = "FREQ=DAILY;UNTIL=20260107T080000Z"
    assert walls(text, datetime(2026, 1, 5, 9), ZoneInfo("Europe/Brussels"))[-1] == "01-07 09:00"
    assert walls(text, datetime(2026, 1, 5, 9), ZoneInfo("Europe/Helsinki"))[-1] == "01-07 09:00"
    assert walls(text, datetime(2026, 1, 5, 9), ZoneInfo("Europe/London"))[-1] == "01-06 09:00"


@pytest.mark.parametrize("end", ["tomorrow", "PT1H", "20260231T000000"])
def test_an_end_that_cannot_be_read_frees_nothing_and_is_named(end):
    rule = parse_rule(f"FREQ=DAILY;UNTIL={end}", UTC)
    assert rule.until is None
    assert rule.problem == (
        "A recurrence rule ends at a time that cannot be read and was taken as one without an end."
    )


def test_an_end_that_is_a_day_allows_that_whole_day():
    assert walls("FREQ=DAILY;UNTIL=20260107", datetime(2026, 1, 5, 9))[-1] == "01-07 09:00"


def test_all_day_events_end_on_the_day_that_is_written():
    text = "FREQ=DAILY;UNTIL=20260107T225959Z"
    assert walls(text, datetime(2026, 1, 5), None)[-1] == "01-07 00:00"


def test_small_letters_blanks_and_unknown_parts_do_no_harm():
    text = "freq=weekly; byday=mo ;X-WHY=BECAUSE;RSCALE=gregorian"
    assert walls(text, datetime(2026, 1, 5, 9))[:2] == ["01-05 09:00", "01-12 09:00"]


def test_a_count_of_minus_one_says_that_there_is_none():
    rule = parse_rule("FREQ=DAILY;COUNT=-1", UTC)
    assert (rule.count, rule.problem) == (None, None)


def test_another_count_below_zero_blocks_without_an_end_and_is_named():
    rule = parse_rule("FREQ=DAILY;COUNT=-3", UTC)
    assert rule.count is None
    assert "without an end" in rule.problem


def test_a_calendar_that_is_not_followed_is_named():
    with pytest.raises(BadRule) as refusal:
        parse_rule("RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L", None)
    assert refusal.value.sentence.values == {"scale": "Hebrew"}


def test_times_within_the_day_are_ignored_where_the_start_is_a_day():
    assert walls("FREQ=DAILY;BYHOUR=9,10;COUNT=2", datetime(2026, 1, 5), None) == [
        "01-05 00:00",
        "01-06 00:00",
    ]
