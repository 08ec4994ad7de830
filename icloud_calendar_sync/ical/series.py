"""A master event and its overrides to the occurrences in a window.

recurring-ical-events would do this too, but walks without an end over rules that never match, gives
every occurrence after a RANGE=THISANDFUTURE the same RECURRENCE-ID, and takes a local time for a
UTC time when it looks for the override of an occurrence. The tests compare with it where it holds.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .rules import BadRule, expand

MAX_OCCURRENCES = 2_000
MAX_RULES = 3
# A repeating event is looked for this far outside the window, for its length or a move.
FARTHEST = timedelta(days=366)
# A wall clock is less than a day from UTC.
CLOCK_MARGIN = timedelta(days=2)
_FIRST = datetime.combine(date.min, time.min) + CLOCK_MARGIN
_LAST = datetime.combine(date.max, time.min) - CLOCK_MARGIN


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as written: `wall` (naive) on the clock of `zone`, or a day when `zone` is None."""

    wall: datetime
    zone: tzinfo | None

    @property
    def all_day(self) -> bool:
        return self.zone is None

    def utc(self, host: tzinfo) -> datetime:
        """Return the moment in UTC; a day begins at the host's midnight."""
        wall = min(max(self.wall, _FIRST), _LAST)
        return wall.replace(tzinfo=self.zone or host).astimezone(UTC)

    def on_clock_of(self, other: "Moment") -> datetime:
        """Return the wall time of this moment on the clock of another."""
        if self.zone is None or other.zone is None:
            return self.wall
        return self.utc(self.zone).astimezone(other.zone).replace(tzinfo=None)

    def moved(self, delta: timedelta) -> "Moment":
        """Return the moment that much later on the same clock."""
        try:
            return Moment(self.wall + delta, self.zone)
        except OverflowError:
            return Moment(_LAST if delta > timedelta(0) else _FIRST, self.zone)


