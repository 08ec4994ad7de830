"""Which of the free hosts gets a session, and which rule decided so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

# Shortfalls closer than this, in bookings, are the same: rounding decides nothing.
SAME_SHORTFALL = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host who is free. `last_booked` is UTC minutes, None for never; a high priority wins."""

    key: int
    priority: int
    last_booked: int | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in its place.

    `rule` names what decided the place: `only`, `shortfall`, `priority`, `idle` or `order`. It
    compares the first with the second (`ahead`), and each other one with the one before it.
    Whoever translates needs `rule`, `ahead` and the numbers in `values`: `priority` and `other`
    with the rule `priority`; `received` and `due`, to two digits, whenever shares decide.
    """

    candidate: Candidate
    rule: str
    ahead: bool
    values: dict[str, int | float] = field(default_factory=dict)


def by_availability(candidates: Iterable[Candidate]) -> list[Ranked]:
    """Return the candidates, best first: highest priority, longest without a booking, lowest key.

    A host who never had a booking has waited longest.
    """
    return _ranked(sorted(candidates, key=_rank), {}, {})


def by_fairness(
    candidates: Iterable[Candidate], shares: Mapping[int, tuple[int, float]]
) -> list[Ranked]:
    """Return the candidates, best first: largest shortfall, then as `by_availability`.

    `shares` is the answer of `fair_shares`; the shortfall is what is due less what was received.
    """
    hosts = list(candidates)
    levels = _levels({host.key: shares[host.key][1] - shares[host.key][0] for host in hosts})
    hosts.sort(key=lambda host: (levels[host.key], _rank(host)))
    return _ranked(hosts, levels, shares)


def _levels(shortfalls: Mapping[int, float]) -> dict[int, int]:
    """Return {key: place}, 0 for the largest shortfall; those with the same share a place."""
    ordered = sorted(shortfalls, key=shortfalls.__getitem__, reverse=True)
    levels = dict.fromkeys(ordered[:1], 0)
    for before, key in pairwise(ordered):
        apart = shortfalls[before] - shortfalls[key] > SAME_SHORTFALL
        levels[key] = levels[before] + apart
    return levels


def _rank(candidate: Candidate) -> tuple[int, bool, int, int]:
    booked = candidate.last_booked
    return (-candidate.priority, booked is not None, booked or 0, candidate.key)


def _ranked(
    ordered: list[Candidate],
    levels: Mapping[int, int],
    shares: Mapping[int, tuple[int, float]],
) -> list[Ranked]:
    """Return the candidates, which are in order already, with what decided each place."""
    ranked = []
    for index, host in enumerate(ordered):
        ahead = index == 0
        other = ordered[index - 1] if index else ordered[1] if len(ordered) > 1 else None
        values: dict[str, int | float] = {}
        if host.key in shares:
            received, due = shares[host.key]
            values = {"received": received, "due": round(due, 2)}
        rule = _rule(host, other, levels)
        if rule == "priority":
            values |= {"priority": host.priority, "other": other.priority}
        ranked.append(Ranked(host, rule, ahead, values))
    return ranked


def _rule(host: Candidate, other: Candidate | None, levels: Mapping[int, int]) -> str:
    if other is None:
        return "only"
    if levels.get(host.key) != levels.get(other.key):
        return "shortfall"
    if host.priority != other.priority:
        return "priority"
    return "idle" if host.last_booked != other.last_booked else "order"
