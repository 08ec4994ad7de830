"""Real CalDAV servers on free ports, and a scripted one for what no real server does."""

import asyncio
import logging
import socket
import ssl
import struct
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import radicale.app
import radicale.config
import requests
from aiohttp import web
from xandikos.web import SingleUserFilesystemBackend, XandikosApp

from devtools.local_icloud import LocalICloud
from icloud_calendar_sync.icloud.client import Client

APPLE_ID = "anna@example.com"
PASSWORD = "abcd-efgh-ijkl-mnop"


@dataclass
class Server:
    """A CalDAV server with one account, and the account's other device."""

    url: str
    hosts: frozenset[str]
    home: str
    password: str = PASSWORD
    phone: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self):
        self.phone.auth = (APPLE_ID, self.password)

    def client(self, password: str = "", **options) -> Client:
        return Client(
            self.url, APPLE_ID, password or self.password, trusted_hosts=self.hosts, **options
        )

    def new_calendar(self) -> str:
        """The path of a fresh calendar."""
        href = f"{self.home}{uuid.uuid4()}/"
        self._phone("MKCALENDAR", href)
        return href

    @staticmethod
    def event(title: str = "Lunch", uid: str = "") -> bytes:
        """A plain event, as an iPhone would write it."""
        lines = (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Apple Inc.//iOS 18.0//EN",
            "BEGIN:VEVENT",
            f"UID:{uid or uuid.uuid4()}",
            "DTSTAMP:20261101T080000Z",
            "DTSTART:20261122T090000Z",
            "DTEND:20261122T100000Z",
            f"SUMMARY:{title}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
        return "\r\n".join(lines).encode()

    def write(self, href: str, title: str = "Lunch") -> None:
        """The phone writes an event; its UID is the href, as one account knows each UID once."""
        data = self.event(title, uid=href)
        self._phone("PUT", href, data, {"Content-Type": "text/calendar"})

    def remove(self, href: str) -> None:
        """The phone deletes a resource or a calendar."""
        self._phone("DELETE", href)

    def _phone(self, method: str, href: str, data: bytes = b"", headers: Mapping = {}) -> None:
        url = requests.compat.urljoin(self.url, href)
        self.phone.request(method, url, data=data, headers=headers).raise_for_status()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        """Nobody reads it."""


def _served(app: Callable) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, WSGIServer, _QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _below(prefix: str, app: Callable) -> Callable:
    """The same application one folder down, as behind many a reverse proxy."""

    def moved(environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith(prefix + "/"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        environ = {**environ, "SCRIPT_NAME": prefix, "PATH_INFO": path.removeprefix(prefix)}
        return app(environ, start_response)

    return moved


def _radicale(folder: Path) -> Callable:
    users = folder / "users"
    users.write_text(f"{APPLE_ID}:{PASSWORD}\n")
    configuration = radicale.config.load()
    configuration.update(
        {
            "auth": {
                "type": "htpasswd",
                "htpasswd_filename": str(users),
                "htpasswd_encryption": "plain",
                "delay": "0",
            },
            "storage": {"filesystem_folder": str(folder), "_filesystem_fsync": "False"},
        },
        "tests",
        privileged=True,
    )
    logging.getLogger("radicale").setLevel(logging.CRITICAL)
    return radicale.app.Application(configuration)


@pytest.fixture(scope="session")
def radicale_server(tmp_path_factory) -> Iterator[Server]:
    app = _below("/dav", _radicale(tmp_path_factory.mktemp("radicale")))
    for netloc in _served(app):
        yield Server(f"http://{netloc}/dav/", frozenset({netloc}), f"/dav/{APPLE_ID}/")


@pytest.fixture(scope="session")
def xandikos_server(tmp_path_factory) -> Iterator[Server]:
    backend = SingleUserFilesystemBackend(str(tmp_path_factory.mktemp("xandikos")))
    backend._mark_as_principal("/anna/")
    backend.create_principal("/anna/", create_defaults=True)
    app = XandikosApp(backend, current_user_principal="/anna/")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner, netloc = asyncio.run_coroutine_threadsafe(_xandikos(app), loop).result()
    yield Server(f"http://{netloc}/", frozenset({netloc}), "/anna/calendars/")
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _xandikos(app: XandikosApp) -> tuple[web.AppRunner, str]:
    outer = web.Application()
    outer.router.add_route("*", "/{path_info:.*}", app.aiohttp_handler)
    runner = web.AppRunner(outer, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, "{}:{}".format(*runner.addresses[0])


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalICloud]:
    with LocalICloud({APPLE_ID: PASSWORD}) as running:
        yield running


@pytest.fixture(scope="session")
def icloud_server(cloud) -> Server:
    dsid = cloud.accounts()[0]["dsid"]
    return Server(cloud.url, cloud.hosts, f"/{dsid}/calendars/")


@pytest.fixture
def icloud(cloud, icloud_server) -> Iterator[LocalICloud]:
    """The local iCloud, to switch faults on; all are off again afterwards."""
    cloud.clear_requests()
    yield cloud
    cloud.clear_faults()


@pytest.fixture(params=["radicale", "xandikos", "icloud"])
def server(request) -> Server:
    """Each real server in turn."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture
def client(server) -> Iterator[Client]:
    with server.client() as made:
        yield made


@pytest.fixture
def calendar(server) -> str:
    return server.new_calendar()


class Asked(NamedTuple):
    """One request that the scripted server got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Scripted:
    """Answers in the order they were queued; each is a function of (handler, request)."""

    GOOD = (
        '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><getetag>"1"</getetag>'
        "</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )

    @staticmethod
    def ask(client: Client) -> str:
        """A small read; gives '"1"' when the answer is GOOD."""
        return client.propfind("/", ["{DAV:}getetag"], 0)[0].text("{DAV:}getetag")

    @staticmethod
    def reset(handler, asked) -> None:
        """An answer for `does`: a RST."""
        at_once = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        handler.close_connection = True
        handler.connection.close()

    def __init__(self):
        self.asked: list[Asked] = []
        self._answers: list[Callable] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def __getattr__(self, name):
                if name.startswith("do_"):
                    return lambda: script._serve(self)
                raise AttributeError(name)

            def log_message(self, *args):
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *args: None  # clients here hang up on purpose
        self.netloc = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.netloc}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def over(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def client(self, trusted: tuple[str, ...] = (), **options) -> Client:
        hosts = frozenset({self.netloc, *trusted})
        return Client(self.url, APPLE_ID, PASSWORD, trusted_hosts=hosts, **options)

    def answers(self, status: int, body: bytes | str = b"", **headers: str) -> "Scripted":
        """Queue an ordinary answer; header names with "_" for "-"."""
        data = body.encode() if isinstance(body, str) else body

        def write(handler, asked):
            handler.send_response(status)
            for name, value in {"Content_Length": str(len(data)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(data)

        return self.does(write)

    def lists(self, *responses: str, more: str = "", **headers: str) -> "Scripted":
        """Queue a multistatus of these response elements."""
        return self.answers(207, multistatus(*responses, more=more), **headers)

    def first_lists(self, *responses: str) -> None:
        """Queue a multistatus before all that is queued."""
        self.lists(*responses)
        self._answers.insert(0, self._answers.pop())

    def does(self, answer: Callable) -> "Scripted":
        """Queue a function that writes the answer itself."""
        self._answers.append(answer)
        return self

    def forget(self) -> None:
        """What was asked, and what was to be answered."""
        self.asked.clear()
        self._answers.clear()

    def sends(self, raw: bytes) -> "Scripted":
        """Queue bytes in place of an HTTP answer; the connection closes after them."""

        def write(handler, asked):
            handler.wfile.write(raw)
            handler.close_connection = True

        return self.does(write)

    def _serve(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        asked = Asked(handler.command, handler.path, dict(handler.headers), body)
        self.asked.append(asked)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer(handler, asked)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server that does as told; the last answer is repeated."""
    server = Scripted()
    yield server
    server.stop()


@pytest.fixture
def other() -> Iterator[Scripted]:
    """A second host, which should never be asked unless it is trusted."""
    server = Scripted()
    yield server
    server.stop()


def multistatus(*responses: str, more: str = "") -> str:
    return f'<multistatus xmlns="DAV:">{"".join(responses)}{more}</multistatus>'
