"""What `make bench-sync` prints, what it judges by, and what can be chosen."""

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.sync import events, options
from benchmarks.sync.report import (
    BARE,
    GOALS,
    ONE_WORKER,
    OURS,
    PEER,
    TWO_WORKERS,
    WITHOUT,
    Row,
    judged,
    missed,
)
from benchmarks.sync.rounds import in_turns
from devtools import paths
from devtools.steps import SetupError

# Every row as good as its goals, and not better.
GOOD = {
    "first-import": {OURS: [5.0], PEER: [5.0], BARE: [2.0]},
    "nothing-changed": {OURS: [0.7], PEER: [2.0], BARE: [0.5]},
    "one-changed": {OURS: [0.7], PEER: [2.0], BARE: [0.5]},
    "push-new": {OURS: [14.0], PEER: [19.6], BARE: [10.0]},
    "push-changed": {OURS: [14.0], PEER: [11.0], BARE: [10.0]},
    "plain-event": {OURS: [0.0108], WITHOUT: [0.01]},
    "idle-1000": {OURS: [8.0], BARE: [3.2]},
    "idle-10000": {OURS: [60.0], BARE: [32.0]},
    "queue": {ONE_WORKER: [17.0], TWO_WORKERS: [10.0]},
}


def rows(**changes):
    return [Row(key, key, {**seconds, **changes.get(key, {})}) for key, seconds in GOOD.items()]


def test_a_line_holds_the_median_of_each_side():
    row = Row("x", "x of 5", {OURS: [3, 1, 2], PEER: [0.0504]}, ("told", "twice"))
    assert str(row) == "x of 5: ours 2.00 s, vdirsyncer 50.4 ms; told; twice"


def test_goals_that_are_just_reached_are_reached():
    assert missed(rows()) == []
    assert {goal.key for goal, _row in judged(rows())} == {goal.key for goal in GOALS} == set(GOOD)


@pytest.mark.parametrize(
    ("key", "side", "seconds", "words"),
    [
        ("first-import", OURS, 5.1, "the time of vdirsyncer 1.02 x (goal: at most 1 x)"),
        ("nothing-changed", OURS, 0.75, "the time of the bare requests 1.50 x (goal: at most 1.4"),
        ("one-changed", BARE, 0.4, "the time of the bare requests 1.75 x"),
        ("push-new", BARE, 9.0, "the time of the bare requests 1.56 x"),
        ("push-new", PEER, 19.0, "as fast as vdirsyncer 1.36 x (goal: at least 1.4 x)"),
        ("push-changed", OURS, 15, "the time of the bare requests 1.50 x"),
        ("plain-event", OURS, 0.0119, "the time without the addon 1.19 x (goal: at most 1.08 x)"),
        ("idle-1000", OURS, 51, "one worker takes 51.00 s (goal: at most 8 s)"),
        ("idle-10000", OURS, 61, "one worker takes 61.00 s (goal: at most 60 s)"),
        ("queue", TWO_WORKERS, 11, "as fast as one 1.55 x (goal: at least 1.7 x)"),
    ],
)
def test_a_goal_that_is_missed_is_told_with_its_figure(key, side, seconds, words):
    found = rows(**{key: {side: [seconds]}})
    (goal,) = missed(found)
    (line,) = [goal.judged(row) for each, row in judged(found) if each is goal]
    assert line.startswith("✗")
    assert words in line


def test_rows_that_were_not_measured_are_not_judged():
    assert missed(rows()[:1]) == []
    assert [goal.key for goal, _row in judged(rows()[:1])] == ["first-import"]


def test_each_round_begins_with_another_side():
    order = []
    sides = {name: lambda name=name: order.append(name) or 1.0 for name in "abc"}
    assert in_turns(sides, 3) == {"a": [1.0] * 3, "b": [1.0] * 3, "c": [1.0] * 3}
    assert "".join(order) == "abcbcacab"


def test_rows_and_rounds_can_be_chosen(monkeypatch):
    assert options.chosen().rows == set(options.ROWS) <= set(GOOD)
    monkeypatch.setenv("ROWS", "first-import, idle-1000")
    monkeypatch.setenv("ROUNDS", "2")
    chosen = options.chosen()
    assert chosen.rows == {"first-import", "idle-1000"}
    assert (chosen.size.rounds, chosen.size.short_rounds) == (2, 2)
    assert not chosen.is_quick
    monkeypatch.setenv("ROWS", "last-import")
    with pytest.raises(SetupError, match="no such row: last-import; there are first-import"):
        options.chosen()


def test_events_are_different_files_within_what_is_shown():
    files = dict(events.of_phone(5000))
    assert len(files) == 5000
    days = {re.search(r"DTSTART;TZID=Europe/Berlin:(\d{8})", text)[1] for text in files.values()}
    assert len(days) == events.DAYS < 365
    assert len(set(files.values())) == 5000


def test_bookings_follow_each_other_without_a_gap():
    starts = list(events.starts(1000))
    assert {b - a for a, b in pairwise(starts)} == {timedelta(minutes=30)}


def test_vdirsyncer_stays_out_of_our_own_environment():
    lock = (paths.ROOT / "benchmarks" / "sync" / "vdirsyncer.lock").read_text()
    assert re.search(r"^vdirsyncer==[\d.]+ ", lock, re.MULTILINE)
    assert "--hash=sha256:" in lock
    assert "vdirsyncer" not in Path(paths.LOCK_FILE).read_text()
