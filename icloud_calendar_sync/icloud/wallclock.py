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

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

# Of one answer as it comes over the wire; more than the largest body that is read (client.py).
MAX_ANSWER_BYTES = 36 * 1024 * 1024


class TooLong(http.client.HTTPException):
    """An answer beyond MAX_ANSWER_BYTES."""


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


class _TimedConnection:
    # The hook that http.client itself offers for another response class.
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        # urllib3 gives each of a host's addresses the full timeout; behind a firewall that drops
        # packets, eight addresses would take eight times as long as allowed.
        limit, started = self.timeout, time.monotonic()
        addresses = socket.getaddrinfo(self.host, self.port, 0, socket.SOCK_STREAM)
        self.timeout = limit / len(addresses)
        try:
            sock = super()._new_conn()
        finally:
            self.timeout = limit
        sock.settimeout(max(limit - (time.monotonic() - started), 0.001))
        return sock


class _HttpConnection(_TimedConnection, HTTPConnectionPool.ConnectionCls):
    pass


class _HttpsConnection(_TimedConnection, HTTPSConnectionPool.ConnectionCls):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


POOL_CLASSES = {"http": _HttpPool, "https": _HttpsPool}
