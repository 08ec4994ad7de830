"""Which URLs may carry the password, and how paths are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import UntrustedHost
from icloud_calendar_sync.icloud.urls import canonical_path, trusted

LOCAL = frozenset({"127.0.0.1:8008", "dav.example.org:8443", "[::1]:8008", "plain.example.org"})


def start(url: str, hosts: frozenset[str] = LOCAL) -> str:
    with Client(url, "anna@example.com", "abcd-efgh-ijkl-mnop", trusted_hosts=hosts) as client:
        return client.base_url


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("https://caldav.icloud.com/", "https://caldav.icloud.com:443"),
        ("https://caldav.icloud.com", "https://caldav.icloud.com:443"),
        ("https://P180-CalDAV.iCloud.com:443/1/", "https://p180-caldav.icloud.com:443"),
        ("https://icloud.com/", "https://icloud.com:443"),
        ("http://127.0.0.1:8008/dav/", "http://127.0.0.1:8008"),
        ("http://[::1]:8008/", "http://[::1]:8008"),
        ("https://dav.example.org:8443/", "https://dav.example.org:8443"),
        ("https://plain.example.org/", "https://plain.example.org:443"),
    ],
)
def test_apples_hosts_and_the_operators_are_trusted(url, base_url):
    assert start(url) == base_url


@pytest.mark.parametrize(
    "url",
    [
        "http://caldav.icloud.com/",
        "http://caldav.icloud.com:443/",
        "https://caldav.icloud.com:8443/",
        "https://caldav.icloud.com.evil.example/",
        "https://evilicloud.com/",
        "https://icloud.com@evil.example/",
        "https://evil.example\\@caldav.icloud.com/",
        "https://evil.example#@caldav.icloud.com/",
        "https://evil.example?@caldav.icloud.com/",
        "https://caldav.icloud.com:443@evil.example/",
        "https://user:secret@caldav.icloud.com/",
        "https://caldav.icloud.com%2eevil.example/",
        "https://caldav.icloud.com\u3002evil.example/",
        "https://ｉcloud.com/",
        "https://caldav.icloud.com:99999/",
        "http://127.0.0.1:8009/",
        "http://127.0.0.2:8008/",
        "https://dav.example.org/",
        "http://dav.example.org:8443/",
        "http://plain.example.org/",
        "ftp://caldav.icloud.com/",
        "//caldav.icloud.com/",
        "caldav.icloud.com",
        "https:///path",
        "https://a..icloud.com/",
        "https://.icloud.com/",
        "https://-.icloud.com/",
        f"https://{'a' * 64}.icloud.com/",
        f"https://{'a.' * 130}icloud.com/",
        "https://caldav.icloud.com/" + "x" * 8000,
        "https://caldav.icloud.com/" + "ä" * 2000,
        "https://[::1/",
        "",
    ],
)
def test_the_password_goes_to_no_other_host(url):
    with pytest.raises(UntrustedHost):
        start(url)


def test_without_the_operators_word_not_even_the_own_machine_is_trusted():
    with pytest.raises(UntrustedHost):
        start("http://127.0.0.1:8008/", frozenset())


def test_a_refusal_repeats_no_secret_of_the_url():
    with pytest.raises(UntrustedHost) as refusal:
        start("https://user:hunter22@evil.example/")
    assert "hunter22" not in str(refusal.value)


@pytest.mark.parametrize(
    "spelling",
    ["/a/b c@d+e.ics", "/a/b%20c%40d%2Be.ics", "/a/b%20c@d%2be.ics", "//a/b c%40d+e.ics"],
)
def test_every_spelling_of_a_path_becomes_the_same(spelling):
    assert canonical_path(spelling) == "/a/b%20c@d%2Be.ics"


def test_a_slash_inside_a_name_stays_inside():
    assert canonical_path("/a/b%2Fc.ics") == "/a/b%2Fc.ics"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_canonical_path_stays_as_it_is(text):
    path = canonical_path(text)
    assert canonical_path(path) == path
    assert path.startswith("/")
    assert path.isascii()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_nothing_in_a_path_leads_to_another_host(text):
    base = trusted("https://caldav.icloud.com/", frozenset())
    assert trusted(str(base.at(text)), frozenset()).host == "caldav.icloud.com"
