"""What the matrix prints: operations across, faults down."""

from collections.abc import Iterable, Iterator

from tests.faults.matrix.operations import OPERATIONS
from tests.faults.matrix.runner import ALL, Name, Outcome

OK, RED, NOT_MET, NOT_RUN = "ok", "✗", "·", ""
LEGEND = f"{OK}: passes; {RED}: does not, see below; {NOT_MET}: the operation never meets the fault"


def lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """The table, the red cells, the sum."""
    by_name = {outcome.name: outcome for outcome in outcomes}
    widths = [max(len(operation), 2) for operation in OPERATIONS]
    rows = [
        (f"{each.name}, {flavour}", each, flavour)
        for each in ALL.values()
        for flavour in each.flavours
    ]
    rows = [
        row for row in rows if any(Name(op, row[1].name, row[2]) in by_name for op in OPERATIONS)
    ]
    left = max((len(label) for label, *_rest in rows), default=0)
    yield " " * left + "  " + "  ".join(OPERATIONS)
    for label, trouble, flavour in rows:
        signs = [_sign(by_name.get(Name(op, trouble.name, flavour))) for op in OPERATIONS]
        cells = "  ".join(sign.ljust(width) for sign, width in zip(signs, widths, strict=True))
        yield f"{label.ljust(left)}  {cells}".rstrip()
    yield LEGEND
    for outcome in by_name.values():
        if outcome.wrong:
            yield f"{RED} {outcome.name}: {'; '.join(outcome.wrong)}"
    yield from _sums(by_name.values())


def _sums(outcomes: Iterable[Outcome]) -> Iterator[str]:
    counted = [outcome for outcome in outcomes if outcome.met or outcome.wrong]
    for operation in OPERATIONS:
        those = [outcome for outcome in counted if outcome.name.operation == operation]
        if those:
            yield f"{operation}: {_passed(those)} of {len(those)}"
    yield f"{_passed(counted)} of {len(counted)} cells pass"


def _passed(outcomes: list[Outcome]) -> int:
    return sum(not outcome.wrong for outcome in outcomes)


def _sign(outcome: Outcome | None) -> str:
    if outcome is None:
        return NOT_RUN
    if outcome.wrong:
        return RED
    return OK if outcome.met else NOT_MET
