"""Facts about one Monday in UTC, written as times of day."""

from collections.abc import Iterable
from datetime import date

from icloud_calendar_sync.scheduling.facts import Facts, Host, Hours, Leg
from icloud_calendar_sync.scheduling.intervals import Intervals
from icloud_calendar_sync.scheduling.plans import Plan
from icloud_calendar_sync.scheduling.search import Offer, Search
from tests.scheduling.clock import DAY, iso, utc, wall

MONDAY = wall(date(2026, 6, 1))
HOUR = Leg(60)


def at(time: str) -> int:
    return utc(f"2026-06-01T{time}:00+00:00")


def times(*spans: str) -> Intervals:
    """`times("09:00-10:00", …)`; a day ends at 24:00."""
    pairs = [span.split("-") for span in spans]
    return [(at(first), MONDAY + DAY if last == "24:00" else at(last)) for first, last in pairs]


def host(key: int, *legs: Leg | None, hours: str = "team", fixed: bool = False) -> Host:
    return Host(key, hours, legs or (HOUR,), fixed)


def facts(kind: str, *hosts: Host, open_at: Iterable[str] = ("09:00-12:00",), **known) -> Facts:
    """A day with a start every hour; "team" works when it is `open_at`."""
    usual = {
        "step": 60,
        "earliest": MONDAY,
        "latest": MONDAY + DAY,
        "hours": {"team": Hours("UTC", times(*open_at))},
        "busy": {},
    }
    return Facts(kind=kind, hosts=hosts, **(usual | known))


def clock(start: int) -> str:
    (text,) = iso([start])
    return text.split("T")[1]


def offered(known: Facts) -> list[str]:
    return [clock(offer.start) for offer in Search(known).offers()]


def takers(known: Facts) -> dict[str, list[int]]:
    return {clock(offer.start): offer.hosts for offer in Search(known).offers()}


def offer_at(known: Facts, time: str) -> Offer:
    (found,) = [offer for offer in Search(known).offers() if offer.start == at(time)]
    return found


def plans(known: Facts, time: str, *ranked: int) -> list[Plan]:
    return list(Search(known).plans(at(time), ranked or [each.key for each in known.hosts]))


def teams(known: Facts, time: str, *ranked: int) -> list[list[tuple[int, ...]]]:
    """The hosts of each session of each plan."""
    return [[part.hosts for part in plan] for plan in plans(known, time, *ranked)]


def rooms(known: Facts, time: str) -> list[list[tuple[int, str, str]]]:
    """What each plan takes of rooms and equipment, with the time."""
    return [
        [(use.resource, clock(use.start), clock(use.stop)) for part in plan for use in part.rooms]
        for plan in plans(known, time)
    ]


def refusals(known: Facts, time: str) -> list[list[str]]:
    return list(Search(known).refusals(at(time)).values())
