"""The month both sides of `make bench-slots` are asked for, and a host's busy times in it."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
EVENTS_A_MONTH = 100
SLOT_MINUTES = 30
# Working hours of one day, in half hours since midnight: 8:00 to 12:00 and 13:00 to 17:00.
SHIFTS = (range(16, 24), range(26, 34))


class Month(NamedTuple):
    """The next whole calendar month, as aware times: [first, stop)."""

    first: datetime
    stop: datetime

    @classmethod
    def next(cls) -> "Month":
        first = _first_of_next_month(datetime.now(ZONE).date())
        stop = _first_of_next_month(first)
        return cls(*(datetime.combine(day, time(), ZONE) for day in (first, stop)))

    def workdays(self) -> list[date]:
        days = (self.stop.date() - self.first.date()).days
        every = [self.first.date() + timedelta(days=number) for number in range(days)]
        return [day for day in every if day.weekday() < 5]


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def busy_times(number: int, month: Month) -> Iterator[tuple[datetime, datetime]]:
    """Naive UTC times of one host's events, the same at each run.

    Half an hour to an hour and a half in working hours, overlapping now and then as meetings do.
    They begin and end on the grid of the slots: the peer lays its grid anew after each event, and
    where several hosts take turns it offers times that none of them has as a whole. On the grid
    both answers must be the same.
    """
    chance = random.Random(number)
    days = month.workdays()
    for _event in range(EVENTS_A_MONTH):
        shift = chance.choice(SHIFTS)
        begin = chance.choice(shift)
        end = min(begin + chance.randint(1, 3), shift.stop)
        midnight = datetime.combine(chance.choice(days), time(), ZONE)
        yield tuple(
            (midnight + timedelta(minutes=SLOT_MINUTES * cell)).astimezone(UTC).replace(tzinfo=None)
            for cell in (begin, end)
        )
