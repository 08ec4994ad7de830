"""Workers in processes of their own that are really killed.

A process that was forked while it had neither threads nor connections waits for orders; for each it
forks a worker, which opens its own connections, works, and ends or is killed.
"""

import json
import os
import signal
import socket
import threading
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from odoo import api, sql_db
from odoo.modules.registry import Registry

PATIENCE = 90.0


def work(registry: Registry, name: str) -> None:
    """One run of a worker: "push" or "import", as its cron calls it."""
    with registry.cursor() as cursor:
        env = api.Environment(cursor, api.SUPERUSER_ID, {})
        if name == "push":
            env["icloud.push"]._cron_push()
        else:
            env["icloud.import"]._cron_import()


class CrashingWorker:
    """`run` has a worker killed; `kill` ends the one that is running, from any thread."""

    def __init__(self, registry: Registry) -> None:
        here, there = socket.socketpair()
        self._parent = os.fork()
        if not self._parent:
            here.close()
            _serve(registry, there)
        there.close()
        self._here, self._answers = here, here.makefile("r")
        self._worker = 0
        self._is_known = threading.Event()
        here.settimeout(PATIENCE)

    def __enter__(self) -> "CrashingWorker":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._answers.close()
        self._here.close()
        os.waitpid(self._parent, 0)

    def run(self, name: str, environ: Mapping[str, str], **at: Any) -> tuple[bool, int]:
        """Have a worker run, and wait for its end.

        :param at: `commit` or `statement`, the how manyth, and `before`: where it kills itself
        :return: whether it was killed, and its process id
        """
        self._is_known.clear()
        order = {"work": name, "environ": dict(environ), **at}
        self._here.sendall(json.dumps(order).encode() + b"\n")
        self._worker = int(self._answers.readline())
        self._is_known.set()
        status = int(self._answers.readline())
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, f"ended by signal {os.WTERMSIG(status)}"
            return True, self._worker
        assert os.WEXITSTATUS(status) == 0, "the worker failed: see its log"
        return False, self._worker

    def kill(self) -> None:
        """At once, without a word: as a power cut does."""
        assert self._is_known.wait(PATIENCE)
        os.kill(self._worker, signal.SIGKILL)


def _serve(registry: Registry, connection: socket.socket) -> None:
    code = 1
    try:
        orders, answers = connection.makefile("r"), connection.makefile("w")
        for line in orders:
            if not (worker := os.fork()):
                _be_worker(registry, json.loads(line))
            print(worker, file=answers, flush=True)
            print(os.waitpid(worker, 0)[1], file=answers, flush=True)
        code = 0
    finally:
        os._exit(code)


def _be_worker(registry: Registry, order: dict[str, Any]) -> None:
    code = 1
    try:
        os.environ.update(order["environ"])
        _kill_at(order)
        work(registry, order["work"])
        code = 0
    finally:
        os._exit(code)


def _kill_at(order: dict[str, Any]) -> None:
    """Have this process kill itself at its nth commit or statement."""
    for name, method in (("commit", "commit"), ("statement", "execute")):
        if name in order:
            _count(method, order[name], order["before"])


def _count(method: str, nth: int, is_before: bool) -> None:
    real, left = getattr(sql_db.Cursor, method), nth

    def counted(self, *arguments, **options):
        nonlocal left
        left -= 1
        if left == 0 and is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(self, *arguments, **options)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(sql_db.Cursor, method, counted)


def wait_for_its_end(connection: Any, worker: int) -> None:
    """Until PostgreSQL has noticed that the worker is gone, and undone what it had begun."""
    with closing(connection.cursor()) as cursor:
        while True:
            # Else a transaction sees what it saw first for as long as it lasts.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [f"odoo-{worker}"]
            )
            if not cursor.fetchone():
                return
            cursor.execute("SELECT pg_sleep(0.01)")
