"""Rounds of each scenario in turn: all who want something begin at the same moment."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import SEEK_END
from threading import Barrier

from benchmarks.race import audit
from benchmarks.race.report import Outcome, Tally
from benchmarks.race.scenario import VISITORS, Scenario
from benchmarks.race.visitors import Attempt

ROUNDS = 40  # of each scenario, unless the time is over
SECONDS = 230


def race(scenarios: Sequence[Scenario], rounds: int = ROUNDS) -> list[Tally]:
    """Rounds of every scenario in turn, so that each has its share when the time is over."""
    tallies = [Tally(scenario.name) for scenario in scenarios]
    deadline = time.monotonic() + SECONDS
    with ThreadPoolExecutor(VISITORS) as pool:
        for _number in range(rounds):
            for scenario, tally in zip(scenarios, tallies, strict=True):
                if time.monotonic() > deadline:
                    return tallies
                _run(scenario, tally, pool)
    return tallies


def _run(scenario: Scenario, tally: Tally, pool: ThreadPoolExecutor) -> None:
    this = scenario.next_round()
    barrier = Barrier(len(this.attempts))
    with this.offer.shop.log.open() as log:
        log.seek(0, SEEK_END)
        outcomes = list(pool.map(lambda attempt: _outcome(attempt, barrier), this.attempts))
        tally.pauses += audit.retries(log.read())
    tally.add(outcomes, this.offer.held(), this.least, this.most)


def _outcome(attempt: Attempt, barrier: Barrier) -> Outcome:
    barrier.wait()
    begin = time.perf_counter()
    answer, problem = None, ""
    try:
        answer = attempt.act()
    except Exception as error:  # noqa: BLE001  Whatever it is, it is counted and shown.
        problem = f"{type(error).__name__}: {error}"
    return Outcome(attempt, answer, problem, time.perf_counter() - begin)
