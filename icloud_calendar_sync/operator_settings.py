"""What only the operator of the server may set: environment first, then odoo.conf.

Nothing in the database can change these (rule 22): who may write a system parameter must not be
able to send passwords to a server of their own.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from odoo.tools import config

from .icloud import secret

ICLOUD_URL = "https://caldav.icloud.com/"
KEY_FILE = "icloud_calendar_sync.key"


def _setting(name: str) -> str:
    return os.environ.get(name) or config.get(name.lower()) or ""


def caldav_url() -> str:
    return _setting("ICLOUD_CALDAV_URL") or ICLOUD_URL


def trusted_hosts() -> frozenset[str]:
    """host:port pairs that may see passwords beside icloud.com."""
    hosts = _setting("ICLOUD_CALDAV_HOSTS").replace(",", " ").split()
    if chosen := _setting("ICLOUD_CALDAV_URL"):
        hosts.append(urlsplit(chosen).netloc)
    return frozenset(hosts)


def health_token() -> str:
    """What opens /bookings/health instead of a token that an administrator has made, or ""."""
    return _setting("ICLOUD_HEALTH_TOKEN")


def secret_key() -> bytes:
    """The Fernet keys of all stored passwords: the operator's, or a file beside Odoo's data.

    One after the other, by commas or lines: the first encrypts, all decrypt.

    :raise OSError: the data folder cannot be written, or there stands something else. Nobody's
        password is lost by that: it is read again when the operator has mended it.
    """
    keys = _setting("ICLOUD_SYNC_KEY").encode() or _from_file()
    if not secret.is_usable(keys):
        raise OSError("ICLOUD_SYNC_KEY, or the key file, holds something that is no key")
    return keys


def _from_file() -> bytes:
    path = key_path()
    if not path.exists():
        _write_key_once(path)
    return path.read_bytes()


def key_path() -> Path:
    """Where the key stands that nobody chose."""
    return Path(config["data_dir"]) / KEY_FILE


def _write_key_once(path: Path) -> None:
    # Linked into place whole: of two workers that start together one makes the key, both read it.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=KEY_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret.new_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        os.unlink(draft)
