"""Many want the same times at once, on a real server of several processes.

`python -m benchmarks.race`: exits non-zero if anything was sold twice, lost, or failed.
"""

import sys
from collections.abc import Sequence

from benchmarks import machine
from benchmarks.race import audit, report
from benchmarks.race.report import Tally
from benchmarks.race.rounds import race
from benchmarks.race.scenario import VISITORS
from benchmarks.race.scenarios import SCENARIOS
from benchmarks.race.shop import WORKERS, opened
from devtools.steps import SetupError, step


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
