"""The content of resources: one bad one never hides the rest."""

import re

import pytest

from icloud_calendar_sync.icloud.contents import fetch
from icloud_calendar_sync.icloud.errors import BadAnswer, ICloudError
from tests.icloud.comparing import changes_since

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
    assert (fetched.missing, fetched.broken, fetched.unreadable) == (frozenset(), {}, {})


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


def calendar(line: str) -> str:
    return f"BEGIN:VCALENDAR\r\n{line}\r\nEND:VCALENDAR\r\n"


def multiget(poisoned: dict[str, str]):
    """Answers a multiget, with the given raw data for some names."""

    def answer(handler, asked):
        names = re.findall(rb"home/([^<]+)</", asked.body)
        body = "<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>"
        for name in map(bytes.decode, names):
            data = poisoned.get(name, f"<![CDATA[{calendar(f'X:{name} & <b>')}]]>")
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
    assert resource.data == b"BEGIN:VCALENDAR\nX:a.ics & <b>\nEND:VCALENDAR\n"


def test_a_resource_that_is_too_large_does_not_hide_the_others(scripted):
    scripted.does(multiget({"b.ics": "x" * (2 * 1024 * 1024 + 1)}))
    with scripted.client() as client:
        fetched = fetch(client, BOX, [f"{BOX}{name}.ics" for name in "abc"])
    assert names_of(fetched) == ["a.ics", "c.ics"]
    assert "larger than" in fetched.unreadable[f"{BOX}b.ics"]


def served(gets: dict[str, bytes | int], answer):
    """Answers a GET with the data, or the status, given for that name; all else with `answer`."""

    def serve(handler, asked):
        if asked.method != "GET":
            answer(handler, asked)
            return
        given = gets.get(asked.path.rpartition("/")[2], calendar("X:alone").encode())
        status, body = (given, b"") if isinstance(given, int) else (200, given)
        head = f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode() + body)

    return serve


def hrefs(names) -> list[str]:
    return [f"{BOX}{name}.ics" for name in names]


def test_a_resource_that_breaks_the_xml_of_all_is_found_and_read_alone(scripted):
    odd = calendar("X:\x0b").encode()
    scripted.does(served({"33.ics": odd}, multiget({"33.ics": odd.decode()})))
    with scripted.client() as client:
        fetched = fetch(client, BOX, hrefs(range(50)))
    assert len(fetched.resources) == 50
    assert [each.data for each in fetched.resources if each.href.endswith("33.ics")] == [odd]
    assert len(scripted.asked) < 20


def failing_for(*poison: str, how):
    """A multiget that fails as a whole when one of these is asked for."""
    good = multiget({})

    def answer(handler, asked):
        names = re.findall(rb"home/([^<]+)</", asked.body)
        (how if {*map(bytes.decode, names)} & {*poison} else good)(handler, asked)

    return answer


def status(number: int):
    return lambda handler, asked: handler.wfile.write(
        f"HTTP/1.1 {number} Oops\r\nContent-Length: 0\r\n\r\n".encode()
    )


def page(handler, asked):
    body = b"<html><p>Welcome to our Wi-Fi!<br></html>"
    head = f"HTTP/1.1 207 Yes\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    handler.wfile.write(head.encode() + body)


FAILURES = {
    **{str(number): status(number) for number in (400, 403, 404, 409, 412, 500, 502, 504)},
    "page": page,
    "reset": None,
}


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("poison", [(0,), (24, 25), (47, 48, 49)], ids=str)
def test_whatever_one_member_makes_of_all_the_rest_is_read(scripted, how, poison):
    failure = scripted.reset if how == "reset" else FAILURES[how]
    names = [f"{number}.ics" for number in poison]
    scripted.does(served(dict.fromkeys(names, 500), failing_for(*names, how=failure)))
    with scripted.client() as client:
        fetched = fetch(client, BOX, hrefs(range(50)))
    assert len(fetched.resources) == 50 - len(poison)
    assert fetched.broken.keys() == {f"{BOX}{name}" for name in names}
    assert len(scripted.asked) < 40


@pytest.mark.parametrize(("number", "asked"), [(429, 1), (503, 1), (401, 1), (500, 4), (404, 4)])
def test_a_server_that_fails_for_all_is_soon_left_alone(scripted, number, asked):
    scripted.answers(number)
    with scripted.client() as client, pytest.raises(ICloudError) as failure:
        fetch(client, BOX, hrefs(range(500)))
    assert failure.value.status == number
    assert len(scripted.asked) == asked


