"""A look whose small parts come as larger ones: to store a part costs as much as twenty files."""

import time
from collections.abc import Generator
from typing import Any

from .news import Part

# Occurrences that are worth storing, and how long none of them waits while more is read.
ENOUGH = 500
SECONDS = 2.0


def gathered(look: Generator[Any, Any, None]) -> Generator[Any, Any, None]:
    """Yield what `look` yields, and take the answers to it; parts of one calendar together.

    What was read is yielded before the error that ended the reading.
    """
    held: list[Part] = []
    since, answer = 0.0, None
    while True:
        try:
            item = look.send(answer)
        except StopIteration:
            yield from _together(held)
            return
        except Exception:
            yield from _together(held)
            raise
        if held and (not isinstance(item, Part) or item.key != held[0].key):
            yield from _together(held)
            held = []
        if not isinstance(item, Part):
            answer = yield item
            continue
        answer, since = None, since if held else time.monotonic()
        held.append(item)
        if sum(map(_size, held)) >= ENOUGH or time.monotonic() - since >= SECONDS:
            yield from _together(held)
            held = []


def _together(parts: list[Part]) -> Generator[Part, None, None]:
    if parts:
        yield Part(parts[0].key, tuple(found for part in parts for found in part.found))


def _size(part: Part) -> int:
    readings = (found.reading for found in part.found)
    return sum(max(len(reading.occurrences), 1) if reading else 1 for reading in readings)
