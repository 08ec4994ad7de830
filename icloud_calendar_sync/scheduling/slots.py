"""Working hours on a wall clock, cut into starts, and the starts of several hosts together.

Units: `wall` is minutes since 1970-01-01 00:00 on the clock of a zone, `utc` is minutes since
1970-01-01T00:00Z. The days on which a clock is changed are dealt with here and nowhere else.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .intervals import Intervals, merge

DAY = 1440
# Pieces are worked out for whole blocks of days, so that every host of a zone shares them.
BLOCK_DAYS = 64
# A clock differs from UTC by less than a day; Samoa moved by a whole one in 2011.
MARGIN_DAYS = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """How starts are cut, all in minutes.

    `step` is the distance of two starts on the wall clock. The buffers are kept free before and
    after a session, but may lie outside the working hours.
    """

    duration: int
    step: int
    buffer_before: int = 0
    buffer_after: int = 0

    def __post_init__(self) -> None:
        if self.duration < 1 or self.step < 1:
            raise ValueError("duration and step must be at least one minute")
        if self.buffer_before < 0 or self.buffer_after < 0:
            raise ValueError("a buffer cannot be negative")


class _Piece(NamedTuple):
    """A stretch of UTC, [start, stop), on which wall = utc + offset."""

    start: int
    stop: int
    offset: int


class _Segment(NamedTuple):
    """The part of a piece that lies in working hours.

    `room` is where the real time goes on to, through changes of the clock that leave no break.
    """

    start: int
    stop: int
    room: int
    offset: int


def candidate_starts(
    zone: str, hours: Intervals, rules: Rules, earliest: int, latest: int
) -> list[int]:
    """Return the UTC starts, ascending, that the working hours allow.

    `hours` are wall minutes. The grid is anchored at the start of each interval, and again at each
    midnight of one that is longer than a day: where it began may lie before what is known of it.
    The grid lies on the wall clock. A start that the clock jumps over does not exist, one that
    happens twice is offered the first time only. Every real minute of a session lies inside the
    interval that it starts in, and earliest <= start < latest (both UTC).
    """
    if not hours:
        return []
    pieces = _pieces_around(zone, hours[0][0], hours[-1][1])
    step, starts = rules.step, []
    for first, last in hours:
        segments, next_wall = _segments(pieces, first, last), first
        for anchor, end in _grids(first, last):
            for start, stop, room, offset in segments:
                wall = max(next_wall, start + offset, anchor)
                begin = wall + (anchor - wall) % step - offset
                if begin < earliest:
                    begin += -((begin - earliest) // step) * step
                stop = min(stop, end - offset)
                # What the clock shows once more in a later segment was offered in this one.
                next_wall = max(next_wall, stop + offset)
                starts += range(begin, min(stop, room - rules.duration + 1, latest), step)
    return starts


def _grids(first: int, last: int) -> Iterable[tuple[int, int]]:
    """Return the parts of an interval that have a grid of their own."""
    if last - first <= DAY:
        return [(first, last)]
    midnights = range((first // DAY + 1) * DAY, last, DAY)
    return pairwise([first, *midnights, last])


def work_times(zone: str, hours: Intervals) -> Intervals:
    """Return the UTC minutes, merged, at which the clock of the zone is in `hours` (wall).

    Minutes that the clock jumps over do not exist, those that happen twice count both times.
    """
    if not hours:
        return []
    pieces = _pieces_around(zone, hours[0][0], hours[-1][1])
    return merge(
        (segment.start, segment.stop)
        for first, last in hours
        for segment in _segments(pieces, first, last)
    )


def round_robin(
    starts_by_host: Mapping[int, list[int]], fixed: Collection[int] = frozenset()
) -> list[tuple[int, list[int]]]:
    """Return (start, hosts free then), ascending by start, hosts in the order given.

    With `fixed` hosts a start needs all of them, and one of the others if there are others. A fixed
    host without starts of their own is never free.
    """
    hosts_by_start: dict[int, list[int]] = defaultdict(list)
    for host, starts in starts_by_host.items():
        for start in starts:
            hosts_by_start[start].append(host)
    offered = sorted(hosts_by_start.items())
    if not fixed:
        return offered
    needed, enough = set(fixed), min(len(fixed) + 1, len(starts_by_host))
    return [
        (start, hosts)
        for start, hosts in offered
        if len(hosts) >= enough and needed.issubset(hosts)
    ]


def collective(starts_by_host: Mapping[int, list[int]]) -> list[tuple[int, list[int]]]:
    """Return (start, all hosts) for the starts at which every host is free, ascending."""
    first, *others = starts_by_host.values()
    hosts, common = list(starts_by_host), set(first).intersection(*others)
    return [(start, hosts) for start in sorted(common)]


def next_to(
    starts: list[int], reserved: Intervals, days: Iterable[tuple[int, int]], rules: Rules
) -> list[int]:
    """Return the starts that leave no useless hole between bookings, ascending.

    On a day that a reservation reaches into, only the last start before and the first one after
    each reservation stay; on other days all do. `starts` are free and ascending, a start belongs to
    the day it lies in; `reserved` includes buffers; `days` are sorted and disjoint. All UTC.
    """
    if not reserved:
        return starts
    kept: list[int] = []
    position = 0
    for day_start, day_stop in days:
        first = bisect_left(starts, day_start, position)
        kept += starts[position:first]
        position = bisect_left(starts, day_stop, first)
        begin = bisect_right(reserved, day_start, key=itemgetter(1))
        end = bisect_left(reserved, day_stop, begin, key=itemgetter(0))
        kept += _beside(starts[first:position], reserved[begin:end], rules)
    return kept + starts[position:]


def _beside(starts: list[int], reserved: Intervals, rules: Rules) -> list[int]:
    if not reserved:
        return starts
    kept: set[int] = set()
    for begin, end in reserved:
        before = bisect_right(starts, begin - rules.duration - rules.buffer_after)
        after = bisect_left(starts, end + rules.buffer_before, before)
        kept.update(starts[max(before - 1, 0) : before], starts[after : after + 1])
    return sorted(kept)


def _segments(pieces: tuple[_Piece, ...], first: int, last: int) -> list[_Segment]:
    """Return the stretches of UTC, ascending, in which the clock is in [first, last)."""
    segments = []
    for piece_start, piece_stop, offset in reversed(pieces):
        start, stop = first - offset, last - offset
        if start >= piece_stop or stop <= piece_start:
            continue
        start, stop = max(start, piece_start), min(stop, piece_stop)
        room = segments[-1].room if segments and segments[-1].start == stop else stop
        segments.append(_Segment(start, stop, room, offset))
    segments.reverse()
    return segments


def _pieces_around(zone: str, first_wall: int, last_wall: int) -> tuple[_Piece, ...]:
    first_block = (first_wall // DAY - MARGIN_DAYS) // BLOCK_DAYS
    last_block = (last_wall // DAY + MARGIN_DAYS) // BLOCK_DAYS
    return _pieces(zone, first_block * BLOCK_DAYS, (last_block + 1) * BLOCK_DAYS)


@lru_cache(maxsize=256)
def _pieces(zone: str, first_day: int, last_day: int) -> tuple[_Piece, ...]:
    tz = ZoneInfo(zone)
    bounds = [first_day * DAY]
    for before, after in pairwise(range(first_day * DAY, last_day * DAY + 1, DAY)):
        if _offset(tz, before) != _offset(tz, after):
            bounds.append(_transition(tz, before, after))
    bounds.append(last_day * DAY)
    return tuple(
        _Piece(start, stop, _offset(tz, start)) for start, stop in pairwise(bounds) if start < stop
    )


def _transition(tz: ZoneInfo, before: int, after: int) -> int:
    """Return the first minute in (before, after] that has the offset of `after`."""
    old = _offset(tz, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(tz, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(tz: ZoneInfo, utc: int) -> int:
    """Return wall - utc. Old offsets with seconds are rounded: they lie long before any session."""
    seconds = datetime.fromtimestamp(utc * 60, tz).utcoffset().total_seconds()
    return round(seconds / 60)
