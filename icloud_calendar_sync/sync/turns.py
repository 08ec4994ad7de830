"""How soon a thread that got its answer has its turn, while others compute."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

# Python's own is 5 ms, after each of the thousands of times that a thread waited for a network:
# up to a third of a first import.
SECONDS = 0.0005

_lock = Lock()
_inside: list[float] = []


@contextmanager
def short_turns() -> Iterator[None]:
    """It is the whole process's: the last to leave puts back what the first one found."""
    with _lock:
        _inside.append(sys.getswitchinterval())
        sys.setswitchinterval(min(SECONDS, _inside[0]))
    try:
        yield
    finally:
        with _lock:
            if len(_inside) == 1:
                sys.setswitchinterval(_inside[0])
            _inside.pop()
