"""Runs cells: many side by side in the same rounds of the workers, each with a trouble of its own.

A cell that is red beside others is run again alone, and that counts: what the log says of errors
names no account.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.faults.matrix import checks
from tests.faults.matrix.cell import Cell
from tests.faults.matrix.operations import OPERATIONS
from tests.faults.matrix.processes import PROCESSES, Cut
from tests.faults.matrix.states import STATES
from tests.faults.matrix.trouble import EVER, ONCE, Trouble
from tests.faults.matrix.troubles import TROUBLES
from tests.faults.matrix.world import World

ALL = {trouble.name: trouble for trouble in (*TROUBLES, *STATES, *PROCESSES)}
AT_ONCE = 20
# Between rounds: under the trouble, after it, and when nothing is left to do.
SECONDS, MINUTES = timedelta(seconds=30), timedelta(minutes=6)
UNDER = (SECONDS, MINUTES, timedelta(hours=1.5), timedelta(hours=5))
STEPS = {SECONDS: "waits", MINUTES: "soon"}
AFTER = (timedelta(hours=2), timedelta(hours=25))
QUIET = (MINUTES, timedelta(hours=25))


class Name(NamedTuple):
    """Of a cell."""

    operation: str
    trouble: str
    flavour: str

    def __str__(self) -> str:
        return f"{self.operation} / {self.trouble} / {self.flavour}"


def names(sample: int = 0) -> list[Name]:
    """All cells, fault by fault.

    :param sample: only so many operations of each fault, other ones with each
    """
    found, turn = [], 0
    for trouble in ALL.values():
        operations = [each for each in OPERATIONS if each not in trouble.besides]
        for flavour in trouble.flavours:
            those = operations
            if sample:
                places = {(turn + step * 3) % len(operations) for step in range(sample)}
                those = [operations[place] for place in sorted(places)]
                turn += 1
            found += [Name(operation, trouble.name, flavour) for operation in those]
    return found


@dataclass
class Outcome:
    """What became of a cell: `wrong` is empty when it passes; `met` tells whether the fault was."""

    name: Name
    met: bool = False
    wrong: list[str] = field(default_factory=list)


class Trial:
    """One cell on its way."""

    def __init__(self, cell: Cell, name: Name) -> None:
        self.outcome = Outcome(name)
        self._trouble: Trouble = ALL[name.trouble]
        self._operation = OPERATIONS[name.operation]()
        self._flavour = name.flavour
        self.cell = cell
        self._since = datetime.now(UTC)
        self._is_on = True

    def step(self, name: str, *arguments) -> None:
        """Do one of the steps below, unless an earlier one broke."""
        if self.outcome.wrong[-1:] == ["broken"]:
            return
        try:
            getattr(self, name)(*arguments)
        except Exception as error:  # noqa: BLE001 (the cell is red, the others go on)
            self._note(f"{name}: {type(error).__name__}: {str(error)[:200]}", "broken")

    def _note(self, *wrong: str) -> None:
        self.outcome.wrong += [each for each in wrong if each not in self.outcome.wrong]

    def ready(self, step: str) -> None:
        getattr(self._operation, step)(self.cell)
        if step == "last":
            checks.remember_known(self.cell)

    def begin(self) -> None:
        self._told_before = len(checks.log(self.cell))
        self._trouble.begin(self.cell, self._flavour)
        self._operation.do(self.cell)
        self._since = datetime.now(UTC)

    def press(self) -> None:
        """Just after a Retry-After the owner presses Sync now."""
        if self._trouble.retry_after:
            self.cell.sync_now()

    def waits(self) -> None:
        """And nothing at all was asked."""
        # Who connects themselves, and once more, may ask.
        asked = [] if self.cell.refusals else self.cell.requests()
        if self._trouble.retry_after and self._has_met and asked:
            self._note(f"asked within Retry-After: {asked[0]['method']}")

    def soon(self) -> None:
        """Minutes later: what is refused stands in the owner's log."""
        is_due = self._trouble.at_once and self._flavour == EVER and not self.cell.refusals
        if is_due and checks.wrong_in_icloud(self.cell) and not self._lines():
            self._note("nothing told at once")

    def worked(self) -> None:
        """The first round under it is over."""
        fault, email = self._trouble.fault, self.cell.email
        self._has_met = self.cell.cloud.fault_hits(fault, email) > 0

    def during(self) -> None:
        cell, trouble = self.cell, self._trouble
        self._note(*checks.offered_although_busy(cell, trouble, self._since), *checks.lost(cell))
        self._note(*checks.untrue(cell, trouble, self._flavour == ONCE and not trouble.refuses))
        if self._flavour == ONCE:
            self._operation.again(cell)

    def told(self) -> None:
        """Hours later: done all the same, or its owner knows why not."""
        wrong = checks.wrong_in_icloud(self.cell) + checks.wrong_in_odoo(self.cell)
        if self._flavour == ONCE or self._trouble.harmless:
            self._note(*(f"under it: {each}" for each in wrong))
        elif self._trouble.single and len(wrong) > self._most():
            self._note(*(f"others suffer: {each}" for each in wrong))
        elif wrong and not (self._trouble.hides or self.cell.refusals or self._lines()):
            self._note(f"nothing told, and {wrong[0]}")

    def _most(self) -> int:
        # An event that comes three times can be missing three times.
        return 3

    def _lines(self) -> list:
        return checks.log(self.cell)[self._told_before :]

    def end(self) -> None:
        self.outcome.met = self._trouble.end(self.cell)
        self._is_on = False
        self._operation.again(self.cell)
        if self._trouble.refuses:
            self._operation.anew(self.cell)

    def again(self) -> None:
        self._operation.again(self.cell)

    def settled(self, words: str = "") -> None:
        cell = self.cell
        wrong = [
            *checks.wrong_in_icloud(cell),
            *checks.wrong_in_odoo(cell),
            *checks.wrong_in_state(cell),
            *checks.offered_although_busy(cell, self._trouble, self._since),
        ]
        self._note(*(f"{words}{each}" for each in wrong))

    def quiet(self) -> None:
        if written := self.cell.requests("PUT", "DELETE", "MOVE"):
            self._note(f"not quiet: {len(written)} × {written[0]['method']}")
        self.settled("later: ")


