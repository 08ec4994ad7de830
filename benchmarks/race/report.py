"""What a race came to: counts, latency, and whether it was good."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from statistics import median

from benchmarks.race.visitors import Answer, Attempt

NAME_WIDTH, WIDTH = 37, 9
COLUMNS = ("tried", "sold", "cancelled", "refused", "own limit", "no others", "errors", "again")
HEADING = " ".join([" " * NAME_WIDTH, *(f"{column:>{WIDTH}}" for column in COLUMNS)])
HEADING += "   median     95 %  longest"
LEGEND = """\
refused: and offered other times nearby; no others: refused without any, which is wrong
own limit: more seats than are left, or more bookings than one customer may have
again: requests that Odoo did once more, after a pause, because somebody else was faster"""
LEAST_ATTEMPTS = 2000  # fewer say nothing about a race
MOST_SHOWN = 10


@dataclass(frozen=True)
class Outcome:
    """An attempt with what came of it: an answer, or what went wrong. Times in seconds."""

    attempt: Attempt
    answer: Answer | None
    problem: str
    seconds: float


@dataclass
class Tally:
    """The outcomes of one scenario."""

    name: str
    answers: Counter = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def add(
        self, outcomes: Iterable[Outcome], held: Mapping[str, datetime], least: int, most: int
    ) -> None:
        """One round: its outcomes, who holds which time now, and how many places there were."""
        sold = 0
        for outcome in outcomes:
            self.answers[outcome.answer] += 1
            self.seconds.append(outcome.seconds)
            self.wrongs += wrong_with(outcome, held)
            sold += outcome.attempt.seats * (outcome.answer is Answer.SOLD)
        if not least <= sold <= most:
            bounds = str(least) if least == most else f"{least} to {most}"
            self.wrongs.append(f"{sold} sold, where it was {bounds}")

    def __str__(self) -> str:
        counts = (
            len(self.seconds),
            *(self.answers[answer] for answer in (*Answer, None)),
            len(self.pauses),
        )
        numbers = " ".join(f"{count:{WIDTH}}" for count in counts)
        return f"{self.name:{NAME_WIDTH}} {numbers} {_latency(self.seconds)}"


def wrong_with(outcome: Outcome, held: Mapping[str, datetime]) -> list[str]:
    """What is wrong with one outcome: an error, or somebody without the time they were told."""
    attempt = outcome.attempt
    if outcome.answer is None:
        return [outcome.problem]
    if outcome.answer is Answer.EMPTY_HANDED:
        return [f"{attempt.name} was refused {attempt.wanted} and offered no other time"]
    is_refused = outcome.answer in (Answer.REFUSED, Answer.OWN_LIMIT)
    told = attempt.before if is_refused else attempt.wanted
    if held.get(attempt.name) != told:
        holds = held.get(attempt.name)
        return [f"{attempt.name} was told {outcome.answer.value}, has {holds} and not {told}"]
    return []


def percentile(values: Iterable[float], share: float) -> float:
    """The value that so large a share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _latency(seconds: list[float]) -> str:
    if not seconds:
        return ""
    figures = (median(seconds), percentile(seconds, 0.95), max(seconds))
    return " ".join(f"{figure * 1000:5.0f} ms" for figure in figures)


def pauses_in_words(tally: Tally) -> str:
    """How often Odoo did a request again, and how long it waited before."""
    words = f"requests that Odoo did again: {len(tally.pauses)}"
    return words + (f", after pauses of {_latency(tally.pauses)}" if tally.pauses else "")


def summary(tallies: Iterable[Tally]) -> Tally:
    """All scenarios together."""
    whole = Tally("all together")
    for tally in tallies:
        whole.answers += tally.answers
        whole.seconds += tally.seconds
        whole.pauses += tally.pauses
        whole.wrongs += [f"{tally.name}: {wrong}" for wrong in tally.wrongs]
    return whole


def verdict(whole: Tally, broken: list[str], deadlocks: int) -> list[str]:
    """Why the race is not good; nothing when it is."""
    found = [*whole.wrongs, *broken]
    if deadlocks:
        found.append(f"{deadlocks} deadlocks")
    if len(whole.seconds) < LEAST_ATTEMPTS:
        found.append(f"only {len(whole.seconds)} attempts, fewer than {LEAST_ATTEMPTS}")
    return found
