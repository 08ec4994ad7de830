"""Plain Radicale, as its makers ship it, in a process of its own: what all sides talk to."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.sync.process import serving

PASSWORD = "abcd-efgh-ijkl-mnop"
_PROPERTIES = {
    "tag": "VCALENDAR",
    "D:displayname": "Home",
    "C:supported-calendar-component-set": "VEVENT",
}


class Radicale:
    """The running server. Calendars are filled past it, as files, before anybody is measured."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.netloc, self.url = port, f"127.0.0.1:{port}", f"http://127.0.0.1:{port}/"
        self._folder = folder

    def open_account(self, email: str, files: Iterable[tuple[str, str]] = ()) -> None:
        """A new account with one calendar, Home, and what stands in it."""
        with (self._folder / "users").open("a") as users:
            users.write(f"{email}:{PASSWORD}\n")
        home = self.home(email)
        home.mkdir(parents=True)
        (home / ".Radicale.props").write_text(json.dumps(_PROPERTIES))
        for name, text in files:
            (home / name).write_bytes(text.encode())

    def home(self, email: str) -> Path:
        """The folder of the account's calendar."""
        return self._folder / "storage" / "collection-root" / email / "home"

    def count(self, email: str) -> int:
        """How many events stand in the account's calendar."""
        return sum(1 for _file in self.home(email).glob("*.ics"))


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Radicale]:
    """The server on a free port; what it keeps is in `folder`."""
    (folder / "users").touch()
    with serving("benchmarks.sync.serve_radicale", folder) as port:
        yield Radicale(port, folder)
