"""The content of resources: one bad one never hides the rest."""

import re

import pytest

from icloud_calendar_sync.icloud import changes
from icloud_calendar_sync.icloud.changes import changes_since, fetch
from icloud_calendar_sync.icloud.errors import BadAnswer

BOX = "/7/calendars/home/"


def member(name: str, etag: str = '"1"', status: str = "200 OK") -> str:
    return (
        f"<response><href>{BOX}{name}</href><propstat><prop><getetag>{etag}</getetag></prop>"
        f"<status>HTTP/1.1 {status}</status></propstat></response>"
    )


def whole(name: str, status: str) -> str:
    return f"<response><href>{BOX}{name}</href><status>HTTP/1.1 {status}</status></response>"


@pytest.fixture
def box(icloud, icloud_server):
    """A calendar with three events: (client, its path, the first news of it)."""
    calendar = icloud_server.new_calendar()
    for name in ("a", "b", "c"):
        icloud_server.write(f"{calendar}{name}.ics")
    with icloud_server.client() as client:
        yield client, calendar, changes_since(client, calendar, None, {})


def test_resources_come_with_data_and_etag(server, client, calendar):
    for number in range(3):
        server.write(f"{calendar}{number}.ics", f"Number {number}")
    news = changes_since(client, calendar, None, {})
    fetched = fetch(client, calendar, news.changed)
    assert {each.href: each.etag for each in fetched.resources} == news.changed
    assert all(b"SUMMARY:Number" in each.data for each in fetched.resources)
    assert (fetched.missing, fetched.unreadable) == (frozenset(), {})


def test_what_is_gone_by_then_is_missing_and_the_rest_is_there(server, client, calendar):
    server.write(f"{calendar}a.ics")
    fetched = fetch(client, calendar, [f"{calendar}gone.ics", f"{calendar}a.ics"])
    assert [each.href for each in fetched.resources] == [f"{calendar}a.ics"]
    assert fetched.missing == {f"{calendar}gone.ics"}


def test_odd_names_are_found_again(server, client, calendar):
    server.write(f"{calendar}a b@c.ics")
    news = changes_since(client, calendar, None, {})
    assert list(news.changed) == [f"{calendar}a%20b@c.ics"]
    assert len(fetch(client, calendar, [f"{calendar}a b%40c.ics"]).resources) == 1


def test_a_listed_resource_that_nobody_can_read_is_missing(icloud, box):
    client, calendar, first = box
    icloud.set_fault("poison_member", path=f"{calendar}b.ics")
    fetched = fetch(client, calendar, first.changed)
    assert {each.href for each in fetched.resources} == {f"{calendar}a.ics", f"{calendar}c.ics"}
    assert fetched.missing == {f"{calendar}b.ics"}


def test_the_calendar_itself_is_no_resource(icloud, box):
    client, calendar, first = box
    icloud.set_fault("collection_in_query")
    fetched = fetch(client, calendar, first.changed)
    assert len(fetched.resources) == 3
    assert not fetched.missing


def test_fifty_resources_come_in_one_request(icloud, icloud_server):
    calendar = icloud_server.new_calendar()
    hrefs = [icloud.put_event("anna@example.com", calendar) for _ in range(120)]
    with icloud_server.client() as client:
        icloud.clear_requests()
        assert len(fetch(client, calendar, [*hrefs, *hrefs]).resources) == 120
        assert fetch(client, calendar, []).resources == ()
    assert [each["method"] for each in icloud.requests()] == ["REPORT"] * 3


def multiget(poisoned: dict[str, str]):
    """Answers a multiget, with the given raw data for some names."""

    def answer(handler, asked):
        names = re.findall(rb"home/([^<]+)</", asked.body)
        body = "<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>"
        for name in map(bytes.decode, names):
            data = poisoned.get(name, f"<![CDATA[BEGIN:VCALENDAR\r\nX:{name} & <b>\r\n]]>")
            body += member(name).replace(
                "</prop>", f"<C:calendar-data>{data}</C:calendar-data></prop>"
            )
        data = f"{body}</multistatus>".encode()
        handler.send_response(207)
        handler.send_header("Content-Type", "text/plain; charset=x-klingon")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def names_of(fetched) -> list[str]:
    return sorted(each.href.rpartition("/")[2] for each in fetched.resources)


