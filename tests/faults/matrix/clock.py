"""The time of this process, moved by hand: nobody sleeps until a pause is over."""

from datetime import UTC, datetime, timedelta

import freezegun.api
from freezegun import freeze_time


class Clock:
    """From here on time goes on as it does, but can be moved, for PostgreSQL's `now` too.

    Start it when all modules are loaded: it replaces what they know of the time.
    """

    def __init__(self) -> None:
        self._freezer = freeze_time(_really_now(), tick=True)
        self._time = self._freezer.start()
        self._wrong_by = timedelta()

    def move(self, span: timedelta) -> None:
        """Move on, or back."""
        self._time.move_to(datetime.now(UTC) + span)

    def go_wrong(self, span: timedelta) -> bool:
        """Until it goes right again; the second of two calls does nothing, and says so."""
        if self._wrong_by:
            return False
        self._wrong_by = span
        self.move(span)
        return True

    def go_right(self) -> None:
        """Also where it is right."""
        self.move(-self._wrong_by)
        self._wrong_by = timedelta()

    def back_to_now(self) -> None:
        """The time is the real one again."""
        self._wrong_by = timedelta()
        self._time.move_to(_really_now())

    def stop(self) -> None:
        self._freezer.stop()


def _really_now() -> datetime:
    # Asked where it is defined: what another module imports of it is replaced, too.
    return freezegun.api.real_datetime.now(UTC)
