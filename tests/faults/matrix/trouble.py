"""What goes wrong in a cell: switched on before an operation, lifted some hours later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.matrix.cell import Cell

ONCE, EVER = "once", "for ever"


@dataclass(frozen=True)
class Trouble:
    """A fault of the local iCloud, for the cell's account alone.

    `options` are the fault's; one that can be called is given the cell first. What must hold:

    * `harmless`: while it lasts, the operation succeeds all the same;
    * `refuses`: the password is refused at the front door, so that a new one may be asked for;
    * `hides`: while it lasts, nobody can know what is new in iCloud;
    * `single`: one event suffers, at most; the others are as they should be;
    * `at_once`: when it lasts, its owner can read of it minutes later, not only hours;
    * `retry_after`: for so many seconds nothing more is asked, not even when its owner asks for it.

    `besides` are operations that cannot meet it, `surely` some that do (all others unless told);
    one that is not `is_met` stands for what the addon does not ask today.
    Cells whose trouble is the process's (`shared`) run together, without others.
    """

    name: str
    fault: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    flavours: tuple[str, ...] = (ONCE, EVER)
    harmless: bool = False
    refuses: bool = False
    hides: bool = False
    single: bool = False
    at_once: bool = False
    retry_after: int = 0
    besides: tuple[str, ...] = ("keep",)
    surely: tuple[str, ...] = ()
    is_met: bool = True
    shared: bool = False

    def begin(self, cell: Cell, flavour: str) -> None:
        """Switch it on."""
        options = {
            name: value(cell) if callable(value) else value for name, value in self.options.items()
        }
        if flavour == ONCE:
            options["times"] = 1
        cell.cloud.set_fault(self.fault, account=cell.email, **options)

    def work(self, cells: Sequence[Cell]) -> None:
        """The first round of both workers under it, for all these cells at once."""
        cells[0].work()

    def end(self, cell: Cell) -> bool:
        """Lift it; whether it met anything."""
        hits = cell.cloud.fault_hits(self.fault, cell.email)
        cell.cloud.clear_faults(account=cell.email)
        return hits > 0