def run(world: World, chosen: Iterable[Name]) -> Iterator[Outcome]:
    """The outcome of each cell, some at a time."""
    for names_together in _batches(list(chosen)):
        outcomes = _run(world, names_together)
        for outcome in outcomes:
            if outcome.wrong and len(outcomes) > 1:
                [outcome] = _run(world, [outcome.name])
            yield outcome


def _batches(chosen: list[Name]) -> Iterator[list[Name]]:
    """Which cells run together: those whose trouble is the process's own share it."""
    by_trouble = defaultdict(list)
    for name in chosen:
        is_shared = ALL[name.trouble].shared
        by_trouble[(name.trouble, name.flavour) if is_shared else ()].append(name)
    for those in by_trouble.values():
        yield from (those[start : start + AT_ONCE] for start in range(0, len(those), AT_ONCE))


def _run(world: World, chosen: list[Name]) -> list[Outcome]:
    world.clock.back_to_now()
    world.cloud.clear_faults()
    world.errors.taken()
    cells = Cell.some(world, len(chosen))
    trials = [Trial(cell, name) for cell, name in zip(cells, chosen, strict=True)]
    for step in ("connected", "booked"):
        _each(trials, "ready", step)
        trials[0].cell.work()
    _round(world, trials, MINUTES)
    _each(trials, "ready", "last")
    _each(trials, "begin")
    world.clock.move(MINUTES)
    with _quick_answers(world, trials):
        _under(world, trials)
    _each(trials, "end")
    for pause in AFTER:
        _round(world, trials, pause)
        _each(trials, "again")
    _each(trials, "settled")
    world.cloud.clear_requests()
    for pause in QUIET:
        _round(world, trials, pause)
    _each(trials, "quiet")
    for trial in trials:
        trial.cell.leave()
    _name_errors(world, trials)
    return [trial.outcome for trial in trials]


def _under(world: World, trials: list[Trial]) -> None:
    trouble = ALL[trials[0].outcome.name.trouble]
    (trouble if trouble.shared else Trouble("")).work([trial.cell for trial in trials])
    _each(trials, "worked")
    _each(trials, "during")
    world.cloud.clear_requests()
    _each(trials, "press")
    for pause in UNDER:
        _round(world, trials, pause)
        if pause in STEPS:
            _each(trials, STEPS[pause])
        _each(trials, "during")
    _each(trials, "told")


def _quick_answers(world: World, trials: list[Trial]):
    """A server that answers too late is given up after a moment: nobody waits for 15 seconds."""
    is_slow = any(ALL[trial.outcome.name.trouble].fault in SLOW for trial in trials)
    return world.short_timeouts(is_slow)


SLOW = ("trickle", "slow")


def _round(world: World, trials: list[Trial], pause: timedelta) -> None:
    world.clock.move(pause)
    trials[0].cell.work()


def _each(trials: list[Trial], step: str, *arguments: str) -> None:
    for trial in trials:
        trial.step(step, *arguments)


def _name_errors(world: World, trials: list[Trial]) -> None:
    errors = world.errors.taken()
    if any(isinstance(ALL[trial.outcome.name.trouble], Cut) for trial in trials):
        # That PostgreSQL was gone is logged; that a job failed because of it must not be.
        errors = [line for line in errors if line.startswith("ir_cron")]
    mails = world.cloud.mails()
    for trial in trials:
        trial.outcome.wrong += [f"logged: {line[:160]}" for line in errors[:1]]
        trial.outcome.wrong += ["Apple would have mailed somebody"] * bool(mails)
