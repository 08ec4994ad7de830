"""Many want the same time at once, on a server of several processes."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from devtools.demo.rpc import Api, RpcError
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server
from tests.main_job.host import at, iso

VISITORS = 16
TAKEN = "odoo.addons.icloud_calendar_sync.exceptions.TimeTaken"


@pytest.fixture(scope="module")
def server():
    database = "icloud_test_race"
    with postgres.start() as cluster:
        databases = Databases(cluster)
        with (
            databases.lent(databases.template("test", ["icloud_calendar_sync"]), database),
            Server(database, workers=2, cron_threads=0) as running,
        ):
            running.cluster = cluster
            yield running


@pytest.fixture(scope="module")
def admin(server):
    return Api.login(server.url, server.database, "admin", "admin")


@pytest.fixture
def offer(admin):
    """A type whose times are taken by this many hosts: its id."""

    def make(hosts):
        users = [
            admin.call("res.users", "create", {"name": f"Host {n}", "login": f"{hosts}-host-{n}"})
            for n in range(hosts)
        ]
        hours = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24})
            for day in range(7)
        ]
        schedule = admin.call(
            "resource.calendar", "create", {"name": "Always", "attendance_ids": [(5,), *hours]}
        )
        values = {
            "name": f"Race of {hosts}",
            "schedule_id": schedule,
            "is_published": True,
            "host_ids": [(0, 0, {"user_id": user}) for user in users],
        }
        return admin.call("icloud.booking.type", "create", values)

    return make


def all_at_once(server, jobs):
    """What became of each job: its answer, or the name of Odoo's exception."""

    def one(job):
        # Everybody's own connection: that is what makes it a race.
        api = Api.login(server.url, server.database, "admin", "admin")
        try:
            job(api)
        except RpcError as error:
            return error.name
        return "done"

    with ThreadPoolExecutor(len(jobs)) as pool:
        return Counter(pool.map(one, jobs))


def overlaps(server):
    with closing(server.cluster.connect(server.database)) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT count(*) FROM icloud_booking_reservation a"
            " JOIN icloud_booking_reservation b ON a.resource_id = b.resource_id AND a.id < b.id"
            " AND tsrange(a.start, a.stop) && tsrange(b.start, b.stop)"
            " WHERE a.active AND b.active"
        )
        return cursor.fetchone()[0]


def test_many_visitors_for_one_slot_of_three_hosts_sell_it_three_times(server, admin, offer):
    type_id, start = offer(3), iso(at(10))

    def book(number):
        customer = {"name": f"Visitor {number}", "email": f"visitor{number}@example.com"}
        return lambda api: api.call("icloud.booking.type", "book", [type_id], start, customer)

    outcomes = all_at_once(server, [book(number) for number in range(VISITORS)])
    assert outcomes == {"done": 3, TAKEN: VISITORS - 3}
    assert admin.call("icloud.booking", "search_count", [("type_id", "=", type_id)]) == 3
    assert overlaps(server) == 0


def test_moves_against_bookings_sell_nothing_twice(server, admin, offer):
    type_id, wanted = offer(1), iso(at(15))
    customer = {"name": "Anna Berg", "email": "anna@example.com"}
    booked = [
        admin.call("icloud.booking.type", "book", [type_id], iso(at(hour)), customer)
        for hour in range(6, 12)
    ]
    ids = [booking if isinstance(booking, int) else booking[0] for booking in booked]

    def move(booking_id):
        return lambda api: api.call("icloud.booking", "reschedule", [booking_id], wanted)

    def book(api):
        api.call("icloud.booking.type", "book", [type_id], wanted, customer)

    outcomes = all_at_once(server, [*map(move, ids), *[book] * 6])
    assert outcomes == {"done": 1, TAKEN: 11}
    assert overlaps(server) == 0
    # Nobody who lost the race lost what they had.
    domain = [("type_id", "=", type_id), ("state", "=", "confirmed")]
    assert admin.call("icloud.booking", "search_count", domain) in (6, 7)
