"""HTTP connections on which a whole answer, not each read, has limits of time and size.

A socket's timeout starts anew with every byte, so a server that drips holds its caller forever.
Here the timeout that urllib3 sets before it reads an answer (what remains of `Timeout(total=…)`)
is spent once for status line, headers and body together. The bytes are counted here too, below all
that http.client and urllib3 make of them: a chunk of size -1, for one, is read to the end.
"""

import http.client
import io
import socket
import time
from contextlib import suppress
from queue import Empty

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from .names import addresses

# Of one answer as it comes over the wire; more than the largest body that is read (client.py).
MAX_ANSWER_BYTES = 36 * 1024 * 1024
MAX_IDLE_SECONDS = 1.0
# A host that is gone may just be silent; then there must be time left to ask where it went.
MAX_CONNECT_SECONDS = 5.0


class TooLong(http.client.HTTPException):
    """An answer beyond MAX_ANSWER_BYTES."""


class Unconnected(OSError):
    """No address of a host answered at all."""


class _Reader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket):
        super().__init__()
        self._raw, self._sock = raw, sock
        self._expires = time.monotonic() + sock.gettimeout()
        self._bytes_left = MAX_ANSWER_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        left = self._expires - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        if self._bytes_left <= 0:
            raise TooLong("the answer is too long")
        self._sock.settimeout(left)
        count = self._raw.readinto(buffer)
        self._bytes_left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args, **options):
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))

    def begin(self) -> None:
        super().begin()
        # More comes after a status of its own kind (RFC 9110 section 15.2), or with one that must
        # not have a body: the next request, maybe another account's, would take it for its answer.
        is_surplus = self.status in (204, 304) and (
            self.getheader("Transfer-Encoding") or self.getheader("Content-Length", "0") != "0"
        )
        if self.status < 200 or is_surplus:
            self.will_close, self.chunked, self.length = True, False, 0


class _TimedConnection:
    # The hook that http.client itself offers for another response class.
    response_class = _Response
    # When its last answer ended, in `time.monotonic()`.
    answered = 0.0

    def _new_conn(self) -> socket.socket:
        # urllib3 gives each of a host's addresses the full timeout, and the look-up none; behind a
        # firewall that drops packets, eight addresses would take eight times as long as allowed.
        expires = time.monotonic() + self.timeout
        connect_by = min(expires, time.monotonic() + MAX_CONNECT_SECONDS)
        found = addresses(self.host, self.port, self.timeout)
        for tried, address in enumerate(found):
            seconds = (connect_by - time.monotonic()) / (len(found) - tried)
            try:
                sock = self._connected(address, max(seconds, 0.001))
            except OSError as error:
                failed = error
            else:
                sock.settimeout(max(expires - time.monotonic(), 0.001))
                return sock
        if isinstance(failed, TimeoutError) and connect_by < expires:
            # There is time left to ask elsewhere: this host is not there.
            raise Unconnected("no address accepts a connection") from None
        raise failed

    def _connected(self, address: tuple, seconds: float) -> socket.socket:
        family, kind, protocol, _name, place = address
        sock = socket.socket(family, kind, protocol)
        try:
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            sock.settimeout(seconds)
            sock.connect(place)
        except OSError:
            sock.close()
            raise
        return sock


class _HttpConnection(_TimedConnection, HTTPConnectionPool.ConnectionCls):
    pass


class _HttpsConnection(_TimedConnection, HTTPSConnectionPool.ConnectionCls):
    pass


class _KeptPool:
    def _get_conn(self, timeout=None):
        connection = super()._get_conn(timeout)
        # Servers close what was idle for seconds: a PUT or DELETE, which is never sent twice, must
        # not go out just then.
        if time.monotonic() - connection.answered > MAX_IDLE_SECONDS:
            connection.close()  # Opened anew when it is used.
        return connection

    def _put_conn(self, connection) -> None:
        if connection:
            connection.answered = time.monotonic()
        super()._put_conn(connection)

    def close_idle(self) -> None:
        """Close the connections that nobody uses just now; the pool goes on."""
        idle = []
        with suppress(Empty):
            while True:
                idle.append(self.pool.get(block=False))
        for connection in idle:
            if connection:
                connection.close()
            self._put_conn(connection)


class _HttpPool(_KeptPool, HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(_KeptPool, HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


POOL_CLASSES = {"http": _HttpPool, "https": _HttpsPool}
