"""Answers that are too large, cut off, or no answers at all."""

import gzip

import pytest

from icloud_calendar_sync.icloud import client as client_module
from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    Unauthorized,
)

GOOD = (
    '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><getetag>"1"</getetag>'
    "</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
)


def test_a_multistatus_beyond_the_limit_is_not_read_on(scripted, monkeypatch):
    monkeypatch.setattr(client_module, "MAX_MULTISTATUS_BYTES", 100_000)
    scripted.answers(207, b"<" + b"x" * 200_000)
    with scripted.client() as client, pytest.raises(BadAnswer, match="larger than"):
        scripted.ask(client)


def test_a_resource_beyond_2_mb_is_not_read_on(scripted):
    scripted.answers(200, b"x" * (2 * 1024 * 1024 + 1))
    with scripted.client() as client, pytest.raises(BadAnswer, match="larger than 2048 KB"):
        client.get("/x.ics")


def test_a_gzip_bomb_is_counted_unpacked(scripted):
    bomb = gzip.compress(b"x" * 40 * 1024 * 1024)
    scripted.answers(207, bomb, Content_Encoding="gzip")
    with scripted.client() as client, pytest.raises(BadAnswer, match="larger than"):
        scripted.ask(client)


def test_a_packed_answer_is_unpacked(scripted):
    scripted.answers(207, gzip.compress(GOOD.encode()), Content_Encoding="gzip")
    with scripted.client() as client:
        assert scripted.ask(client) == '"1"'
    assert scripted.asked[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(GOOD.encode())[:-20]),
        ("gzip", GOOD.encode()),
        ("br", GOOD.encode()),
        ("gzip, gzip", gzip.compress(gzip.compress(GOOD.encode()))),
    ],
)
def test_what_cannot_be_unpacked_is_a_bad_answer(scripted, encoding, body):
    scripted.answers(207, body, Content_Encoding=encoding)
    with scripted.client() as client, pytest.raises(BadAnswer):
        scripted.ask(client)


def test_a_packed_resource_that_is_cut_is_a_bad_answer(scripted):
    scripted.answers(200, gzip.compress(b"x" * 1000)[:-8], Content_Encoding="gzip")
    with scripted.client() as client, pytest.raises(BadAnswer):
        client.get("/x.ics")


def test_an_endless_error_page_does_not_hide_the_status(scripted):
    scripted.answers(401, b"x" * 1_000_000)
    with scripted.client() as client, pytest.raises(Unauthorized):
        scripted.ask(client)


def test_a_put_is_done_even_when_the_text_of_its_answer_breaks_off(scripted):
    scripted.sends(b'HTTP/1.1 201 Created\r\nETag: "7"\r\nContent-Length: 900\r\n\r\n<html>')
    with scripted.client() as client:
        assert client.put("/x.ics", b"data", etag=None) == '"7"'


@pytest.mark.parametrize(
    "raw",
    [
        f"HTTP/1.1 207 OK\r\nContent-Length: {len(GOOD) + 9}\r\n\r\n{GOOD}".encode(),
        f"HTTP/1.1 207 OK\r\nContent-Length: {len(GOOD)}\r\n\r\n{GOOD[:-30]}".encode(),
        f"HTTP/1.1 207 OK\r\n\r\n{GOOD[:-30]}".encode(),
        b"HTTP/1.1 207 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<mult\r\n",
        b"HTTP/1.1 207 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<mult\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 two-o-seven\r\n\r\n",
        b"HTTP/1.1 207 OK\r\n" + b"X-Header: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 207 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=[
        "short",
        "cut",
        "cut-unannounced",
        "cut-chunk",
        "bad-chunk",
        "ssh",
        "status",
        "many",
        "long",
    ],
)
def test_half_an_answer_or_none_of_http_is_a_bad_answer(scripted, raw):
    scripted.sends(raw)
    with scripted.client() as client, pytest.raises(BadAnswer):
        scripted.ask(client)
