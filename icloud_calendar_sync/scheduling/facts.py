"""What a search is about: hosts, rooms, hours and what they are busy with, in minutes."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from .intervals import Intervals
from .slots import Rules


@dataclass(frozen=True, slots=True)
class Leg:
    """One piece of work without a break, in minutes; of each pool one resource must be free."""

    duration: int
    before: int = 0
    after: int = 0
    pools: tuple[tuple[int, ...], ...] = ()

    def rules(self, step: int = 1) -> Rules:
        return Rules(self.duration, step, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a schedule is open: wall minutes of a zone; holidays (UTC) close the weekly hours."""

    zone: str
    weekly: Intervals
    opened: Intervals = field(default_factory=list)
    holidays: Intervals = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Host:
    """A host, with the legs as this host would do them; None for one that is not theirs."""

    key: int
    hours: Hashable
    legs: tuple[Leg | None, ...]
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A class session that stands already, in UTC minutes."""

    key: int
    host: int
    start: int
    stop: int
    seats_left: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All there is to know, in UTC minutes: the window [earliest, latest) and who does what in it.

    `busy` is by host, in any order, and none is empty; `room_busy` is by resource, merged.
    `reserved` is the part of `busy` that is bookings, merged, given only when starts shall lie next
    to it. `full` are the days and weeks that have all their sessions, `host_full` those of a host.
    """

    kind: str
    step: int
    earliest: int
    latest: int
    hosts: Sequence[Host]
    hours: dict[Hashable, Hours]
    busy: dict[int, Iterable[tuple[int, int]]]
    room_busy: dict[int, Intervals] = field(default_factory=dict)
    reserved: dict[int, Intervals] | None = None
    days: Sequence[tuple[int, int]] = ()
    full: Intervals = field(default_factory=list)
    host_full: dict[int, Intervals] = field(default_factory=dict)
    hand_over: bool = False
    seats: int = 1
    sessions: Sequence[Session] = ()
    busy_elsewhere: dict[int, Intervals] = field(default_factory=dict)
