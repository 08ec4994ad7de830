"""What a race came to: counts, latency, and whether it was good."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from statistics import median

from benchmarks.race_visitors import Answer, Attempt

NAME_WIDTH, WIDTH = 37, 9
COLUMNS = ("tried", "sold", "cancelled", "refused", "no others", "errors")
HEADING = " ".join([" " * NAME_WIDTH, *(f"{column:>{WIDTH}}" for column in COLUMNS)])
HEADING += "   median     95 %  longest"
LEAST_ATTEMPTS = 1000  # fewer say nothing about a race
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

    def add(
        self, outcomes: Iterable[Outcome], held: Mapping[str, datetime], least: int, most: int
    ) -> None:
        """One round: its outcomes, who holds which time now, and how many times there were."""
        answers = Counter(outcome.answer for outcome in outcomes)
        self.answers += answers
        for outcome in outcomes:
            self.seconds.append(outcome.seconds)
            self.wrongs += wrong_with(outcome, held)
        if not least <= answers[Answer.SOLD] <= most:
            bounds = str(least) if least == most else f"{least} to {most}"
            self.wrongs.append(f"{answers[Answer.SOLD]} sold, where it was {bounds}")

    def __str__(self) -> str:
        counts = (len(self.seconds), *(self.answers[answer] for answer in (*Answer, None)))
        numbers = " ".join(f"{count:{WIDTH}}" for count in counts)
        return f"{self.name:{NAME_WIDTH}} {numbers} {_latency(self.seconds)}"


def wrong_with(outcome: Outcome, held: Mapping[str, datetime]) -> list[str]:
    """What is wrong with one outcome: an error, or somebody without the time they were told."""
    attempt = outcome.attempt
    if outcome.answer is None:
        return [outcome.problem]
    if outcome.answer is Answer.EMPTY_HANDED:
        return [f"{attempt.email} was refused {attempt.wanted} and offered no other time"]
    told = attempt.before if outcome.answer is Answer.REFUSED else attempt.wanted
    if held.get(attempt.email) != told:
        holds = held.get(attempt.email)
        return [f"{attempt.email} was told {outcome.answer.value}, has {holds} and not {told}"]
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


def summary(tallies: Iterable[Tally]) -> Tally:
    """All scenarios together."""
    whole = Tally("all together")
    for tally in tallies:
        whole.answers += tally.answers
        whole.seconds += tally.seconds
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
