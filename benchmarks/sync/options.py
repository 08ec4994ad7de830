"""What of the benchmark is run, and how large: from the environment.

`ROWS` names rows (all without it), `ROUNDS` how often each is done, `QUICK=1` takes small numbers
with which nothing is judged, `PROFILE=1` tells where our side's time goes.
"""

import os
from typing import NamedTuple

from devtools.steps import SetupError

ROWS = (
    "first-import",
    "nothing-changed",
    "one-changed",
    "push-new",
    "push-changed",
    "plain-event",
    "idle-1000",
    "idle-10000",
    "queue",
)


class Size(NamedTuple):
    """`rounds` of what takes seconds, `short_rounds` of what takes less."""

    events: int = 5000
    bookings: int = 1000
    plain: int = 200
    idle: int = 1000
    most_idle: int = 10_000
    queue: int = 2000
    rounds: int = 3
    short_rounds: int = 9


QUICK = Size(60, 12, 4, 20, 40, 10, 1, 2)


class Options(NamedTuple):
    rows: frozenset[str]
    size: Size
    is_quick: bool

    def wants(self, row: str) -> bool:
        return row in self.rows


def chosen() -> Options:
    """What the environment says.

    :raise SetupError: it names a row that there is not
    """
    rows = os.environ.get("ROWS", "").replace(",", " ").split() or ROWS
    if unknown := set(rows) - set(ROWS):
        raise SetupError(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    is_quick = bool(os.environ.get("QUICK"))
    size = QUICK if is_quick else Size()
    if rounds := int(os.environ.get("ROUNDS") or 0):
        size = size._replace(rounds=rounds, short_rounds=rounds)
    return Options(frozenset(rows), size, is_quick)
