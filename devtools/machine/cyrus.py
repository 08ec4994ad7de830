"""Cyrus, a CalDAV server of the distribution, fetched into the cache; nothing is installed."""

import tempfile
from pathlib import Path

from devtools import paths
from devtools.machine import apt
from devtools.steps import SetupError, built_whole, exclusive, step

PACKAGES = ("cyrus-caldav", "cyrus-imapd", "sasl2-bin", "libsasl2-modules-db")
PROGRAMS = Path("usr/lib/cyrus/bin")


def find() -> Path:
    """The folder that its packages were unpacked into.

    :raise SetupError: there is no Debian to fetch them from
    """
    target = paths.cache() / "cyrus"
    with exclusive(paths.cache() / "cyrus.lock", "another download of Cyrus"):
        if not target.exists():
            with step("Cyrus fetched, once for this machine"), built_whole(target) as folder:
                _fetch(folder)
    if not (target / PROGRAMS / "httpd").exists():
        raise SetupError(f"{target} holds no Cyrus: delete it and try again")
    return target


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as state:
        source = apt.PrivateApt(Path(state))
        apt.extract(source.download_with_missing(*PACKAGES), folder)


def libraries(prefix: Path) -> dict[str, str]:
    """The environment in which its programs find their own libraries."""
    folders = [prefix / "usr/lib", *prefix.glob("usr/lib/*-linux-gnu*"), *prefix.glob("lib/*-gnu*")]
    plugins = next(prefix.glob("usr/lib/*/sasl2"))
    return {"LD_LIBRARY_PATH": ":".join(map(str, folders)), "SASL_PATH": str(plugins)}
