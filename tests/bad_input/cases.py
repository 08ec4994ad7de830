"""What hostile servers and files do, each with what its owner must be told."""

import gzip
import itertools
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.bad_input.hostile_server import (
    CHANGES,
    FILES,
    LISTING,
    Answer,
    Case,
    found,
    multistatus,
    say,
    vcalendar,
    vevent,
)

START, HOUR = "DTSTART:20261201T080000Z", "DURATION:PT1H"
BLOCK = b"x" * 1000
ETAG = '<D:getetag>"1"</D:getetag>'
CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
MEGABYTE = 1024 * 1024
# Longer than any call is waited for.
PATIENCE = 120


def head(status: int, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode()


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """Without an end; or, with a pause after each piece, as long as anybody may wait."""

    def answer(handler) -> None:
        handler.wfile.write(start)
        end = time.monotonic() + PATIENCE
        while not pause or time.monotonic() < end:
            handler.wfile.write(piece if pause else piece * 1000)
            time.sleep(pause)

    return answer


def raw(data: bytes) -> Answer:
    return lambda handler: handler.wfile.write(data)


def whole(body: bytes, status: int = 207, **headers: str) -> Answer:
    return lambda handler: say(handler, body, status, **headers)


def listed(*parts: str) -> Answer:
    return whole(multistatus("".join(parts)))


def of_home(odd_too: bool, file: str, properties: str, times: int = 1) -> Answer:
    """Changes of somebody's calendar: this file there, and perhaps one of another host."""

    def answer(handler) -> None:
        box = handler.path.rstrip("/")
        odd = found(f"http://{handler.other}/elsewhere/odd.ics", ETAG) if odd_too else ""
        token = "<D:sync-token>later</D:sync-token>"
        say(handler, multistatus(odd + found(box + file, properties) * times + token))

    return answer


def minutes(count: int) -> Iterator[str]:
    """UTC times, a minute apart."""
    first = datetime(2026, 12, 1)
    return (f"{first + timedelta(minutes=number):%Y%m%dT%H%M%SZ}" for number in range(count))


def overrides(count: int) -> Iterator[str]:
    for when in minutes(count):
        yield f"BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID:{when}\r\nDTSTART:{when}\r\nEND:VEVENT\r\n"


def zone(*observances: str) -> str:
    inner = "".join(f"BEGIN:STANDARD\r\n{each}END:STANDARD\r\n" for each in observances)
    return f"BEGIN:VTIMEZONE\r\nTZID:z\r\n{inner}END:VTIMEZONE\r\n"


def redirect(handler) -> None:
    """To another place each time."""
    say(handler, b"", 302, Location=f"{handler.path}x")


# What is no calendar, or broke off, says nothing; it is named when it did so three times.
LATER = ""
TOO_LARGE, TOO_MANY, UNREADABLE = "larger than", "too many", "cannot be"
BY_THE_SECOND = (
    "DTSTART:00010101T000000\r\nRRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
)
SERIES_IN_IT = (
    "BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=z:20261201T080000\r\n"
    "RRULE:FREQ=MINUTELY\r\nEND:VEVENT\r\n"
)
# A calendar with a file that is bad, beside one that is good: that one is read.
IN_A_FILE = {
    "a-million-times": Case("Only the first", lambda: vevent(START, HOUR, "RRULE:FREQ=SECONDLY")),
    "a-hundred-thousand-overrides": Case(TOO_LARGE, lambda: vcalendar(*overrides(100_000))),
    "twenty-thousand-overrides": Case(TOO_MANY, lambda: vcalendar(*overrides(20_000))),
    "dates-without-end": Case(
        TOO_LARGE, lambda: vevent(START, "RDATE:" + ",".join(minutes(125_000)))
    ),
    "dates-to-the-limit": Case(
        "dates of RDATE", lambda: vevent(START, "RDATE:" + ",".join(minutes(99_000)))
    ),
    "year-0": Case(UNREADABLE, lambda: vevent("DTSTART:00000101T000000Z", HOUR)),
    "year-minus-1": Case(UNREADABLE, lambda: vevent("DTSTART:-0010101T000000Z", HOUR)),
    "year-1-to-9999": Case(
        "Only the first",
        lambda: vevent("DTSTART:00010101T000000Z", "DTEND:99991231T235959Z", "RRULE:FREQ=SECONDLY"),
    ),
    # In no window: nothing to tell.
    "year-9999": Case("", lambda: vevent("DTSTART:99991231T235959Z", "DURATION:P1D")),
    "duration-of-digits": Case(UNREADABLE, lambda: vevent(START, f"DURATION:P{'9' * 1_000_000}D")),
    "nul-in-a-time": Case(UNREADABLE, lambda: vevent("DTSTART:20\x00261201T080000Z")),
    "nul-in-a-title": Case("", lambda: vevent(START, HOUR, "SUMMARY:a\x00b")),
    "latin-1": Case("", lambda: vevent(START, HOUR, "SUMMARY:\u00e4").decode().encode("latin-1")),
    "utf-16": Case(LATER, lambda: vevent(START, HOUR).decode().encode("utf-16-be")),
    "no-calendar": Case(LATER, lambda: b"<html>Sign in</html>"),
    "deep-nesting": Case(TOO_MANY, lambda: vcalendar("BEGIN:X\r\n" * 100_000)),
    "a-million-properties": Case(TOO_LARGE, lambda: vevent(START, *["A:"] * 1_000_000)),
    "half-a-million-properties": Case(TOO_MANY, lambda: vevent(START, *["A:"] * 480_000)),
    "a-line-of-50-megabytes": Case(
        TOO_LARGE, lambda: vevent(START, HOUR, "SUMMARY:" + "x" * 50 * MEGABYTE)
    ),
    "a-uid-of-megabytes": Case(
        "", lambda: vevent(START, HOUR).replace(b"UID:", b"UID:" + b"u" * 1_900_000)
    ),
    "an-address-of-megabytes": Case(
        "", lambda: vevent(START, HOUR, "ATTENDEE:mailto:" + "%41" * 600_000)
    ),
    "fourteen-thousand-zones": Case(
        TOO_MANY, lambda: vcalendar(*[zone("DTSTART:19700101T000000\r\n")] * 14_000)
    ),
    "a-zone-by-the-second": Case(
        "Only the first", lambda: vcalendar(zone(*[BY_THE_SECOND] * 2_000), SERIES_IN_IT)
    ),
}
ENTITIES = b"".join(
    b'<!ENTITY e%d "%s">' % (number, b"&e%d;" % (number - 1) * 10) for number in range(1, 10)
)
BOMB = b'<!DOCTYPE x [<!ENTITY e0 "ha">%s]><multistatus xmlns="DAV:">&e9;</multistatus>' % ENTITIES
OUTSIDE = b'<!DOCTYPE x SYSTEM "http://%s/dtd"><multistatus xmlns="DAV:"/>'
# A gigabyte in one of them, in a hundred packets of 10 MB.
ZIPPED = gzip.compress(bytes(10 * MEGABYTE)) * 100
CHUNKED = "Transfer-Encoding: chunked"
CHUNK = b"3e8\r\n" + BLOCK + b"\r\n"
# What any answer may be, at any step: nothing is believed of it.
INSTEAD_OF_AN_ANSWER = {
    "an-entity-bomb": ("DTD", whole(BOMB)),
    "a-dtd-elsewhere": ("DTD", lambda handler: say(handler, OUTSIDE % handler.other.encode())),
    "a-gzip-bomb": (LATER, whole(ZIPPED, Content_Encoding="gzip")),
    "a-hundred-megabytes": (
        "larger than",
        endless(head(207, f"Content-Length: {100 * MEGABYTE}"), BLOCK),
    ),
    "an-endless-body": ("larger than", endless(head(207, CHUNKED), CHUNK)),
    "a-trickling-body": ("in time", endless(head(207, CHUNKED), b"1\r\nx\r\n", 0.2)),
    "trickling-headers": ("in time", endless(b"HTTP/1.1 207 X\r\n", b"X: y\r\n", 0.2)),
    "a-flood-of-headers": ("not HTTP", endless(b"HTTP/1.1 207 X\r\n", b"X: y\r\n")),
    "a-header-of-megabytes": (LATER, endless(b"HTTP/1.1 207 X\r\nX: ", BLOCK)),
    "a-redirect-loop": ("redirects without end", redirect),
    "a-redirect-to-another-host": (
        "not trusted",
        lambda handler: say(handler, b"", 302, Location=f"http://{handler.other}/x"),
    ),
    "a-redirect-to-a-private-address": (
        "not trusted",
        whole(b"", 302, Location="http://169.254.169.254/latest/meta-data/"),
    ),
    "a-length-of-minus-one": ("not well-formed", raw(head(207, "Content-Length: -1") + BLOCK)),
    "a-chunk-of-minus-one": ("broke off", raw(head(207, CHUNKED) + b"-1\r\n" + BLOCK)),
    "chunks-of-nonsense": (LATER, raw(head(207, CHUNKED) + b"zz\r\n" + BLOCK)),
    "a-million-deep": ("too large", whole(b'<multistatus xmlns="DAV:">' + b"<a>" * 1_000_000)),
    "another-charset": ("not well-formed", whole(multistatus("").decode().encode("utf-16"))),
}
# All go the same way, so each meets one step. A file that a list does not hold is asked for alone;
# then none of these is an answer.
OF_FILES = "|unexpected answer"
IN_AN_ANSWER = {
    f"{name}-as-{step}": Case(named and named + OF_FILES * (step == FILES), answers={step: answer})
    for (name, (named, answer)), step in zip(
        INSTEAD_OF_AN_ANSWER.items(), itertools.cycle((LISTING, CHANGES, FILES)), strict=False
    )
}
MEGABYTES = "x" * 3 * MEGABYTE
# Lists that are right in their form.
IN_A_LIST = {
    "ten-thousand-calendars": Case(
        "more than 2000",
        answers={LISTING: listed(*(found(f"/c{number}/", CALENDAR) for number in range(10_000)))},
    ),
    "a-hundred-thousand-members": Case(
        "more than 100000",
        answers={CHANGES: listed(*(found(f"/{number}.ics", ETAG) for number in range(100_001)))},
    ),
}
# Beside what is bad in these, the good file can be read.
READ_ON = {
    "members-on-another-host": Case("odd.ics", answers={CHANGES: of_home(True, "/good.ics", ETAG)}),
    "an-etag-of-megabytes": Case(
        "", answers={CHANGES: of_home(False, "/good.ics", f"<D:getetag>{MEGABYTES}</D:getetag>")}
    ),
    "the-same-file-ten-thousand-times": Case(
        "", answers={CHANGES: of_home(False, "/good.ics", ETAG, 10_000)}
    ),
}
CASES = {**IN_A_FILE, **IN_AN_ANSWER, **IN_A_LIST, **READ_ON}
