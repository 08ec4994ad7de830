"""Who does which service, when, for how much: what a customer sees before confirming."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple


class Line(NamedTuple):
    """A service as one host would do it; `start` is naive UTC, `service` and `user` are records."""

    service: Any
    user: Any
    start: datetime
    minutes: int
    price: float


def seen(lines: Sequence[Line]) -> str:
    """A short text that stands for these lines, in a form that goes to strangers and back."""
    plain = [(line.service.id, line.user.id, str(line.start), *line[3:]) for line in lines]
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:32]
