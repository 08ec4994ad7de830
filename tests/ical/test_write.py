"""What the host finds on the phone, and what of the host's own stays there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from icloud_calendar_sync.ical.lines import MAX_BYTES
from icloud_calendar_sync.ical.read import read
from icloud_calendar_sync.ical.write import Session, fingerprint, remote_fingerprint, write

from .test_corpus import CORPUS

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SESSION = Session(
    uid="A2D1F0C4-77B1-4F25-8C9A-2B6F5D1E3A90",
    start=datetime(2026, 10, 27, 9, 15, tzinfo=UTC),
    stop=datetime(2026, 10, 27, 10, tzinfo=UTC),
    zone="Europe/Brussels",
    title="Check-up",
    description="Els Nys\n+32 9 000 00 00",
    location="Kerkstraat 12, 9000 Gent",
)
HOST_LINES = """\
CATEGORIES:Praktijk,Urgent
COMMENT:Bring the X-rays
ATTACH;FMTTYPE=application/pdf;MANAGED-ID=7f:https://p42-caldav.icloud.com/1/plan.pdf
X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT25M
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Peeters, "Gent":geo:51.05,3.72
X-UNKNOWN;WITH=PARAMETER;AND="a:colon":value\\, kept
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT30M
X-WR-ALARMUID:3F5E7C10
END:VALARM
"""


def unfolded(data: bytes) -> str:
    return data.replace(b"\r\n ", b"").replace(b"\r\n", b"\n").decode()


def lines(data: bytes, name: str) -> list[str]:
    """The lines of our event of that name, without those of its alarms."""
    event = unfolded(data).split("BEGIN:VEVENT\n")[1].split("\nBEGIN:VALARM")[0]
    return [line for line in event.split("\n") if line.startswith((f"{name}:", f"{name};"))]


def stored(session: Session = SESSION, more: str = HOST_LINES) -> bytes:
    """What stands in iCloud after the host edited our event on the phone."""
    data = write(session, now=NOW).replace(b"\r\n", b"\n")
    return data.replace(b"END:VEVENT\n", more.encode() + b"END:VEVENT\n")


def test_a_new_event_carries_all_that_icloud_and_the_phone_want():
    event = icalendar.Calendar.from_ical(write(SESSION, now=NOW)).events[0]
    assert event["DTSTART"].to_ical() == b"20261027T101500"
    assert event["DTSTART"].params["TZID"] == "Europe/Brussels"
    assert event.start == SESSION.start
    assert event.end == SESSION.stop
    assert event["SUMMARY"] == "Check-up"
    assert event["DESCRIPTION"] == "Els Nys\n+32 9 000 00 00"
    assert event["LOCATION"] == "Kerkstraat 12, 9000 Gent"
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CONFIRMED", "OPAQUE", 0)
    for stamp in ("DTSTAMP", "LAST-MODIFIED", "CREATED"):
        assert event[stamp].dt == NOW
    assert not {"URL", "METHOD", "ORGANIZER", "ATTENDEE"} & set(event)


def test_the_same_session_at_the_same_moment_gives_the_same_bytes():
    assert write(SESSION, now=NOW) == write(SESSION, now=NOW)
    assert write(SESSION, stored(), now=NOW) == write(SESSION, stored(), now=NOW)


def test_a_pending_booking_is_tentative():
    assert lines(write(replace(SESSION, tentative=True), now=NOW), "STATUS") == ["STATUS:TENTATIVE"]


def test_what_we_write_is_what_we_read():
    found = read(
        write(SESSION, now=NOW), NOW, NOW + timedelta(days=30), "Europe/Brussels", frozenset()
    )
    (occurrence,) = found.occurrences
    assert (found.uid, found.problems) == (SESSION.uid, ())
    assert (occurrence.start, occurrence.stop) == (SESSION.start, SESSION.stop)
    assert (occurrence.title, occurrence.busy) == ("Check-up", True)


def test_all_that_the_host_added_is_kept_line_by_line():
    written = unfolded(write(replace(SESSION, title="Moved check-up"), stored(), now=LATER))
    assert "SUMMARY:Moved check-up" in written
    for line in HOST_LINES.splitlines():
        assert line in written


def test_an_event_made_by_a_phone_keeps_its_pin_alarm_and_travel_time():
    phone = (CORPUS / "dentist_with_travel_time.ics").read_bytes()
    session = replace(SESSION, location="Tandarts Peeters\nKerkstraat 12, 9000 Gent, België")
    written = unfolded(write(session, phone, now=NOW))
    kept = [
        line for line in unfolded(phone.replace(b"\n", b"\r\n")).split("\n") if "X-APPLE" in line
    ]
    assert len(kept) == 4
    assert all(line in written for line in kept)
    assert "ACKNOWLEDGED:20261027T084501Z" in written


def test_the_map_pin_goes_when_the_place_changes_and_only_then():
    moved = write(replace(SESSION, location="Online"), stored(), now=LATER)
    assert lines(moved, "X-APPLE-STRUCTURED-LOCATION") == []
    assert len(lines(write(SESSION, stored(), now=LATER), "X-APPLE-STRUCTURED-LOCATION")) == 1


def test_the_html_text_goes_when_the_description_changes_and_only_then():
    existing = stored(more="X-ALT-DESC;FMTTYPE=text/html:<b>Els</b>\n")
    assert (
        lines(write(replace(SESSION, description="New"), existing, now=LATER), "X-ALT-DESC") == []
    )
    assert len(lines(write(SESSION, existing, now=LATER), "X-ALT-DESC")) == 1


@pytest.mark.parametrize("name", ["LOCATION", "DESCRIPTION"])
def test_a_field_that_became_empty_is_removed(name):
    emptied = replace(SESSION, **{name.lower(): ""})
    assert lines(write(SESSION, stored(), now=LATER), name) != []
    assert lines(write(emptied, stored(), now=LATER), name) == []


def test_whom_the_host_invited_on_the_phone_stays_invited():
    guests = (
        "ORGANIZER:mailto:host@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@example.com\n"
    )
    written = write(SESSION, stored(more=guests), now=LATER)
    assert lines(written, "ATTENDEE") == ["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@example.com"]
    assert lines(written, "ORGANIZER") == ["ORGANIZER:mailto:host@example.com"]


def test_a_link_added_on_the_phone_stays():
    written = write(SESSION, stored(more="URL:https://meet.example/x\n"), now=LATER)
    assert lines(written, "URL") == ["URL:https://meet.example/x"]


def test_a_repetition_made_on_the_phone_is_undone_with_its_exceptions():
    override = "END:VEVENT\nBEGIN:VEVENT\nUID:{0}\nRECURRENCE-ID:20261103T091500Z\nSUMMARY:Moved\n"
    existing = stored(
        more="RRULE:FREQ=WEEKLY\nEXDATE:20261110T091500Z\nRDATE:20261111T091500Z\n"
        + override.format(SESSION.uid)
    )
    written = unfolded(write(SESSION, existing, now=LATER))
    assert not any(
        name in written for name in ("RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "Moved")
    )
    assert written.count("BEGIN:VEVENT") == 1


def test_an_exception_that_stands_first_is_not_taken_for_the_event():
    override = f"BEGIN:VEVENT\nUID:{SESSION.uid}\nRECURRENCE-ID:20261103T091500Z\nCOMMENT:Other\n"
    existing = stored().replace(b"BEGIN:VEVENT", f"{override}END:VEVENT\nBEGIN:VEVENT".encode(), 1)
    written = write(SESSION, existing, now=LATER)
    assert lines(written, "COMMENT") == ["COMMENT:Bring the X-rays"]


def test_what_icloud_marks_for_its_answers_is_not_sent_back():
    existing = stored(more="X-RECURRENCE-EXCEPTION:True\nREQUEST-STATUS:2.0;ok\n")
    existing = existing.replace(b"VERSION:2.0", b"VERSION:2.0\nMETHOD:PUBLISH")
    written = unfolded(write(SESSION, existing, now=LATER))
    assert not any(name in written for name in ("X-RECURRENCE", "REQUEST-STATUS", "METHOD"))


def test_the_sequence_grows_when_a_time_changed_and_only_then():
    assert lines(write(replace(SESSION, title="New"), stored(), now=LATER), "SEQUENCE") == [
        "SEQUENCE:0"
    ]
    moved = replace(SESSION, stop=SESSION.stop + timedelta(minutes=15))
    assert lines(write(moved, stored(), now=LATER), "SEQUENCE") == ["SEQUENCE:1"]
    again = write(
        replace(moved, zone="Europe/Lisbon"), write(moved, stored(), now=LATER), now=LATER
    )
    assert lines(again, "SEQUENCE") == ["SEQUENCE:2"]


@pytest.mark.parametrize(("sequence", "written"), [(0, 0), (7, 7), (-1, 0), (2**40, 2**31 - 2)])
def test_a_file_made_from_nothing_carries_the_sequence_of_its_session(sequence, written):
    data = write(replace(SESSION, sequence=sequence), now=NOW)
    assert lines(data, "SEQUENCE") == [f"SEQUENCE:{written}"]


def test_a_copy_in_icloud_counts_its_own_changes_whatever_the_customer_was_sent():
    """Else a copy would be pushed again for nothing but a number."""
    counted = replace(SESSION, sequence=7)
    assert fingerprint(counted) == fingerprint(SESSION)
    assert write(counted, stored(), now=LATER) == write(SESSION, stored(), now=LATER)


@pytest.mark.parametrize("tentative", [False, True])
def test_a_cancellation_is_the_same_event_called_off(tentative):
    called_off = replace(SESSION, tentative=tentative, sequence=3, cancelled=True)
    calendar = icalendar.Calendar.from_ical(write(called_off, now=NOW))
    event = calendar.events[0]
    # What mail programs go by, and no event that stands on a server has (RFC 4791 section 4.1).
    assert calendar["METHOD"] == "CANCEL"
    assert not lines(write(replace(called_off, cancelled=False), now=NOW), "METHOD")
    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (SESSION.uid, "CANCELLED", 3)
    assert event.start == SESSION.start
    read_again = read(
        write(called_off, now=NOW), NOW, NOW + timedelta(days=30), "Europe/Brussels", frozenset()
    )
    assert read_again.occurrences == ()


@pytest.mark.parametrize("number", ["", "many", "-4", "9" * 40, "2147483647"])
def test_an_odd_sequence_does_not_spread(number):
    existing = stored().replace(b"SEQUENCE:0", f"SEQUENCE:{number}".encode())
    moved = write(replace(SESSION, stop=SESSION.stop + timedelta(minutes=1)), existing, now=LATER)
    (line,) = lines(moved, "SEQUENCE")
    assert 1 <= int(line.partition(":")[2]) < 2**31


def test_the_day_of_creation_stays_and_the_other_stamps_move():
    written = write(SESSION, stored(), now=LATER)
    assert lines(written, "CREATED") == ["CREATED:20261020T120000Z"]
    assert lines(written, "DTSTAMP") == ["DTSTAMP:20261020T130000Z"]
    assert lines(written, "LAST-MODIFIED") == ["LAST-MODIFIED:20261020T130000Z"]


@pytest.mark.parametrize(
    "existing",
    [
        b"",
        b"<html/>",
        write(SESSION, now=NOW)[:-30],
        b"x" * (MAX_BYTES + 1),
        write(replace(SESSION, uid="another"), now=NOW),
        (CORPUS / "reminder.ics").read_bytes(),
    ],
)
def test_data_that_does_not_hold_our_event_is_replaced(existing):
    assert write(SESSION, existing, now=NOW) == write(SESSION, now=NOW)


def test_ours_stands_first_beside_an_event_that_has_no_place_in_its_file():
    """Found by the fuzzer: readers take one event of a file, and that was the other."""
    other = b"BEGIN:VEVENT\nDTSTART:20261021T080000Z\nEND:VEVENT\n"
    existing = stored().replace(b"BEGIN:VEVENT\n", other + b"BEGIN:VEVENT\n")
    written = write(SESSION, existing, now=NOW)
    assert other.replace(b"\n", b"\r\n") in written
    found = read(written, SESSION.start, SESSION.stop, "Europe/Berlin", frozenset())
    assert found.uid == SESSION.uid
    assert [one.start for one in found.occurrences] == [SESSION.start]


@pytest.mark.parametrize("name", ["VTIMEZONE", "VTODO", "VJOURNAL"])
def test_what_is_no_event_does_not_make_ours_repeat_by_its_uid(name):
    stray = f"BEGIN:{name}\r\nUID:{SESSION.uid}\r\nEND:{name}\r\n".encode()
    existing = stored().replace(b"END:VCALENDAR", stray + b"END:VCALENDAR")
    assert remote_fingerprint(existing, SESSION.uid) == fingerprint(SESSION)


def test_a_duration_set_by_another_program_gives_way_to_the_end():
    existing = stored().replace(b"DTEND;TZID=Europe/Brussels:20261027T110000", b"DURATION:PT45M")
    written = write(SESSION, existing, now=LATER)
    assert lines(written, "DURATION") == []
    assert lines(written, "DTEND") == ["DTEND;TZID=Europe/Brussels:20261027T110000"]


def test_a_new_zone_brings_its_definition_once():
    lisbon = replace(SESSION, zone="Europe/Lisbon")
    written = unfolded(write(lisbon, write(lisbon, stored(), now=LATER), now=LATER))
    assert written.count("TZID:Europe/Lisbon\n") == 1
    assert "DTSTART;TZID=Europe/Lisbon:20261027T091500" in written


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Zulu", "Mars/Olympus", ""])
def test_a_zone_that_is_utc_or_unknown_gives_plain_utc_times(zone):
    written = write(replace(SESSION, zone=zone), now=NOW)
    assert lines(written, "DTSTART") == ["DTSTART:20261027T091500Z"]
    assert b"VTIMEZONE" not in written


def test_the_second_of_two_equal_wall_times_is_written_in_utc():
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    night = replace(SESSION, start=start, stop=start + timedelta(hours=1))
    written = write(night, now=NOW)
    # 02:30 in summer time, and 02:30 again an hour later.
    assert lines(written, "DTSTART") == ["DTSTART;TZID=Europe/Brussels:20261025T023000"]
    assert lines(written, "DTEND") == ["DTEND:20261025T013000Z"]
    event = icalendar.Calendar.from_ical(written).events[0]
    assert [at.astimezone(UTC) for at in (event.start, event.end)] == [night.start, night.stop]


def test_a_customer_cannot_break_out_of_a_line():
    title = "Els\r\nATTENDEE:mailto:x@example.com\x00\u2028BEGIN:VALARM\ud800"
    written = write(replace(SESSION, title=title), now=NOW)
    assert lines(written, "ATTENDEE") == []
    assert lines(written, "SUMMARY") == ["SUMMARY:Els ATTENDEE:mailto:x@example.com BEGIN:VALARM"]


def test_a_backslash_before_a_capital_n_arrives_as_it_was_typed():
    """Why texts are written by hand. When the first half fails for a new version of icalendar, the
    library has learned, and `text.escape` may go."""
    typed = "C:\\New folder"
    theirs = icalendar.Event()
    theirs.add("SUMMARY", typed)
    assert icalendar.Event.from_ical(theirs.to_ical())["SUMMARY"] == "C:\new folder"
    written = write(replace(SESSION, title=typed), now=NOW)
    assert lines(written, "SUMMARY") == ["SUMMARY:C:\\\\New folder"]
    assert icalendar.Calendar.from_ical(written).events[0]["SUMMARY"] == typed


def test_what_a_customer_types_is_bounded():
    written = write(replace(SESSION, title="x" * 10**6, description="y" * 10**6), now=NOW)
    assert len(written) < 12_000


def test_no_line_is_longer_than_allowed_or_ends_in_a_blank():
    long = "een heel lange zin met spaties  en   tabs\tén 🎉🎉 emoji " * 40
    written = write(
        replace(SESSION, description=long, title=" " * 500 + "x" + " " * 90 + "y"), now=NOW
    )
    for line in written.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert line == line.rstrip()
        line.decode()


def test_a_megabyte_of_attachment_is_carried_along():
    attachment = "ATTACH;ENCODING=BASE64;VALUE=BINARY:" + "QUJD" * 300_000
    written = write(SESSION, stored(more=attachment + "\n"), now=LATER)
    assert attachment in unfolded(written)
    assert remote_fingerprint(written, SESSION.uid) is not None
