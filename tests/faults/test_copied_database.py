"""Somebody copies the database, forgets to neutralize it, and starts Odoo on the copy."""

from collections.abc import Iterator

import pytest

from devtools.demo.odoo import server as odoo_server
from devtools.demo.rpc import Api, RpcError
from devtools.local_icloud import LocalICloud
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server
from tests.live import until
from tests.main_job.host import CUSTOMER, ZONE, at, iso

REAL, COPY = "icloud_test_real", "icloud_test_copy"
EMAIL, PASSWORD = "admin@icloud.com", "abcd-efgh-ijkl-mnop"


class Place:
    """PostgreSQL and an iCloud; an Odoo on one database at a time, at another port each."""

    def __init__(self, databases: Databases, cloud: LocalICloud) -> None:
        self.databases, self.cloud = databases, cloud

    def odoo(self, database: str) -> Server:
        return odoo_server(self.databases, database, self.cloud.url, self.cloud.hosts)


@pytest.fixture
def place() -> Iterator[Place]:
    with postgres.start() as cluster, LocalICloud({EMAIL: PASSWORD}) as cloud:
        databases = Databases(cluster)
        databases.copy(databases.template("test", ["icloud_calendar_sync"]), REAL)
        try:
            yield Place(databases, cloud)
        finally:
            for database in (REAL, COPY):
                databases.drop(database)


def admin(server: Server) -> Api:
    return Api.login(server.url, server.database, "admin", "admin")


def account(api: Api) -> dict:
    [found] = api.find("icloud.account", [], "state", "is_copied", "last_error")
    return found


def starts(place: Place) -> list[bytes]:
    """When the bookings on the phone begin."""
    return sorted(
        line
        for data in place.cloud.events(EMAIL, "Home").values()
        if b"SUMMARY:First visit" in data
        for line in data.splitlines()
        if line.startswith(b"DTSTART;TZID=Europe/Berlin")
    )


def run(api: Api, name: str) -> bool:
    """Run a job once more, unless it runs by itself just now."""
    try:
        crons = api.call("ir.cron", "search", [("name", "like", name)])
        api.call("ir.cron", "method_direct_trigger", crons)
    except RpcError as error:
        if "already executing" not in str(error):
            raise
        return False
    return True


def two_bookings(api: Api, place: Place) -> list[int]:
    """An offer of the administrator's own, booked twice, in iCloud."""
    api.call("res.users", "write", [api.uid], {"tz": ZONE.key})
    api.call("icloud.account", "connect", EMAIL, PASSWORD)
    until(lambda: api.find("icloud.calendar", [("last_import", "!=", False)], "name"))
    values = {
        "name": "First visit",
        "tz": ZONE.key,
        "min_notice": 0,
        "is_published": True,
        "host_ids": [(0, 0, {"user_id": api.uid})],
        "schedule_id": api.call(
            "resource.calendar",
            "create",
            {
                "name": "Every day",
                "attendance_ids": [(5,)]
                + [
                    (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
                    for day in range(7)
                ],
            },
        ),
    }
    offer = api.call("icloud.booking.type", "create", values)
    bookings = [
        api.call("icloud.booking.type", "book", [offer], iso(at(hour)), CUSTOMER)[0]
        for hour in (9, 11)
    ]
    until(lambda: len(starts(place)) == 2)
    return bookings


def test_the_copy_leaves_icloud_alone_and_the_real_one_goes_on(place):
    with place.odoo(REAL) as real:
        moves, goes = two_bookings(admin(real), place)
    stood = starts(place)
    place.databases.copy(REAL, COPY)
    place.cloud.clear_requests()

    with place.odoo(COPY) as copy:
        api = admin(copy)
        api.call("icloud.booking", "reschedule", [moves], iso(at(15)))
        api.call("icloud.booking", "action_cancel", [goes])
        until(lambda: account(api)["is_copied"])
        for name in ("send bookings", "read calendars"):
            until(lambda name=name: run(api, name))
        assert "not the one that your iCloud was connected in" in account(api)["last_error"]
        api.call("icloud.account", "action_disconnect", [account(api)["id"]], remove=True)
    assert place.cloud.requests() == []
    assert starts(place) == stood

    with place.odoo(REAL) as real:
        api = admin(real)
        api.call("icloud.booking", "reschedule", [moves], iso(at(16)))
        until(lambda: any(b"T160000" in line for line in starts(place)))
        assert len(starts(place)) == 2
        assert account(api)["state"] == "connected"
        assert not account(api)["is_copied"]
