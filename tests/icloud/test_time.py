"""No answer takes longer than it may, however it is served."""

import socket
import threading
import time

import pytest

from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import (
    TimedOut,
)


def drips(head: bytes, byte: bytes):
    """Send the head, then one byte after the other until nobody listens, or 100 times."""

    def answer(handler, asked):
        handler.close_connection = True
        handler.wfile.write(head)
        for _ in range(100):
            time.sleep(0.05)
            handler.wfile.write(byte)

    return answer


def test_a_server_that_does_not_answer_times_out(scripted):
    release = threading.Event()
    scripted.does(lambda handler, asked: release.wait(20))
    with scripted.client(timeout=0.2) as client, pytest.raises(TimedOut):
        scripted.ask(client)
    release.set()


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        (b"HTTP/1.1 207 OK\r\nContent-Length: 100\r\n\r\n", b"x"),
        (b"HTTP/1.1 207 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 207 OK\r\nX-Slow: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "header", "continue"],
)
def test_a_server_that_drips_times_out_although_every_read_brings_something(scripted, head, byte):
    scripted.does(drips(head, byte))
    with scripted.client(timeout=0.4) as client, pytest.raises(TimedOut):
        scripted.ask(client)


def test_a_server_that_floods_without_ever_answering_times_out(scripted):
    def flood(handler, asked):
        while True:
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    scripted.does(flood)
    with scripted.client(timeout=0.3) as client, pytest.raises(TimedOut):
        scripted.ask(client)


def test_an_answer_that_ends_too_late_is_no_answer(scripted):
    def pause(handler, asked):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        for byte in (b"a", b"b"):
            time.sleep(0.3)
            handler.wfile.write(byte)

    scripted.does(pause)
    with scripted.client(timeout=0.4) as client, pytest.raises(TimedOut):
        client.get("/x.ics")


def test_no_call_passes_the_deadline(scripted):
    scripted.does(drips(b"HTTP/1.1 207 OK\r\nContent-Length: 100\r\n\r\n", b"x"))
    with scripted.client(timeout=60, deadline=time.monotonic() + 0.3) as client:
        with pytest.raises(TimedOut):
            scripted.ask(client)
        with pytest.raises(TimedOut):
            scripted.ask(client)
    assert len(scripted.asked) == 1


def test_redirects_share_one_time_limit(scripted):
    def slowly(number):
        def answer(handler, asked):
            time.sleep(0.2)
            handler.send_response(302)
            handler.send_header("Location", f"/{number}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return answer

    for number in range(4):
        scripted.does(slowly(number))
    scripted.answers(207, scripted.GOOD)
    with scripted.client(timeout=0.5) as client, pytest.raises(TimedOut):
        scripted.ask(client)


def test_a_silent_address_leaves_time_for_the_hosts_next_one(scripted, monkeypatch):
    port = int(scripted.netloc.rpartition(":")[2])
    scripted.answers(207, scripted.GOOD)
    resolve = socket.getaddrinfo
    with socket.socket() as silent, socket.socket() as filler:
        silent.bind(("127.0.0.2", port))
        silent.listen(0)
        filler.connect(("127.0.0.2", port))  # fills the queue: further ones get no answer
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *args: [
                *resolve("127.0.0.2", *args),
                *resolve("127.0.0.1", *args),
            ],
        )
        hosts = frozenset({f"localhost:{port}"})
        url = f"http://localhost:{port}/"
        with Client(url, "a@example.com", "x", trusted_hosts=hosts, timeout=2) as client:
            assert scripted.ask(client) == '"1"'
