"""The database server: PostgreSQL from a wheel, data in `.dev/pgdata`, or the one PGHOST names.

The embedded server runs as long as any process holds a handle of `start()`; the last one out stops
it. Each handle is a shared lock on a file, which the kernel frees even if its process is killed.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

import psycopg2

from devtools import paths
from devtools.machine import cluster
from devtools.machine.cluster import PORT, ROLE, Cluster
from devtools.steps import SetupError, exclusive


@dataclass
class Postgres:
    """A handle of a running server; `stop()` or the end of a `with` block gives it back."""

    host: str | None = None
    port: str | None = None
    user: str | None = None
    _release: Callable[[], None] = field(default=lambda: None, repr=False)

    def environment(self) -> dict[str, str]:
        """What libpq and Odoo read to reach this server."""
        named = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        return {name: value for name, value in named.items() if value}

    def connect(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        """An autocommit connection."""
        connection = psycopg2.connect(
            dbname=database, host=self.host, port=self.port, user=self.user
        )
        connection.autocommit = True
        return connection

    def stop(self) -> None:
        """Give the handle back; twice does no harm."""
        release, self._release = self._release, lambda: None
        release()

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


def start() -> Postgres:
    """A handle of the server that PGHOST names, else of the embedded one, started if need be."""
    if host := os.environ.get("PGHOST"):
        if os.environ.get("PGUSER") == "postgres":
            raise SetupError("Odoo refuses the role postgres: name another in PGUSER")
        return Postgres(host, os.environ.get("PGPORT"), os.environ.get("PGUSER"))
    with _mutex():
        users = (paths.DEV / "postgres.users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        server = cluster.of_this_checkout()
        with contextlib.ExitStack() as undo:
            undo.callback(_release, users, server)
            host = server.start()
            undo.pop_all()
    return Postgres(host, str(PORT), ROLE, lambda: _leave(users, server))


def _mutex() -> contextlib.AbstractContextManager[None]:
    return exclusive(paths.DEV / "postgres.lock")


def _leave(users: TextIO, server: Cluster) -> None:
    with _mutex():
        _release(users, server)


def _release(users: TextIO, server: Cluster) -> None:
    with users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else still uses the server
        server.stop()
