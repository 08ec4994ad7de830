"""What `make race` makes of what visitors were told and of what stands in the database."""

from datetime import UTC, datetime

import pytest

from benchmarks.race_report import LEAST_ATTEMPTS, Outcome, Tally, percentile, summary, verdict
from benchmarks.race_visitors import Answer, Attempt

NINE, TEN = (datetime(2027, 1, 4, hour, tzinfo=UTC) for hour in (9, 10))


def outcome(answer, email="anna@example.com", wanted=TEN, before=None, problem=""):
    return Outcome(Attempt(email, wanted, before, lambda: answer), answer, problem, 0.1)


def wrongs(*outcomes, held, least=0, most=1):
    tally = Tally("a slot")
    tally.add(outcomes, held, least, most)
    return tally.wrongs


def test_one_is_told_sold_and_has_it_the_other_is_refused():
    told = (outcome(Answer.SOLD), outcome(Answer.REFUSED, "bo@example.com"))
    assert wrongs(*told, held={"anna@example.com": TEN}, least=1) == []


@pytest.mark.parametrize("held", [{}, {"anna@example.com": NINE}])
def test_sold_but_not_held(held):
    assert "anna@example.com was told sold" in wrongs(outcome(Answer.SOLD), held=held)[0]


def test_refused_but_held_all_the_same():
    assert wrongs(outcome(Answer.REFUSED), held={"anna@example.com": TEN})


def test_who_could_not_move_keeps_the_former_time():
    mover = outcome(Answer.REFUSED, before=NINE)
    assert wrongs(mover, held={"anna@example.com": NINE}) == []
    assert wrongs(mover, held={})


def test_who_cancelled_holds_nothing():
    cancel = outcome(Answer.GIVEN_BACK, wanted=None, before=NINE)
    assert wrongs(cancel, held={}) == []
    assert wrongs(cancel, held={"anna@example.com": NINE})


def test_sold_more_often_or_less_often_than_there_are_hosts():
    both = (outcome(Answer.SOLD), outcome(Answer.SOLD, "bo@example.com"))
    held = {"anna@example.com": TEN, "bo@example.com": TEN}
    assert wrongs(*both, held=held, least=1) == ["2 sold, where it was 1"]
    assert wrongs(outcome(Answer.REFUSED), held={}, least=1) == ["0 sold, where it was 1"]


def test_a_refusal_without_alternatives_and_an_error_are_wrong():
    assert "offered no other time" in wrongs(outcome(Answer.EMPTY_HANDED), held={})[0]
    assert wrongs(outcome(None, problem="RpcError: boom"), held={}) == ["RpcError: boom"]


def test_percentiles_are_values_that_were_measured():
    values = [number / 100 for number in range(100, 0, -1)]
    assert percentile(values, 0.95) == 0.95
    assert percentile([0.3], 0.95) == 0.3


def whole(attempts):
    tally = Tally("a slot")
    tally.add([outcome(Answer.REFUSED)] * attempts, {}, 0, 0)
    return summary([tally])


def test_a_good_race_has_many_attempts_and_nothing_wrong():
    assert verdict(whole(LEAST_ATTEMPTS), [], 0) == []
    assert verdict(whole(LEAST_ATTEMPTS - 1), [], 0)
    assert verdict(whole(LEAST_ATTEMPTS), ["times that overlap"], 0)
    assert verdict(whole(LEAST_ATTEMPTS), [], 1) == ["1 deadlocks"]
