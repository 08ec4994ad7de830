"""vdirsyncer, in an environment of its own that touches nobody else's, and its folders."""

import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.sync.radicale_server import PASSWORD
from devtools import paths
from devtools.machine.own_venv import own_venv
from devtools.steps import SetupError

LOCK_FILE = paths.ROOT / "benchmarks" / "sync" / "vdirsyncer.lock"
_CONFIG = """[general]
status_path = "{folder}/status/"

[pair calendars]
a = "here"
b = "there"
collections = [["home", "home", "home"]]
conflict_resolution = "a wins"

[storage here]
type = "filesystem"
path = "{folder}/files/"
fileext = ".ics"

[storage there]
type = "caldav"
url = "{url}{email}/"
username = "{email}"
password = "{password}"
"""


def fetch() -> Path:
    """Its program; fetched unless it is there."""
    return own_venv("vdirsyncer", "the peer, vdirsyncer", LOCK_FILE) / "bin" / "vdirsyncer"


class Folder:
    """A folder that vdirsyncer keeps like one account's calendar; its pair is made, not synced."""

    def __init__(self, program: Path, folder: Path, url: str, email: str) -> None:
        self._program, self._config = program, folder / "config"
        self._env = {**os.environ, "VDIRSYNCER_CONFIG": str(self._config)}
        self.files = folder / "files" / "home"
        self.files.mkdir(parents=True)
        self._config.write_text(
            _CONFIG.format(folder=folder, url=url, email=email, password=PASSWORD)
        )
        self._do("discover")

    def write(self, files: Iterable[tuple[str, str]]) -> None:
        """New files, or new contents: by renaming, as its makers ask for."""
        for name, text in files:
            partial = self.files / f"{name}.tmp"
            partial.write_bytes(text.encode())
            partial.replace(self.files / name)

    def count(self) -> int:
        return sum(1 for _file in self.files.glob("*.ics"))

    def sync(self) -> float:
        """Do what is to be done, and say how many seconds it took."""
        begin = time.perf_counter()
        self._do("sync")
        return time.perf_counter() - begin

    def _do(self, command: str) -> None:
        done = subprocess.run(
            [self._program, "--verbosity", "WARNING", command],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise SetupError(f"vdirsyncer {command} failed:\n{done.stdout[-2000:]}")
