"""A password that iCloud refuses is sent to no second calendar, and for no second order.

Where it was a look, the front door is asked once whether that is true.
"""

from datetime import UTC, datetime

from icloud_calendar_sync.icloud.errors import Unauthorized
from icloud_calendar_sync.sync.news import Known, Window
from icloud_calendar_sync.sync.orders import Order
from tests.sync.looking import look_at
from tests.sync.runs import run_of

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WINDOW = Window(NOW, datetime(2027, 11, 1, tzinfo=UTC), "Europe/Brussels", frozenset())


def statuses(cloud):
    return [each["status"] for each in cloud.requests()]


def known_of(folder):
    """All calendars, each with more events to fetch than one request asks for."""
    return [
        Known(number, href, None, None, {}, again=frozenset(f"{href}{n}.ics" for n in range(120)))
        for number, href in enumerate(folder.values())
    ]


def test_a_look_ends_at_the_listing(cloud, client, folder):
    cloud.revoke("mara@icloud.com")
    cloud.clear_requests()
    for _time in range(2):
        answer = look_at(client, client.found.home_url, known_of(folder), WINDOW)
        assert isinstance(answer.error, Unauthorized)
    assert statuses(cloud) == [401, 401]


def test_a_look_ends_in_the_middle_of_a_calendar(cloud, client, folder):
    cloud.set_fault("wrong_password_mid_run", after=3)
    cloud.clear_requests()
    first = look_at(client, client.found.home_url, known_of(folder), WINDOW)
    assert isinstance(first.news[-1].error, Unauthorized)
    assert isinstance(look_at(client, client.found.home_url, [], WINDOW).error, Unauthorized)
    assert statuses(cloud) == [207, 207, 207, 401, 401]


def test_no_second_order_is_sent(cloud, client, folder):
    cloud.revoke("mara@icloud.com")
    cloud.clear_requests()
    orders = [
        Order(number, 1, f"{href}{number}.ics", "X", None, True, tuple(folder.values()))
        for number, href in enumerate(folder.values())
    ]
    assert len(orders) > 1
    for _time in range(2):
        run = run_of(client, orders, NOW)
        ((results, untried),) = run.batches()
        assert isinstance(run.stopped, Unauthorized)
        assert (len(results), len(untried)) == (0, len(orders))
    assert statuses(cloud) == [401, 401]  # The account's host, and the front door.
