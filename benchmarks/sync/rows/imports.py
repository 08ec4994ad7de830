"""Reading a calendar: the first time, when nothing changed, and when one event did."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.sync import events
from benchmarks.sync.bare import Bare
from benchmarks.sync.options import Size
from benchmarks.sync.ours import Host, Odoo
from benchmarks.sync.radicale_server import Radicale
from benchmarks.sync.report import BARE, OURS, PEER, Row
from benchmarks.sync.rounds import in_turns
from benchmarks.sync.vdirsyncer import Folder
from devtools.steps import SetupError, step

EMAIL = "reader@example.com"


class Reading:
    """One account that all sides read; `fresh` gives each its own empty copy of it."""

    def __init__(
        self, odoo: Odoo, server: Radicale, program: Path, folder: Path, size: Size
    ) -> None:
        self._odoo, self._server, self._size = odoo, server, size
        self._program, self._folder = program, folder
        self._number = 0
        self._files = list(events.of_phone(size.events))
        self._host: Host | None = None
        self._copy: Folder | None = None
        server.open_account(EMAIL, self._files)
        self._bare = Bare(server.netloc, EMAIL)
        # Radicale keeps what it read of each file.
        self._bare.fetch(self._bare.changes()[0])

    def rows(self, wanted: Callable[[str], bool]) -> Iterator[Row]:
        works = {
            "first-import": ("first import of {} events", self._first),
            "nothing-changed": ("nothing changed, {} events", self._nothing),
            "one-changed": ("one event changed, {} events", self._one),
        }
        for key, (title, measure) in works.items():
            if wanted(key):
                title = title.format(f"{self._size.events:,}")
                with step(title):
                    yield Row(key, title, measure())

    # -- the first time ------------------------------------------------------------------------

    def _first(self) -> dict[str, list[float]]:
        sides = {OURS: self._first_ours, PEER: self._first_peer, BARE: self._first_bare}
        return in_turns(sides, self._size.rounds)

    def _first_ours(self) -> float:
        if self._host:
            self._odoo.disconnect(self._host)
        self._host = self._odoo.connect(EMAIL)
        seconds = self._odoo.read(self._host)
        self._require(self._odoo.imported(self._host), "Odoo")
        return seconds

    def _first_peer(self) -> float:
        self._number += 1
        folder = self._folder / f"reader-{self._number}"
        self._copy = Folder(self._program, folder, self._server.url, EMAIL)
        seconds = self._copy.sync()
        self._require(self._copy.count(), "vdirsyncer")
        return seconds

    def _first_bare(self) -> float:
        begin = time.perf_counter()
        self._bare.look()
        versions = self._bare.fetch(self._bare.changes()[0])
        seconds = time.perf_counter() - begin
        self._require(len(versions), "the bare requests")
        return seconds

    def _require(self, count: int, whose: str) -> None:
        if count != self._size.events:
            raise SetupError(f"{whose}: {count} events instead of {self._size.events}")

    # -- later ---------------------------------------------------------------------------------

    def _known(self) -> tuple[Host, Folder]:
        """Both sides when they have read everything; twice, so that each rests."""
        if not (self._host and self._copy):
            self._first_ours()
            self._first_peer()
        self._odoo.read(self._host)
        self._copy.sync()
        return self._host, self._copy

    def _nothing(self) -> dict[str, list[float]]:
        host, copy = self._known()
        sides = {
            OURS: lambda: self._odoo.read(host),
            PEER: copy.sync,
            BARE: lambda: _timed(self._bare.look),
        }
        return in_turns(sides, self._size.short_rounds)

    def _one(self) -> dict[str, list[float]]:
        host, copy = self._known()
        sides = {
            OURS: lambda: self._odoo.read(host),
            PEER: copy.sync,
            BARE: lambda: self._changed_bare(token),
        }
        seconds = {side: [] for side in sides}
        for number in range(self._size.short_rounds):
            token = self._bare.changes()[1]
            name, text = self._files[number]
            self._bare.overwrite(name, events.changed(text, f"Round {number}"))
            for side, took in in_turns(sides, 1, first=number).items():
                seconds[side] += took
        return seconds

    def _changed_bare(self, token: str) -> float:
        begin = time.perf_counter()
        self._bare.look()
        hrefs = self._bare.changes(token)[0]
        self._bare.fetch(hrefs)
        seconds = time.perf_counter() - begin
        if len(hrefs) != 1:
            raise SetupError(f"{len(hrefs)} events changed instead of 1")
        return seconds


def _timed(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
