"""The listeners: HTTP/1.1 on loopback addresses, one thread a connection."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from .messages import Answer, Request, html

MAX_BODY = 25_000_000
Handle = Callable[[Request], Answer]


class Listener(ThreadingHTTPServer):
    """One address. `host` is the name its requests carry; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str, port: int, host: str, handle: Handle) -> None:
        self.host, self.handle = host, handle
        self.partition_url = ""
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._connections: set[socket.socket] = set()
        super().__init__((address, port), _Handler)

    @property
    def netloc(self) -> str:
        return f"{self.server_address[0]}:{self.server_address[1]}"

    def start(self) -> None:
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        # serve_forever looks up many times a second whether it is to stop; this sleeps.
        while not self._stopping:
            self.handle_request()

    def stop(self) -> None:
        """Serve nothing any more; a second call does nothing more."""
        self._stopping = True
        if self._thread is not None:
            socket.create_connection(self.server_address).close()
            self._thread.join()
            self._thread = None
        self.server_close()
        for connection in tuple(self._connections):  # kept alive, they would be served on
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def close_request(self, request: socket.socket) -> None:
        self._connections.discard(request)
        super().close_request(request)

    def handle_error(self, request, client_address) -> None:
        """A client that went away is its own business; anything else is a bug of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: Listener

    def __getattr__(self, name: str) -> Callable[[], None]:
        # BaseHTTPRequestHandler looks for do_PROPFIND and the like: one method serves them all.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *args) -> None:
        """Quiet: the request log is what one reads."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._write(Answer(413 if length > MAX_BODY else 411))
            return
        # http.server folds leading slashes of self.path into one; iCloud refuses them, so look
        # at the request line itself.
        target = self.requestline.split()[1]
        body = self.rfile.read(length)
        path = unquote(target.partition("?")[0])
        request = Request(
            self.command,
            target,
            path,
            self.server.host,
            self.headers,
            body,
            self.server.partition_url,
        )
        try:
            answer = self.server.handle(request)
        except Exception:  # noqa: BLE001 (a bug of ours must not look like a fault of a test)
            traceback.print_exc()
            answer = html(500, "The local iCloud itself has failed; see its standard error.")
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        if answer.broken == "reset":
            self._reset()
            return
        body = answer.body
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self._headers(answer, len(body))]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if answer.broken == "truncate":
            body = body[: len(body) // 2]
            self.close_connection = True
        if answer.pause:
            self.wfile.write(head)
            self._trickle(body, answer)
            return
        # In one piece: two small writes would wait for each other's acknowledgement.
        self.wfile.write(head if self.command == "HEAD" else head + body)

    def _trickle(self, body: bytes, answer: Answer) -> None:
        for start in range(0, len(body), answer.piece):
            time.sleep(answer.pause)
            self.wfile.write(body[start : start + answer.piece])

    def _headers(self, answer: Answer, length: int) -> list[tuple[str, str]]:
        headers = [
            ("Server", "AppleHttpServer/2f080fc0"),
            ("Date", self.date_time_string()),
            *answer.headers.items(),
            *(("WWW-Authenticate", challenge) for challenge in answer.challenges),
            ("X-Apple-Request-UUID", str(uuid.uuid4()).upper()),
            ("X-Responding-Instance", f"caldavj:{self.server.host}:0001"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ]
        if answer.status not in (204, 304):
            headers.append(("Content-Length", str(length)))
        if self.close_connection or answer.broken:
            headers.append(("Connection", "close"))
        return headers

    def _reset(self) -> None:
        """Close with a RST, as a machine does that has just gone down."""
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.close_connection = True
        self.connection.close()
