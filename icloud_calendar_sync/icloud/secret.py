"""App-specific password ↔ ciphertext."""

import re

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ..sentence import _
from .errors import NotAppSpecific, SecretLost

# Between several keys, of which the first encrypts and all decrypt.
_BETWEEN = re.compile(rb"[\s,]+")
_LETTERS = re.compile(r"[a-z]{16}")
# A phone's keyboard turns the hyphens into dashes, and copying adds blanks of every kind.
_SEPARATORS = re.compile(r"[\s\u200b\u2060\ufeff\u00ad\u2010-\u2015\u2212\uff0d-]+")


def new_key() -> bytes:
    """A fresh Fernet key: 32 random bytes, URL-safe base64."""
    return Fernet.generate_key()


def encrypt(keys: bytes, password: str) -> str:
    """The ciphertext of `password` under the first key, ASCII.

    :param keys: Fernet keys, separated by commas or white space
    :raise SecretLost: one of them is none
    """
    return MultiFernet(_ciphers(keys)).encrypt(password.encode()).decode("ascii")


def decrypt(keys: bytes, ciphertext: str) -> str:
    """What `encrypt` was given, with any of these keys.

    :raise SecretLost: under another key, or a damaged ciphertext
    """
    try:
        return MultiFernet(_ciphers(keys)).decrypt(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise SecretLost(
            _("The stored password cannot be read with this server's key; please connect again.")
        ) from error


def rotate(keys: bytes, ciphertext: str) -> str | None:
    """The same secret under the first key.

    :return: None when it is under the first key already
    :raise SecretLost: none of the keys opens it
    """
    try:
        _ciphers(keys)[0].decrypt(ciphertext.encode())
    except InvalidToken:
        return encrypt(keys, decrypt(keys, ciphertext))
    return None


def is_usable(keys: bytes) -> bool:
    """Whether these are keys, all of them."""
    try:
        _ciphers(keys)
    except SecretLost:
        return False
    return True


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


def _ciphers(keys: bytes) -> list[Fernet]:
    try:
        return [Fernet(key) for key in _BETWEEN.split(keys.strip(b", \r\n\t"))]
    except ValueError as error:
        raise SecretLost(_("This server's key for stored passwords is not usable.")) from error
