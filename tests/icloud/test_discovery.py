"""From an Apple ID to its calendars, on real servers, and with the oddest listings."""

import pytest

from icloud_calendar_sync.icloud import discovery
from icloud_calendar_sync.icloud.discovery import discover, list_calendars
from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    Unauthorized,
    Unavailable,
    UntrustedHost,
)

HOME = "/7/calendars/"


def principal(href: str = "/7/principal/") -> str:
    return response("/", f"<current-user-principal><href>{href}</href></current-user-principal>")


def home(href: str = HOME, addresses: str = "") -> str:
    return response(
        "/7/principal/",
        f'<calendar-home-set xmlns="urn:ietf:params:xml:ns:caldav"><href xmlns="DAV:">{href}</href>'
        f"</calendar-home-set>{addresses}",
    )


def response(href: str, properties: str, status: str = "200 OK") -> str:
    return (
        f"<response><href>{href}</href><propstat><prop>{properties}</prop>"
        f"<status>HTTP/1.1 {status}</status></propstat></response>"
    )


OWN = response(HOME, "<resourcetype><collection/></resourcetype>")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch):
    monkeypatch.setattr(discovery, "_PAUSE_SECONDS", 0)


# --- on each real server


def test_discovery_finds_a_calendar_that_was_made_elsewhere(server, client, calendar):
    found = discover(client)
    assert calendar in {each.href for each in found.calendars}
    assert found.home_url.endswith(server.home)
    assert found.home_url.startswith("http://127.0.0.")
    assert "anna@example.com" in found.addresses


def test_a_listing_later_on_shows_the_same_calendars(server, client, calendar):
    found = discover(client)
    with server.client() as another:
        assert list_calendars(another, found.home_url) == found.calendars
        assert another.base_url == client.base_url


def test_the_token_in_the_listing_moves_when_something_changes(server, client, calendar):
    home_url = discover(client).home_url

    def token():
        return {each.href: each for each in list_calendars(client, home_url)}[calendar].sync_token

    before = token()
    assert before == token()
    server.write(f"{calendar}lunch.ics")
    assert before != token()


# --- on the local iCloud


def test_discovery_ends_on_the_accounts_own_host(icloud, icloud_server):
    with icloud_server.client() as client:
        found = discover(client)
        assert client.base_url == icloud.partition_url
        assert found.home_url == f"{icloud.partition_url}{icloud_server.home}"


def test_only_calendars_for_events_are_listed(icloud, icloud_server):
    with icloud_server.client() as client:
        found = {each.href: each for each in discover(client).calendars}
    hidden = {
        f"{icloud_server.home}{name}/" for name in ("inbox", "outbox", "notification", "tasks")
    }
    assert not hidden & found.keys()
    by_name = {each.name: each for each in found.values()}
    assert not by_name["School holidays"].writable
    assert by_name["Club"].writable
    assert by_name["Club"].color == "#CC73E1"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_front_host_that_sends_everybody_on_is_followed(icloud, icloud_server, status):
    icloud.set_fault("redirect", status=status)
    with icloud_server.client() as client:
        assert discover(client).home_url == f"{icloud.partition_url}{icloud_server.home}"


def test_a_home_on_an_untrusted_host_is_refused(icloud, icloud_server):
    front = frozenset({icloud_server.url.split("/")[2]})
    untrusting = type(icloud_server)(icloud_server.url, front, icloud_server.home)
    with untrusting.client() as client, pytest.raises(UntrustedHost):
        discover(client)


def test_a_forbidden_that_passes_is_tried_again(icloud, icloud_server):
    icloud.set_fault("flaky_forbidden", times=2)
    with icloud_server.client() as client:
        assert discover(client).calendars


def test_a_forbidden_that_stays_is_told(icloud, icloud_server):
    icloud.set_fault("flaky_forbidden")
    with icloud_server.client() as client, pytest.raises(Forbidden):
        discover(client)
    assert len(icloud.requests()) == 3


def test_a_principal_without_its_number_is_asked_for_again(icloud, icloud_server):
    icloud.set_fault("principal_href_bug", times=2)
    with icloud_server.client() as client:
        assert discover(client).calendars


def test_listing_all_calendars_costs_one_request(icloud, icloud_server):
    with icloud_server.client() as client:
        home_url = discover(client).home_url
        icloud.clear_requests()
        list_calendars(client, home_url)
    assert len(icloud.requests()) == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("unavailable", Unavailable), ("nonsense", BadAnswer), ("truncated", BadAnswer)],
)
def test_a_listing_that_fails_is_never_an_empty_one(icloud, icloud_server, fault, expected):
    with icloud_server.client() as client:
        home_url = discover(client).home_url
        icloud.set_fault(fault)
        with pytest.raises(expected):
            list_calendars(client, home_url)


# --- with the oddest answers


def test_a_server_whose_principal_really_has_no_number_works(scripted):
    for _ in range(3):
        scripted.lists(principal("/principal/"))
    scripted.lists(home()).lists(OWN)
    with scripted.client() as client:
        assert discover(client).home_url == f"http://{scripted.netloc}{HOME}"


def test_nobody_at_that_address_is_not_found(scripted):
    scripted.lists(response("/", "<current-user-principal/>", "404 Not Found"))
    with scripted.client() as client, pytest.raises(NotFound):
        discover(client)


def test_a_server_that_does_not_know_us_is_unauthorized(scripted):
    scripted.lists(
        response("/", "<current-user-principal><unauthenticated/></current-user-principal>")
    )
    with scripted.client() as client, pytest.raises(Unauthorized):
        discover(client)


def test_an_account_without_calendars_is_not_found(scripted):
    scripted.lists(principal()).lists(response("/7/principal/", ""))
    with scripted.client() as client, pytest.raises(NotFound, match="switched on"):
        discover(client)


def test_a_principal_may_be_called_otherwise_in_its_own_answer(scripted):
    scripted.lists(principal()).lists(home().replace("/7/principal/", "/principal/")).lists(OWN)
    with scripted.client() as client:
        assert discover(client).home_url.endswith(HOME)


def test_all_addresses_that_mean_the_user_are_known(scripted):
    addresses = (
        '<calendar-user-address-set xmlns="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:">'
        '<D:href preferred="1">mailto:Anna@iCloud.com</D:href><D:href>/7/principal/</D:href>'
        "<D:href>MAILTO:anna%2Bwork@example.com</D:href><D:href>urn:uuid:7</D:href>"
        "<D:href>mailto:a%00b@example.com</D:href><D:href>mailto:a%0Ab@example.com</D:href>"
        f"<D:href>mailto:{'x' * 300}</D:href></calendar-user-address-set>"
    )
    scripted.lists(principal()).lists(home(addresses=addresses)).lists(OWN)
    with scripted.client() as client:
        assert discover(client).addresses == {
            "anna@example.com",
            "anna@icloud.com",
            "anna+work@example.com",
        }
