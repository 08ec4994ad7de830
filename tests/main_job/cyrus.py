"""Cyrus as its makers ship it, on free ports of this machine, by an ordinary user."""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from devtools.machine import cyrus
from devtools.ports import free_port

PATIENCE = 20.0
ADMIN, ADMIN_PASSWORD = "cyrus", "secret"
# Without scheduling, and so without the inbox and outbox that would mail.
CONFIGURATION = """
configdirectory: {folder}/conf
partition-default: {folder}/spool
defaultpartition: default
proc_path: {folder}/proc
mboxname_lockpath: {folder}/lock
sievedir: {folder}/sieve
cyrus_user: {user}
cyrus_group: {group}
admins: {admin}
virtdomains: userid
defaultdomain: localhost
unixhierarchysep: yes
servername: localhost
httpmodules: caldav
caldav_create_default: no
caldav_create_attach: no
caldav_create_sched: no
caldav_allowscheduling: off
allowplaintext: yes
sasl_mech_list: PLAIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb
"""
SERVICES = """
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{imap}" prefork=0
  http cmd="{programs}/httpd -C {folder}/imapd.conf" listen="127.0.0.1:{http}" prefork=1
}}
EVENTS {{
}}
"""


class Cyrus:
    """A running server: `netloc` is where it speaks CalDAV."""

    def __init__(self, prefix: Path, folder: Path) -> None:
        self._prefix, self._folder = prefix, folder
        self._imap, http = free_port(), free_port()
        self.netloc = f"127.0.0.1:{http}"
        self.environment = {**os.environ, **cyrus.libraries(prefix)}
        # It refuses to be root.
        name = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.user = pwd.getpwnam(name)
        self._write_configuration(http)

    def _write_configuration(self, http: int) -> None:
        names = {"user": self.user.pw_name, "group": grp.getgrgid(self.user.pw_gid).gr_name}
        places = {"folder": self._folder, "programs": self._prefix / cyrus.PROGRAMS}
        ports = {"imap": self._imap, "http": http}
        text = CONFIGURATION.format(**names, **places, admin=ADMIN)
        (self._folder / "imapd.conf").write_text(text)
        (self._folder / "cyrus.conf").write_text(SERVICES.format(**places, **ports))
        for name in ("db", "socket", "proc", "log", "msg"):
            (self._folder / "conf" / name).mkdir(parents=True)
        for name in ("spool", "proc", "lock", "sieve"):
            (self._folder / name).mkdir(exist_ok=True)
        self._set_password(ADMIN, ADMIN_PASSWORD)
        for place in (self._folder, *self._folder.rglob("*")):
            if os.geteuid() == 0:
                os.chown(place, self.user.pw_uid, self.user.pw_gid)

    def start(self) -> subprocess.Popen:
        program = self._prefix / cyrus.PROGRAMS / "master"
        options = ["-C", "imapd.conf", "-M", "cyrus.conf", "-p", "master.pid", "-D"]
        options = [f"{self._folder}/{each}" if "." in each else each for each in options]
        demoted = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return subprocess.Popen(
            [program, *options],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **(demoted if os.geteuid() == 0 else {}),
        )

    def open_account(self, email: str, password: str) -> None:
        """Also with another password for one that is there."""
        self._set_password(email, password)
        self.set_up_mailbox(email)

    def set_up_mailbox(self, email: str) -> None:
        """What calendars hang from; one that is there stays."""
        with imaplib.IMAP4(*self._imap_address) as connection:
            connection.authenticate("PLAIN", lambda _: f"\0{ADMIN}\0{ADMIN_PASSWORD}".encode())
            connection.create(f'"user/{email}"')

    @property
    def _imap_address(self) -> tuple[str, int]:
        return "127.0.0.1", self._imap

    def _set_password(self, name: str, password: str) -> None:
        database = self._folder / "sasldb"
        program = self._prefix / "usr/sbin/saslpasswd2"
        subprocess.run(
            [program, "-p", "-c", "-f", database, "-u", "localhost", name],
            env=self.environment,
            input=password.encode(),
            check=True,
        )

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                imaplib.IMAP4(*self._imap_address).logout()
            except (OSError, imaplib.IMAP4.error):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


@contextlib.contextmanager
def running() -> Iterator[Cyrus]:
    """A server with no account yet, for the length of the block."""
    prefix = cyrus.find()
    with tempfile.TemporaryDirectory(prefix="cyrus-") as folder:
        Path(folder).chmod(0o755)
        if os.geteuid() == 0:
            # The cache may lie where nobody else may look.
            prefix = shutil.copytree(prefix, Path(folder, "programs"), symlinks=True)
        run = Path(folder, "run")
        run.mkdir()
        server = Cyrus(prefix, run)
        process = server.start()
        try:
            server.wait_until_it_answers()
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)
