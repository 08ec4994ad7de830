"""The body of an answer, read and unpacked up to a limit."""

import zlib
from collections.abc import Iterator, Mapping

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from .errors import BadAnswer
from .failures import from_broken_body

# Grows to 16 MB at most when unpacked.
_CHUNK_BYTES = 16 * 1024


def read(raw: HTTPResponse, headers: Mapping[str, str], limit: int) -> bytes:
    """The whole body, gzip undone; `limit` counts the bytes after that.

    Unpacked here, a chunk at a time: urllib3 also undoes packings inside packings, which multiply.

    :raise BadAnswer: larger than `limit`, incomplete, or packed in a way that was not asked for
    :raise TimedOut: the connection's time is over (wallclock.py)
    """
    gzip = _gzip(headers)
    body, received = bytearray(), 0
    for chunk in _chunks(raw):
        received += len(chunk)
        body += _unpacked(gzip, chunk) if gzip else chunk
        if len(body) > limit:
            raise BadAnswer(f"The server's answer is larger than {limit // 1024} KB.")
    # An empty body may be announced as gzip.
    if received < _announced(headers) or (gzip and received and not gzip.eof):
        raise BadAnswer("The server's answer broke off.")
    return bytes(body)


def _chunks(raw: HTTPResponse) -> Iterator[bytes]:
    try:
        yield from raw.stream(_CHUNK_BYTES, decode_content=False)
    except (HTTPError, OSError) as error:
        raise from_broken_body(error) from error


def _gzip(headers: Mapping[str, str]):
    match headers.get("Content-Encoding", "").strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    raise BadAnswer("The server's answer is packed in a way that was not asked for.")


def _unpacked(gzip, chunk: bytes) -> bytes:
    try:
        return gzip.decompress(chunk)
    except zlib.error as error:
        raise BadAnswer("The server's answer is damaged.") from error


def _announced(headers: Mapping[str, str]) -> int:
    # Counted here because urllib3 1.26 takes a short body for a whole one.
    length = headers.get("Content-Length", "")
    return int(length) if length.isdigit() and "Transfer-Encoding" not in headers else 0
