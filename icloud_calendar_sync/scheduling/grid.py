"""The grid of starts that hosts share, sieved for each in one pass over the busy times."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from .slots import Rules
from .windows import blocked_around


class Grid:
    """Candidate starts, ascending, in UTC minutes."""

    def __init__(self, starts: Sequence[int]) -> None:
        self.starts = starts
        self._index = _Index(starts)

    def clear_of(self, busy: Iterable[tuple[int, int]], rules: Rules) -> list[int]:
        """Return the starts whose session, with its buffers, meets no busy time.

        As `windows.clear_of` on merged times, but these may come in any order and overlap: how
        many are met changes by one where a busy time begins to matter, and back where it ends to.
        """
        index, (earlier, later) = self._index, blocked_around(rules)
        changes = [0] * (len(self.starts) + 1)
        for start, stop in busy:
            changes[index[start - earlier]] += 1
            changes[index[stop + later]] -= 1
        met = accumulate(changes)
        # There is one more change than starts: what happens after the last.
        return [start for start, count in zip(self.starts, met, strict=False) if not count]


class _Index(dict[int, int]):
    """{minute: how many starts lie before it}: meetings begin and end at the same few minutes."""

    def __init__(self, starts: Sequence[int]) -> None:
        super().__init__()
        self._starts = starts

    def __missing__(self, minute: int) -> int:
        self[minute] = before = bisect_left(self._starts, minute)
        return before
