"""A round over idle accounts by OCA's queue_job: two workers share it, or one does it alone.

A worker is an Odoo process that does one job at a time; two stand behind a balancer.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import inside
from benchmarks.sync.options import Size
from benchmarks.sync.ours import Odoo
from benchmarks.sync.report import ONE_WORKER, TWO_WORKERS, Row
from benchmarks.sync.rows.idle import MILLISECONDS, Idling
from devtools.machine.balancer import balancer
from devtools.machine.postgres import Postgres
from devtools.machine.server import Server
from devtools.ports import free_port
from devtools.steps import SetupError, step

KEY = "queue"
MODULE = "icloud_calendar_sync_queue"
SIDES = {ONE_WORKER: 1, TWO_WORKERS: 2}
MOST_SECONDS = 600
UNCOUNTED = 1


def row(cluster: Postgres, url: str, size: Size) -> Row:
    title = f"with two queue workers / one: {size.queue} accounts, {MILLISECONDS} ms an answer"
    with inside.environment(cluster, "bench_queue", module=MODULE) as env:
        odoo = Odoo(env, url)
        idling = Idling(odoo, cluster, url, size)
        idling.grow(size.queue)
        seconds = {}
        for side, workers in SIDES.items():
            with step(f"{title}: {side}"), _servers(env.cr.dbname, url, workers):
                rounds = [
                    _round(odoo, idling.accounts) for _number in range(UNCOUNTED + size.rounds)
                ]
            seconds[side] = rounds[UNCOUNTED:]
        return Row(KEY, title, seconds)


def _round(odoo: Odoo, accounts: list[int]) -> float:
    """From the moment that all are due, and the scheduled job is woken, until all are read."""
    waiting = odoo.made_due(accounts)
    begin = time.perf_counter()
    odoo.wake("import")
    while odoo.count_waiting(waiting):
        if time.perf_counter() - begin > MOST_SECONDS:
            raise SetupError(f"the queue did not get through in {MOST_SECONDS} s")
        time.sleep(0.05)
    return time.perf_counter() - begin


@contextlib.contextmanager
def _servers(database: str, url: str, workers: int) -> Iterator[None]:
    """That many Odoo processes; the first to come hands out the jobs, one at a time to each."""
    ports = [free_port() for _worker in range(workers)]
    with contextlib.ExitStack() as stack:
        shared = stack.enter_context(balancer(ports))
        for port in ports:
            stack.enter_context(_server(database, url, port, shared, workers))
        yield


def _server(database: str, url: str, port: int, shared: int, workers: int) -> Any:
    return Server(
        database,
        port=port,
        env={
            "ICLOUD_CALDAV_URL": url,
            "ICLOUD_CALDAV_HOSTS": url.split("/")[2],
            "ODOO_QUEUE_JOB_CHANNELS": f"root:{workers},root.icloud:{workers}",
            "ODOO_QUEUE_JOB_PORT": str(shared),
        },
        config={"server_wide_modules": "base,rpc,web,queue_job"},
    )
