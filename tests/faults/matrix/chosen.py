"""A part of the matrix that is quick: each fault once, each operation as often as any other."""

from collections import Counter

from tests.faults.matrix.operations import OPERATIONS
from tests.faults.matrix.processes import AtPoint
from tests.faults.matrix.runner import ALL, Name
from tests.faults.matrix.trouble import Trouble

# Of the points at which something happens to a worker.
ONE_POINT = 3


def representative() -> list[Name]:
    """Each fault in an operation that is sure to meet it, the flavours in turns."""
    turns, found = Counter(), []
    for number, trouble in enumerate(filter(_is_chosen, ALL.values())):
        sure = trouble.surely or [each for each in OPERATIONS if each not in trouble.besides]
        operation = min(sure, key=lambda each: turns[each])
        turns[operation] += 1
        flavour = trouble.flavours[number % len(trouble.flavours)]
        found.append(Name(operation, trouble.name, flavour))
    return found


def _is_chosen(trouble: Trouble) -> bool:
    return trouble.is_met and (not isinstance(trouble, AtPoint) or trouble.number == ONE_POINT)
