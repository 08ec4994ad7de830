"""A running server of several processes with booking types of the race's own, and the truth.

The truth is what stands in the database, read past Odoo.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from benchmarks.race.api import JsonApi
from devtools.demo.limits import set_limits
from devtools.demo.rpc import Api
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server

WORKERS = 4
HIRED_AT_ONCE = 20  # Each time, every process of the server forgets what it had cached.
SLOT = timedelta(minutes=30)

# Never the password of anybody: nothing is pushed while the race runs.
CONNECT = """
    WITH account AS (
        INSERT INTO icloud_account (user_id, state) SELECT unnest(%s), 'connected'
        RETURNING id, user_id),
    calendar AS (
        INSERT INTO icloud_calendar
            (account_id, user_id, name, href, writable, check_conflicts, unanswered_blocks,
             last_import)
        SELECT id, user_id, 'Home', '/home/', TRUE, TRUE, TRUE, now() AT TIME ZONE 'UTC'
          FROM account
        RETURNING id, account_id)
    SELECT account_id, id FROM calendar
"""
PRIMARY = "UPDATE icloud_account SET primary_calendar_id = %s WHERE id = %s"
HELD = """
    SELECT booking.customer_name, event.start FROM icloud_booking booking
      JOIN calendar_event event ON event.id = booking.event_id
     WHERE booking.type_id = %s AND booking.holds_time AND booking.parent_id IS NULL
"""


def iso(moment: datetime) -> str:
    """As the API writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def odoo_time(moment: datetime) -> str:
    """As Odoo's own clients write times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


class Wish(NamedTuple):
    """Who wants what; nobody else has this name."""

    name: str
    email: str
    start: datetime
    seats: int


def booking(wish: Wish, services: Sequence[int] = ()) -> dict[str, Any]:
    """The arguments of `icloud.booking.type.book`."""
    return {
        "start": iso(wish.start),
        "customer": {"name": wish.name, "email": wish.email},
        "service_ids": list(services),
        "seats": wish.seats,
    }


class Shop:
    """What scenarios need: types to book, bookings to move, and who holds which time."""

    def __init__(self, server: Server, connection: Any) -> None:
        self.url, self.database, self.log = server.url, server.database, server.log
        self.connection = connection
        self.admin = Api.login(server.url, server.database, "admin", "admin")
        self.api = JsonApi.with_new_key(server.url, server.database, connection, self.admin.uid)
        self._numbers = itertools.count(1)
        self._hours = self._always_open()
        self._idle: list[int] = []

    def _always_open(self) -> int:
        days = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24})
            for day in range(7)
        ]
        values = {"name": "Always", "tz": "UTC", "attendance_ids": [(5,), *days]}
        return self.admin.call("resource.calendar", "create", values)

    def _hosts(self, count: int) -> list[int]:
        """Users who take bookings for nothing yet."""
        if len(self._idle) < count:
            names = [f"Host {next(self._numbers)}" for _number in range(HIRED_AT_ONCE)]
            users = [{"name": name, "login": name.replace(" ", "-").lower()} for name in names]
            self._idle = self.admin.call("res.users", "create", users)
        hosts, self._idle = self._idle[:count], self._idle[count:]
        return hosts

    def rooms(self, count: int) -> list[int]:
        """New rooms, or pieces of equipment."""
        values = {"name": f"Room {next(self._numbers)}", "resource_type": "material"}
        return [self.admin.call("resource.resource", "create", values) for _number in range(count)]

    def offer(self, hosts: int, fixed: int = 0, **values: Any) -> "Offer":
        """A published type that so many hosts, connected to iCloud, take bookings for.

        :param fixed: how many of them come to every booking
        """
        number = next(self._numbers)
        users = self._hosts(hosts)
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
                "host_ids": [
                    (0, 0, {"user_id": user, "fixed": n < fixed}) for n, user in enumerate(users)
                ],
                "is_published": True,
                **values,
            },
        )
        return Offer(self, type_id, f"race-{number}")

    def menu(self, hosts: int) -> "Offer":
        """The same with a service of each host, that nobody else does."""
        minutes = int(SLOT.total_seconds() // 60)
        offer = self.offer(hosts, kind="service", is_published=False, slot_step=minutes // 2)
        rows = self.admin.find("icloud.booking.host", [("type_id", "=", offer.type_id)], "id")
        offer.services = [
            self.admin.call(
                "icloud.booking.service",
                "create",
                {
                    "type_id": offer.type_id,
                    "name": f"Service {host['id']}",
                    "duration": minutes,
                    "staff_ids": [(0, 0, {"host_id": host["id"]})],
                },
            )
            for host in rows
        ]
        self.admin.call("icloud.booking.type", "write", [offer.type_id], {"is_published": True})
        return offer


class Offer:
    """One booking type; `services` of a menu."""

    def __init__(self, shop: Shop, type_id: int, slug: str) -> None:
        self.shop, self.type_id, self.slug = shop, type_id, slug
        self.services: list[int] = []

    def held(self) -> dict[str, datetime]:
        """Who holds which time, by the customer's name; each customer books once."""
        cursor = self.shop.connection.cursor()
        cursor.execute(HELD, [self.type_id])
        return {name: start.replace(tzinfo=UTC) for name, start in cursor.fetchall()}

    def book(self, wish: Wish, services: Sequence[int] = ()) -> int:
        """The id of a new booking."""
        values = booking(wish, services)
        return self.shop.api.call("icloud.booking.type", "book", [self.type_id], **values)[0]

    def token(self, booking_id: int) -> str:
        return self._of(booking_id, "token")

    def session(self, booking_id: int) -> int:
        return self._of(booking_id, "event_id")

    def _of(self, booking_id: int, column: str) -> Any:
        found = self.shop.admin.find("icloud.booking", [("id", "=", booking_id)], column)
        return found[0][column]


@contextlib.contextmanager
def opened() -> Iterator[tuple[Shop, Server]]:
    """A shop on a fresh database; the database is dropped, the server's log stays."""
    database = f"icloud_race_{os.getpid()}"
    with postgres.start() as cluster:
        databases = Databases(cluster)
        # Behind a proxy, so that each visitor can come from an address of their own.
        server = Server(database, workers=WORKERS, cron_threads=0, config={"proxy_mode": True})
        with databases.lent(databases.template("test", ["icloud_calendar_sync"]), database):
            # What is raced for are times, not who may ask how often.
            set_limits(cluster, database, "all=off")
            with server, closing(cluster.connect(database)) as connection:
                yield Shop(server, connection), server
