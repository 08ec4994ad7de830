"""Connections are shared by all accounts of a process, and nothing else of them is."""

import base64
import os
import select
import socket
import threading

import pytest

from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    NotFound,
    TimedOut,
    Unavailable,
    Unreachable,
)
from icloud_calendar_sync.icloud.wire import wallclock

DATA = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndata"


@pytest.fixture
def noted(scripted):
    """A server that says "data", and keeps on which connection it was asked, and by whom."""
    scripted.seen = []

    def note(handler, asked):
        scripted.seen.append((handler.client_address[1], asked.headers))
        handler.wfile.write(DATA.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"))

    return scripted.does(note)


def other_account(server):
    return Client(server.url, "bert@example.com", "x", trusted_hosts=frozenset({server.netloc}))


def test_two_accounts_use_one_connection_and_each_its_own_password(noted):
    with noted.client() as anna, other_account(noted) as bert:
        for client in (anna, bert, anna):
            assert client.get("/x.ics").data == b"data"
    ports, headers = zip(*noted.seen, strict=True)
    assert len(set(ports)) == 1
    assert [
        base64.b64decode(each["Authorization"].removeprefix("Basic ")).split(b":")[0]
        for each in headers
    ] == [b"anna@example.com", b"bert@example.com", b"anna@example.com"]
    assert not any("Cookie" in each for each in headers)


def test_when_the_last_account_leaves_its_connections_are_closed(scripted):
    left = threading.Event()

    def answer(handler, asked):
        handler.wfile.write(DATA)
        handler.wfile.flush()
        if select.select([handler.connection], [], [], 20)[0]:
            left.set()

    scripted.does(answer)
    with scripted.client() as anna:
        with other_account(scripted):
            anna.get("/x.ics")
        assert not left.wait(0.1)
    assert left.wait(20)


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 102 Processing\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 43\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_comes_after_an_answer_is_not_the_next_accounts(scripted, first):
    more = threading.Event()

    def twice(handler, asked):
        handler.wfile.write(first)
        handler.wfile.flush()
        more.wait(20)
        handler.wfile.write(DATA.replace(b"data", b"ANNA"))

    scripted.does(twice)
    with scripted.client() as anna, other_account(scripted) as bert:
        with pytest.raises(BadAnswer):
            anna.get("/x.ics")
        scripted.forget()
        scripted.does(lambda handler, asked: handler.wfile.write(DATA))
        threading.Timer(0.1, more.set).start()
        assert bert.get("/x.ics").data == b"data"


def test_a_child_process_opens_connections_of_its_own(noted):
    with noted.client() as client:
        client.get("/x.ics")
        child = os.fork()
        if not child:
            with noted.client() as its_own:
                os._exit(its_own.get("/x.ics").data != b"data")
        assert os.waitpid(child, 0)[1] == 0
        client.get("/x.ics")
    (first, _), (childs, _), (again, _) = noted.seen
    assert first == again != childs


def test_a_look_up_that_hangs_takes_no_longer_than_the_call(monkeypatch):
    moment = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments: moment.wait(30))
    with (
        Client("https://caldav.icloud.com/", "a@b.c", "x", timeout=0.2) as client,
        pytest.raises(TimedOut),
    ):
        client.get("/")
    moment.set()


def test_a_host_that_is_silent_is_no_host_while_there_is_time_to_ask_elsewhere(monkeypatch):
    monkeypatch.setattr(wallclock, "MAX_CONNECT_SECONDS", 0.2)
    with socket.socket() as silent, socket.socket() as filler:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        filler.connect(silent.getsockname())  # fills the queue: further ones get no answer
        netloc = f"127.0.0.1:{silent.getsockname()[1]}"
        hosts = frozenset({netloc})
        with Client(f"http://{netloc}/", "a@b.c", "x", trusted_hosts=hosts) as client:
            with pytest.raises(Unreachable):
                client.get("/")
            assert [*client.tally] == [("GET", "Unreachable")]


def test_what_was_sent_is_counted(scripted):
    scripted.answers(404).answers(503).answers(200, b"data")
    with scripted.client() as client:
        for error in (NotFound, Unavailable):
            with pytest.raises(error):
                client.get("/x.ics")
        client.get("/x.ics")
        client.get("/x.ics")
        assert {key: count for key, (count, _seconds) in client.tally.items()} == {
            ("GET", 404): 1,
            ("GET", 503): 1,
            ("GET", 200): 2,
        }
        assert all(seconds > 0 for _count, seconds in client.tally.values())
