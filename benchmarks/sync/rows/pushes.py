"""Sending a thousand bookings of one host: new ones, then the same moved to another day."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.sync import events
from benchmarks.sync.bare import Bare
from benchmarks.sync.options import Size
from benchmarks.sync.ours import Odoo
from benchmarks.sync.radicale_server import Radicale
from benchmarks.sync.report import BARE, OURS, PEER, Row
from benchmarks.sync.rounds import in_turns
from benchmarks.sync.vdirsyncer import Folder
from devtools.steps import SetupError, step

NEW, CHANGED = "push-new", "push-changed"
# Further than all of them together: none meets another on its way.
AWAY = timedelta(days=60)


class Pushing:
    """Each round has an empty calendar for each side; what is sent is made beforehand."""

    def __init__(
        self, odoo: Odoo, server: Radicale, program: Path, folder: Path, size: Size
    ) -> None:
        self._odoo, self._server, self._size = odoo, server, size
        self._program, self._folder = program, folder

    def rows(self, wanted: Callable[[str], bool]) -> Iterator[Row]:
        count = f"{self._size.bookings:,}"
        titles = {
            NEW: f"push of {count} new bookings",
            CHANGED: f"push of {count} changed bookings",
        }
        seconds = {key: {OURS: [], PEER: [], BARE: []} for key in titles}
        for number in range(self._size.rounds):
            with step(f"round {number + 1} of pushes of {count} bookings"):
                steps = self._round(number)
                for key in titles:
                    if key == CHANGED and not wanted(key):
                        break
                    for prepare, _send in steps[key].values():
                        prepare()
                    sides = {side: send for side, (_prepare, send) in steps[key].items()}
                    for side, took in in_turns(sides, 1, first=number).items():
                        seconds[key][side] += took
        yield from (Row(key, titles[key], seconds[key]) for key in titles if wanted(key))

    def _round(self, number: int) -> dict[str, dict[str, tuple[Callable, Callable]]]:
        """{row: {side: (what is done before, what is measured)}}"""
        ours = self._ours(f"pusher-{number}@example.com")
        peer = self._peer(f"peer-{number}@example.com")
        bare = self._bare(f"bare-{number}@example.com")
        return {
            NEW: {OURS: ours[0], PEER: peer[0], BARE: bare[0]},
            CHANGED: {OURS: ours[1], PEER: peer[1], BARE: bare[1]},
        }

    def _ours(self, email: str) -> tuple:
        self._server.open_account(email)
        host = self._odoo.connect(email)
        self._odoo.read(host)
        made = {}

        def book() -> None:
            offer = self._odoo.offer(host)
            made["sessions"] = self._odoo.book(offer, events.starts(self._size.bookings))

        def send() -> float:
            return self._required(email, self._odoo.push(host))

        def resend() -> float:
            seconds = send()
            self._odoo.disconnect(host)
            return seconds

        return (book, send), (lambda: self._odoo.move(made["sessions"], AWAY), resend)

    def _peer(self, email: str) -> tuple:
        self._server.open_account(email)
        folder = Folder(self._program, self._folder / email, self._server.url, email)
        folder.sync()

        def send() -> float:
            return self._required(email, folder.sync())

        return (
            (lambda: folder.write(self._files()), send),
            (lambda: folder.write(self._files(AWAY)), send),
        )

    def _bare(self, email: str) -> tuple:
        self._server.open_account(email)
        bare = Bare(self._server.netloc, email)
        files, moved = list(self._files()), list(self._files(AWAY))

        def create() -> float:
            begin = time.perf_counter()
            bare.create(files)
            return self._required(email, time.perf_counter() - begin)

        def replace() -> float:
            begin = time.perf_counter()
            bare.replace(moved)
            return time.perf_counter() - begin

        return (bool, create), (bool, replace)

    def _files(self, moved: timedelta = timedelta()) -> Iterator[tuple[str, str]]:
        return events.of_bookings(self._size.bookings, moved)

    def _required(self, email: str, seconds: float) -> float:
        """The seconds, if everything was sent."""
        if (count := self._server.count(email)) != self._size.bookings:
            raise SetupError(f"{email}: {count} events instead of {self._size.bookings}")
        return seconds
