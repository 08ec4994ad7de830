"""Random steps of a history, as a hypothesis state machine."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.histories.faults_met import faults
from tests.histories.history import CALENDARS, DAY, HOUR, MINUTE, History
from tests.histories.inside import Lane
from tests.histories.office import DAYS, HOSTS, OFFERS, OPEN_HOURS, Office
from tests.histories.phone import ADDITIONS, EDITS, KINDS

hosts = st.integers(0, HOSTS - 1)
offers = st.integers(0, len(OFFERS) - 1)
days = st.integers(0, DAYS - 1)
numbers = st.integers(0, OPEN_HOURS * 2 - 1)
picks = st.integers(0, 9)
names = st.sampled_from(CALENDARS)
booked = st.tuples(offers, days, numbers)
entered = st.tuples(hosts, names, st.sampled_from(KINDS), days, numbers)
then_for_sure = st.sampled_from([("push",), ("import",), ("push", "import"), ("import", "push")])
then = st.just(()) | then_for_sure

# Each step is the name of a method of History, and its arguments; twice what is to come often.
_CHANGES = [
    ("book", booked),
    ("move_booking", st.tuples(picks, days, numbers)),
    ("move_booking", st.tuples(picks, days, numbers)),
    ("cancel_booking", st.tuples(picks)),
    ("cancel_booking", st.tuples(picks)),
    ("confirm_booking", st.tuples(picks)),
    (
        "change_session",
        st.tuples(picks, st.sampled_from(["name", "location", "name", "delete", "archive"])),
    ),
    ("choose_primary", st.tuples(hosts, names)),
    ("tick", st.tuples(hosts, names)),
    ("sync_now", st.tuples(hosts)),
    ("connect", st.tuples(hosts)),
    ("disconnect", st.tuples(hosts, st.booleans())),
    ("enter", entered),
    ("enter", entered),
    (
        "change_own",
        st.tuples(
            picks,
            st.sampled_from(["delete", "delete", "drag", "rename", "move", *KINDS]),
            days,
            numbers,
            names,
        ),
    ),
    *[(what, st.tuples(hosts, picks, names)) for what in ("drag_copy", "delete_copy")],
    *[("edit_copy", st.tuples(hosts, picks, st.sampled_from(EDITS)))] * 2,
    *[("add_to_copy", st.tuples(hosts, picks, st.sampled_from([*ADDITIONS])))] * 2,
]
# Only these, where somebody wants to see more of them.
chosen: list[str] = []


@st.composite
def changes(draw: Any) -> tuple:
    known = [each for each in _CHANGES if not chosen or each[0] in chosen]
    name, arguments = draw(st.sampled_from(known))
    return name, *draw(arguments)


world_steps = st.one_of(
    st.tuples(st.just("lift_faults")),
    st.tuples(st.just("let_time_pass"), st.sampled_from([70 * MINUTE, DAY + HOUR])),
    st.tuples(
        st.just("work_at_once"),
        st.sampled_from(["push", "import"]),
        st.sampled_from(["push", "import"]),
    ),
    st.tuples(st.just("work"), st.sampled_from(["push", "import"])),
)
crashes = st.one_of(
    st.tuples(
        st.sampled_from(["push", "push", "import"]),
        st.just("request"),
        st.integers(1, 4),
        st.booleans(),
    ),
    st.tuples(
        st.sampled_from(["push", "import"]), st.just("commit"), st.integers(1, 6), st.booleans()
    ),
    st.tuples(
        st.sampled_from(["push", "import"]), st.just("statement"), st.integers(1, 60), st.booleans()
    ),
)
# The worker, the requests before or after which it happens, and what.
meddling = st.sampled_from(
    [
        ("added", "push", ("PUT", "DELETE")),
        ("added", "push", ("GET", "REPORT")),
        ("renamed", "push", ("PUT",)),
        ("deleted", "push", ("PUT", "DELETE")),
        ("deleted", "push", ("GET",)),
        ("moved in Odoo", "push", ("GET", "PUT")),
        ("renamed in Odoo", "push", ("PUT",)),
        ("cancelled in Odoo", "push", ("GET", "PUT")),
        ("own", "import", ("REPORT", "PROPFIND")),
        ("own gone", "import", ("REPORT", "PROPFIND")),
    ]
).flatmap(
    lambda case: st.tuples(
        st.just(case[1]), st.just(case[2]), st.integers(1, 2), st.booleans(), st.just(case[0])
    )
)


@dataclass
class Tally:
    """What the histories of one process came to."""

    counts: Counter[str] = field(default_factory=lambda: Counter(histories=0, steps=0))
    # The steps of a history that went wrong, and what was wrong; the shortest is kept.
    failure: tuple[list[str], str] | None = None
    failed_at: int = 0


class Machine(RuleBasedStateMachine):
    """`lane`, `office` and `tally` are put in by whoever runs it."""

    lane: ClassVar[Lane]
    office: ClassVar[Office]
    tally: ClassVar[Tally]
    tells: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._is_broken, self.history = False, None
        self.tally.counts["histories"] += 1
        self.history = self._alive(lambda: History(self.lane, self.office), None)

    def _alive(self, work: Any, history: History | None) -> Any:
        """Do the work, and keep what happened where it fails."""
        try:
            return work()
        except BaseException as error:
            self._is_broken = True
            lines = history.lines if history else []
            if self.tally.failure is None or len(lines) < len(self.tally.failure[0]):
                self.tally.failure = [*lines], f"{type(error).__name__}: {error}"
                self.tally.failed_at = self.tally.counts["histories"]
            raise

    def _step(self, work: Any) -> None:
        self.tally.counts["steps"] += 1
        self._alive(work, self.history)

    def _change(self, what: tuple) -> None:
        name, *values = what
        self._step(lambda: getattr(self.history, name)(*values))

    def _then(self, workers: tuple[str, ...]) -> None:
        if workers:
            self._step(lambda: self.history.let_time_pass(6 * MINUTE))
            self._step(lambda: self.history.work(*workers))

    # Few rules with much in them: hypothesis leaves some out of each history.

    @initialize(
        bookings=st.lists(booked, min_size=2, max_size=4),
        events=st.lists(entered, min_size=1, max_size=3),
    )
    def begin(self, bookings, events):
        for values in events:
            self._step(lambda values=values: self.history.enter(*values))
        for values in bookings:
            self._step(lambda values=values: self.history.book(*values))
        self._then(("push", "import"))

    @rule(what=changes(), then=then)
    def change(self, what, then):
        self._change(what)
        self._then(then)

    @rule(fault=faults(), first=changes(), then=then_for_sure)
    def misbehave(self, fault, first, then):
        self._change(first)
        if fault:
            name, options = fault
            if "in_calendar" in options:
                host, calendar = options.pop("in_calendar")
                account = self.history.accounts[host]
                options["path"] = self.history.folders[account][calendar]
            self._step(lambda: self.history.fault(name, options))
        self._then(then)

    @rule(what=world_steps)
    def world(self, what):
        self._change(what)

    @rule(first=changes(), what=crashes, then=then)
    def power_cut(self, first, what, then):
        self._change(first)
        self._step(lambda: self.history.let_time_pass(6 * MINUTE))
        self._step(lambda: self.history.crash(*what))
        self._then(then)

    @rule(first=changes(), what=meddling)
    def meddle(self, first, what):
        self._change(first)
        self._step(lambda: self.history.let_time_pass(6 * MINUTE))
        self._step(lambda: self.history.meddle(*what))

    # -- always --------------------------------------------------------------------------------

    @invariant()
    def nothing_is_wrong(self):
        self._alive(self.history.check, self.history)

    def teardown(self):
        try:
            if not self._is_broken:
                self._alive(self.history.quiet, self.history)
        finally:
            if self.history:
                self._count()

    def _count(self):
        if self.tells:
            print(f"history {self.tally.counts['histories']}", *self.history.lines, sep="\n  ")
        met = self.lane.cloud.met
        self.tally.counts.update(self.history.counts)
        self.tally.counts.update({"faults": met.total()})
        self.tally.counts.update({f"× {name}": count for name, count in met.items()})
        met.clear()
