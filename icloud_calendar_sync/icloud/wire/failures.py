"""From an HTTP status, or an exception of the network, to the exception a caller must handle."""

import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from urllib3.exceptions import InvalidHeader, ReadTimeoutError

from ...sentence import _
from ..errors import (
    BadAnswer,
    Forbidden,
    ICloudError,
    NotFound,
    PreconditionFailed,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from .wallclock import Unconnected

MAX_RETRY_AFTER_SECONDS = 24 * 3600

# Not urllib3's own TimeoutError: a refused connection is one of its kind.
_TIMEOUTS = (TimeoutError, ReadTimeoutError)
# A connection that the server had closed; http.client's RemoteDisconnected is among them.
_RESETS = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
# What the server said cannot be understood. That comes in several ways, plain ValueErrors of
# http.client and of codecs among them.
_NONSENSE = (HTTPException, InvalidHeader, ValueError)
_TRY_LATER = {408, 425, 429}


class ConnectionReset(Unreachable):
    """The server closed the connection without an answer."""


def from_status(status: int, retry_after: str | None = None) -> ICloudError:
    """The exception for a status that is not the wanted one.

    :param retry_after: the header of that name (RFC 9110 section 10.2.3)
    """
    if status == 401:
        return Unauthorized(
            _("The Apple ID or app-specific password was not accepted."), status=401
        )
    if status == 403:
        return Forbidden(_("The server does not allow this."), status=403)
    if status in (404, 410):
        return NotFound(_("The server does not have this any more."), status=status)
    if status == 412:
        return PreconditionFailed(_("It was changed on the server in the meantime."), status=412)
    if status in _TRY_LATER or status >= 500:
        return Unavailable(
            _("The server cannot answer just now (status %(status)s).", status=status),
            status=status,
            retry_after=_seconds(retry_after),
        )
    if status >= 400:
        return Refused(
            _("The server refused this (status %(status)s).", status=status), status=status
        )
    return BadAnswer(
        _("The server gave an unexpected answer (status %(status)s).", status=status), status=status
    )


def from_network(error: Exception) -> ICloudError:
    """The exception for what urllib3 or a socket raised before an answer began."""
    chain = tuple(_causes(error))
    if any(isinstance(each, Unconnected) for each in chain):
        return Unreachable(_("The server could not be reached."))
    if any(isinstance(each, _TIMEOUTS) for each in chain):
        return TimedOut(_("The server did not answer in time."))
    if any(isinstance(each, ConnectionRefusedError) for each in chain):
        return Unreachable(_("The server does not accept connections."))
    if any(isinstance(each, _RESETS) for each in chain):
        return ConnectionReset(_("The server closed the connection without an answer."))
    if any(isinstance(each, ssl.SSLError) for each in chain):
        return Unreachable(_("No secure connection to the server could be made."))
    if any(isinstance(each, _NONSENSE) for each in chain):
        return BadAnswer(_("The server's answer is not HTTP."))
    return Unreachable(_("The server could not be reached."))


def from_broken_body(error: Exception) -> ICloudError:
    """The exception for what was raised while the body of an answer came in."""
    if any(isinstance(each, _TIMEOUTS) for each in _causes(error)):
        return TimedOut(_("The server's answer did not end in time."))
    return BadAnswer(_("The server's answer broke off."))


def _seconds(retry_after: str | None) -> int | None:
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        # More digits than any sane delay has: int() refuses thousands of them.
        return min(int(text[:9]), MAX_RETRY_AFTER_SECONDS)
    try:
        until = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):  # all of them, for odd dates
        return None
    return min(max(round(until - time.time()), 0), MAX_RETRY_AFTER_SECONDS)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    # urllib3 wraps the reason several times; raised inside `except`, it is the context.
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
