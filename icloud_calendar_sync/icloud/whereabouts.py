"""When events take place whose data cannot be had: asked of the server, range by range.

A calendar-query with a time-range (RFC 4791 section 9.9) that wants nothing but ETags names the
events in a range without their data. The window is halved until the answer is a quarter of an
hour, or as good as the requests suffice for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ..sentence import _
from .client import Client
from .contents import is_of_one
from .errors import BadAnswer, ICloudError, TimedOut
from .members import in_folder

MAX_REQUESTS = 60
FINEST = timedelta(minutes=15)

# What servers take for the beginning and the end of time.
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_QUERY = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/></prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    "{range}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)


class Span(NamedTuple):
    """Half-open, aware UTC."""

    start: datetime
    stop: datetime


@dataclass(frozen=True)
class Whereabouts:
    """`spans`: href → when it may take place in the window, in order; () for never.

    `unsaid`: no search names it, whatever the time; `is_telling`: though others are named. What is
    in neither of both may be at any time.
    """

    spans: dict[str, tuple[Span, ...]]
    unsaid: frozenset[str] = frozenset()
    is_telling: bool = False


def find(client: Client, calendar_href: str, hrefs: Iterable[str], window: Span) -> Whereabouts:
    """Where in `window` each of `hrefs` is.

    :param window: its first days are found out first
    :raise ICloudError: the server wants to be left alone, or there is no time
    """
    hrefs, window = frozenset(hrefs), _rounded(window)
    asking = _Asking(client, calendar_href)
    try:
        named = asking.named(None)
        there = named & hrefs
        inside = asking.named(window) & there
        rest = there - inside
        # A range that does not name it is believed when another one does.
        outside = rest and rest & (
            asking.named(Span(_FIRST, window.start)) | asking.named(Span(window.stop, _LAST))
        )
    except ICloudError as error:
        if not is_of_one(error):
            raise
        return Whereabouts({})
    found = dict.fromkeys(outside, ())
    if inside:
        found |= _Search(asking).through(window, inside)
    return Whereabouts(found, hrefs - named, is_telling=bool(named))


class _Asking:
    def __init__(self, client: Client, calendar: str):
        self._client, self._calendar = client, calendar
        self._left = MAX_REQUESTS

    def may_go_on(self) -> bool:
        return self._left > 0

    def named(self, span: Span | None) -> frozenset[str]:
        """Canonical hrefs of the events in a range, of all without one."""
        self._left -= 1
        time_range = ""
        if span:
            time_range = f'<C:time-range start="{_stamp(span.start)}" end="{_stamp(span.stop)}"/>'
        body = _QUERY.format(range=time_range).encode()
        answer = self._client.report(self._calendar, body, depth=1)
        folder = answer.path.rstrip("/") + "/"
        if any(each.status == 507 for each in answer.responses):
            raise BadAnswer(_("The server could not list every event of the calendar."))
        hrefs = (in_folder(each.href, folder) for each in answer.responses if each.status != 404)
        return frozenset(href for href in hrefs if href and href != folder)


class _Range(NamedTuple):
    """What is `inside`, and the narrowest range around that was seen to name it."""

    inside: frozenset[str]
    seen: Span


@dataclass
class _Search:
    """Halves ranges in which something is: at their edges first, and the next ones first.

    What has something on both sides is most likely the middle of something long.
    """

    asking: _Asking
    _open: dict[Span, _Range] = field(default_factory=dict)
    _decided: dict[Span, frozenset[str]] = field(default_factory=dict)

    def through(self, window: Span, hrefs: frozenset[str]) -> dict[str, tuple[Span, ...]]:
        self._open[window] = _Range(hrefs, window)
        while self._open and self.asking.may_go_on():
            span = min(self._open, key=self._order)
            what = self._open.pop(span)
            try:
                self._narrow(span, what)
            except ICloudError as error:
                self._decide(what.seen, what.inside)
                if isinstance(error, TimedOut):
                    break
                if not is_of_one(error):
                    raise
        # What there was no time to ask about may be anywhere in its range.
        for what in self._open.values():
            self._decide(what.seen, what.inside)
        taken = sorted(self._decided.items())
        return {href: _merged([span for span, inside in taken if href in inside]) for href in hrefs}

    def _order(self, span: Span) -> tuple[bool, datetime]:
        others = [*self._open, *self._decided]
        is_between = any(other.stop == span.start for other in others) and any(
            other.start == span.stop for other in others
        )
        return is_between, span.start

    def _narrow(self, span: Span, what: _Range) -> None:
        quarters = (span.stop - span.start) // FINEST
        if quarters <= 1:
            # It came down to this range by being in no other; now the server has to say so.
            named = self.asking.named(span) & what.inside
            self._decide(span, named)
            self._decide(what.seen, what.inside - named)
            return
        middle = span.start + FINEST * (quarters // 2)
        first, second = Span(span.start, middle), Span(middle, span.stop)
        in_first = self.asking.named(first) & what.inside
        if not in_first:
            self._add(second, what)
            return
        in_second = self.asking.named(second) & what.inside
        self._add(first, _Range(in_first, first))
        self._add(second, _Range(in_second, second))
        self._decide(what.seen, what.inside - in_first - in_second)

    def _add(self, span: Span, what: _Range) -> None:
        if span == what.seen and span.stop - span.start <= FINEST:
            self._decide(span, what.inside)
        elif what.inside:
            self._open[span] = what

    def _decide(self, span: Span, inside: frozenset[str]) -> None:
        if inside:
            self._decided[span] = self._decided.get(span, frozenset()) | inside


def _rounded(window: Span) -> Span:
    """Outwards, to ranges that some server may have been asked for before."""
    start = _FIRST + (window.start - _FIRST) // FINEST * FINEST
    stop = _FIRST - (_FIRST - window.stop) // FINEST * FINEST
    return Span(start, stop)


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if merged and span.start <= merged[-1].stop:
            merged[-1] = Span(merged[-1].start, max(merged[-1].stop, span.stop))
        else:
            merged.append(span)
    return tuple(merged)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
