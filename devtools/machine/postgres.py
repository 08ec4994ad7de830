"""The database server: PostgreSQL from a wheel, data in `.dev/pgdata`, or the one PGHOST names.

The embedded server runs as long as any process holds a handle of `start()`; the last one out stops
it. Each handle is a shared lock on a file, which the kernel frees even if its process is killed.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TextIO

import psycopg2

from devtools import paths
from devtools.machine import cluster
from devtools.machine.cluster import PORT, ROLE, Cluster
from devtools.steps import SetupError, exclusive

# What libpq reads to find and enter a server.
VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
# A machine that does not answer at all would else keep us for minutes.
CONNECT_SECONDS = 10
MAY_CREATE = "SELECT rolcreatedb OR rolsuper, rolname FROM pg_roles WHERE rolname = current_user"


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

    def words(self) -> str:
        """Where it is and who we are there, for people."""
        place = f"{self.host}:{self.port}" if self.port else f"{self.host}"
        return f"{place} as {self.user}" if self.user else place

    def connect(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        """An autocommit connection."""
        connection = psycopg2.connect(
            dbname=database,
            host=self.host,
            port=self.port,
            user=self.user,
            connect_timeout=CONNECT_SECONDS,
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
    """A handle of the server that PGHOST names, else of the embedded one, started if need be.

    :raise SetupError: the server that PGHOST names does not do, and why
    """
    if host := os.environ.get("PGHOST"):
        return _named(host)
    with _mutex():
        users = (paths.DEV / "postgres.users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        server = cluster.of_this_checkout()
        with contextlib.ExitStack() as undo:
            undo.callback(_release, users, server)
            host = server.start()
            undo.pop_all()
    return Postgres(host, str(PORT), ROLE, lambda: _leave(users, server))


def _named(host: str) -> Postgres:
    if os.environ.get("PGUSER") == "postgres":
        raise SetupError("Odoo refuses the role postgres: name another in PGUSER")
    server = Postgres(host, os.environ.get("PGPORT"), os.environ.get("PGUSER"))
    try:
        with closing(server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(MAY_CREATE)
            may_create, role = cursor.fetchone()
    # A ProgrammingError is an option that cannot be: a PGPORT that is no number.
    except (psycopg2.OperationalError, psycopg2.ProgrammingError) as error:
        raise SetupError(
            f"PostgreSQL at {server.words()} cannot be used: {_reason(error)}. "
            f"Mend {_variables()}, or unset PGHOST to use the embedded one."
        ) from error
    if not may_create:
        raise SetupError(
            f"PostgreSQL at {server.words()} cannot be used: the role {role} may not create "
            f'databases. As its administrator: ALTER ROLE "{role}" CREATEDB'
        )
    return server


def _reason(error: psycopg2.Error) -> str:
    """What libpq says of the first address it tried, without the address."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")


def _variables() -> str:
    return ", ".join(name for name in VARIABLES if os.environ.get(name))


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
