"""Many want the same times at once, on a real server of several processes.

`python -m benchmarks.race`: exits non-zero if anything was sold twice, lost, or failed.
"""

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import SEEK_END
from threading import Barrier

from benchmarks import machine
from benchmarks.race import audit, report
from benchmarks.race.report import Outcome, Tally
from benchmarks.race.scenario import VISITORS, Scenario
from benchmarks.race.scenarios import SCENARIOS
from benchmarks.race.shop import WORKERS, opened
from benchmarks.race.visitors import Attempt
from devtools.steps import SetupError, step

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


def main() -> int:
    try:
        with opened() as (shop, server):
            print(machine.words())
            print(f"server: {WORKERS} processes; visitors at once: {VISITORS}")
            with step("booking types with hosts who are connected to iCloud"):
                scenarios = [scenario(shop) for scenario in SCENARIOS]
            tallies = race(scenarios)
            wrongs = audit.wrongs(shop.connection)
            server.stop()
            deadlocks = audit.deadlocks(shop.connection, server.log)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    wrongs += audit.server_errors(server.log)
    return sum_up(tallies, wrongs, deadlocks)


def sum_up(tallies: Sequence[Tally], wrongs: list[str], deadlocks: int) -> int:
    whole = report.summary(tallies)
    print("", report.HEADING, *tallies, whole, report.LEGEND, sep="\n")
    print(f"deadlocks: {deadlocks}; {report.pauses_in_words(whole)}")
    found = report.verdict(whole, wrongs, deadlocks)
    for wrong in found[: report.MOST_SHOWN]:
        print(f"✗ {wrong}")
    if found:
        print(f"{len(found)} things went wrong")
        return 1
    print("nothing was sold twice, nothing lost, nothing failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