PAGE = b"<html><p>Welcome to our Wi-Fi!<br></html>"
NO_FILES = {
    "page": PAGE,
    "page after all": b"BEGIN:VCALENDAR\r\n" + PAGE,
    "nothing": b"",
    "cut": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:20261122T090",
}


@pytest.mark.parametrize("body", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_calendar_or_broke_off_says_nothing(scripted, body):
    scripted.does(served({"b.ics": body}, multiget({"b.ics": "<![CDATA[]]>"})))
    with scripted.client() as client:
        fetched = fetch(client, BOX, hrefs("abc"))
    assert names_of(fetched) == ["a.ics", "c.ics"]
    assert list(fetched.broken) == [f"{BOX}b.ics"]
    assert fetched.missing == frozenset()


@pytest.mark.parametrize("type_", ["text/html; charset=utf-8", "application/json"])
def test_a_page_is_no_file_whatever_it_holds(scripted, type_):
    scripted.answers(200, calendar("X:Y"), Content_Type=type_)
    with scripted.client() as client, pytest.raises(BadAnswer, match="no calendar data"):
        client.get(f"{BOX}a.ics")


def test_a_file_that_is_cut_wherever_one_looks_is_one_that_is_wrong(scripted):
    data = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
    scripted.does(served({"b.ics": data.encode()}, multiget({"b.ics": f"<![CDATA[{data}]]>"})))
    with scripted.client() as client:
        fetched = fetch(client, BOX, hrefs("abc"))
    assert names_of(fetched) == ["a.ics", "b.ics", "c.ics"]


@pytest.mark.parametrize(
    ("get", "field"),
    [(404, "missing"), (410, "missing"), (500, "broken"), (b"x" * 2_097_153, "unreadable")],
    ids=["gone", "gone for good", "broken", "too large"],
)
def test_what_cannot_even_be_read_alone_is_named(scripted, get, field):
    scripted.does(served({"b.ics": get}, multiget({"b.ics": "\x0b"})))
    with scripted.client() as client:
        fetched = fetch(client, BOX, hrefs("abc"))
    assert names_of(fetched) == ["a.ics", "c.ics"]
    assert list(getattr(fetched, field)) == [f"{BOX}b.ics"]


@pytest.mark.parametrize("said", ["403 Forbidden", "500 Oops", "404 Not Found"])
def test_a_member_that_is_refused_together_is_asked_for_alone(scripted, said):
    answer = multistatus_of(whole("a.ics", said))
    scripted.does(served({}, answer))
    with scripted.client() as client:
        assert names_of(fetch(client, BOX, hrefs("a"))) == ["a.ics"]
    scripted.forget()
    scripted.does(served({"a.ics": 403}, answer))
    with scripted.client() as client:
        assert list(fetch(client, BOX, hrefs("a")).broken) == [f"{BOX}a.ics"]


def multistatus_of(*responses: str):
    body = f"<multistatus xmlns='DAV:'>{''.join(responses)}</multistatus>".encode()

    def answer(handler, asked):
        head = f"HTTP/1.1 207 Yes\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode() + body)

    return answer


def test_a_multitude_without_data_is_not_all_asked_for_alone(scripted):
    scripted.does(served({}, multistatus_of()))
    with scripted.client() as client:
        fetched = fetch(client, BOX, hrefs(range(50)))
    assert len(fetched.resources) == 20
    assert len(fetched.broken) == 30
    assert len(scripted.asked) == 21


@pytest.mark.parametrize("folder", ["/x/home/", "http://10.0.0.1:5232" + BOX])
def test_data_under_another_name_of_the_same_member_is_its_own(scripted, folder):
    data = f"<calendar-data xmlns='urn:ietf:params:xml:ns:caldav'>{calendar('X:Y')}</calendar-data>"
    given = member("a.ics").replace("</prop>", f"{data}</prop>").replace(BOX, folder)
    scripted.lists(member("a.ics"), given)
    with scripted.client() as client:
        assert names_of(fetch(client, BOX, hrefs("a"))) == ["a.ics"]
    assert len(scripted.asked) == 1


def test_a_large_resource_comes_whole_however_its_text_is_written(scripted):
    text = calendar("ä" * 500_000 + "&amp;" + "x" * 900_000).replace("\r", "")
    scripted.does(multiget({"a.ics": text, "b.ics": f"<![CDATA[{text}]]>"}))
    with scripted.client() as client:
        first, second = fetch(client, BOX, [f"{BOX}a.ics", f"{BOX}b.ics"]).resources
    assert first.data.decode() == text.replace("&amp;", "&")
    assert second.data.decode() == text