def test_data_in_cdata_comes_as_it_is_whatever_the_content_type(scripted):
    scripted.does(multiget({}))
    with scripted.client() as client:
        (resource,) = fetch(client, BOX, [f"{BOX}a.ics"]).resources
    assert resource.data == b"BEGIN:VCALENDAR\nX:a.ics & <b>\n"


def test_a_resource_that_is_too_large_does_not_hide_the_others(scripted):
    scripted.does(multiget({"b.ics": "x" * (2 * 1024 * 1024 + 1)}))
    with scripted.client() as client:
        fetched = fetch(client, BOX, [f"{BOX}{name}.ics" for name in "abc"])
    assert names_of(fetched) == ["a.ics", "c.ics"]
    assert "larger than" in fetched.unreadable[f"{BOX}b.ics"]


def test_a_resource_that_breaks_the_xml_of_all_is_found_and_read_alone(scripted):
    answer = multiget({"33.ics": "BEGIN:VCALENDAR\x0bX"})

    def serve(handler, asked):
        if asked.method == "GET":
            handler.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\nBEGIN:VCALENDAR\x0bX"
            )
        else:
            answer(handler, asked)

    scripted.does(serve)
    with scripted.client() as client:
        fetched = fetch(client, BOX, [f"{BOX}{number}.ics" for number in range(50)])
    assert len(fetched.resources) == 50
    (odd,) = [each for each in fetched.resources if each.href == f"{BOX}33.ics"]
    assert odd.data == b"BEGIN:VCALENDAR\x0bX"
    assert len(scripted.asked) < 16


@pytest.mark.parametrize(
    ("get", "field"), [(404, "missing"), (200, "unreadable")], ids=["gone", "too-large"]
)
def test_what_cannot_even_be_read_alone_is_named(scripted, get, field):
    answer = multiget({"b.ics": "\x0b"})
    body = b"" if get == 404 else b"x" * (2 * 1024 * 1024 + 1)

    def serve(handler, asked):
        if asked.method == "GET":
            head = f"HTTP/1.1 {get} Status\r\nContent-Length: {len(body)}\r\n\r\n"
            handler.wfile.write(head.encode() + body)
        else:
            answer(handler, asked)

    scripted.does(serve)
    with scripted.client() as client:
        fetched = fetch(client, BOX, [f"{BOX}{name}.ics" for name in "abc"])
    assert names_of(fetched) == ["a.ics", "c.ics"]
    assert list(getattr(fetched, field)) == [f"{BOX}b.ics"]


def test_a_server_that_only_ever_talks_nonsense_is_not_asked_forever(scripted, monkeypatch):
    monkeypatch.setattr(changes, "MAX_HALVINGS", 5)
    scripted.answers(207, "<html><p>Wi-Fi<br></html>")
    with scripted.client() as client, pytest.raises(BadAnswer):
        fetch(client, BOX, [f"{BOX}{number}.ics" for number in range(500)])
    assert len(scripted.asked) == 6


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Oops"])
def test_a_resource_with_an_error_is_named(scripted, status):
    scripted.lists(whole("a.ics", status))
    with scripted.client() as client:
        assert list(fetch(client, BOX, [f"{BOX}a.ics"]).unreadable) == [f"{BOX}a.ics"]


def test_a_resource_listed_without_data_is_missing(scripted):
    scripted.lists(member("a.ics"))
    with scripted.client() as client:
        assert fetch(client, BOX, [f"{BOX}a.ics"]).missing == {f"{BOX}a.ics"}


def test_a_large_resource_comes_whole_however_its_text_is_written(scripted):
    text = "ä" * 500_000 + "&amp;" + "x" * 900_000
    scripted.does(multiget({"a.ics": text, "b.ics": f"<![CDATA[{text}]]>"}))
    with scripted.client() as client:
        first, second = fetch(client, BOX, [f"{BOX}a.ics", f"{BOX}b.ics"]).resources
    assert first.data.decode() == text.replace("&amp;", "&")
    assert second.data.decode() == text
