"""The demo salon, running: PostgreSQL, a local iCloud, Odoo, three hosts, two of them connected."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta

from devtools.demo import events
from devtools.demo.odoo import server as odoo_server
from devtools.demo.rpc import Api
from devtools.local_icloud import LocalICloud
from devtools.machine import claims, postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server
from devtools.ports import require_free
from devtools.steps import SetupError, step

MARA, JONAS, LEA = "mara@example.com", "jonas@example.com", "lea@example.com"
PASSWORDS = {
    MARA: "mara-uses-this-pass",
    JONAS: "jona-uses-this-pass",
    LEA: "leas-demo-pass-word",
}
FIRST_IMPORT_SECONDS = 30


@dataclass
class Salon:
    """`odoo` is the server's process; `cloud` the local iCloud, in this one."""

    odoo: Server
    cloud: LocalICloud

    def login(self, name: str) -> Api:
        """A demo user, whose password is their name."""
        return Api.login(self.odoo.url, self.odoo.database, name, name)


@contextlib.contextmanager
def running(port: int) -> Iterator[Salon]:
    """The salon on a fresh database; when the block ends, so does all of it.

    :raise SetupError: what is missing, in plain words
    """
    with contextlib.ExitStack() as stack:
        databases = Databases(stack.enter_context(postgres.start()))
        databases.clear()  # a killed demo keeps its port
        require_free(port, "DEMO_PORT")
        template = databases.template("demo", ["icloud_calendar_sync"], demo=True)
        # The port in its name: two demos of one checkout do not share a database.
        database = f"icloud_demo_{port}"
        with step("Odoo and the local iCloud"):
            stack.enter_context(databases.lent(template, database))
            folder = claims.folder() / f"{database}.icloud"
            cloud = stack.enter_context(LocalICloud(PASSWORDS, folder=folder))
            server = odoo_server(databases, database, cloud.url, cloud.hosts, port)
            salon = Salon(stack.enter_context(server), cloud)
        with step("iCloud of Mara and Jonas connected and read"):
            events.fill(cloud, MARA, JONAS)
            mara, jonas = salon.login("mara"), salon.login("jonas")
            _connect(mara, MARA, "Family")
            _connect(jonas, JONAS)
            _wait_for_import(salon, mara, jonas)
            _book(mara, "haircut", {"name": "Anna Berg", "email": "anna.berg@example.com"})
        yield salon


def _connect(user: Api, email: str, *more_conflicts: str) -> None:
    """Connect as the product does, with Home as the primary calendar."""
    user.call("icloud.account", "connect", email, PASSWORDS[email])
    calendars = user.find("icloud.calendar", [("user_id", "=", user.uid)], "name")
    ids = {calendar["name"]: calendar["id"] for calendar in calendars}
    blocking = [ids[name] for name in ("Home", *more_conflicts)]
    values = {
        "icloud_primary_calendar_id": ids["Home"],
        "icloud_conflict_calendar_ids": [(6, 0, blocking)],
    }
    user.call("res.users", "write", [user.uid], values)


def _wait_for_import(salon: Salon, *users: Api) -> None:
    """Until then their times are not offered."""
    unread = [("check_conflicts", "=", True), ("last_import", "=", False)]
    deadline = time.monotonic() + FIRST_IMPORT_SECONDS
    while any(user.call("icloud.calendar", "search_count", unread) for user in users):
        if time.monotonic() > deadline:
            raise SetupError(f"iCloud was not read: see {salon.odoo.log}")
        time.sleep(0.1)


def _book(user: Api, slug: str, customer: dict[str, str]) -> None:
    """One booking on the next working day, so that the calendars are not empty."""
    [offer] = user.call("icloud.booking.type", "search", [("slug", "=", slug)])
    begin = events.at(events.working_day(1), 11).astimezone(UTC)
    window = begin.isoformat(), (begin + timedelta(days=7)).isoformat()
    first = user.call("icloud.booking.type", "slots", [offer], *window)[0]
    user.call("icloud.booking.type", "book", [offer], first["start"], customer)
