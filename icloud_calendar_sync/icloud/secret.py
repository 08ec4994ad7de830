"""App-specific password ↔ ciphertext."""

import re

from cryptography.fernet import Fernet, InvalidToken

from ..sentence import _
from .errors import NotAppSpecific, SecretLost

_LETTERS = re.compile(r"[a-z]{16}")
# A phone's keyboard turns the hyphens into dashes, and copying adds blanks of every kind.
_SEPARATORS = re.compile(r"[\s\u200b\u2060\ufeff\u00ad\u2010-\u2015\u2212\uff0d-]+")


def new_key() -> bytes:
    """A fresh Fernet key: 32 random bytes, URL-safe base64."""
    return Fernet.generate_key()


def encrypt(key: bytes, password: str) -> str:
    """The ciphertext of `password`, ASCII.

    :raise SecretLost: `key` is no Fernet key
    """
    return _cipher(key).encrypt(password.encode()).decode("ascii")


def decrypt(key: bytes, ciphertext: str) -> str:
    """What `encrypt` was given.

    :raise SecretLost: another key, or a damaged ciphertext
    """
    try:
        return _cipher(key).decrypt(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise SecretLost(
            _("The stored password cannot be read with this server's key; please connect again.")
        ) from error


def normalise_app_password(text: str) -> str:
    """Apple's own spelling, "abcd-efgh-ijkl-mnop", of what a user typed or pasted.

    :raise NotAppSpecific: not 16 letters
    """
    letters = _SEPARATORS.sub("", text).lower()
    if not _LETTERS.fullmatch(letters):
        raise NotAppSpecific(
            _(
                "This is not an app-specific password: Apple makes those of 16 letters,"
                " shown as xxxx-xxxx-xxxx-xxxx."
            )
        )
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _cipher(key: bytes) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        raise SecretLost(_("This server's key for stored passwords is not usable.")) from error
