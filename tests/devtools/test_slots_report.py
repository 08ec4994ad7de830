"""What `make bench-slots` prints, and what it asks about."""

from datetime import UTC, timedelta

import pytest

from benchmarks.slots.month import SHIFTS, ZONE, Month, busy_times
from benchmarks.slots.report import Result, Run, growth, verdict

GOOD = Result(50, Run(0.021, 6), Run(1.16, 312), both=368, ours_alone=0, peer_alone=0)


def test_a_line_for_each_size():
    assert str(GOOD) == "50 hosts: ours 21.0 ms (6 queries), peer 1160.0 ms (312 queries), 55.2 x"


def test_the_goal_is_reached():
    assert list(verdict([GOOD])) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ours": Run(0.05, 6)}, "23.2 x at 50 hosts"),
        ({"ours": Run(0.021, 13)}, "13 queries"),
        ({"ours_alone": 2}, "ours alone 2"),
        ({"peer_alone": 1}, "the peer alone 1"),
        ({"both": 0}, "the answers differ"),
    ],
)
def test_the_goal_is_missed(change, words):
    (miss,) = verdict([GOOD._replace(**change)])
    assert words in miss


def test_other_sizes_are_only_asked_for_the_same_starts():
    slow = GOOD._replace(hosts=10, ours=Run(1, 99))
    assert list(verdict([slow])) == []
    assert list(verdict([slow._replace(peer_alone=1)]))


def test_ten_times_the_hosts_may_take_ten_times_as_long_not_more():
    linear = GOOD._replace(hosts=500, ours=Run(0.21, 6))
    assert list(growth([GOOD, linear])) == ["10 x the hosts of 50: ours 10.0 x the time"]
    assert list(verdict([GOOD, linear])) == []
    (miss,) = verdict([GOOD, linear._replace(ours=Run(0.42, 6))])
    assert miss == "500 hosts take 20.0 x the time of 50: not linear"


def test_busy_times_are_the_same_at_each_run_and_lie_in_working_hours():
    month = Month.next()
    times = list(busy_times(7, month))
    assert times == list(busy_times(7, month))
    assert len(times) == 100
    for start, stop in times:
        first, last = (each.replace(tzinfo=UTC).astimezone(ZONE) for each in (start, stop))
        assert month.first <= first < last <= month.stop
        assert first.weekday() < 5
        half_hours = 2 * first.hour + first.minute // 30
        shift = next(shift for shift in SHIFTS if half_hours in shift)
        assert (last - first) <= timedelta(minutes=30 * (shift.stop - half_hours))
