"""What `make race` makes of what visitors were told and of what stands in the database."""

from datetime import UTC, datetime

import pytest

from benchmarks.race import audit
from benchmarks.race.report import (
    LEAST_ATTEMPTS,
    Outcome,
    Tally,
    pauses_in_words,
    percentile,
    summary,
    verdict,
)
from benchmarks.race.visitors import Answer, Attempt

NINE, TEN = (datetime(2027, 1, 4, hour, tzinfo=UTC) for hour in (9, 10))


def outcome(answer, name="Anna", wanted=TEN, before=None, problem="", seats=1):
    attempt = Attempt(name, wanted, before, lambda: answer, seats)
    return Outcome(attempt, answer, problem, 0.1)


def wrongs(*outcomes, held, least=0, most=1):
    tally = Tally("a slot")
    tally.add(outcomes, held, least, most)
    return tally.wrongs


def test_one_is_told_sold_and_has_it_the_other_is_refused():
    told = (outcome(Answer.SOLD), outcome(Answer.REFUSED, "Bo"))
    assert wrongs(*told, held={"Anna": TEN}, least=1) == []


@pytest.mark.parametrize("held", [{}, {"Anna": NINE}])
def test_sold_but_not_held(held):
    assert "Anna was told sold" in wrongs(outcome(Answer.SOLD), held=held)[0]


def test_refused_but_held_all_the_same():
    assert wrongs(outcome(Answer.REFUSED), held={"Anna": TEN})


def test_who_could_not_move_keeps_the_former_time():
    mover = outcome(Answer.REFUSED, before=NINE)
    assert wrongs(mover, held={"Anna": NINE}) == []
    assert wrongs(mover, held={})


def test_who_cancelled_holds_nothing():
    cancel = outcome(Answer.GIVEN_BACK, wanted=None, before=NINE)
    assert wrongs(cancel, held={}) == []
    assert wrongs(cancel, held={"Anna": NINE})


def test_sold_more_often_or_less_often_than_there_are_hosts():
    both = (outcome(Answer.SOLD), outcome(Answer.SOLD, "Bo"))
    held = {"Anna": TEN, "Bo": TEN}
    assert wrongs(*both, held=held, least=1) == ["2 sold, where it was 1"]
    assert wrongs(outcome(Answer.REFUSED), held={}, least=1) == ["0 sold, where it was 1"]


def test_seats_are_counted_and_not_who_took_them():
    both = (outcome(Answer.SOLD, seats=3), outcome(Answer.SOLD, "Bo", seats=2))
    held = {"Anna": TEN, "Bo": TEN}
    assert wrongs(*both, held=held, least=5, most=5) == []
    assert wrongs(*both, held=held, most=4) == ["5 sold, where it was 0 to 4"]


def test_who_wants_more_than_there_is_for_one_is_rightly_offered_nothing():
    assert wrongs(outcome(Answer.OWN_LIMIT), held={}) == []
    assert wrongs(outcome(Answer.OWN_LIMIT, before=NINE), held={"Anna": NINE}) == []
    assert wrongs(outcome(Answer.OWN_LIMIT), held={"Anna": TEN})


def test_pauses_before_odoo_does_a_request_again_are_told():
    line = "INFO odoo.service.model: {}, 4 tries left, try again in {} sec... \n"
    log = line.format("SERIALIZATION_FAILURE", "1.5000") + "INFO else\n" + line.format("…", "0.5")
    tally = Tally("a slot", pauses=audit.retries(log))
    assert tally.pauses == [1.5, 0.5]
    assert pauses_in_words(tally).startswith("requests that Odoo did again: 2, after pauses of")
    assert pauses_in_words(Tally("a slot")) == "requests that Odoo did again: 0"


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
