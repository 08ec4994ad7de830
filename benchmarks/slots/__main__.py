"""How long a month of free times takes, here and in OCA's resource_booking.

`python -m benchmarks.slots`: one process, one database; runs of both take turns, caches cold.
"""

import gc
import sys
import time
from statistics import median

from benchmarks import inside, machine, peer
from benchmarks.slots.report import Result, Run, growth, verdict
from benchmarks.slots.sides import Ours, Peer
from benchmarks.slots.world import World
from devtools.machine import postgres
from devtools.steps import SetupError, step

# Hosts → runs of each side; the peer needs some seconds for 500 hosts.
RUNS = {1: 15, 10: 15, 50: 15, 500: 3}


def measure(world: World, sides: tuple[Ours, Peer], size: int) -> Result:
    """Both sides in turn, as often as the size says, after one run that is not counted."""
    for side in sides:
        side.ask()
    runs = [[_run(world, side) for side in sides] for _number in range(RUNS[size])]
    ours, theirs = (_medians(of_side) for of_side in zip(*runs, strict=True))
    our_starts, their_starts = (side.starts(side.ask()) for side in sides)
    return Result(
        size,
        ours,
        theirs,
        both=len(our_starts & their_starts),
        ours_alone=len(our_starts - their_starts),
        peer_alone=len(their_starts - our_starts),
    )


def _run(world: World, side: Ours | Peer) -> Run:
    world.env.invalidate_all()
    gc.collect()
    queries, begin = world.env.cr.sql_log_count, time.perf_counter()
    side.ask()
    seconds = time.perf_counter() - begin
    return Run(seconds, world.env.cr.sql_log_count - queries)


def _medians(runs: tuple[Run, ...]) -> Run:
    return Run(median(run.seconds for run in runs), median(run.queries for run in runs))


def results(world: World, server: postgres.Postgres) -> list[Result]:
    sides = Ours(world), Peer(world)
    found = []
    for size in RUNS:
        with step(f"{size} hosts with their calendars"):
            users = world.grow(size)
            for side in sides:
                side.add(users)
            inside.settle(world.env, server)
        found.append(measure(world, sides, size))
        print(found[-1], flush=True)
    return found


def report(found: list[Result]) -> int:
    print(*(result.starts for result in found), *growth(found), sep="\n")
    misses = list(verdict(found))
    for miss in misses:
        print(f"✗ {miss}")
    return 1 if misses else 0


def main() -> int:
    try:
        print(machine.words())
        folder = peer.fetch()
        with (
            postgres.start() as server,
            inside.environment(
                server,
                "bench_slots",
                folder=folder,
                addons=peer.addons(folder),
                module=peer.MODULE,
            ) as env,
        ):
            return report(results(World(env), server))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
