"""Each rule as the set of starts it allows: sorted half-open intervals of UTC minutes.

A time is offered when it is on the grid and lies in the windows of every rule; it is not offered
because of the rules whose windows it lies outside of.
"""

from bisect import bisect_left, bisect_right

from .intervals import Intervals
from .slots import Rules


def blocked_around(rules: Rules) -> tuple[int, int]:
    """Return (earlier, later): a busy time blocks the starts in [start - earlier, stop + later)."""
    # A start s meets [start, stop) when s + duration + after > start and s - before < stop.
    return rules.duration + rules.buffer_after - 1, rules.buffer_before


def clear_of(busy: Intervals, rules: Rules, earliest: int, latest: int) -> Intervals:
    """Return the starts in [earliest, latest) whose session, with its buffers, meets no busy time.

    `busy` must be known from `earliest` less the buffer before to `latest` plus the duration and
    the buffer after.
    """
    earlier, later = blocked_around(rules)
    clear, cursor = [], earliest
    for start, stop in busy:
        blocked = start - earlier
        if blocked >= latest:
            break
        if cursor < blocked:
            clear.append((cursor, blocked))
        cursor = max(cursor, stop + later)
    if cursor < latest:
        clear.append((cursor, latest))
    return clear


def fitting(work: Intervals, duration: int) -> Intervals:
    """Return the starts whose session lies inside one interval of `work`."""
    return [(start, stop - duration + 1) for start, stop in work if stop - start >= duration]


def within(candidates: list[int], windows: Intervals) -> list[int]:
    """Return the candidates, ascending as they are given, that lie in the windows."""
    inside: list[int] = []
    position = 0
    for start, stop in windows:
        begin = bisect_left(candidates, start, position)
        if begin == len(candidates):
            break
        position = bisect_left(candidates, stop, begin)
        inside += candidates[begin:position]
    return inside


def contains(windows: Intervals, start: int) -> bool:
    """Return whether a start lies in one of these windows."""
    index = bisect_right(windows, (start, float("inf"))) - 1
    return index >= 0 and start < windows[index][1]
