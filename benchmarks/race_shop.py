"""A running server of several processes with booking types of the race's own, and the truth.

The truth is what stands in the database, read past Odoo.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from devtools import postgres
from devtools.database import Databases
from devtools.demo_rpc import Api
from devtools.server import Server

WORKERS = 4
SLOT = timedelta(minutes=30)

# Never the password of anybody: nothing is pushed while the race runs.
CONNECT = """
    WITH account AS (
        INSERT INTO icloud_account (user_id, state) SELECT unnest(%s), 'connected'
        RETURNING id, user_id),
    calendar AS (
        INSERT INTO icloud_calendar
            (account_id, user_id, name, href, writable, check_conflicts, last_import)
        SELECT id, user_id, 'Home', '/home/', TRUE, TRUE, now() AT TIME ZONE 'UTC' FROM account
        RETURNING id, account_id)
    SELECT account_id, id FROM calendar
"""
PRIMARY = "UPDATE icloud_account SET primary_calendar_id = %s WHERE id = %s"
HELD = """
    SELECT booking.email, event.start FROM icloud_booking booking
      JOIN calendar_event event ON event.id = booking.event_id
     WHERE booking.type_id = %s AND booking.holds_time
"""


def iso(moment: datetime) -> str:
    """As the API writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Shop:
    """What scenarios need: types to book, bookings to move, and who holds which time."""

    def __init__(self, server: Server, connection: Any) -> None:
        self.url, self.database = server.url, server.database
        self.connection = connection
        self.admin = Api.login(server.url, server.database, "admin", "admin")
        self._numbers = itertools.count(1)
        self._hours = self._always_open()

    def _always_open(self) -> int:
        days = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24})
            for day in range(7)
        ]
        values = {"name": "Always", "tz": "UTC", "attendance_ids": [(5,), *days]}
        return self.admin.call("resource.calendar", "create", values)

    def offer(self, hosts: int, **values: Any) -> "Offer":
        """A published type that so many hosts, connected to iCloud, take bookings for."""
        number = next(self._numbers)
        users = [
            self.admin.call(
                "res.users", "create", {"name": f"Host {number}.{n}", "login": f"host-{number}-{n}"}
            )
            for n in range(hosts)
        ]
        cursor = self.connection.cursor()
        cursor.execute(CONNECT, [users])
        for account, calendar in cursor.fetchall():
            cursor.execute(PRIMARY, [calendar, account])
        minutes = int(SLOT.total_seconds() // 60)
        type_id = self.admin.call(
            "icloud.booking.type",
            "create",
            {
                "name": f"Race {number}",
                "slug": f"race-{number}",
                "duration": minutes,
                "slot_step": minutes,
                "min_notice": 0,
                "horizon_days": 365,
                "tz": "UTC",
                "schedule_id": self._hours,
                "host_ids": [(0, 0, {"user_id": user}) for user in users],
                "is_published": True,
                **values,
            },
        )
        return Offer(self, type_id, f"race-{number}")


class Offer:
    """One booking type."""

    def __init__(self, shop: Shop, type_id: int, slug: str) -> None:
        self.shop, self.type_id, self.slug = shop, type_id, slug

    def held(self) -> dict[str, datetime]:
        """Who holds which time, by the customer's e-mail address; each customer books once."""
        cursor = self.shop.connection.cursor()
        cursor.execute(HELD, [self.type_id])
        return {email: start.replace(tzinfo=UTC) for email, start in cursor.fetchall()}

    def book(self, email: str, start: datetime) -> int:
        """The id of a new booking."""
        customer = {"name": "Early Bird", "email": email}
        made = self.shop.admin.call(
            "icloud.booking.type", "book", [self.type_id], iso(start), customer
        )
        return made if isinstance(made, int) else made[0]

    def token(self, booking_id: int) -> str:
        return self.shop.admin.find("icloud.booking", [("id", "=", booking_id)], "token")[0][
            "token"
        ]


@contextlib.contextmanager
def opened() -> Iterator[tuple[Shop, Server]]:
    """A shop on a fresh database; the database is dropped, the server's log stays."""
    database = f"icloud_race_{os.getpid()}"
    with postgres.start() as cluster:
        databases = Databases(cluster)
        databases.copy(databases.template("test", ["icloud_calendar_sync"]), database)
        # Behind a proxy, so that each visitor can come from an address of their own.
        server = Server(database, workers=WORKERS, cron_threads=0, config={"proxy_mode": True})
        try:
            with server, closing(cluster.connect(database)) as connection:
                yield Shop(server, connection), server
        finally:
            databases.drop(database)
