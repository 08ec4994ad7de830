"""Who gets to see the password: nobody else, whatever an answer says."""

import base64
from contextlib import suppress

import pytest

from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    ICloudError,
    UntrustedHost,
)

ETAG = "{DAV:}getetag"


def test_basic_is_sent_without_being_asked_for(scripted):
    scripted.answers(207, scripted.GOOD)
    with scripted.client() as client:
        assert scripted.ask(client) == '"1"'
    sent = scripted.asked[0].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent) == b"anna@example.com:abcd-efgh-ijkl-mnop"


def test_a_password_beyond_latin_1_is_sent_as_utf_8(scripted):
    scripted.answers(207, scripted.GOOD)
    hosts = frozenset({scripted.netloc})
    with Client(scripted.url, "ännä@example.com", "пароль", trusted_hosts=hosts) as client:
        scripted.ask(client)
    sent = scripted.asked[0].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "ännä@example.com:пароль"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "GET", "PUT", "DELETE"])
def test_a_redirect_to_a_trusted_host_gets_the_same_request(scripted, other, status, method):
    scripted.answers(status, Location=f"{other.url}there/x.ics")
    other.answers(207 if method in ("PROPFIND", "REPORT") else 200, scripted.GOOD)
    with scripted.client(trusted=(other.netloc,)) as client:
        {
            "PROPFIND": lambda: client.propfind("/x", [ETAG], 1),
            "REPORT": lambda: client.report("/x", b"<a/>", 1),
            "GET": lambda: client.get("/x.ics"),
            "PUT": lambda: client.put("/x.ics", b"data", etag='"7"'),
            "DELETE": lambda: client.delete("/x.ics", etag='"7"'),
        }[method]()
    first, second = scripted.asked[0], other.asked[0]
    assert second.path == "/there/x.ics"
    assert (second.method, second.body) == (first.method, first.body)
    for name in ("Authorization", "Depth", "If-Match", "Content-Type"):
        assert second.headers.get(name) == first.headers.get(name)


def test_a_redirect_may_leave_out_the_scheme(scripted, other):
    scripted.answers(301, Location=f"//{other.netloc}/there/")
    other.answers(207, scripted.GOOD)
    with scripted.client(trusted=(other.netloc,)) as client:
        assert scripted.ask(client) == '"1"'


def test_a_redirect_to_a_foreign_host_is_not_followed(scripted, other):
    scripted.answers(301, Location=other.url)
    with scripted.client() as client, pytest.raises(UntrustedHost):
        scripted.ask(client)
    assert other.asked == []


@pytest.mark.parametrize("location", ["//{netloc}/", "http:\\\\{netloc}/", "http://x@{netloc}/"])
def test_an_oddly_written_redirect_leads_nowhere_else(scripted, other, location):
    scripted.answers(302, Location=location.format(netloc=other.netloc))
    with scripted.client() as client, pytest.raises((UntrustedHost, BadAnswer)):
        scripted.ask(client)
    assert other.asked == []


def test_a_redirect_in_a_circle_ends(scripted):
    scripted.answers(302, Location="/b").answers(302, Location="/")
    with scripted.client() as client, pytest.raises(BadAnswer, match="without end"):
        scripted.ask(client)
    assert len(scripted.asked) == 2


def test_redirects_end_after_five(scripted):
    for number in range(20):
        scripted.answers(302, Location=f"/{number}")
    with scripted.client() as client, pytest.raises(BadAnswer, match="without end"):
        scripted.ask(client)
    assert len(scripted.asked) == 6


def test_a_redirect_to_nowhere_is_a_bad_answer(scripted):
    scripted.answers(302)
    with scripted.client() as client, pytest.raises(BadAnswer):
        scripted.ask(client)


def test_a_path_cannot_smuggle_in_another_host(scripted, other):
    scripted.answers(207, scripted.GOOD)
    with scripted.client() as client:
        client.propfind(f"@{other.netloc}/", [ETAG], 0)
        client.propfind(f"//{other.netloc}/", [ETAG], 0)
    assert other.asked == []


def test_the_same_path_on_a_foreign_host_is_asked_for_at_our_own(scripted, other):
    scripted.answers(207, scripted.GOOD.replace("<href>/", f"<href>{other.url}x.ics"))
    with scripted.client() as client:
        (found,) = client.propfind("/", [ETAG], 1)
        assert found.url == f"{scripted.url}x.ics"
        client.propfind(found.href, [ETAG], 1)
    assert [asked.path for asked in scripted.asked] == ["/", "/x.ics"]
    assert other.asked == []


def test_another_path_on_a_foreign_host_is_left_out(scripted, other):
    elsewhere = scripted.GOOD.replace("<href>/", f"<href>{other.url}y.ics")
    scripted.answers(207, elsewhere.replace("</multistatus>", "") + "</multistatus>")
    with scripted.client() as client:
        assert client.propfind("/x/", [ETAG], 1) == []
        with pytest.raises(BadAnswer):
            client.propfind("/x/", [ETAG], 0)
    assert other.asked == []


def test_an_absolute_href_on_a_trusted_host_is_a_path(scripted, other):
    scripted.answers(207, scripted.GOOD.replace("<href>/", f"<href>{other.url}x%40y"))
    with scripted.client(trusted=(other.netloc,)) as client:
        assert client.propfind("/", [ETAG], 1)[0].href == "/x@y"


def test_the_environment_has_no_say(scripted, other, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password stolen\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, other.url)
    scripted.answers(207, scripted.GOOD)
    with scripted.client() as client:
        scripted.ask(client)
    assert other.asked == []
    assert "bWFsbG9y" not in scripted.asked[0].headers["Authorization"]


@pytest.mark.parametrize(
    ("etag", "sent"),
    [('"7"', b'"7"'), ("7", b'"7"'), ('W/"7"', b'"7"'), ('"ключ"', '"ключ"'.encode())],
)
def test_a_version_is_always_named_strong_and_quoted(scripted, etag, sent):
    scripted.answers(204)
    with scripted.client() as client:
        client.put("/x.ics", b"data", etag=etag)
        client.delete("/x.ics", etag=etag)
    assert [asked.headers["If-Match"].encode("latin-1") for asked in scripted.asked] == [sent] * 2


@pytest.mark.parametrize("status", [207, 302, 503])
def test_no_cookie_is_kept(scripted, other, status):
    cookie = {"Set_Cookie": "session=1; Path=/; Max-Age=9999"}
    scripted.answers(status, scripted.GOOD, Location=other.url, **cookie)
    other.answers(207, scripted.GOOD, **cookie)
    with scripted.client(trusted=(other.netloc,)) as client:
        for _time in range(2):
            with suppress(ICloudError):
                scripted.ask(client)
    for asked in (*scripted.asked, *other.asked):
        assert "Cookie" not in asked.headers


def test_a_redirect_to_another_port_of_a_trusted_host_is_not_followed(scripted, other):
    port = other.netloc.partition(":")[2]
    scripted.answers(302, Location=f"http://localhost:{port}/")
    with scripted.client(trusted=("localhost:1",)) as client, pytest.raises(UntrustedHost):
        scripted.ask(client)
    assert other.asked == []


@pytest.mark.parametrize("etag", ['"a\x00b"', '"a\x1bb"', "x" * 2000])
def test_a_version_that_cannot_be_kept_is_none(scripted, etag):
    scripted.answers(200, "data", ETag=etag)
    with scripted.client() as client:
        assert client.get("/x.ics").etag == ""
