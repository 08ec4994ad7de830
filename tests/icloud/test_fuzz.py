"""Whatever a server says, a caller gets clean values or one of the client's own exceptions."""

import gzip

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.icloud import discovery
from icloud_calendar_sync.icloud.contents import fetch
from icloud_calendar_sync.icloud.discovery import discover, list_calendars
from icloud_calendar_sync.icloud.errors import ICloudError
from icloud_calendar_sync.icloud.multistatus import parse
from icloud_calendar_sync.icloud.urls import MAX_HREF_LENGTH, trusted
from icloud_calendar_sync.icloud.wire.failures import from_status
from icloud_calendar_sync.sentence import Sentence
from tests.icloud.comparing import changes_since
from tests.icloud.conftest import Scripted
from tests.icloud.promises import check_clean

ETAG = "{DAV:}getetag"
BOX = "/7/calendars/home/"
BASE = trusted("https://caldav.icloud.com/", frozenset())

# What has broken a client somewhere, or might.
ADDRESSES = (
    "/",
    BOX,
    f"{BOX}a.ics",
    "a.ics",
    "",
    "?",
    "#",
    "..",
    "../../../../etc/passwd",
    f"{BOX}../other/x.ics",
    "//",
    "///",
    "//evil.example/",
    "\\\\evil.example\\",
    "http://127.0.0.1:18430.evil.com/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:-1/",
    "http://[::1/",
    "http://[::g]/",
    "http://[v1.x]/",
    "http://]/",
    "https://a..icloud.com/",
    f"https://{'a' * 64}.icloud.com/",
    f"https://{'a.' * 200}icloud.com/",
    "https://xn--\u00e4.icloud.com/",
    "https://icloud.com\u2100/",
    "https://user:pass@caldav.icloud.com/",
    "mailto:a@example.com",
    "javascript:alert(1)",
    "/%00",
    "/%ff%fe",
    "/%zz%",
    "/%E0%A4%A",
    "/\ud7ff\ue000\ufffd",
    "/a b\tc",
    "/" + "x" * MAX_HREF_LENGTH,
    "/" + "\u00e4" * (MAX_HREF_LENGTH - 10),
)
NUMBERS = ("0", "5", "-1", "+5", "5, 5", "5, 7", "1e9", "0x10", "", " ", "\u00b2", "9" * 5000)
HEADERS = {
    "Location": (*ADDRESSES, "/\x00", "/\x7f", "/\xe4"),
    "Content-Length": NUMBERS,
    "Content-Encoding": ("gzip", "x-gzip", "deflate", "br", "gzip, gzip", "identity", "\x00", ""),
    "Transfer-Encoding": ("chunked", "gzip, chunked", "identity", "chunked, chunked", "x"),
    "ETag": ('"1"', "", 'W/"1"', '"', '"\x00"', '"\x85\xa0"', "x" * 5000, '"\xe4"', "W/", " "),
    "Retry-After": (
        *NUMBERS,
        "Wed, 21 Oct 99999 07:28:00 GMT",
        "Wed, 21 Oct 0000 07:28:00 GMT",
        "Wed, 21 Oct 2026 07:28:00 +99999999999999",
        "Wed, 21 Oct 2026 99:99:99 GMT",
        "Wed, 21 Oct 2026 07:28:00 -0000",
        ",",
        "()",
        "1 1 1 1 1",
    ),
    "Set-Cookie": ("a=b; Domain=.icloud.com; expires=\x00", "=" * 1000, ";" * 1000),
    "Connection": ("close", "keep-alive", "upgrade"),
    "Content-Type": ("text/xml; charset=x-klingon", "\xff", ""),
}
TEXTS = ("", "x", "\u202e", "\ufeff", "x" * 3000, "\U0001f600", "&#x80;", "&lt;", "<![CDATA[x]]>")


def header_lines() -> st.SearchStrategy[bytes]:
    of_a_kind = st.sampled_from(list(HEADERS)).flatmap(
        lambda name: st.builds(
            lambda value: f"{name}: {value}".encode("utf-8", "replace"),
            st.sampled_from(HEADERS[name]) | st.text(max_size=20),
        )
    )
    return of_a_kind | st.binary(max_size=30)


def elements() -> st.SearchStrategy[str]:
    """DAV:response elements, most of them nearly right."""
    href = st.sampled_from(ADDRESSES).map(escaped) | st.text(max_size=20).map(escaped)
    text = st.sampled_from(TEXTS) | st.text(max_size=20).map(escaped)
    status = st.sampled_from(
        ["HTTP/1.1 200 OK", "HTTP/1.1 404 X", "HTTP/1.1 507 X", "HTTP/1.1 ٢٠٠ X", "999", ""]
    )
    names = st.sampled_from(
        ["getetag", "displayname", "sync-token", "resourcetype", "current-user-principal", "q"]
    )
    caldav = st.sampled_from(
        ["calendar-data", "calendar-home-set", "calendar-user-address-set", "calendar"]
    ).map(lambda name: f"C:{name}")
    inner = text | href.map("<href>{}</href>".format) | st.just("<C:calendar/><C:comp name='x'/>")
    prop = st.builds("<{0}>{1}</{0}>".format, names | caldav, inner)
    propstat = st.builds(
        "<propstat><prop>{}</prop><status>{}</status></propstat>".format,
        st.lists(prop, max_size=4).map("".join),
        status,
    )
    return st.builds(
        "<response>{}{}{}</response>".format,
        st.lists(href.map("<href>{}</href>".format), max_size=2).map("".join),
        st.lists(propstat, max_size=2).map("".join),
        st.just("") | status.map("<status>{}</status>".format),
    )


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\x00", "")


