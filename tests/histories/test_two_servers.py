"""Two Odoo servers on one database, both with workers; each is killed while something waits."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from devtools.demo.odoo import server as odoo_server
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server
from tests.histories.cloud import Plot, WatchedCloud
from tests.histories.moments import set_back
from tests.live import Odoo, until
from tests.main_job.host import Host, at
from tests.main_job.phone import Phone

DATABASE, PASSWORD = "icloud_test_two_servers", "abcd-efgh-ijkl-mnop"
HOSTS, BOOKINGS = 3, 8
JOB = """(SELECT res_id FROM ir_model_data
            WHERE module = 'icloud_calendar_sync' AND name = 'cron_push')"""
SWITCH = f"UPDATE ir_cron SET active = %s WHERE id = {JOB}"
WAKE = f"INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES ({JOB}, now() AT TIME ZONE 'UTC')"


class Place:
    """Both servers, their database, and the hosts."""

    def __init__(
        self, cloud: WatchedCloud, servers: list[Server], databases: Databases, connection: Any
    ) -> None:
        self.cloud, self.servers = cloud, servers
        self._databases, self._connection = databases, connection
        self.odoo = Odoo(servers[0], connection)
        hours = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
            for day in range(7)
        ]
        hours_id = self.odoo.admin.call(
            "resource.calendar", "create", {"name": "Every day", "attendance_ids": [(5,), *hours]}
        )
        self.hosts = [self._host(number, hours_id) for number in range(HOSTS)]

    def _host(self, number: int, hours_id: int) -> Host:
        email = f"host{number}@icloud.com"
        self.cloud.add_account(email, PASSWORD)
        phone = Phone(self.cloud.url, email, PASSWORD, self.cloud.calendars(email))
        return Host(self.odoo, phone, hours_id).connect()

    def execute(self, query: str, *values: object) -> None:
        self._connection.cursor().execute(query, values)

    def work_again(self) -> None:
        """Later: what the dead ones had taken is free again after a while. Nobody is asked."""
        set_back(self._connection.cursor(), timedelta(minutes=20))
        self.execute(WAKE)
        with closing(self._databases.postgres.connect()) as connection:
            connection.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [DATABASE])

    def kill_at_put(self, nth: int, server: Server) -> Event:
        """Set when the server is dead."""
        is_dead = Event()

        def power_cut(_request: object) -> bool:
            server.kill()
            is_dead.set()
            return True

        self.cloud.plot = Plot(("PUT",), nth, is_before=False, action=power_cut)
        return is_dead

    def failed_jobs(self) -> list[str]:
        logs = "".join(server.log.read_text() for server in self.servers)
        return [line for line in logs.splitlines() if "Job" in line and "failed" in line]


@pytest.fixture
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        databases = Databases(stack.enter_context(postgres.start()))
        template = databases.template("test", ["icloud_calendar_sync"])
        stack.enter_context(databases.lent(template, DATABASE))
        cloud = stack.enter_context(WatchedCloud())
        servers = [
            stack.enter_context(odoo_server(databases, DATABASE, cloud.url, cloud.hosts))
            for _number in range(2)
        ]
        connection = stack.enter_context(closing(databases.postgres.connect(DATABASE)))
        yield Place(cloud, servers, databases, connection)


def test_nothing_is_lost_or_done_twice_while_servers_are_killed(place):
    place.execute(SWITCH, False)
    starts = [at(9) + number * timedelta(minutes=30) for number in range(BOOKINGS)]
    for host in place.hosts:
        for start in starts:
            host.book(start)
    place.cloud.seen.clear()
    place.execute(SWITCH, True)
    # Whichever of them works: the first kill or the second one meets it.
    for server in reversed(place.servers):
        is_dead = place.kill_at_put(5, server)
        place.work_again()
        assert is_dead.wait(90)
    for server in place.servers:
        server.start()
    place.work_again()
    for host in place.hosts:
        until(lambda host=host: len(host.phone.events()) == BOOKINGS, 90)
        assert sorted(event.start for event in host.phone.events()) == starts
        until(lambda host=host: not any(copy["attempts"] for copy in host.copies()))
    made = Counter(each.path for each in place.cloud.seen if each.method == "PUT")
    assert len(made) == HOSTS * BOOKINGS
    assert max(made.values()) == 1, "sent twice"
    assert not [each for each in place.cloud.seen if each.method == "DELETE"]
    assert place.failed_jobs() == []
