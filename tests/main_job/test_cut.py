"""A first import that is slow, and cut in the middle: what was read stays, and the rest follows."""

import pytest

from tests.live import until
from tests.main_job.host import at

pytestmark = pytest.mark.parametrize("caldav", ["icloud"], indirect=True)

EVENTS = 160


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
