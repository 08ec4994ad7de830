"""What happens to the primary calendar in iCloud: no request fails by itself."""

from tests.faults.matrix.cell import Cell
from tests.faults.matrix.trouble import EVER, Trouble


class State(Trouble):
    """It stays until somebody does something about it."""

    def end(self, cell: Cell) -> bool:
        return True


class Renamed(State):
    def begin(self, cell: Cell, flavour: str) -> None:
        cell.cloud.rename_calendar(cell.email, "home", "Family life")


class ReadOnly(State):
    """Its owner lets the host only read it, and thinks better of it later."""

    def begin(self, cell: Cell, flavour: str) -> None:
        cell.cloud.set_read_only(cell.email, "home")

    def end(self, cell: Cell) -> bool:
        cell.cloud.set_read_only(cell.email, "home", read_only=False)
        return True


class Deleted(State):
    """For good: the host chooses another."""

    def begin(self, cell: Cell, flavour: str) -> None:
        cell.lose("home")

    def end(self, cell: Cell) -> bool:
        with cell.world.env() as env:
            is_there = bool(cell.calendar(env, "work")) and cell.state == "connected"
        if is_there:
            cell.choose("work")
        return True


class MadeAnew(State):
    """Deleted, and another one made that has the same address."""

    def begin(self, cell: Cell, flavour: str) -> None:
        cell.lose("home")
        cell.cloud.create_calendar(cell.email, "home", "Home")


STATES = (
    Renamed("calendar renamed", flavours=(EVER,), besides=(), harmless=True),
    Deleted("calendar deleted", flavours=(EVER,), besides=()),
    ReadOnly("calendar made read-only", flavours=(EVER,), besides=()),
    MadeAnew("calendar made anew", flavours=(EVER,), besides=(), harmless=True),
)