def bodies() -> st.SearchStrategy[bytes]:
    good = st.builds(
        lambda inner, more: (
            f"<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>"
            f"{inner}{more}</multistatus>"
        ).encode("utf-8", "replace"),
        st.lists(elements(), max_size=3).map("".join),
        st.sampled_from(["", "<sync-token>t</sync-token>", "<sync-token/>", "<!-- x -->"]),
    )
    cut = st.builds(lambda body, end: body[:end], good, st.integers(0, 200))
    bent = st.builds(lambda body: body.decode().encode("utf-16"), good)
    return good | good | good.map(gzip.compress) | cut | bent | st.binary(max_size=50)


def answers() -> st.SearchStrategy[bytes]:
    line = st.sampled_from([200, 201, 204, 207, 207, 207, 301, 302, 308, 401, 404, 429, 503, 999])
    lines = line.map(lambda status: b"HTTP/1.1 %d X" % status) | st.binary(max_size=20)
    return st.builds(
        lambda first, headers, body: b"\r\n".join([first, *headers, b"", body]),
        lines,
        st.lists(header_lines(), max_size=3),
        bodies(),
    )


CALLS = {
    "propfind": lambda client: client.propfind("/", [ETAG], 0),
    "members": lambda client: client.propfind("/", [ETAG], 1),
    "get": lambda client: client.get(f"{BOX}a.ics"),
    "put": lambda client: client.put(f"{BOX}a.ics", b"data", etag=None),
    "delete": lambda client: client.delete(f"{BOX}a.ics", etag='"1"'),
    "changes": lambda client: changes_since(client, BOX, "token", {f"{BOX}a.ics": '"1"'}),
    "fetch": lambda client: fetch(client, BOX, [f"{BOX}a.ics", f"{BOX}b.ics"]),
    "discover": discover,
    "list": lambda client: list_calendars(client, client.base_url + BOX),
}


def outcome(call, *arguments):
    """What a call gives, or the sentence of our exception."""
    try:
        return call(*arguments)
    except ICloudError as error:
        sentence = error.sentence
    assert isinstance(sentence, Sentence)
    assert str(sentence) == sentence.template % sentence.values
    return sentence


@pytest.fixture(scope="module")
def server():
    scripted = Scripted()
    yield scripted
    scripted.stop()


@pytest.fixture(autouse=True, scope="module")
def without_pauses():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discovery, "_PAUSE_SECONDS", 0)
        yield


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=50, deadline=None)
@given(said=st.lists(answers(), min_size=1, max_size=3))
def test_any_answer_means_clean_values_or_an_exception_of_ours(server, name, said):
    server.forget()
    for raw in said:
        server.sends(raw)
    with server.client(timeout=5) as client:
        check_clean(outcome(CALLS[name], client))


@pytest.mark.parametrize("name", ["propfind", "get", "put", "discover"])
@pytest.mark.parametrize("header", HEADERS)
def test_each_odd_header_means_the_same(server, name, header):
    for value in HEADERS[header]:
        for status in (207, 302, 503):
            server.forget()
            line = f"{header}: {value}".encode("utf-8", "replace")
            server.sends(b"HTTP/1.1 %d X\r\n%s\r\n\r\n%s" % (status, line, Scripted.GOOD.encode()))
            with server.client(timeout=5) as client:
                check_clean(outcome(CALLS[name], client))


@given(st.sampled_from(ADDRESSES) | st.text())
@example("/\ud800")
def test_any_text_is_a_trusted_url_or_refused(text):
    for base in (BASE, None):
        found = outcome(trusted, text, frozenset(), base)
        check_clean(str(found))
        if not isinstance(found, str):
            assert found.host == "icloud.com" or found.host.endswith(".icloud.com")


@given(bodies())
def test_any_body_is_a_list_or_refused(body):
    found = outcome(parse, body, BASE, frozenset())
    if not isinstance(found, str):
        for each in found.responses:
            check_clean((each.href, each.url, each.text(ETAG)[:5000]))


@given(st.sampled_from(HEADERS["Retry-After"]) | st.text())
def test_any_retry_after_is_a_number_of_seconds_or_none(text):
    found = from_status(503, text).retry_after
    assert found is None or 0 <= found <= 86400
