"""What is promised of every reading, whatever the bytes were."""

from contextlib import suppress
from datetime import UTC, datetime

from icloud_calendar_sync.ical.lines import Malformed
from icloud_calendar_sync.ical.read import Reading, read
from icloud_calendar_sync.ical.vevent import TITLE_LENGTH
from icloud_calendar_sync.sentence import Sentence

WINDOW = (datetime(2026, 10, 19, tzinfo=UTC), datetime(2027, 11, 23, tzinfo=UTC))


def checked(data: bytes, steps: int = 1_000) -> Reading | None:
    """Read, and look at all that is promised of a reading."""
    with suppress(Malformed):
        found = read(data, *WINDOW, "Europe/Berlin", frozenset({"a@example.com"}), steps=steps)
        assert list(found.occurrences) == sorted(found.occurrences, key=lambda one: one.start)
        keys = [one.original_start for one in found.occurrences]
        assert len(set(keys)) == len(keys)
        for one in found.occurrences:
            assert one.start.tzinfo is one.stop.tzinfo is UTC
            assert one.start <= one.stop
            assert one.start < WINDOW[1]
            assert one.stop >= WINDOW[0]
            assert len(one.title) <= TITLE_LENGTH
            assert one.busy is False or one.start < one.stop
            assert (one.first_day is None) == (not one.all_day)
        # A database takes no such character.
        texts = [found.uid, *found.problems, *(one.title for one in found.occurrences)]
        assert not any("\x00" in text for text in texts)
        assert all(isinstance(problem, Sentence) for problem in found.problems)
        assert all(len(problem) < 200 for problem in found.problems)
        assert found.known_until is None or WINDOW[0] <= found.known_until < WINDOW[1]
        assert found.known_until is None or found.problems
        return found
    return None
