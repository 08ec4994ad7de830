"""How long it takes to keep Odoo and a CalDAV server alike, next to vdirsyncer.

`python -m benchmarks.sync`: Odoo in this process, one server for all sides, in one run. Exits
non-zero where a goal is missed. What can be chosen: `benchmarks.sync.options`.
"""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import inside, machine
from benchmarks.sync import options, radicale_server, report, sampler, vdirsyncer
from benchmarks.sync.ours import Odoo
from benchmarks.sync.report import Row
from benchmarks.sync.rows import idle, plain_event, queue
from benchmarks.sync.rows.imports import Reading
from benchmarks.sync.rows.pushes import Pushing
from devtools.machine import postgres
from devtools.steps import SetupError

# What all sides do with one server, in one database of ours.
BESIDE_THE_PEER = {
    Reading: {"first-import", "nothing-changed", "one-changed"},
    Pushing: {"push-new", "push-changed"},
}


def rows(wanted: options.Options, cluster: postgres.Postgres, folder: Path) -> Iterator[Row]:
    if any(wanted.rows & its_rows for its_rows in BESIDE_THE_PEER.values()):
        yield from _beside_the_peer(wanted, cluster, folder)
    if wanted.wants(plain_event.KEY):
        yield plain_event.row(cluster, wanted.size)
    if wanted.rows & idle.KEYS:
        yield from _idle(wanted, cluster)
    if wanted.wants(queue.KEY):
        with idle.server() as url:
            yield queue.row(cluster, url, wanted.size)


def _beside_the_peer(
    wanted: options.Options, cluster: postgres.Postgres, folder: Path
) -> Iterator[Row]:
    program = vdirsyncer.fetch()
    with (
        radicale_server.started(folder) as server,
        inside.environment(cluster, "bench_sync") as env,
    ):
        odoo = Odoo(env, server.url)
        for kind, its_rows in BESIDE_THE_PEER.items():
            if wanted.rows & its_rows:
                yield from kind(odoo, server, program, folder, wanted.size).rows(wanted.wants)


def _idle(wanted: options.Options, cluster: postgres.Postgres) -> Iterator[Row]:
    with idle.server() as url, inside.environment(cluster, "bench_sync") as env:
        odoo = Odoo(env, url)
        yield from idle.Idling(odoo, cluster, url, wanted.size).rows(wanted.wants)


def main() -> int:
    found = []
    try:
        wanted = options.chosen()
        print(machine.words())
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-sync-")))
            cluster = stack.enter_context(postgres.start())
            for row in rows(wanted, cluster, folder):
                print(row, sampler.told(), sep="\n", flush=True)
                found.append(row)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    return sum_up(found, wanted.is_quick)


def sum_up(found: list[Row], is_quick: bool) -> int:
    """Print all rows and how their goals were met; the exit code."""
    print("", *found, sep="\n")
    if is_quick:
        print("quick: small numbers, by which nothing is judged")
        return 0
    print(*(goal.judged(row) for goal, row in report.judged(found)), sep="\n")
    return 1 if report.missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
