"""After a 401 not one request goes out: each further one brings Apple closer to locking out.

But a 401 of an account's own host may be a lie of one that it has left: the front door decides.
"""

import pytest

from icloud_calendar_sync.icloud.contents import fetch
from icloud_calendar_sync.icloud.discovery import discover, list_calendars
from icloud_calendar_sync.icloud.errors import Unauthorized
from tests.icloud.comparing import changes_since

ETAG = "{DAV:}getetag"
CALLS = {
    "propfind": lambda client: client.propfind("/", [ETAG], 0),
    "report": lambda client: client.report("/", b"<a/>", 1),
    "get": lambda client: client.get("/x.ics"),
    "put": lambda client: client.put("/x.ics", b"data", etag=None),
    "delete": lambda client: client.delete("/x.ics", etag=None),
    "changes": lambda client: changes_since(client, "/home/", "token", {}),
    "fetch": lambda client: fetch(client, "/home/", ["/home/a.ics", "/home/b.ics"]),
    "discover": discover,
    "list": lambda client: list_calendars(client, f"{client.base_url}/7/calendars/"),
}


@pytest.mark.parametrize("call", sorted(CALLS.keys() - {"list"}))
def test_whoever_was_refused_sends_nothing_more(scripted, call):
    scripted.answers(401).answers(207, scripted.GOOD)
    with scripted.client() as client:
        for each in (CALLS[call], *CALLS.values()):
            with pytest.raises(Unauthorized):
                each(client)
    assert len(scripted.asked) == 1


def test_after_a_refusal_of_another_place_the_front_door_is_asked_once(scripted):
    scripted.answers(401).answers(401).answers(207, scripted.GOOD)
    with scripted.client() as client:
        for call in (CALLS["list"], CALLS["get"], CALLS["put"], discover, *CALLS.values()):
            with pytest.raises(Unauthorized):
                call(client)
    assert [path for _method, path, *_ in scripted.asked] == ["/7/calendars/", "/"]


def test_a_refusal_behind_a_redirect_counts(scripted, other):
    scripted.answers(302, Location=other.url)
    other.answers(401).answers(207, scripted.GOOD)
    with scripted.client(trusted=(other.netloc,)) as client:
        for call in CALLS.values():
            with pytest.raises(Unauthorized):
                call(client)
    assert (len(scripted.asked), len(other.asked)) == (1, 1)


def test_a_refusal_in_the_middle_of_discovery_ends_it(icloud, icloud_server):
    icloud.set_fault("wrong_password_mid_run", after=2)
    with icloud_server.client() as client:
        for _time in range(3):
            with pytest.raises(Unauthorized):
                discover(client)
    # The front door, asked once more, agrees with the home.
    assert [each["status"] for each in icloud.requests()] == [207, 207, 401, 401]


def test_another_client_may_try_another_password(icloud, icloud_server):
    wrong = icloud_server.client(password="aaaa-bbbb-cccc-dddd")
    with wrong as client, pytest.raises(Unauthorized):
        discover(client)
    with icloud_server.client() as client:
        assert discover(client).calendars
