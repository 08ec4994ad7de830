"""Two Odoo servers on one database share the sync by OCA's queue_job; one of them is killed."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from devtools import paths
from devtools.demo.odoo import OTHER_JOBS_OFF
from devtools.demo.rpc import Api
from devtools.local_icloud import LocalICloud
from devtools.machine import postgres
from devtools.machine.balancer import balancer
from devtools.machine.database import Databases
from devtools.machine.server import Server
from devtools.ports import free_port
from tests.faults.test_copied_database import run
from tests.live import Odoo, until
from tests.main_job.host import CUSTOMER, ZONE, at, iso

DATABASE = "icloud_test_queue"
HOSTS = 6
PASSWORD = "abcd-efgh-ijkl-mnop"
# Commands of one round, each as an operator's clock would bring them about, in no time.
TIME_PASSES = """
    UPDATE icloud_event_outcome SET next_try = now() AT TIME ZONE 'UTC' WHERE next_try IS NOT NULL
"""
JOBS_DONE = """
    SELECT worker_pid, COUNT(*) FROM queue_job
     WHERE state = 'done' AND method_name = '_job_push' GROUP BY worker_pid
"""


class Company:
    """Hosts who are booked, their iCloud, and two servers behind a balancer."""

    def __init__(self, cloud: LocalICloud, servers: list[Server], connection) -> None:
        self.cloud, self.servers = cloud, servers
        self.connection = connection
        self.odoo = Odoo(servers[0], connection)
        self.hosts = [self._new_host(number) for number in range(HOSTS)]

    def sql(self, query: str) -> list[tuple]:
        cursor = self.connection.cursor()
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []

    def _new_host(self, number: int) -> tuple[str, int]:
        """(Apple Account, booking type)"""
        email = f"host{number}@icloud.com"
        api = self.odoo.new_user("host")
        api.call("icloud.account", "connect", email, PASSWORD)
        every_day = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
            for day in range(7)
        ]
        schedule = {"name": "Every day", "attendance_ids": [(5,), *every_day]}
        offer = self.odoo.admin.call(
            "icloud.booking.type",
            "create",
            {
                "name": "First visit",
                "tz": ZONE.key,
                "min_notice": 0,
                "is_published": True,
                "host_ids": [(0, 0, {"user_id": api.uid})],
                "schedule_id": self.odoo.admin.call("resource.calendar", "create", schedule),
                # A host whose first look is still to come may be booked all the same.
                "stale_policy": "show",
            },
        )
        return email, offer

    def book_all(self, hour: int) -> None:
        for _email, offer in self.hosts:
            self.odoo.admin.call("icloud.booking.type", "book", [offer], iso(at(hour)), CUSTOMER)

    def copies(self) -> Counter:
        """How many bookings stand in each host's iCloud."""
        return Counter(
            {
                email: sum(
                    b"SUMMARY:First visit" in data
                    for data in self.cloud.events(email, "Home").values()
                )
                for email, _offer in self.hosts
            }
        )

    def everywhere(self, count: int) -> Callable[[], bool]:
        return lambda: self.copies() == Counter({email: count for email, _offer in self.hosts})

    def puts(self) -> Counter:
        return Counter(each["path"] for each in self.cloud.requests() if each["method"] == "PUT")

    def unfinished(self) -> list[tuple]:
        return self.sql(
            "SELECT uuid, state, method_name, worker_pid, date_enqueued FROM queue_job"
            " WHERE state IN ('started', 'enqueued')"
        )


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.start())
        accounts = {f"host{number}@icloud.com": PASSWORD for number in range(HOSTS)}
        cloud = stack.enter_context(LocalICloud(accounts))
        databases = Databases(cluster)
        template = databases.template("models", [addon.name for addon in paths.addons()])
        stack.enter_context(databases.lent(template, DATABASE))
        connection = stack.enter_context(closing(cluster.connect(DATABASE)))
        connection.cursor().execute(OTHER_JOBS_OFF)
        ports = [free_port(), free_port()]
        shared = stack.enter_context(balancer(ports))
        servers = [
            stack.enter_context(
                Server(
                    DATABASE,
                    port=port,
                    env={
                        "ICLOUD_CALDAV_URL": cloud.url,
                        "ICLOUD_CALDAV_HOSTS": ",".join(sorted(cloud.hosts)),
                        "ODOO_QUEUE_JOB_CHANNELS": "root:4,root.icloud:4",
                        "ODOO_QUEUE_JOB_PORT": str(shared),
                    },
                    config={
                        "server_wide_modules": "base,rpc,web,queue_job",
                        "smtp_server": "127.0.0.1",
                        "smtp_port": 1,
                    },
                )
            )
            for port in ports
        ]
        yield Company(cloud, servers, connection)


def test_both_servers_work_and_nothing_is_done_twice(company):
    until(lambda: company.sql("SELECT 1 FROM queue_job WHERE state = 'done'"))
    company.cloud.clear_requests()
    company.cloud.set_fault("slow", seconds=0.3)
    company.book_all(9)
    until(company.everywhere(1), 60)
    until(lambda: not company.unfinished())
    company.cloud.clear_faults()
    assert set(company.puts().values()) == {1}
    assert len(company.puts()) == HOSTS
    pids = {server.process.pid for server in company.servers}
    assert {pid for pid, _count in company.sql(JOBS_DONE)} == pids


def test_a_server_that_is_killed_at_work_loses_nothing(company):
    first, second = company.servers
    company.cloud.set_fault("slow", seconds=2)
    company.book_all(11)
    until(
        lambda: company.sql(
            "SELECT 1 FROM queue_job WHERE state = 'started' AND method_name = '_job_push'"
            f" AND worker_pid = {first.process.pid}"
        )
    )
    first.kill()
    company.cloud.clear_faults()

    api = Api.login(second.url, DATABASE, "admin", "admin")

    def all_there() -> bool:
        # What the dead server had claimed is free again after its lease.
        company.sql(TIME_PASSES)
        run(api, "send bookings")
        return company.everywhere(2)()

    until(all_there, 120)

    def none_left() -> bool:
        # The runner looks for jobs of the dead whenever the queue moves, or else once a minute.
        company.sql("NOTIFY queue_job, 'nothing'")
        assert company.unfinished() == []
        return True

    until(none_left)
    assert second.process.poll() is None
