"""What a VEVENT says, and one time at which it takes place."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .moments import DAY, Length, Moment


class Answer(Enum):
    """What the host said to an invitation."""

    NONE = "none yet"
    DECLINED = "declined"
    GIVEN = "accepted, perhaps, or passed on"


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT. `answer` is None where the host is not invited. `rdates` are starts, each with
    its own length where one was given.
    """

    start: Moment
    length: Length
    title: str
    marked_free: bool
    answer: Answer | None
    cancelled: bool
    sequence: int
    travel: int
    recurrence_id: Moment | None
    and_future: bool
    rules: tuple[str, ...]
    exrules: tuple[str, ...]
    rdates: tuple[tuple[Moment, Length | None], ...]
    exdates: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which an event takes place.

    `original_start` is its identity, kept when it is moved: where the rule put it, "20261122" for
    a day, "20261122T090000Z" for a time. `start` and `stop` are aware UTC; those of all-day events
    are the host's midnights, `first_day` and `last_day` are inclusive. `travel` is minutes of
    travel time before the start, which `start` does not include. `busy` is what the letter of RFC
    5545 says; the marks beside it tell why: `marked_free` (TRANSP), `unanswered` and `declined` (an
    invitation of somebody else's).
    """

    original_start: str
    start: datetime
    stop: datetime
    all_day: bool
    first_day: date | None
    last_day: date | None
    title: str
    busy: bool
    travel: int = 0
    marked_free: bool = False
    unanswered: bool = False
    declined: bool = False


class Window(NamedTuple):
    """Half-open, aware UTC, and the zone of the host."""

    start: datetime
    stop: datetime
    host: ZoneInfo

    def touches(self, found: Occurrence) -> bool:
        """Return whether an occurrence, or the moment of one without length, lies in the window."""
        if found.start == found.stop:
            return self.start <= found.start < self.stop
        return found.start < self.stop and found.stop > self.start


def occurrence(
    key: str, start: Moment, begin: datetime, length: Length, event: Event, host: ZoneInfo
) -> Occurrence:
    """Return what takes place from `start` (in UTC `begin`) on for `length`.

    It is otherwise as `event` says.
    """
    stop = start.moved(length.days).utc(host) if length.days else begin
    try:
        stop += length.rest
    except OverflowError:
        stop = datetime.max.replace(tzinfo=UTC)
    return Occurrence(
        original_start=key,
        start=begin,
        stop=stop,
        all_day=start.all_day,
        first_day=start.wall.date() if start.all_day else None,
        last_day=start.moved(length.days - DAY).wall.date() if start.all_day else None,
        title=event.title,
        busy=not event.marked_free and event.answer is not Answer.DECLINED and begin < stop,
        travel=event.travel,
        marked_free=event.marked_free,
        unanswered=event.answer is Answer.NONE,
        declined=event.answer is Answer.DECLINED,
    )
