"""An Odoo server on a database of its own."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from devtools.demo.limits import set_limits
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server

# One request compiles a bundle: seconds, more on a machine that is busy.
SECONDS = 120


@contextmanager
def fresh_server(
    name: str, modules: Sequence[str], limits: str = "all=off", **options: Any
) -> Iterator[Server]:
    """A server without scheduled jobs, on a copy of the template `name` with these modules.

    `limits` as the operator writes them: all visitors of the tests come from one address.
    """
    database = f"icloud_test_pages_{name}"
    with postgres.start() as cluster:
        databases = Databases(cluster)
        with databases.lent(databases.template(name, modules), database):
            set_limits(cluster, database, limits)
            with Server(database, cron_threads=0, **options) as running:
                _compile_assets(running.url)
                yield running


def _compile_assets(url: str) -> None:
    """Ask for every script and style of the pages, one after the other.

    Odoo compiles a bundle when it is first asked for, and writes its file while others may read
    it. Asked twice at once — by a browser that goes on to the next page meanwhile, as tests do —
    it now and then answers one of the two with 422, “The attachment collides with an existing
    file”. Where that is the page's, its scripts never start, and nothing tries again.
    """
    page = requests.get(f"{url}/bookings", timeout=SECONDS)
    page.raise_for_status()
    assets = re.findall(r'(?:src|href)="(/web/assets/[^"]+)"', page.text)
    # Its absence would bring back the failure that nobody could explain.
    assert any("lazy" in asset for asset in assets), assets
    for asset in assets:
        requests.get(f"{url}{asset}", timeout=SECONDS).raise_for_status()
