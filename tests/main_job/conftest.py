"""One live Odoo for each CalDAV server, and a new host for each test."""

from collections.abc import Iterator

import pytest

from tests.live import Odoo, live_odoo
from tests.main_job.caldav_servers import SERVERS
from tests.main_job.host import Host


@pytest.fixture(scope="session", params=list(SERVERS))
def caldav(request, tmp_path_factory):
    """Each of the three servers in turn."""
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture(scope="session")
def odoo(caldav) -> Iterator[Odoo]:
    with live_odoo(f"icloud_test_{caldav.name}", caldav.url, caldav.hosts) as running:
        yield running


@pytest.fixture(autouse=True)
def no_job_fails(odoo) -> Iterator[None]:
    """Whatever iCloud or users do, no scheduled job of Odoo fails because of it."""
    before = odoo.failed_jobs()
    yield
    assert odoo.failed_jobs() == before


@pytest.fixture(scope="session")
def hours_id(odoo) -> int:
    """Every day from 8 to 18."""
    return odoo.admin.call(
        "resource.calendar",
        "create",
        {
            "name": "Every day",
            "attendance_ids": [(5,)]
            + [
                (
                    0,
                    0,
                    {
                        "name": "Day",
                        "dayofweek": str(day),
                        "hour_from": 8,
                        "hour_to": 18,
                        "day_period": "morning",
                    },
                )
                for day in range(7)
            ],
        },
    )


@pytest.fixture
def unconnected(odoo, caldav, hours_id) -> Host:
    return Host(odoo, caldav.new_account(), hours_id)


@pytest.fixture
def host(unconnected) -> Host:
    return unconnected.connect()


@pytest.fixture(scope="module")
def shared_host(odoo, caldav, hours_id) -> Host:
    """One host for all tests of a module that change nothing."""
    return Host(odoo, caldav.new_account(), hours_id).connect()
