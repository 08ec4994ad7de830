"""A server far away with any number of accounts: `python -m benchmarks.sync.idle_server PORT MS`.

It answers the listing of a home as iCloud does, so many milliseconds late, to whoever has the
password, and says of every calendar that nothing changed. It shares the machine with those it is
asked by, so it does nothing else.
"""

import asyncio
import base64
import re
import sys
from pathlib import Path

from benchmarks.sync.radicale_server import PASSWORD

LISTING = (Path(__file__).parent / "listing.xml").read_bytes()
# What the listing shows: an account that knows it has nothing to read.
TOKENS = dict(
    re.findall(
        r"<href>/ACCOUNT/calendars/(home|work)/</href>.*?<sync-token [^>]*>([^<]+)<",
        LISTING.decode(),
        re.DOTALL,
    )
)
_HEAD = re.compile(
    rb"PROPFIND /(\d+)/calendars/ HTTP/1.1\r\n.*?^Authorization: Basic (\S+)\r$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_LENGTH = re.compile(rb"^Content-Length: (\d+)\r$", re.MULTILINE | re.IGNORECASE)


class Idle(asyncio.Protocol):
    """One connection, kept as long as the other side wants."""

    late = 0.1

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport, self._received = transport, b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        found = _LENGTH.search(head + b"\r\n")
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return
        self._received = rest[length:]
        asyncio.get_running_loop().call_later(self.late, self._answer, head + b"\r\n")

    def _answer(self, head: bytes) -> None:
        asked = _HEAD.match(head)
        if not asked:
            self._send(b"404 Not Found", b"")
        elif not base64.b64decode(asked[2]).endswith(b":" + PASSWORD.encode()):
            self._send(b"401 Unauthorized", b"")
        else:
            self._send(b"207 Multi-Status", LISTING.replace(b"ACCOUNT", asked[1]))

    def _send(self, status: bytes, body: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(
            b"HTTP/1.1 %s\r\nServer: AppleHttpServer\r\nContent-Type: text/xml;charset=UTF-8\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (status, len(body), body)
        )


async def serve(port: int, milliseconds: int) -> None:
    Idle.late = milliseconds / 1000
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Idle, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
