"""PostgreSQL cuts all connections in the middle of the workers' work: it goes on, nothing twice."""

from collections import Counter

import pytest

from tests.live import until
from tests.main_job.host import at

pytestmark = pytest.mark.parametrize("caldav", ["icloud"], indirect=True)

EVENTS = 160
BOOKINGS = 20


@pytest.fixture
def slow_host(host, caldav):
    """A host with many new events, whose iCloud takes its time."""
    for number in range(EVENTS):
        host.phone.add_hour("Home", f"Lesson {number}", at(8 + number % 10, number % 60))
    caldav.cloud.set_fault("slow", methods=["REPORT"], seconds=1.5)
    host.sync_now()
    yield host
    caldav.cloud.clear_faults()


def some_of_it(host):
    """Whether a part of the events is in Odoo, and not all."""
    return 0 < len(host.titles()) < EVENTS


def test_when_postgresql_cuts_all_connections_the_import_goes_on(odoo, slow_host):
    until(lambda: some_of_it(slow_host))
    before = {event["id"] for event in slow_host.imported()}
    odoo.cut_connections()
    until(lambda: len(slow_host.titles()) == EVENTS)
    assert before <= {event["id"] for event in slow_host.imported()}
    until(lambda: slow_host.calendar("Home")["last_import"])


# -- the push ------------------------------------------------------------------------------------


@pytest.fixture
def writes(caldav):
    """Every write takes a moment; how many there were of a method, for each resource."""
    cloud = caldav.cloud
    cloud.clear_requests()
    cloud.set_fault("slow", methods=["PUT", "DELETE"], seconds=0.25)

    def count(method):
        return Counter(each["path"] for each in cloud.requests() if each["method"] == method)

    yield count
    cloud.clear_faults()


@pytest.fixture
def bookings(unconnected):
    """Ids of many bookings of a host who is not connected yet."""
    return [
        unconnected.book(at(8 + number % 10, 30 * (number // 10))) for number in range(BOOKINGS)
    ]


def cut_in_the_middle(odoo, writes, method):
    until(lambda: 2 < len(writes(method)) < BOOKINGS - 2)
    odoo.cut_connections()


def is_done(host):
    return not any(copy["attempts"] for copy in host.copies())


def test_a_push_that_is_cut_goes_on_at_once_and_writes_nothing_twice(
    odoo, unconnected, bookings, writes
):
    """Sooner than in the five minutes of a lease: what was claimed is not left to it."""
    host = unconnected.connect()
    cut_in_the_middle(odoo, writes, "PUT")
    until(lambda: len(host.phone.files("Home")) == BOOKINGS and is_done(host))
    assert writes("PUT") == dict.fromkeys(host.phone.files("Home"), 1)

    sessions = host.api.call("icloud.booking", "read", bookings, ["event_id"], load="")
    where = {"location": "Room 7"}
    host.api.call("calendar.event", "write", [each["event_id"] for each in sessions], where)
    until(lambda: writes("PUT").total() > BOOKINGS + 2)
    odoo.cut_connections()
    until(lambda: all("Room 7" in file for file in host.phone.files("Home").values()))
    until(lambda: is_done(host))
    assert writes("PUT") == dict.fromkeys(host.phone.files("Home"), 2)

    odoo.receptionist.call("icloud.booking", "action_cancel", bookings)
    cut_in_the_middle(odoo, writes, "DELETE")
    until(lambda: not host.phone.files("Home") and is_done(host))
    assert set(writes("DELETE").values()) == {1}
