"""The time of this process, moved by hand: nobody sleeps until a pause is over."""

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from freezegun.api import real_datetime


class Clock:
    """From here on time goes on as it does, but can be moved, for PostgreSQL's `now` too.

    Start it when all modules are loaded: it replaces what they know of the time.
    """

    def __init__(self) -> None:
        self._freezer = freeze_time(real_datetime.now(UTC), tick=True)
        self._time = self._freezer.start()

    def move(self, **units: float) -> None:
        """Move on by so many `hours`, `minutes`, …: both ways."""
        self._time.move_to(datetime.now(UTC) + timedelta(**units))

    def back_to_now(self) -> None:
        """The time is the real one again."""
        self._time.move_to(real_datetime.now(UTC))

    def stop(self) -> None:
        self._freezer.stop()
