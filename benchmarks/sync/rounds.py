"""Rounds in which all sides take turns, so that what disturbs one disturbs the others."""

import gc
from collections.abc import Callable, Mapping


def in_turns(
    sides: Mapping[str, Callable[[], float]], rounds: int, first: int = 0
) -> dict[str, list[float]]:
    """{side: its seconds}; each round begins with another side.

    :param first: the number of the first round
    """
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    names = list(sides)
    for number in range(first, first + rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            gc.collect()
            seconds[name].append(sides[name]())
    return seconds
