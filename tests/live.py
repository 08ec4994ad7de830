"""A live Odoo server as tests use it: through its external API, as real users."""

import contextlib
import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, TypeVar

import psycopg2.extensions

from devtools.demo.odoo import server as odoo_server
from devtools.demo.rpc import Api
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server

T = TypeVar("T")
PATIENCE = 30.0
FAILED_JOB = re.compile(r"Job '.*' \(\d+\) .*failed")
_numbers = itertools.count(1)


def until(condition: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Wait until the condition holds and return what it returned; AssertionError if it never does.

    An AssertionError of the condition counts as "not yet", and is what the test then shows.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := condition():
                return found
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {condition}"
        time.sleep(0.05)


class Odoo:
    """A running server with an administrator and a receptionist."""

    def __init__(self, server: Server, connection: psycopg2.extensions.connection) -> None:
        self._url, self._database, self._log = server.url, server.database, server.log
        self._connection = connection
        self.pid = server.process.pid
        url, database = server.url, server.database
        self.admin = Api.login(url, database, "admin", "admin")
        self.receptionist = self.new_user("receptionist")

    def failed_jobs(self) -> list[str]:
        """What the server's log says of scheduled jobs that failed.

        Odoo tries a failed job again, and switches it off for everybody when it fails often.
        """
        return [line for line in self._log.read_text().splitlines() if FAILED_JOB.search(line)]

    def rows(self, query: str, *values: Any) -> list[tuple]:
        """What the database says, read past Odoo."""
        cursor = self._connection.cursor()
        cursor.execute(query, values or None)
        return cursor.fetchall()

    def refuse_titled(self, title: str) -> None:
        """From now on the database takes no imported event of this title, as if by some addon."""
        name = f"refused_{title.lower()}"
        cursor = self._connection.cursor()
        cursor.execute(f"ALTER TABLE calendar_event DROP CONSTRAINT IF EXISTS {name}")
        cursor.execute(
            f"ALTER TABLE calendar_event ADD CONSTRAINT {name} CHECK (icloud_title <> %s)", [title]
        )

    def cut_connections(self) -> None:
        """PostgreSQL ends the connections of all of Odoo's threads, as in a restart."""
        self._connection.cursor().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )

    def new_user(self, name: str) -> Api:
        """A new internal user, logged in."""
        login = f"{name}{next(_numbers)}"
        uid = self.admin.call(
            "res.users",
            "create",
            {
                "name": login.capitalize(),
                "login": login,
                "email": f"{login}@example.com",
                "tz": "Europe/Berlin",
            },
        )
        # Everybody has the administrator's password: hashing a new one takes half a second.
        self._connection.cursor().execute(
            "UPDATE res_users SET password = admin.password FROM res_users admin"
            " WHERE admin.login = 'admin' AND res_users.id = %s",
            [uid],
        )
        return Api(self._url, self._database, uid, "admin")


@contextlib.contextmanager
def live_odoo(database: str, caldav_url: str, hosts: Iterable[str]) -> Iterator[Odoo]:
    """A server on a fresh database with the addon, connected to this CalDAV server."""
    with postgres.start() as server:
        databases = Databases(server)
        template = databases.template("test", ["icloud_calendar_sync"])
        with (
            databases.lent(template, database),
            odoo_server(databases, database, caldav_url, hosts) as odoo,
            closing(server.connect(database)) as connection,
        ):
            yield Odoo(odoo, connection)
