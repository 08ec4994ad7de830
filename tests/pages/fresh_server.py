"""An Odoo server on a database of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from devtools import postgres
from devtools.database import Databases
from devtools.server import Server


@contextmanager
def fresh_server(name: str, modules: Sequence[str]) -> Iterator[Server]:
    """A server without scheduled jobs, on a copy of the template `name` with these modules."""
    database = f"icloud_test_pages_{name}"
    with postgres.start() as cluster:
        databases = Databases(cluster)
        databases.copy(databases.template(name, modules), database)
        try:
            with Server(database, cron_threads=0) as running:
                yield running
        finally:
            databases.drop(database)
