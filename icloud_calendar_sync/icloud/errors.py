"""One exception for each thing a caller must do differently."""

from ..sentence import Sentence


class ICloudError(Exception):
    """`str()` is one plain sentence for the user, without secrets; `sentence` the same.

    `status` is the HTTP status that was the reason, or None.
    """

    def __init__(self, message: str, *, status: int | None = None):
        super().__init__(message)
        self.status = status

    @property
    def sentence(self) -> Sentence:
        """What to tell the user, for Odoo to translate."""
        message = self.args[0]
        return message if isinstance(message, Sentence) else Sentence(message)


class Unauthorized(ICloudError):
    """401: stop, and ask the user for a new app-specific password."""


class Forbidden(ICloudError):
    """403: the password is right, this is not allowed."""


class NotFound(ICloudError):
    """404 or 410."""


class PreconditionFailed(ICloudError):
    """412: what stands there is not what we thought."""


class TokenInvalid(ICloudError):
    """The sync token was refused: compare all ETags instead."""


class Refused(ICloudError):
    """Any other 4xx: sending the same again is useless."""


class Unavailable(ICloudError):
    """5xx, 408, 425 or 429: try again later.

    `retry_after` is what the server asked for, in whole seconds (at most a day), or None.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_after: int | None = None):
        super().__init__(message, status=status)
        self.retry_after = retry_after


class Unreachable(Unavailable):
    """No connection: DNS, refused, reset, TLS."""


class TimedOut(Unavailable):
    """The time of this call, or of the whole job, is over."""


class BadAnswer(ICloudError):
    """Nonsense, half an answer, or too large."""


class TooLarge(BadAnswer):
    """Larger than anybody needs. Unlike other bad answers it is the same at every try."""


class UntrustedHost(ICloudError):
    """The URL leads to a host that may not see the password."""


class UnusableUrl(UntrustedHost):
    """No URL, or one too long to keep: in a list its entry is left out, and named."""


class NotAppSpecific(ICloudError):
    """The text cannot be an app-specific password."""


class SecretLost(ICloudError):
    """The ciphertext cannot be read with this key."""
