"""A master event and its overrides to the occurrences in a window.

recurring-ical-events would do this too, but walks without an end over rules that never match, gives
every occurrence after a RANGE=THISANDFUTURE the same RECURRENCE-ID, and takes a local time for a
UTC time when it looks for the override of an occurrence. The tests compare with it where it holds.
"""

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from ..sentence import Sentence, _
from .events import Event, Occurrence, Window, occurrence
from .moments import DAY, ZERO, Length, Moment, digits, midnight
from .rules import BadRule, Rule, parse_rule
from .walk import CountsTooFar, OutOfWork, Work, walk

MAX_OCCURRENCES = 2_000
MAX_RULES = 10
MAX_EXCLUDED = 10_000
# Days on the clock may be an hour or two longer than 24 hours.
MARGIN = timedelta(hours=3)


class Expansion(NamedTuple):
    """The sorted occurrences in the window, whether any may follow, and what was odd.

    `known_until` (aware UTC): complete only before it; None: for the whole window.
    """

    occurrences: tuple[Occurrence, ...]
    more_after: bool
    problems: tuple[Sentence, ...]
    known_until: datetime | None


def expand_series(events: list[Event], window: Window, most: int, work: Work) -> Expansion:
    """Return what the VEVENTs of one UID give in the window, at most `most` occurrences."""
    series = _Series(events, window, most, work)
    series.expand()
    inside = sorted(series.inside, key=lambda one: (one.start, one.original_start))
    if len(inside) > most:
        problem = _("Only the first %(most)s occurrences were read.", most=most)
        series.cut(inside[most].start, problem)
    known = series.known_until
    if known is not None:
        series.more = True
        known = max(known, window.start) if known < window.stop else None
    problems = tuple(dict.fromkeys(series.problems))
    return Expansion(tuple(inside[:most]), series.more, problems, known)


