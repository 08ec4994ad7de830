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


def secret_key() -> bytes:
    """The Fernet key of all stored passwords: the operator's, or a file beside Odoo's data.

    :raise OSError: when the data folder cannot be written
    """
    if chosen := _setting("ICLOUD_SYNC_KEY"):
        return chosen.encode()
    path = key_path()
    if not path.exists():
        _write_key_once(path)
    return path.read_bytes().strip()


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
