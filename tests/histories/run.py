"""Lives histories in this process, some at a time, each batch by a seed of its own."""

import argparse
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories import faults_met, inside, machine
from tests.histories.inside import Lane
from tests.histories.machine import Machine, Tally
from tests.histories.office import Office

BATCH = 50
STEPS = 14


def run(chosen: argparse.Namespace) -> Counter[str]:
    """As the command line of `python -m tests.histories` wants it; how many there were of what."""
    Machine.tells = chosen.tell
    machine.chosen[:] = filter(None, chosen.only.split(","))
    faults_met.chosen[:] = filter(None, chosen.faults.split(","))
    number, total = chosen.seed, Counter(histories=0, failures=0)
    with inside.lane(chosen.addons) as lane:
        office = Office(lane)
        while total["histories"] < chosen.count and not (chosen.first and total["failures"]):
            left = min(chosen.count - total["histories"], BATCH)
            tally = live(lane, office, left, number, shrink=chosen.shrink)
            if tally.failure:
                total["failures"] += 1
                print(_words(tally, number), flush=True)
            total.update(tally.counts)
            number += 1
    return total


def live(lane: Lane, office: Office, count: int, number: int, *, shrink: bool) -> Tally:
    """Live `count` histories of this seed; the first that fails ends it."""
    tally = Tally()
    bound = type("Machine", (Machine,), {"lane": lane, "office": office, "tally": tally})
    chosen = settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(bound), settings=chosen)
    except Exception:  # hypothesis may also call it flaky: two processes are never quite the same
        if tally.failure is None:
            raise
    return tally


def _words(tally: Tally, number: int) -> str:
    """A failure for people."""
    lines, error = tally.failure
    steps = "\n".join(f"  {place:2}. {line}" for place, line in enumerate(lines, 1))
    return f"seed {number}, history {tally.failed_at}:\n{steps}\n  → {error}"