class Length(NamedTuple):
    """How long an event lasts: `days` on the clock and then `rest` of real time.

    RFC 5545 section 3.8.5.3: an end (DTEND) repeats with the same exact duration, a DURATION with
    the same nominal one.
    """

    days: timedelta
    rest: timedelta


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT. `rdates` are starts, each with its own length where one was given."""

    start: Moment
    length: Length
    title: str
    busy: bool
    cancelled: bool
    sequence: int
    travel: int
    recurrence_id: Moment | None
    and_future: bool
    rules: tuple[str, ...]
    rdates: tuple[tuple[Moment, Length | None], ...]
    exdates: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which an event takes place.

    `original_start` is its identity, kept when it is moved: where the rule put it, "20261122" for
    a day, "20261122T090000Z" for a time. `start` and `stop` are aware UTC; those of all-day events
    are the host's midnights, `first_day` and `last_day` are inclusive. `travel` is minutes of
    travel time before the start, which `start` does not include.
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


class Window(NamedTuple):
    """Half-open, aware UTC, and the zone of the host."""

    start: datetime
    stop: datetime
    host: ZoneInfo


class Expansion(NamedTuple):
    """The sorted occurrences in the window, whether any may follow, and what was odd."""

    occurrences: tuple[Occurrence, ...]
    more_after: bool
    problems: tuple[str, ...]


def expand_series(events: list[Event], window: Window) -> Expansion:
    """Return what the VEVENTs of one UID give in the window."""
    series = _Series(events, window)
    occurrences = sorted(series.occurrences(), key=lambda one: (one.start, one.original_start))
    inside = [found for found in occurrences if _touches(found, window)]
    if len(inside) > MAX_OCCURRENCES:
        series.problems.append(f"Only the first {MAX_OCCURRENCES} occurrences were read.")
        series.more = True
    more = series.more or any(found.start >= window.stop for found in occurrences)
    problems = tuple(dict.fromkeys(series.problems))
    return Expansion(tuple(inside[:MAX_OCCURRENCES]), more, problems)


class _Series:
    def __init__(self, events: list[Event], window: Window) -> None:
        self.window = window
        self.problems: list[str] = []
        self.more = False
        masters = [event for event in events if event.recurrence_id is None]
        self.master = max(masters, key=lambda event: event.sequence) if masters else None
        if len(masters) > 1:
            self.problems.append("The event is there more than once: its latest version was read.")
        self.overrides: dict[str, Event] = {}
        for event in sorted(events, key=lambda event: event.sequence):
            if event.recurrence_id is not None:
                self.overrides[self._key(event.recurrence_id, event)] = event
        self.changes = sorted(key for key, event in self.overrides.items() if event.and_future)

    def occurrences(self) -> Iterable[Occurrence]:
        """Yield all occurrences around the window, each once, cancelled ones left out."""
        excluded, excluded_days = self._excluded()
        for key, start, length in self._starts():
            day = None if self.master.start.all_day else start.wall.date()
            if key in self.overrides or key in excluded or day in excluded_days:
                continue
            event = self._event_at(key)
            if event.cancelled:
                continue
            if event is not self.master:
                start = Moment(start.on_clock_of(event.start), event.start.zone)
                start = start.moved(_shift(event))
            yield _occurrence(key, start, length or event.length, event, self.window.host)
        for key, event in self.overrides.items():
            if key not in excluded and not event.cancelled:
                yield _occurrence(key, event.start, event.length, event, self.window.host)

    def _starts(self) -> Iterable[tuple[str, Moment, Length | None]]:
        """Yield (key, start, own length) of what the master's rules and dates give, each once."""
        if self.master is None:
            return
        starts = {self._key(start): (start, length) for start, length in self.master.rdates}
        starts.setdefault(self._key(self.master.start), (self.master.start, None))
        for rule in self.master.rules[:MAX_RULES]:
            for wall in self._walls(rule):
                start = Moment(wall, self.master.start.zone)
                starts.setdefault(self._key(start), (start, None))
        for key, (start, length) in starts.items():
            yield key, start, length

    def _walls(self, rule: str) -> list[datetime]:
        start = self.master.start
        reach = [_reach(event) for event in (self.master, *map(self.overrides.get, self.changes))]
        if max(reach) > FARTHEST:
            self.problems.append("The event repeats and lasts or was moved by more than a year.")
        margin = min(max(reach), FARTHEST) + CLOCK_MARGIN
        lower = self.window.start.replace(tzinfo=None) - margin
        upper = self.window.stop.replace(tzinfo=None) + margin
        try:
            found = expand(rule, start.wall, lower, upper, start.zone)
        except BadRule as error:
            self.problems.append(str(error))
            return []
        if found.problem:
            self.problems.append(found.problem)
        self.more = self.more or found.more
        return found.walls

    def _excluded(self) -> tuple[set[str], set[date]]:
        """Return the keys, and the days for EXDATEs that name a day of a timed event."""
        if self.master is None:
            return set(), set()
        exdates = self.master.exdates
        keys = {self._key(exdate) for exdate in exdates if not self._names_a_day(exdate)}
        return keys, {exdate.wall.date() for exdate in exdates if self._names_a_day(exdate)}

    def _names_a_day(self, moment: Moment) -> bool:
        return moment.all_day and not self.master.start.all_day

    def _event_at(self, key: str) -> Event:
        """Return the master, or the last override before it that is for the future as well."""
        index = bisect_left(self.changes, key)
        return self.overrides[self.changes[index - 1]] if index else self.master

    def _key(self, moment: Moment, event: Event | None = None) -> str:
        """Return the identity of what was to start at `moment`.

        Types that do not match the master's are bent to it: a day means the occurrence of that day.
        """
        model = (self.master or event).start
        if model.all_day:
            return _digits(moment.wall.date())
        if moment.all_day:
            moment = Moment(datetime.combine(moment.wall, model.wall.time()), model.zone)
        utc = moment.utc(self.window.host)
        return f"{_digits(utc.date())}{utc:T%H%M%SZ}"


def _digits(day: date) -> str:
    """Return YYYYMMDD; strftime drops the zeros of early years, and keys are compared as text."""
    return day.isoformat().replace("-", "")


def _shift(event: Event) -> timedelta:
    """Return by how much an override moved its occurrence."""
    return event.start.wall - event.recurrence_id.on_clock_of(event.start)


def _reach(event: Event) -> timedelta:
    """Return how far from its original start an occurrence may still be going on."""
    shift = abs(_shift(event)) if event.recurrence_id else timedelta(0)
    return event.length.days + event.length.rest + shift


def _touches(found: Occurrence, window: Window) -> bool:
    if found.start == found.stop:
        return window.start <= found.start < window.stop
    return found.start < window.stop and found.stop > window.start


def _occurrence(
    key: str, start: Moment, length: Length, event: Event, host: ZoneInfo
) -> Occurrence:
    begin = start.utc(host)
    stop = start.moved(length.days).utc(host)
    try:
        stop += length.rest
    except OverflowError:
        stop = datetime.max.replace(tzinfo=UTC)
    last = start.moved(length.days - timedelta(days=1))
    return Occurrence(
        original_start=key,
        start=begin,
        stop=stop,
        all_day=start.all_day,
        first_day=start.wall.date() if start.all_day else None,
        last_day=last.wall.date() if start.all_day else None,
        title=event.title,
        busy=event.busy and begin < stop,
        travel=event.travel,
    )
