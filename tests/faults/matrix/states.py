"""What happens to the primary calendar in iCloud: no request fails by itself."""

from tests.faults.matrix.cell import Cell
from tests.faults.matrix.operations import OPERATIONS
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


class Reappears(State):
    """What was deleted stands there again, as if iCloud had restored a backup of its own."""

    def begin(self, cell: Cell, flavour: str) -> None:
        cell.stood = cell.all_in_icloud()

    def end(self, cell: Cell) -> bool:
        gone = cell.stood.keys() - cell.all_in_icloud().keys() - cell.own.keys()
        for href in gone:
            cell.cloud.put_event(cell.email, "home", cell.stood[href], href=href)
        return bool(gone)


REMOVING = ("cancel", "primary")
STATES = (
    Reappears(
        "what was deleted reappears",
        flavours=(EVER,),
        harmless=True,
        besides=tuple(name for name in OPERATIONS if name not in REMOVING),
    ),
    Renamed("calendar renamed", flavours=(EVER,), harmless=True),
    Deleted("calendar deleted", flavours=(EVER,)),
    ReadOnly("calendar made read-only", flavours=(EVER,)),
    MadeAnew("calendar made anew", flavours=(EVER,), harmless=True),
)
