"""What hosts and customers do: each makes ready, is done under a fault, and may be done again."""

from typing import ClassVar

from tests.faults.matrix.cell import Cell, offer

OPERATIONS: dict[str, type["Operation"]] = {}


class Operation:
    """What it needs before there is a fault, in three steps; `do` under it; `again` afterwards.

    Both workers have done their round after `connected` and after `booked`, not after `last`.
    """

    name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        OPERATIONS[cls.name] = cls

    def connected(self, cell: Cell) -> None:
        """A host who is connected, with events of their own."""
        cell.put("Dentist", 10)
        cell.put_series("Yoga", 17)
        cell.put("Gym", 14, "work")
        cell.connect()

    def booked(self, cell: Cell) -> None:
        """Three bookings."""
        cell.book("standing", 8)
        cell.book("first", 11)
        cell.book("second", 12)

    def last(self, cell: Cell) -> None:
        """Just before the fault is switched on."""

    def do(self, cell: Cell) -> None:
        """What is done while the fault is on."""

    def again(self, cell: Cell) -> None:
        """Who was refused in person tries again; who needs a new password gives it."""
        with cell.world.env() as env:
            account = cell.account(env)
            is_due = not account or account.state == "password_needed"
        if is_due and cell.state == "connected":
            cell.connect()

    def anew(self, cell: Cell) -> None:
        """There is a new password, and the owner was told what it is needed for."""


class Connect(Operation):
    name = "connect"

    def connected(self, cell: Cell) -> None:
        cell.put("Dentist", 10)
        cell.put_series("Yoga", 17)
        cell.put("Gym", 14, "work")

    def booked(self, cell: Cell) -> None:
        cell.book("first", 11)

    def do(self, cell: Cell) -> None:
        cell.connect()


class Create(Operation):
    name = "create"

    def do(self, cell: Cell) -> None:
        cell.book("third", 13)
        cell.book("fourth", 15)


class Update(Operation):
    name = "update"

    def do(self, cell: Cell) -> None:
        with cell.world.env() as env:
            for name in ("first", "second"):
                env["calendar.event"].browse(cell.sessions[name]).location = f"Room {name}"


class Move(Operation):
    name = "move"

    def do(self, cell: Cell) -> None:
        self._reschedule(cell, "first", 13)
        self._reschedule(cell, "second", 15)

    def _reschedule(self, cell: Cell, name: str, hour: float) -> None:
        start = cell.at(hour).isoformat()
        with cell.world.env() as env:
            env["icloud.booking"].browse(cell.bookings[name]).reschedule(start)


class Cancel(Operation):
    name = "cancel"

    def do(self, cell: Cell) -> None:
        with cell.world.env() as env:
            for name in ("first", "second"):
                env["icloud.booking"].browse(cell.bookings[name]).action_cancel()


class FirstImport(Operation):
    name = "first import"

    def connected(self, cell: Cell) -> None:
        cell.put("Lunch", 13)

    def booked(self, cell: Cell) -> None:
        """Nobody has booked yet."""

    def last(self, cell: Cell) -> None:
        super().connected(cell)


class Incremental(Operation):
    name = "import"

    def connected(self, cell: Cell) -> None:
        self._lunch = cell.put("Lunch", 13)
        super().connected(cell)
        self._dentist = next(href for href, own in cell.own.items() if own.title == "Dentist")

    def do(self, cell: Cell) -> None:
        is_there = cell.path("home") in cell.cloud.calendars(cell.email).values()
        cell.put("Hairdresser", 15, "home" if is_there else "work")
        # What stood in a calendar that is gone by now cannot change any more.
        if self._dentist in cell.own:
            cell.put("Dentist", 9, href=self._dentist)
            cell.delete(self._lunch)


class Primary(Operation):
    name = "primary"

    def do(self, cell: Cell) -> None:
        cell.choose("work", "home")


class Keep(Operation):
    name = "keep"

    def do(self, cell: Cell) -> None:
        cell.state = "disconnected"
        with cell.world.env() as env:
            cell.account(env).with_user(cell.uid).action_disconnect()


class Remove(Operation):
    name = "remove"

    def do(self, cell: Cell) -> None:
        cell.state, cell.copies_stay = "disconnected", False
        with cell.world.env() as env:
            cell.account(env).with_user(cell.uid).action_disconnect(remove=True)

    def anew(self, cell: Cell) -> None:
        """What could not be removed stays until its owner connects again: to remove it."""
        with cell.world.env() as env:
            account = cell.account(env)
            is_left = account.state == "disconnected" and account._left_in_icloud()
        if is_left:
            cell.connect()
            self.do(cell)


class Recount(Operation):
    """Somebody joins a class: its copy tells another number, and the session did not change."""

    name = "recount"

    def connected(self, cell: Cell) -> None:
        with cell.world.env() as env:
            options = {"kind": "class", "duration": 60, "slot_step": 60, "seats": 3}
            values = offer(cell.world, cell.uid, name="Class", **options)
            self._class_id = env["icloud.booking.type"].create(values).id
        super().connected(cell)

    def booked(self, cell: Cell) -> None:
        cell.book("class", 14, self._class_id)

    def do(self, cell: Cell) -> None:
        cell.book("class", 14, self._class_id)
