"""XML from outside: hostile or odd, it costs neither memory nor the rest of the answer."""

import pytest

from icloud_calendar_sync.icloud.errors import BadAnswer

NAME = "{DAV:}displayname"

BOMB = "".join(
    [
        '<!DOCTYPE m [<!ENTITY l0 "lol">',
        *(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)),
        "]>",
    ]
)
XXE = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
PREFIXED = (
    '<a:multistatus xmlns:a="DAV:"><a:response><a:href>/x<!-- here -->/</a:href><a:propstat>'
    "<a:prop><a:displayname>Ä</a:displayname></a:prop>"
    "<a:status>HTTP/1.1 200 OK</a:status></a:propstat></a:response></a:multistatus>"
)


def named(name: str) -> str:
    return (
        f"<response><href>/x/</href><propstat><prop><displayname>{name}</displayname></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
    )


def listed(name: str) -> str:
    return f"<multistatus xmlns='DAV:'>\n{named(name)}</multistatus>"


def read(scripted, body: bytes | str, **headers: str) -> str:
    scripted.answers(207, body, **headers)
    with scripted.client() as client:
        return {each.href: each for each in client.propfind("/x/", [NAME], 1)}["/x/"].text(NAME)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Welcome to our Wi-Fi!",
        "<html><p>Welcome<br></html>",
        "<html><p>Welcome</p></html>",
        '{"json": true}',
        "<multistatus/>",
        '<multistatus xmlns="DAV:"><response>',
        '<multistatus xmlns="DAV:">&undefined;</multistatus>',
        '<multistatus xmlns="DAV:">' + "<a>" * 1000 + "</a>" * 1000 + "</multistatus>",
        f"{BOMB}<multistatus xmlns='DAV:'>{named('&l9;')}</multistatus>",
        f"{BOMB}<multistatus xmlns='DAV:' a='&l9;'>{named('x')}</multistatus>",
        f"<!DOCTYPE multistatus><multistatus xmlns='DAV:'>{named('x')}</multistatus>",
        f"{XXE}<multistatus xmlns='DAV:'>{named('&x;')}</multistatus>",
        f"<multistatus xmlns='DAV:'>{named('x')}{'<a/>' * 5_000_000}</multistatus>",
    ],
    ids=lambda body: body[:30],
)
def test_what_is_no_list_of_resources_is_a_bad_answer(scripted, body):
    with pytest.raises(BadAnswer):
        read(scripted, body)


def test_a_dtd_is_never_fetched(scripted, other):
    with pytest.raises(BadAnswer):
        read(
            scripted,
            f'<!DOCTYPE m SYSTEM "{other.url}m.dtd"><multistatus xmlns="DAV:">{named("x")}'
            "</multistatus>",
        )
    assert other.asked == []


@pytest.mark.parametrize(
    "body",
    [
        f"<?xml version='1.0' encoding='x-klingon'?>{listed('Ä')}",
        f"<?xml version='1.0' standalone='yes'?>\n\n{listed('Ä')}",
        f"\ufeff{listed('Ä')}",
        f"<!-- hi --><multistatus xmlns='DAV:'><?pi x?>{named('<!-- a -->Ä')}</multistatus>",
        listed("<![CDATA[Ä]]>"),
        listed("&#xC4;"),
        PREFIXED,
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "application/xml; charset=x-klingon", ""])
def test_every_way_to_write_the_same_is_understood(scripted, body, content_type):
    assert read(scripted, body, Content_Type=content_type) == "Ä"


def test_a_wrong_charset_costs_the_umlauts_only(scripted):
    body = f"<multistatus xmlns='DAV:'>{named('Büro')}</multistatus>".encode("latin-1")
    assert read(scripted, body) == "B\ufffdro"
