"""Whether our fields in iCloud are still as we wrote them, however a server stores lines."""

import random
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.write import Session, fingerprint, remote_fingerprint, write

from .test_write import LATER, NOW, SESSION, stored

ZONES = ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
AWKWARD = ["\\", "\\n", "\\N", ";", ",", ":", '"', "\n", "\r\n", "\r", "\t", " ", "  \n", "\x00"]
AWKWARD += [
    "\u2028",
    "\x85",
    "\u0301",
    "e\u0301",
    "\xa0",
    "👩‍👩‍👧",
    "é",
    "\ufeff",
    "\uffff",
    "\ud800",
]
AWKWARD += ["BEGIN:VEVENT", "C:\\New", "x" * 80, " " * 100, "ß" * 40]
texts = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=12), max_size=12).map("".join)


@st.composite
def sessions(draw) -> Session:
    start = draw(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))).replace(tzinfo=UTC)
    return Session(
        uid="session-1@example.com",
        start=start,
        stop=start + timedelta(minutes=draw(st.integers(1, 600))),
        zone=draw(st.sampled_from(ZONES)),
        title=draw(texts),
        description=draw(texts),
        location=draw(texts),
        tentative=draw(st.booleans()),
    )


def unfold(data: bytes) -> bytes:
    return re.sub(rb"\r?\n[ \t]", b"", data)


def refolded(data: bytes) -> bytes:
    """Folded by another program: tabs, at forty octets, also inside characters."""
    lines = unfold(data).split(b"\r\n")
    chunks = ([line[i : i + 40] for i in range(0, len(line), 40)] for line in lines)
    return b"\r\n".join(b"\r\n\t".join(chunk) for chunk in chunks)


def reordered(data: bytes) -> bytes:
    head, event, tail = re.split(rb"(?s)(?<=BEGIN:VEVENT\r\n)(.*)(?=END:VEVENT)", unfold(data))
    lines = event.splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    return head + b"".join(lines) + tail


SERVERS = {
    "stores it as it came": lambda data: data,
    "stores line feeds": lambda data: data.replace(b"\r\n", b"\n"),
    "stores without folds": unfold,
    "folds anew": refolded,
    "trims the ends of lines": lambda data: re.sub(rb"[ \t]+(?=\r\n)", b"", data),
    "trims the lines of texts": lambda data: re.sub(rb"[ \t]+\\n", rb"\\n", unfold(data)),
    "orders properties anew": reordered,
    "decomposes characters": lambda data: unicodedata.normalize("NFD", data.decode()).encode(),
    "splits lines wherever Python does": lambda data: "\r\n".join(
        unfold(data).decode().splitlines()
    ).encode(),
    "quotes the zone": lambda data: re.sub(rb"TZID=([^:]+):", rb'TZID="\1":', data),
    "adds a zone to times in UTC": lambda data: re.sub(
        rb"(DTSTART|DTEND):(\d+T\d+Z)", rb"\1;TZID=UTC:\2", data
    ),
    "names the type": lambda data: data.replace(b"DTEND:", b"DTEND;VALUE=DATE-TIME:"),
    "writes line breaks in capitals": lambda data: re.sub(
        rb"(?<!\\)((?:\\\\)*)\\n", rb"\1\\N", unfold(data)
    ),
}


@pytest.mark.parametrize("server", SERVERS)
@settings(max_examples=60, deadline=None)
@given(session=sessions())
def test_an_untouched_event_has_the_fingerprint_of_its_session(server, session):
    data = SERVERS[server](write(session, now=NOW))
    assert remote_fingerprint(data, session.uid) == fingerprint(session)


@settings(max_examples=60, deadline=None)
@given(sessions())
def test_it_survives_a_server_that_parses_and_writes_events_anew(session):
    """vobject is what Radicale stores with. It refuses some characters, which are not ours."""
    data = vobject.readOne(write(session, now=NOW).decode()).serialize().encode()
    assert remote_fingerprint(data, session.uid) == fingerprint(session)


@settings(max_examples=60, deadline=None)
@given(sessions(), sessions())
def test_writing_over_an_older_version_gives_the_new_fingerprint(older, newer):
    data = write(newer, write(older, now=NOW), now=LATER)
    assert remote_fingerprint(data, newer.uid) == fingerprint(newer)


CHANGES = {
    "title": "Other",
    "description": "Other",
    "location": "Other",
    "tentative": True,
    "cancelled": True,
    "start": SESSION.start - timedelta(minutes=1),
    "stop": SESSION.stop + timedelta(minutes=1),
    "zone": "Europe/Paris",
}


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_of_ours_counts(field):
    assert fingerprint(replace(SESSION, **{field: CHANGES[field]})) != fingerprint(SESSION)


@pytest.mark.parametrize(
    "edit",
    [
        (b"SUMMARY:Check-up", b"SUMMARY:Check-up!"),
        (b"T101500", b"T101600"),
        (b"TRANSP:OPAQUE", b"TRANSP:TRANSPARENT"),
        (b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
        (b"LOCATION:Kerkstraat 12", b"LOCATION:Kerkstraat 14"),
        (b"END:VEVENT", b"RRULE:FREQ=WEEKLY\nEND:VEVENT"),
        (
            b"END:VCALENDAR",
            b"BEGIN:VEVENT\nUID:%b\nRECURRENCE-ID:20261027T091500Z\nEND:VEVENT\nEND:VCALENDAR"
            % SESSION.uid.encode(),
        ),
        (b";TZID=Europe/Brussels:20261027T101500", b";VALUE=DATE:20261027"),
    ],
)
def test_an_edit_of_our_fields_on_the_phone_is_noticed(edit):
    edited = stored().replace(*edit)
    assert edited != stored()
    assert remote_fingerprint(edited, SESSION.uid) not in (None, fingerprint(SESSION))


def test_what_the_host_adds_beside_our_fields_is_no_change():
    assert remote_fingerprint(stored(), SESSION.uid) == fingerprint(SESSION)


def test_values_that_are_the_default_may_be_left_out():
    shortened = stored().replace(b"TRANSP:OPAQUE\n", b"").replace(b"STATUS:CONFIRMED\n", b"")
    assert remote_fingerprint(shortened, SESSION.uid) == fingerprint(SESSION)


@pytest.mark.parametrize(
    ("data", "uid"),
    [
        (b"", SESSION.uid),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", SESSION.uid),
        (stored(), "another"),
        (stored()[:-20], SESSION.uid),
        (stored().replace(b"SUMMARY:", b'SUMMARY;X="open:'), SESSION.uid),
    ],
)
def test_an_event_that_is_not_there_or_unreadable_has_none(data, uid):
    assert remote_fingerprint(data, uid) is None
