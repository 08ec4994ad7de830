"""The CalDAV servers the main job must work against, with accounts that come and go."""

import base64
import contextlib
import io
import itertools
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import radicale.app
import radicale.config
from xandikos.web import SingleUserFilesystemBackend, XandikosApp

from devtools.local_icloud import LocalICloud
from tests.main_job import cyrus
from tests.main_job.phone import Phone

PASSWORD = "abcd-efgh-ijkl-mnop"
_numbers = itertools.count(1)


class ICloud:
    """The local iCloud. An account has the calendars Home and Work, and a few more."""

    name = "icloud"

    def __init__(self, cloud: LocalICloud) -> None:
        self.cloud, self.url, self.hosts = cloud, cloud.url, cloud.hosts

    def new_account(self) -> Phone:
        """The phone of somebody with a new account."""
        email = _new_email()
        self.cloud.add_account(email, PASSWORD)
        return Phone(self.url, email, PASSWORD, self.cloud.calendars(email))

    def set_password(self, phone: Phone, password: str) -> None:
        """The person revokes the app-specific password and makes another."""
        self.cloud.change_password(phone.email, password)
        phone.password = password


class Plain:
    """A server as its makers ship it, behind nothing. An account has the calendars Home and Work.

    `logins` maps e-mail addresses to passwords.
    """

    def __init__(self, name: str, netloc: str, home: str) -> None:
        self.name, self.url, self.hosts = name, f"http://{netloc}/", frozenset({netloc})
        self.logins: dict[str, str] = {}
        self._home = home

    def open_account(self, email: str) -> None:
        """What the administrator of the server does for a new account."""

    def new_account(self) -> Phone:
        email = _new_email()
        self.logins[email] = PASSWORD
        self.open_account(email)
        phone = Phone(self.url, email, PASSWORD, {})
        for name in ("Home", "Work"):
            phone.create_calendar(f"{self._home.format(email)}{name.lower()}/", name)
        return phone

    def set_password(self, phone: Phone, password: str) -> None:
        self.logins[phone.email] = password
        self.open_account(phone.email)
        phone.password = password


@contextlib.contextmanager
def icloud(folder: Path) -> Iterator[ICloud]:
    with LocalICloud({}, folder=folder) as cloud:
        yield ICloud(cloud)


@contextlib.contextmanager
def radicale_server(folder: Path) -> Iterator[Plain]:
    users = folder / "users"
    users.touch()
    configuration = radicale.config.load()
    auth = {"type": "htpasswd", "htpasswd_filename": str(users), "htpasswd_encryption": "plain"}
    options = {
        "auth": {**auth, "delay": "0"},
        "storage": {"filesystem_folder": str(folder), "_filesystem_fsync": "False"},
    }
    configuration.update(options, "tests", privileged=True)
    logging.getLogger("radicale").setLevel(logging.CRITICAL)
    with _served(radicale.app.Application(configuration)) as netloc:
        server = Plain("radicale", netloc, "/{}/")
        # Radicale reads its users anew for each request.
        server.open_account = lambda email: users.write_text(
            "".join(f"{name}:{password}\n" for name, password in server.logins.items())
        )
        yield server


@contextlib.contextmanager
def xandikos_server(folder: Path) -> Iterator[Plain]:
    """Xandikos leaves logins to the web server in front; so does this."""
    backend = SingleUserFilesystemBackend(str(folder))
    apps: dict[str, XandikosApp] = {}
    logging.getLogger("xandikos").setLevel(logging.CRITICAL)

    def application(environ, start_response):
        # Xandikos reads to the end of the body, which wsgiref leaves open.
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        email, _, password = _basic(environ).partition(":")
        if server.logins.get(email) != password or not password:
            challenge = ("WWW-Authenticate", 'Basic realm="Xandikos"')
            start_response("401 Unauthorized", [challenge, ("Content-Length", "0")])
            return [b""]
        return apps[email](environ, start_response)

    def open_account(email: str) -> None:
        if email not in apps:
            backend.create_principal(f"/{email}/")
            apps[email] = XandikosApp(backend, current_user_principal=f"/{email}/")

    with _served(application, one_at_a_time=True) as netloc:
        server = Plain("xandikos", netloc, "/{}/calendars/")
        server.open_account = open_account
        yield server


@contextlib.contextmanager
def cyrus_server(folder: Path) -> Iterator[Plain]:
    """Cyrus serves calendars under /dav/, and its accounts are mailboxes."""
    with cyrus.running() as running:
        server = Plain("cyrus", running.netloc, "/dav/calendars/user/{}/")
        server.url += "dav/"
        server.open_account = lambda email: running.open_account(email, server.logins[email])
        yield server


ALL = {
    "icloud": icloud,
    "radicale": radicale_server,
    "xandikos": xandikos_server,
    "cyrus": cyrus_server,
}
# The last one is fetched from the distribution: `make foreign`.
CHOSEN = os.environ.get("CALDAV_SERVERS", "icloud radicale xandikos").split()
SERVERS = {name: ALL[name] for name in CHOSEN}


def _new_email() -> str:
    return f"host{next(_numbers)}@example.com"


def _basic(environ: dict) -> str:
    scheme, _, encoded = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return base64.b64decode(encoded).decode() if scheme.lower() == "basic" else ""


class _Handler(WSGIRequestHandler):
    def log_message(self, *args) -> None:
        """Nobody reads it."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextlib.contextmanager
def _served(application: Callable, one_at_a_time: bool = False) -> Iterator[str]:
    kind = WSGIServer if one_at_a_time else _Threaded
    server = make_server("127.0.0.1", 0, application, kind, _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
