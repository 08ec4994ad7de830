"""What one look at an account may cost: occurrences to keep, and seconds of the processor.

A file of 200 bytes can say "every minute", and an account can hold thousands of them. What is
beyond the budget is not read; the resource comes back with the moment from which nothing is known
of it, so that no slot is offered there (rules 14 and 23 of the design).
"""

from collections.abc import Iterable, Mapping

# Eight appointments a day fill 3,500 in the window of 431 days.
MAX_OCCURRENCES_OF_RESOURCE = 4_000
MAX_OCCURRENCES_OF_CALENDAR = 10_000
MAX_OCCURRENCES_OF_ACCOUNT = 20_000
# Spent on series that take long; an account's other files cost it nothing: a plain event is read
# in 0.3 ms, a weekly series in 3 ms, a daily one in 15 ms.
READING_SECONDS = 10.0
FREE_SECONDS_OF_EACH = 0.005
# More than twice of what Apple allows (50,000 events and reminders).
MAX_RESOURCES = 120_000


class Budget:
    """What is left for one account.

    :param kept: calendar → how many occurrences are kept already, of each that is read
    """

    def __init__(self, kept: Mapping[int, int]):
        self._of_account = MAX_OCCURRENCES_OF_ACCOUNT - sum(kept.values())
        self._of_calendar = {
            calendar: MAX_OCCURRENCES_OF_CALENDAR - count for calendar, count in kept.items()
        }
        self._resources = MAX_RESOURCES
        self.seconds = READING_SECONDS

    def has_room_for(self, resources: int) -> bool:
        """Count resources that are about to be fetched; whether they are not too many."""
        self._resources -= resources
        return self._resources >= 0

    def most(self, calendar: int, held: int) -> int:
        """How many occurrences a resource may have, of which `held` are kept already."""
        left = min(self._of_account, self._of_calendar[calendar]) + held
        return max(min(left, MAX_OCCURRENCES_OF_RESOURCE), 0) if self.seconds > 0 else 0

    def spend(self, calendar: int, occurrences: int, seconds: float) -> None:
        """What one resource took: occurrences more than are kept of it (or fewer), and time."""
        self._of_account -= occurrences
        self._of_calendar[calendar] -= occurrences
        self.seconds -= max(seconds - FREE_SECONDS_OF_EACH, 0)

    def release(self, calendar: int, occurrences: Iterable[int]) -> None:
        """What is kept of resources that are gone."""
        for count in occurrences:
            self.spend(calendar, -count, 0)
