"""What happens to the workers themselves, and to their PostgreSQL and their clock."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch

from tests.faults.matrix.cell import Cell
from tests.faults.matrix.trouble import ONCE, Trouble

POINTS = (1, 2, 3, 5, 8, 13, 21, 34)


class Killed(BaseException):
    """The process is dead; nothing it still does may have any effect."""


class TwoWorkers(Trouble):
    """A second process does the same work at the same time, on a server that takes a moment."""

    def begin(self, cell: Cell, flavour: str) -> None:
        cell.cloud.set_fault("slow", account=cell.email, seconds=0.03)

    def work(self, cells: Sequence[Cell]) -> None:
        other = threading.Thread(target=self._other, args=(cells[0],))
        other.start()
        cells[0].work()
        other.join()

    def _other(self, cell: Cell) -> None:
        for model, method in (("icloud.push", "_cron_push"), ("icloud.import", "_cron_import")):
            try:
                with cell.world.env() as env:
                    getattr(env[model], method)()
            except Exception as error:  # noqa: BLE001 (whatever it is, it is shown)
                cell.world.errors.lines.append(f"second worker: {type(error).__name__}: {error}")

    def end(self, cell: Cell) -> bool:
        cell.cloud.clear_faults(account=cell.email)
        return True


@dataclass(frozen=True)
class AtPoint(Trouble):
    """Something happens to the worker at its n-th `commit`, or `landing`, which is a commit of its
    own among those of Odoo's scheduler, or `before` or `after` a request.
    """

    at: str = "commit"
    number: int = 1

    def begin(self, cell: Cell, flavour: str) -> None:
        """It happens while the workers run."""

    def work(self, cells: Sequence[Cell]) -> None:
        with _watched(self, cells[0]) as seen, contextlib.suppress(Killed):
            cells[0].work()
        for cell in cells:
            cell.met = seen.met

    def end(self, cell: Cell) -> bool:
        return cell.met

    def happen(self, cell: Cell, seen: "_Seen") -> None:
        """The worker's process is killed."""
        seen.is_dead = True


class Cut(AtPoint):
    def happen(self, cell: Cell, seen: "_Seen") -> None:
        """PostgreSQL's connections of the worker end."""
        cell.world.cut()


class OtherTime(Trouble):
    """Odoo's clock is wrong by an hour."""

    def begin(self, cell: Cell, flavour: str) -> None:
        # One clock for all cells that share it.
        if cell.world.clock.go_wrong(timedelta(**self.options)):
            # An hour later everything was read too long ago, and is not offered before it is read.
            cell.work()

    def end(self, cell: Cell) -> bool:
        cell.world.clock.go_right()
        return True


class _Seen:
    """How far the worker got."""

    def __init__(self, trouble: AtPoint, cell: Cell) -> None:
        self._trouble, self._cell = trouble, cell
        self._counts = {"commit": 0, "landing": 0, "before": 0, "after": 0}
        self.met = self.is_dead = False

    def reach(self, point: str) -> None:
        self._counts[point] += 1
        if point == self._trouble.at and self._counts[point] == self._trouble.number:
            self.met = True
            self._trouble.happen(self._cell, self)


@contextlib.contextmanager
def _watched(trouble: AtPoint, cell: Cell) -> Iterator[_Seen]:
    from odoo.addons.icloud_calendar_sync.icloud.client import Client
    from odoo.addons.icloud_calendar_sync.icloud.errors import Unreachable
    from odoo.addons.icloud_calendar_sync.models.icloud.icloud_worker import ICloudWorker
    from odoo.sql_db import Cursor

    landed = ICloudWorker._landed
    seen = _Seen(trouble, cell)
    commit, execute, send = Cursor.commit, Cursor.execute, Client._send

    def watched_commit(cursor):
        seen.reach("commit")
        if seen.is_dead:
            raise Killed
        return commit(cursor)

    def watched_landing(worker, *arguments, **options):
        seen.reach("landing")
        return landed(worker, *arguments, **options)

    def watched_execute(cursor, *arguments, **options):
        if seen.is_dead:
            raise Killed
        return execute(cursor, *arguments, **options)

    def watched_send(client, *arguments, **options):
        seen.reach("before")
        if not seen.is_dead:
            answer = send(client, *arguments, **options)
            seen.reach("after")
        if seen.is_dead:
            # In a thread of its own: whoever waits for it meets the database next.
            raise Unreachable("dead")
        return answer

    with (
        patch.object(Cursor, "commit", watched_commit),
        patch.object(Cursor, "execute", watched_execute),
        patch.object(ICloudWorker, "_landed", watched_landing),
        patch.object(Client, "_send", watched_send),
    ):
        yield seen


def _points(name: str, kind: type[AtPoint], at: str) -> tuple[AtPoint, ...]:
    which = (
        {} if at in ("commit", "landing") else {"surely": ("create", "move", "primary", "connect")}
    )
    options = {"flavours": (ONCE,), "harmless": True, "shared": True, "at": at, **which}
    return tuple(kind(f"{name} {number}", number=number, **options) for number in POINTS)


PROCESSES = (
    TwoWorkers("two workers at once", flavours=(ONCE,), harmless=True, besides=(), shared=True),
    *_points("killed at commit", AtPoint, "commit"),
    *_points("killed before request", AtPoint, "before"),
    *_points("killed after request", AtPoint, "after"),
    *_points("PostgreSQL cut at request", Cut, "before"),
    *_points("PostgreSQL cut at landing", Cut, "landing"),
    OtherTime(
        "clock an hour fast", "", {"hours": 1}, (ONCE,), harmless=True, besides=(), shared=True
    ),
    OtherTime(
        "clock an hour slow", "", {"hours": -1}, (ONCE,), harmless=True, besides=(), shared=True
    ),
)
