"""The body of an answer, read and unpacked up to a limit."""

import zlib
from collections.abc import Mapping

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from ...sentence import _
from ..errors import BadAnswer, TooLarge
from .failures import from_broken_body

# As much as comes at once: after each piece the thread has to wait until others let it go on.
_CHUNK_BYTES = 256 * 1024
# More digits than any length has: int() refuses thousands of them.
_LENGTH_DIGITS = 18


def read(raw: HTTPResponse, limit: int) -> bytes:
    """The whole body, gzip undone; `limit` counts the bytes after that.

    Unpacked here, and never further than the limit: urllib3 also undoes packings inside packings,
    which multiply.

    :raise TooLarge: larger than `limit`
    :raise BadAnswer: incomplete, or packed in a way that was not asked for
    :raise TimedOut: the connection's time is over (wallclock.py)
    """
    gzip = _gzip(raw.headers)
    body, received = bytearray(), 0
    while chunk := _next_chunk(raw):
        received += len(chunk)
        body += _unpacked(gzip, chunk, limit + 1 - len(body)) if gzip else chunk
        if len(body) > limit:
            raise TooLarge(_("The server's answer is larger than %(size)s KB.", size=limit // 1024))
    # An empty body may be announced as gzip.
    if received < _announced(raw.headers) or (gzip and received and not gzip.eof):
        raise BadAnswer(_("The server's answer broke off."))
    return bytes(body)


def _next_chunk(raw: HTTPResponse) -> bytes:
    try:
        # Not `stream`: urllib3 reads the marks between chunks itself then, lines of any length;
        # http.client, which does it here, takes 64 KB at most. A chunk of a negative size is a
        # ValueError.
        return raw.read(_CHUNK_BYTES, decode_content=False)
    except (HTTPError, OSError, ValueError) as error:
        raise from_broken_body(error) from error


def _gzip(headers: Mapping[str, str]):
    match headers.get("Content-Encoding", "").strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    raise BadAnswer(_("The server's answer is packed in a way that was not asked for."))


def _unpacked(gzip, chunk: bytes, most: int) -> bytes:
    # zlib would keep all that comes after the end, and copy it again with every chunk.
    if gzip.eof:
        raise BadAnswer(_("The server's answer is damaged."))
    try:
        return gzip.decompress(chunk, most)
    except zlib.error as error:
        raise BadAnswer(_("The server's answer is damaged.")) from error


def _announced(headers: Mapping[str, str]) -> int:
    # Counted here because urllib3 1.26 takes a short body for a whole one.
    length = headers.get("Content-Length", "")
    is_number = length.isascii() and length.isdigit() and len(length) <= _LENGTH_DIGITS
    return int(length) if is_number and "Transfer-Encoding" not in headers else 0
