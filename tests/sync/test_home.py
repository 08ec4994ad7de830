"""How far one answer of an account's host is believed before the front door was asked."""

import pytest

from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import (
    Forbidden,
    NotFound,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from icloud_calendar_sync.sync.home import Home

EMAIL, PASSWORD = "mara@icloud.com", "abcd-efgh-ijkl-mnop"


@pytest.fixture
def home(cloud, client):
    home = Home(client, client.found.home_url)
    cloud.clear_requests()
    return home


def statuses(cloud):
    return [each["status"] for each in cloud.requests()]


def test_a_listing_costs_one_request(cloud, client, home):
    assert home.calendars() == client.found.calendars
    assert statuses(cloud) == [207]


@pytest.mark.parametrize("status", [401, 403, 404, 421])
def test_one_stray_refusal_is_not_believed(cloud, client, home, status):
    cloud.set_fault("refused", methods=["PROPFIND"], host="partition", status=status, times=1)
    assert home.calendars() == client.found.calendars
    assert home.url == client.found.home_url
    assert statuses(cloud) == [status, 207, 207, 207]


def test_a_listing_that_broke_off_is_asked_for_again(cloud, client, home):
    cloud.set_fault("reset_before", host="partition", methods=["PROPFIND"], times=2)
    assert home.calendars() == client.found.calendars


@pytest.mark.parametrize("status", [401, 404])
def test_an_account_that_moved_is_found_again(cloud, client, home, status):
    cloud.set_fault("partition_moved", status=status)
    before = home.url
    assert {each.href for each in home.calendars()} == {
        each.href for each in client.found.calendars
    }
    assert home.url != before
    cloud.clear_requests()
    home.calendars()
    assert statuses(cloud) == [207]


@pytest.mark.parametrize("nobody", ["https://p0-caldav.icloud.com.invalid", "http://127.0.0.1:9"])
def test_an_account_whose_host_is_no_more_is_found_again(cloud, client, nobody):
    hosts = cloud.hosts | {nobody.partition("//")[2]}
    with Client(cloud.url, EMAIL, PASSWORD, trusted_hosts=hosts) as other:
        home = Home(other, client.found.home_url.replace(client.base_url, nobody))
        assert home.calendars() == client.found.calendars
        assert home.url == client.found.home_url


def test_an_account_whose_former_host_never_answers_is_found_again(cloud, client, home, hasty):
    cloud.set_fault("slow", host="partition", seconds=1.2)
    cloud.set_fault("partition_moved")
    other = Home(hasty, home.url)
    assert {each.href for each in other.calendars()} == {
        each.href for each in client.found.calendars
    }
    assert other.url != home.url


def test_a_host_that_is_only_slow_is_asked_once(cloud, home, hasty):
    cloud.set_fault("slow", host="partition", methods=["PROPFIND"], seconds=1.2)
    other = Home(hasty, home.url)
    with pytest.raises(TimedOut):
        other.calendars()
    assert other.url == home.url
    assert [each["host"] for each in cloud.requests()].count("partition") <= 1


def test_after_a_front_door_that_cannot_tell_the_same_host_is_asked(cloud, client, home):
    cloud.set_fault("refused", methods=["PROPFIND"], host="front", status=503)
    assert not home.has_moved()
    cloud.clear_requests()
    assert home.calendars() == client.found.calendars
    assert statuses(cloud) == [207]


def test_a_password_that_the_front_door_refuses_is_sent_no_more(cloud, client, home):
    cloud.revoke(EMAIL)
    for _time in range(3):
        with pytest.raises(Unauthorized):
            home.calendars()
        with pytest.raises(Unauthorized):
            home.do(lambda: client.get("/x.ics"))
    assert statuses(cloud) == [401, 401]


@pytest.mark.parametrize("status", [401, 403, 421])
def test_a_host_that_contradicts_the_front_door_for_good_is_not_believed(
    cloud, client, home, status
):
    cloud.set_fault("refused", methods=["PROPFIND"], host="partition", status=status)
    for _time in range(3):
        with pytest.raises(Unavailable) as found:
            home.calendars()
        assert found.value.status == status
    # The front door is asked once, the host itself once more each time.
    assert statuses(cloud) == [status, 207, 207, status, status, status]


def test_what_is_not_there_is_not_there_after_the_front_door_was_heard(cloud, client, home):
    for _time in range(2):
        with pytest.raises(NotFound):
            home.do(lambda: client.get(f"{client.found.calendars[0].href}x.ics"))
    assert statuses(cloud) == [404, 207, 207, 404, 404]


def test_what_may_be_missing_is_no_reason_to_ask(cloud, client, home):
    with pytest.raises(NotFound):
        home.do(lambda: client.get(f"{client.found.calendars[0].href}x.ics"), NotFound)
    assert statuses(cloud) == [404]


def test_a_write_that_is_forbidden_is_forbidden(cloud, client, home):
    cloud.set_fault("refused", methods=["PUT"], status=403)
    for _time in range(2):
        with pytest.raises(Forbidden):
            home.do(lambda: client.put(f"{client.found.calendars[0].href}x.ics", b"x", etag=None))
    assert statuses(cloud) == [403, 207, 207, 403, 403]


def test_a_write_whose_answer_is_lost_is_not_sent_again(cloud, client, home):
    cloud.set_fault("reset_after", methods=["PUT"])
    with pytest.raises(Unavailable):
        home.do(lambda: client.put(f"{client.found.calendars[0].href}x.ics", b"x", etag=None))
    assert len(cloud.requests()) <= 1


@pytest.mark.parametrize("status", [400, 409])
def test_other_refusals_are_no_reason_to_ask(cloud, client, home, status):
    cloud.set_fault("refused", methods=["PROPFIND"], host="partition", status=status)
    with pytest.raises(Refused):
        home.calendars()
    assert statuses(cloud) == [status]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_nothing_is_believed_while_the_front_door_cannot_tell(cloud, client, home, status):
    cloud.set_fault("wrong_password_mid_run", host="partition")
    cloud.set_fault("refused", methods=["PROPFIND"], host="front", status=status)
    with pytest.raises(Unavailable) as found:
        home.calendars()
    assert found.value.status == status
    assert statuses(cloud) == [401, status]


def test_no_time_is_no_reason_to_ask(cloud, client, home):
    hasty = Client(cloud.url, EMAIL, PASSWORD, trusted_hosts=cloud.hosts, deadline=0)
    with pytest.raises(TimedOut):
        Home(hasty, home.url).calendars()
    assert statuses(cloud) == []


def test_the_front_door_that_cannot_tell_is_not_asked_what_only_the_home_knows(cloud, client, home):
    """Nobody but the host that has the calendars can say what stands in them."""
    calendar = client.found.calendars[0].href
    cloud.set_fault("refused", methods=["PROPFIND"], host="partition", status=403, times=1)
    cloud.set_fault("unavailable", host="front", times=1)
    with pytest.raises(Unavailable):
        home.calendars()
    cloud.clear_requests()
    with pytest.raises(NotFound):
        home.do(lambda: client.get(f"{calendar}x.ics"), NotFound)
    assert [each["host"] for each in cloud.requests()] == ["partition"]
