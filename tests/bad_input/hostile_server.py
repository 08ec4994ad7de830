"""A CalDAV server that is good to everybody at first, and then does to each account what is bad.

Whose account it is stands in the Apple Account: `<case>@example.com`. An account has one calendar
with one event; when the server turns hostile, the calendar has a new token, one more event that is
good, and one file that is not.
"""

import base64
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import NAMESPACE_OID, uuid5
from xml.sax.saxutils import escape

PASSWORD = "abcd-efgh-ijkl-mnop"
# What is asked, step by step.
FRONT, PRINCIPAL, LISTING, CHANGES, FILES = "front", "principal", "listing", "changes", "files"
_CALENDAR = (
    "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    "<D:displayname>Home</D:displayname><D:sync-token>{token}</D:sync-token>"
    "<D:current-user-privilege-set><D:privilege><D:all/></D:privilege>"
    "</D:current-user-privilege-set>"
)
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Case:
    """What a server does to one account, and what must come of it.

    `named` is a part of what its owner must be told, "" if there is nothing to tell; `file` is what
    stands in the bad resource; `answers` replace whole answers, by step.
    """

    named: str
    file: Callable[[], bytes] | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)


class Hostile:
    """The running server. `strangers` are the paths that anybody asked of the other host."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self.cases, self.is_hostile = cases, False
        self.strangers: list[str] = []
        self._kept: dict[str, dict[str, bytes]] = {}
        self._server, self._other = _started(self._answer), _started(self._overheard)
        self.netloc, self.other = (
            f"127.0.0.1:{each.server_port}" for each in (self._server, self._other)
        )
        self.url = f"http://{self.netloc}/"

    def stop(self) -> None:
        for server in (self._server, self._other):
            server.shutdown()
            server.server_close()

    def _overheard(self, handler: BaseHTTPRequestHandler) -> None:
        self.strangers.append(handler.path)
        handler.send_error(404)

    # -- a server as it should be --------------------------------------------------------------

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        name, step = _case_of(handler), _step(handler, body)
        case = self.cases[name]
        handler.other = self.other
        if self.is_hostile and step in case.answers:
            handler.close_connection = True
            case.answers[step](handler)
        elif handler.command == "GET":
            text = self._texts(name)[handler.path.rpartition("/")[2]]
            say(handler, text, 200, Content_Type="text/calendar")
        else:
            good = {
                FRONT: self._front,
                PRINCIPAL: self._principal,
                LISTING: self._listing,
                CHANGES: self._changes,
                FILES: self._files,
            }
            say(handler, multistatus(good[step](name, body)))

    def _texts(self, name: str) -> dict[str, bytes]:
        if name not in self._kept:
            file = self.cases[name].file
            bad = file() if file else event("Bad", 2)
            texts = {"first.ics": event("First"), "good.ics": event("Good", 1), "bad.ics": bad}
            self._kept[name] = texts
        return self._kept[name]

    def _front(self, name: str, _body: str) -> str:
        return found("/", f"<D:current-user-principal>{_href(name)}</D:current-user-principal>")

    def _principal(self, name: str, _body: str) -> str:
        home = f"<C:calendar-home-set>{_href(name, 'calendars/')}</C:calendar-home-set>"
        return found(f"/{name}/", home)

    def _listing(self, name: str, _body: str) -> str:
        token = "later" if self.is_hostile else "first"
        calendar = found(_box(name), _CALENDAR.format(token=token))
        return found(f"/{name}/calendars/", "<D:resourcetype/>") + calendar

    def _changes(self, name: str, _body: str) -> str:
        members = (found(_box(name) + file, _etag(file)) for file in self._names())
        return "".join(members) + "<D:sync-token>later</D:sync-token>"

    def _names(self) -> list[str]:
        return ["first.ics", "good.ics", "bad.ics"] if self.is_hostile else ["first.ics"]

    def _files(self, name: str, body: str) -> str:
        texts = self._texts(name)
        wanted = [file for file in self._names() if f"{file}<" in body]
        return "".join(
            found(_box(name) + file, _etag(file) + _data(texts[file])) for file in wanted
        )


# -- pieces of answers -------------------------------------------------------------------------


def event(title: str, hours: int = 0) -> bytes:
    """An hour the day after tomorrow, so many hours after nine."""
    day = datetime.now(UTC) + timedelta(days=2)
    start = day.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    return vevent(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", f"SUMMARY:{title}")


def vevent(*lines: str) -> bytes:
    text = "\r\n".join(
        ("BEGIN:VEVENT", f"UID:{uuid5(NAMESPACE_OID, lines[-1][:1000])}", *lines, "END:VEVENT", "")
    )
    return vcalendar(text)


def vcalendar(*parts: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    return "".join((head, *parts, "END:VCALENDAR\r\n")).encode()


def multistatus(inner: str) -> bytes:
    names = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    return f"<D:multistatus {names}>{inner}</D:multistatus>".encode("utf-8", "surrogateescape")


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 207, **headers: str) -> None:
    """A whole answer; names of headers with "_" for "-"."""
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def found(href: str, properties: str) -> str:
    return (
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>"
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )


def _href(name: str, rest: str = "") -> str:
    return f"<D:href>/{name}/{rest}</D:href>"


def _box(name: str) -> str:
    return f"/{name}/calendars/home/"


def _etag(file: str) -> str:
    return f'<D:getetag>"{file}"</D:getetag>'


def _data(text: bytes) -> str:
    return f"<C:calendar-data>{escape(text.decode('utf-8', 'surrogateescape'))}</C:calendar-data>"


# -- what was asked ----------------------------------------------------------------------------


def _case_of(handler: BaseHTTPRequestHandler) -> str:
    pair = handler.headers["Authorization"].partition(" ")[2]
    return base64.b64decode(pair).decode().partition("@")[0]


def _step(handler: BaseHTTPRequestHandler, body: str) -> str:
    if handler.command == "GET":
        return FILES
    if handler.command == "REPORT":
        return CHANGES if "sync-collection" in body else FILES
    if "current-user-principal" in body:
        return FRONT
    if "calendar-home-set" in body:
        return PRINCIPAL
    return CHANGES if handler.path.endswith("/home/") else LISTING


def _started(answer: Answer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def __getattr__(self, name):
            if name.startswith("do_"):
                return lambda: answer(self)
            raise AttributeError(name)

        def log_message(self, *args):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # clients here hang up on purpose
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


@contextlib.contextmanager
def running(cases: Mapping[str, Case]) -> Iterator[Hostile]:
    server = Hostile(cases)
    try:
        yield server
    finally:
        server.stop()
