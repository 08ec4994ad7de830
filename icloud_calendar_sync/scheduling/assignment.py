"""Which of the free hosts gets a session, and why, in words that staff can read."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host who is free. `last_booked` is UTC minutes, None for never; a high priority wins."""

    key: int
    priority: int
    weight: int
    last_booked: int | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in its place.

    `rule` names what decided the place, for whoever translates: `only`, `priority`, `idle` or
    `order`. It compares the first with the second, and each other one with the one before it.
    """

    candidate: Candidate
    rule: str
    reason: str


def by_availability(candidates: Iterable[Candidate]) -> list[Ranked]:
    """Return the candidates, best first: highest priority, longest without a booking, lowest key.

    A host who never had a booking has waited longest.
    """
    ordered = sorted(candidates, key=_rank)
    if len(ordered) == 1:
        return [Ranked(ordered[0], "only", "The only host who is free.")]
    ranked = [_behind(before, candidate) for before, candidate in pairwise(ordered)]
    if ranked:
        ranked.insert(0, _ahead(ordered[0], ordered[1]))
    return ranked


def _rank(candidate: Candidate) -> tuple[int, bool, int, int]:
    booked = candidate.last_booked
    return (-candidate.priority, booked is not None, booked or 0, candidate.key)


def _ahead(best: Candidate, second: Candidate) -> Ranked:
    if best.priority != second.priority:
        return Ranked(best, "priority", f"Highest priority ({best.priority}).")
    if best.last_booked != second.last_booked:
        wait = "Never booked so far" if best.last_booked is None else "Longest without a booking"
        return Ranked(best, "idle", f"{wait} among those with priority {best.priority}.")
    return Ranked(best, "order", "Same priority and same wait as the next; first on the list.")


def _behind(before: Candidate, candidate: Candidate) -> Ranked:
    if before.priority != candidate.priority:
        reason = f"Lower priority ({candidate.priority} after {before.priority})."
        return Ranked(candidate, "priority", reason)
    if before.last_booked != candidate.last_booked:
        return Ranked(candidate, "idle", "Same priority, but booked more recently.")
    return Ranked(candidate, "order", "Same priority and same wait; later on the list.")
