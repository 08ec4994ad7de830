"""What is fuzzed: bytes go in, and whatever is promised of what comes out is looked at."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from icloud_calendar_sync.ical.lines import Malformed
from icloud_calendar_sync.ical.walk import MAX_STEPS
from icloud_calendar_sync.ical.write import Session, fingerprint, remote_fingerprint, write
from icloud_calendar_sync.icloud.errors import BadAnswer, ICloudError
from icloud_calendar_sync.icloud.multistatus import parse, require_good
from icloud_calendar_sync.icloud.urls import trusted
from tests.ical.promises import checked
from tests.icloud.promises import check_clean

# Of the processor; the largest file of all in tests/ takes a quarter of it.
MOST_SECONDS = 2.0
START = datetime(2026, 10, 27, 9, tzinfo=UTC)
SESSION = Session(
    "x", START, START + timedelta(hours=1), "Europe/Berlin", "First visit", "Anna", "Salon"
)
BASE = trusted("https://p42-caldav.icloud.com/1/calendars/home/", frozenset())
PROPERTIES = ("{DAV:}getetag", "{DAV:}displayname", "{DAV:}current-user-principal")


class TooSlow(AssertionError):
    """Longer than MOST_SECONDS of the processor."""


def read_file(data: bytes) -> None:
    """A file that stands in a calendar."""
    checked(data, steps=MAX_STEPS)
    with suppress(Malformed):
        remote_fingerprint(data, "x")


def write_over_file(data: bytes) -> None:
    """A file of ours that the phone changed, and our next push over it."""
    with suppress(Malformed):
        written = write(SESSION, data, now=START)
        found = checked(written, steps=MAX_STEPS)
        assert SESSION.start in [one.start for one in found.occurrences]
        assert remote_fingerprint(written, SESSION.uid) == fingerprint(SESSION)


def parse_answer(data: bytes) -> None:
    """The body of an answer to PROPFIND or REPORT."""
    with suppress(BadAnswer):
        answer = parse(data, BASE, frozenset())
        check_clean((answer.sync_token, answer.unusable))
        for each in answer.responses:
            check_clean((each.href, each.origin, each.url))
            assert each.href.startswith("/")
            assert 0 <= each.status <= 999
            for name in PROPERTIES:
                each.text(name), each.hrefs(name), each.tags(name), each.components(name)
        with suppress(ICloudError):  # what the status of the collection itself means
            require_good(answer.responses, BASE.path)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "read": read_file,
    "write": write_over_file,
    "parse": parse_answer,
}


def within_time(target: Callable[[bytes], None], data: bytes) -> None:
    """Do it; :raise TooSlow: it took too long."""
    begin = time.thread_time()
    target(data)
    if (seconds := time.thread_time() - begin) > MOST_SECONDS:
        raise TooSlow(f"{seconds:.1f} s for {len(data)} bytes")
