"""What blocks: iCloud's marks, and what the host chose."""

import itertools

import pytest

from icloud_calendar_sync.scheduling.blocking import (
    ALWAYS,
    AS_MARKED,
    NEVER,
    SEVERAL_DAYS,
    Choice,
    Marks,
    judge,
)

PLAIN = Marks(days=0, empty=False, free=False, unanswered=False, declined=False)
CHOICES = [
    Choice(*values)
    for values in itertools.product(
        (SEVERAL_DAYS, AS_MARKED, ALWAYS, NEVER), (True, False), (True, False)
    )
]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("days", [0, 1, 5])
@pytest.mark.parametrize("free", [True, False])
def test_what_is_declined_or_lasts_no_time_never_blocks(choice, days, free):
    for marks in (PLAIN._replace(declined=True), PLAIN._replace(empty=True)):
        assert not judge(marks._replace(days=days, free=free), choice).blocks


@pytest.mark.parametrize("choice", CHOICES)
def test_a_plain_event_always_blocks_and_names_no_setting(choice):
    assert judge(PLAIN, choice) == (True, None)


@pytest.mark.parametrize(
    ("days", "free", "expected"),
    [(1, True, False), (1, False, True), (2, True, True), (2, False, True)],
)
def test_until_the_host_chooses_several_days_block_and_a_single_one_as_marked(days, free, expected):
    assert judge(PLAIN._replace(days=days, free=free), Choice()).blocks is expected


@pytest.mark.parametrize(
    ("all_day", "free", "expected"),
    [
        (AS_MARKED, True, (False, None)),
        (AS_MARKED, False, (True, None)),
        (ALWAYS, True, (True, "all_day")),
        (ALWAYS, False, (True, None)),
        (NEVER, True, (False, None)),
        (NEVER, False, (False, "all_day")),
    ],
)
def test_the_choice_for_all_day_events_is_named_where_it_decides(all_day, free, expected):
    assert judge(PLAIN._replace(days=3, free=free), Choice(all_day=all_day)) == expected


def test_the_choice_for_all_day_events_is_about_no_others():
    for all_day in (SEVERAL_DAYS, AS_MARKED, ALWAYS, NEVER):
        assert judge(PLAIN, Choice(all_day=all_day)).blocks
        assert not judge(PLAIN._replace(free=True), Choice(all_day=all_day)).blocks


def test_an_unanswered_invitation_blocks_unless_the_host_says_otherwise():
    marks = PLAIN._replace(unanswered=True)
    assert judge(marks, Choice()) == (True, "unanswered")
    assert judge(marks, Choice(unanswered=False)) == (False, "unanswered")
    assert not judge(marks._replace(days=3), Choice(ALWAYS, unanswered=False)).blocks


@pytest.mark.parametrize(("all_day", "expected"), [(AS_MARKED, True), (NEVER, False)])
def test_events_marked_free_block_when_the_host_wants_them_to(all_day, expected):
    choice = Choice(all_day, free=True)
    assert judge(PLAIN._replace(free=True), choice) == (True, "free")
    assert judge(PLAIN._replace(free=True, days=1), choice).blocks is expected
