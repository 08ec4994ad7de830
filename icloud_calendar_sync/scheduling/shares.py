"""Bookings received and bookings due, by weight, for the time that each host was there."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from .intervals import Intervals, subtract

# Shares are added up as integers, in parts of a booking so small that no rounding shows.
_PARTS = 2**80


@dataclass(frozen=True, slots=True)
class Given:
    """A booking that `host` was given at `made`, UTC minutes."""

    host: int
    made: int


@dataclass(frozen=True, slots=True)
class Presence:
    """A host who takes bookings from `since` on, but not in `absences` (merged), UTC minutes."""

    key: int
    weight: int
    since: int
    absences: Intervals

    def during(self, start: int, stop: int) -> Intervals:
        """When the host is present in [start, stop)."""
        start = max(start, self.since)
        return subtract([(start, stop)], self.absences) if start < stop else []


def fair_shares(
    given: Iterable[Given], presences: Iterable[Presence]
) -> dict[int, tuple[int, float]]:
    """Return {host: (bookings received, share due)}; both add up to the same number.

    A booking is due to the hosts who were present when it was made, by weight. So whoever joins or
    comes back is owed nothing for the time before, and not flooded. What went to somebody who was
    no host yet, or is none any more, or was made when nobody was present, does not count.
    """
    hosts = {presence.key: presence for presence in presences}
    bookings = [
        booking
        for booking in given
        if booking.host in hosts and booking.made >= hosts[booking.host].since
    ]
    times = [booking.made for booking in bookings]
    span = (min(times), max(times) + 1) if times else (0, 1)
    present = {key: host.during(*span) for key, host in hosts.items()}
    changes, weights = _weights_present(span, hosts, present)
    counts, received = [0] * len(changes), dict.fromkeys(hosts, 0)
    for booking in bookings:
        index = bisect_right(changes, booking.made) - 1
        if weights[index]:
            counts[index] += 1
            received[booking.host] += 1
    due_by = _due_by(changes, weights, counts)
    due = {
        key: hosts[key].weight * sum(due_by[stop] - due_by[start] for start, stop in stretches)
        for key, stretches in present.items()
    }
    return {key: (received[key], due[key] / _PARTS) for key in hosts}


def _weights_present(
    span: tuple[int, int], hosts: Mapping[int, Presence], present: Mapping[int, Intervals]
) -> tuple[list[int], list[int]]:
    """Return the times at which somebody comes or goes, and the sum of weights from each on."""
    changes = dict.fromkeys(span, 0)
    for key, stretches in present.items():
        for start, stop in stretches:
            changes[start] = changes.get(start, 0) + hosts[key].weight
            changes[stop] = changes.get(stop, 0) - hosts[key].weight
    times = sorted(changes)
    return times, list(accumulate(changes[time] for time in times))


def _due_by(times: list[int], weights: list[int], counts: list[int]) -> dict[int, int]:
    """Return {time: what one unit of weight, always present, was due before it}, in _PARTS.

    `counts` are the bookings made from each of the times on, before the next.
    """
    parts = (
        count * _PARTS // weight if weight else 0
        for count, weight in zip(counts, weights, strict=True)
    )
    return dict(zip(times, accumulate(parts, initial=0), strict=False))