class _Series:
    def __init__(self, events: list[Event], window: Window, most: int, work: Work) -> None:
        self.window = window
        self.most = most
        self.work = work
        self.problems: list[Sentence] = []
        self.inside: list[Occurrence] = []
        self.more = False
        self.known_until: datetime | None = None
        masters = [event for event in events if event.recurrence_id is None]
        self.master = max(masters, key=lambda event: event.sequence) if masters else None
        if len(masters) > 1:
            self.problems.append(
                _("The event is there more than once: its latest version was read.")
            )
        self.overrides: dict[str, Event] = {}
        for event in sorted(events, key=lambda event: event.sequence):
            if event.recurrence_id is not None:
                original = self._bent(event.recurrence_id, (self.master or event).start)
                self.overrides[self._key(original)] = replace(event, recurrence_id=original)
        self.changes = sorted(key for key, event in self.overrides.items() if event.and_future)
        # Keys that need no look any more: excluded, changed, or found before.
        self.done: set[str] = set()
        self.excluded_days: set[date] = set()

    def expand(self) -> None:
        """Find all occurrences that touch the window, each once, cancelled ones left out."""
        if self.master is not None:
            self._exclude(self.master)
        for key, event in self.overrides.items():
            if key not in self.done and not event.cancelled:
                begin = event.start.utc(self.window.host)
                self._keep(key, event.start, begin, event.length, event)
        self.done.update(self.overrides)
        if self.master is not None:
            self._expand(self.master)

    def cut(self, known_until: datetime, problem: Sentence | None = None) -> None:
        """Note that nothing is known from that moment on (aware UTC)."""
        self.known_until = min(self.known_until or known_until, known_until)
        if problem is not None:
            self.problems.append(problem)

    def _exclude(self, master: Event) -> None:
        for moment in master.exdates:
            if moment.all_day and not master.start.all_day:
                self.excluded_days.add(moment.wall.date())
            else:
                self.done.add(self._key(self._bent(moment, master.start)))
        exrules = list(dict.fromkeys(master.exrules))
        followed = [self._exclude_by(text, master) for text in exrules[:MAX_RULES]]
        if not all(followed) or len(exrules) > MAX_RULES:
            self.problems.append(
                _("A rule that takes dates out of the series was not followed to its end.")
            )

    def _exclude_by(self, text: str, master: Event) -> bool:
        """Leave out what an EXRULE gives (RFC 2445), and return whether it was followed.

        Where it was not, more blocks.
        """
        try:
            rule = parse_rule(text, master.start.zone)
            if rule.problem:
                return False
            lower, upper = self._span(master)
            for number, wall in enumerate(walk(rule, master.start.wall, lower, upper, self.work)):
                if wall >= upper:
                    break
                if number == MAX_EXCLUDED:
                    return False
                self.done.add(self._key(Moment(wall, master.start.zone)))
        except OutOfWork as end:
            return end.wall >= upper
        except (BadRule, CountsTooFar):
            return False
        return True

    def _expand(self, master: Event) -> None:
        for moment, length in master.rdates:
            self._take(*self._bent_date(moment, length, master))
        self._take(master.start, None)
        if all(event.cancelled for event in (master, *map(self.overrides.get, self.changes))):
            return  # Else one that explodes would leave nothing known, and none of it takes place.
        rules = list(dict.fromkeys(master.rules))
        for text in rules[:MAX_RULES]:
            self._follow(text, master)
        if len(rules) > MAX_RULES:
            problem = _("Only the first %(most)s rules of the event were followed.", most=MAX_RULES)
            self.cut(self.window.start, problem)

    def _follow(self, text: str, master: Event) -> None:
        """Take what a rule gives.

        Of one that cannot be followed at all the start blocks, and it is named. To call the rest
        unknown would close the host for good because of one event in a calendar that counts by
        the moon: worse than a day that the host was told to look after.
        """
        try:
            rule = parse_rule(text, master.start.zone)
            if rule.problem:
                self.problems.append(rule.problem)
            try:
                self._follow_parsed(rule, master)
            except CountsTooFar:
                self.problems.append(
                    _("A recurrence rule counts too far and was taken as one without an end.")
                )
                self._follow_parsed(replace(rule, count=None), master)
        except BadRule as error:
            self.problems.append(error.sentence)

    def _follow_parsed(self, rule: Rule, master: Event) -> None:
        lower, upper = self._span(master)
        try:
            taken = 0
            for wall in walk(rule, master.start.wall, lower, upper, self.work):
                if wall >= upper:
                    self.more = True
                    return
                taken += self._take(Moment(wall, master.start.zone), None)
                if taken > self.most:
                    # The occurrence too many is cut off, and named, when all are sorted.
                    self._cut_at(wall, master)
                    return
        except OutOfWork as end:
            if end.wall >= upper:
                self.more = True
            else:
                problem = _("A recurrence rule repeats too often and was cut.")
                self._cut_at(end.wall, master, problem)

    def _cut_at(self, wall: datetime, master: Event, problem: Sentence | None = None) -> None:
        """Note how far a rule was followed; a move "from here on" may bring later ones forward."""
        back = min([ZERO, *(_shift(self.overrides[key]) for key in self.changes)])
        moment = Moment(wall, master.start.zone).moved(back)
        self.cut(moment.earliest_utc(self.window.host), problem)

    def _span(self, master: Event) -> tuple[datetime, datetime]:
        """Return the wall times between which occurrences may begin that touch the window.

        No margin where none is needed: a day of a series by the second would be all the work that
        is allowed.
        """
        events = (master, *map(self.overrides.get, self.changes))
        zone = master.start.zone or self.window.host
        before = max(sum(event.length, _shift(event)) for event in events)
        if any(event.length.days for event in events):
            before += MARGIN
        first = _on_clock(self.window.start, -before, zone)
        last = _on_clock(self.window.stop, -min(map(_shift, events)), zone)
        return min(first), max(last)

    def _take(self, start: Moment, length: Length | None) -> bool:
        """Keep the occurrence that was to start then, and return whether it touches the window."""
        begin = start.utc(self.window.host)
        key = digits(start.wall) if start.all_day else _time_key(begin)
        if key in self.done:
            return False
        self.done.add(key)
        if not start.all_day and start.wall.date() in self.excluded_days:
            return False
        event = self._event_at(key)
        if event.cancelled:
            return False
        if event is not self.master:
            start = Moment(start.on_clock_of(event.start), event.start.zone).moved(_shift(event))
            begin = start.utc(self.window.host)
        return self._keep(key, start, begin, length or event.length, event)

    def _keep(self, key: str, start: Moment, begin: datetime, length: Length, event: Event) -> bool:
        """Keep what begins at `start`, in UTC `begin`."""
        found = occurrence(key, start, begin, length, event, self.window.host)
        if self.window.touches(found):
            self.inside.append(found)
            return True
        self.more = self.more or found.start >= self.window.stop
        return False

    def _event_at(self, key: str) -> Event:
        """Return the master, or the last override before it that is for the future as well."""
        index = bisect_left(self.changes, key)
        return self.overrides[self.changes[index - 1]] if index else self.master

    def _bent(self, moment: Moment, model: Moment) -> Moment:
        """Return a moment as what `model` is: on an all-day series a time means the host's day it
        lies on, on a timed one a day means the occurrence of that day."""
        if model.all_day and not moment.all_day:
            host = self.window.host
            return Moment(midnight(moment.utc(host).astimezone(host)), None)
        if moment.all_day and not model.all_day:
            return Moment(datetime.combine(moment.wall, model.wall.time()), model.zone)
        return moment

    def _bent_date(
        self, moment: Moment, length: Length | None, master: Event
    ) -> tuple[Moment, Length | None]:
        """Return an RDATE as what the series is; a length in hours becomes one of whole days."""
        if length and master.start.all_day:
            length = Length(-(-(length.days + length.rest) // DAY) * DAY, ZERO)
        return self._bent(moment, master.start), length

    def _key(self, moment: Moment) -> str:
        """Return the identity of what was to start at `moment`."""
        if moment.all_day:
            return digits(moment.wall)
        return _time_key(moment.utc(self.window.host))


def _time_key(utc: datetime) -> str:
    return f"{digits(utc)}T{utc.hour:02}{utc.minute:02}{utc.second:02}Z"


def _on_clock(moment: datetime, delta: timedelta, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return that moment (aware UTC), moved, on a clock: between which times it may be.

    They differ only where the clock is put forward or back within a day.
    """
    there = Moment(moment.replace(tzinfo=None), UTC).moved(delta).utc(UTC)
    around = (
        Moment(there.replace(tzinfo=None), UTC).moved(day * DAY).utc(UTC) for day in (-1, 0, 1)
    )
    offsets = [each.astimezone(zone).utcoffset() for each in around]
    slack = max(offsets) - min(offsets)
    wall = Moment(there.astimezone(zone).replace(tzinfo=None), zone)
    return wall.moved(-slack).wall, wall.moved(slack).wall


def _shift(event: Event) -> timedelta:
    """Return by how much an override moved its occurrence."""
    if event.recurrence_id is None:
        return ZERO
    return event.start.wall - event.recurrence_id.on_clock_of(event.start)
