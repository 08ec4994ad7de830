"""Create, move and delete an event that is none of ours: what the addon costs everybody else.

Two processes, each with an Odoo on a database of its own, one with the addon and one without; they
take turns.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.sync.options import Size
from benchmarks.sync.report import OURS, WITHOUT, Row
from benchmarks.sync.rounds import in_turns
from devtools import paths
from devtools.machine.database import BASE_MODULES, Databases
from devtools.machine.postgres import Postgres
from devtools.own.suites import Side, opened
from devtools.steps import step

KEY = "plain-event"
# A turn is short, so that both sides meet the same weather.
TURN = 20
WARM_UP = 3
SIDES = {
    OURS: Side("test", ("icloud_calendar_sync",)),
    WITHOUT: Side("bench_plain", BASE_MODULES),
}


class Worker:
    """A process that does so many when told, and says how many seconds each took on average."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process

    def do(self, count: int) -> float:
        print(count, file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


def row(cluster: Postgres, size: Size) -> Row:
    title = "create + move + delete a plain event, addon installed / not"
    databases = Databases(cluster)
    with contextlib.ExitStack() as stack, step(title):
        workers = {
            name: stack.enter_context(_worker(databases, side)) for name, side in SIDES.items()
        }
        turn = min(TURN, size.plain)
        for _turn in range(WARM_UP):
            for worker in workers.values():
                worker.do(turn)
        turns = {name: lambda worker=worker: worker.do(turn) for name, worker in workers.items()}
        return Row(KEY, title, in_turns(turns, size.plain // turn * size.rounds))


@contextlib.contextmanager
def _worker(databases: Databases, side: Side) -> Iterator[Worker]:
    with opened(databases, side) as env:
        process = subprocess.Popen(
            [paths.PYTHON, "-m", "benchmarks.sync.rows.plain_event"],
            cwd=paths.ROOT,
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with process:
            yield Worker(process)
            process.stdin.close()


def main() -> None:
    """The process of one side: a number comes, the seconds go."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config([], setup_logging=False)
    with Registry(config["db_name"][0]).cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {"no_mail_to_attendees": True})
        env = env(user=env.ref("base.user_admin"))
        for line in sys.stdin:
            print(json.dumps(_seconds(env, int(line))), flush=True)


def _seconds(env: Any, count: int) -> float:
    begin = time.perf_counter()
    for _number in range(count):
        event = env["calendar.event"].create(
            {"name": "Meeting", "start": "2030-01-15 08:00:00", "stop": "2030-01-15 09:00:00"}
        )
        env.cr.commit()
        event.write({"start": "2030-01-16 08:00:00", "stop": "2030-01-16 09:00:00"})
        env.cr.commit()
        event.unlink()
        env.cr.commit()
    return (time.perf_counter() - begin) / count


if __name__ == "__main__":
    main()
