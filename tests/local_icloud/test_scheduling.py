"""ORGANIZER and ATTENDEE: when Apple writes to people, and what it makes of the event."""

from tests.local_icloud.calls import EMAIL, event

TIMES = ("DTSTART:20261122T120000Z", "DTEND:20261122T130000Z")
OURS, OTHERS = f"ORGANIZER:mailto:{EMAIL}", "ORGANIZER:mailto:boss@example.org"
GUEST, SECOND = "ATTENDEE;CN=Guest:mailto:guest@example.org", "ATTENDEE:mailto:second@example.org"


def test_an_event_without_people_sends_no_mail(cloud, call):
    call.put("home/one.ics", event())
    call("DELETE", call.path("home/one.ics"))
    assert cloud.mails() == []


def test_guests_of_an_event_that_the_account_organises_are_written_to(cloud, call):
    answer = call.put("home/one.ics", event("one", *TIMES, OURS, GUEST))
    assert answer.status_code == 201
    assert cloud.mails() == [
        {
            "method": "REQUEST",
            "sender": EMAIL,
            "to": "guest@example.org",
            "uid": "one",
            "summary": "Lunch",
        }
    ]


def test_an_organiser_hidden_by_folded_lines_is_found(cloud, call):
    folded = OURS.replace("NIZER", "\r\n NIZER")
    call.put("home/one.ics", event("one", *TIMES, folded, GUEST))
    assert len(cloud.mails()) == 1


def test_an_event_that_cannot_be_read_is_deleted_without_a_mail(cloud, call):
    href = cloud.put_event(EMAIL, "home", f"BEGIN:VCALENDAR\r\n{OURS}\r\n{GUEST}\r\n")
    assert call("DELETE", href).status_code == 204
    assert cloud.mails() == []


def test_the_organiser_is_not_written_to(cloud, call):
    own = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{EMAIL}"
    call.put("home/one.ics", event("one", *TIMES, OURS, own, GUEST))
    assert [mail["to"] for mail in cloud.mails()] == ["guest@example.org"]


def test_such_an_event_is_rewritten_and_its_put_gives_no_etag(cloud, call):
    answer = call.put("home/one.ics", event("one", *TIMES, OURS, GUEST))
    assert "ETag" not in answer.headers
    stored = call("GET", call.path("home/one.ics")).text.replace("\r\n ", "")
    assert f"EMAIL={EMAIL}:/{call.dsid}/principal/" in stored
    assert "SCHEDULE-STATUS=1.2" in stored
    assert "EMAIL=guest@example.org" in stored
    assert "mailto:guest@example.org" not in stored


def test_the_client_cannot_ask_apple_to_leave_the_mails_to_it(cloud, call):
    quiet = GUEST.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-AGENT=CLIENT;")
    call.put("home/one.ics", event("one", *TIMES, OURS, quiet))
    assert len(cloud.mails()) == 1


def test_somebody_elses_event_is_stored_as_it_is_and_sends_nothing(cloud, call):
    data = event("one", *TIMES, OTHERS, GUEST)
    answer = call.put("home/one.ics", data)
    assert "ETag" in answer.headers
    call.put("home/two.ics", event("two", *TIMES, GUEST))
    assert call("GET", call.path("home/one.ics")).text == data
    assert cloud.mails() == []


def test_a_guest_taken_off_and_a_deleted_event_are_called_off(cloud, call):
    call.put("home/one.ics", event("one", *TIMES, OURS, GUEST, SECOND))
    call.put("home/one.ics", event("one", *TIMES, OURS, GUEST))
    call("DELETE", call.path("home/one.ics"))
    assert [(mail["method"], mail["to"]) for mail in cloud.mails()] == [
        ("REQUEST", "guest@example.org"),
        ("REQUEST", "second@example.org"),
        ("CANCEL", "second@example.org"),
        ("REQUEST", "guest@example.org"),
        ("CANCEL", "guest@example.org"),
    ]


def test_deleting_a_whole_calendar_calls_its_events_off(cloud, call):
    cloud.create_calendar(EMAIL, "third")
    call.put("third/one.ics", event("one", *TIMES, OURS, GUEST))
    call("DELETE", call.path("third/"))
    assert [mail["method"] for mail in cloud.mails()] == ["REQUEST", "CANCEL"]


def test_what_the_phone_writes_sends_nothing(cloud):
    """The phone's own invitations are not what our tests look for."""
    cloud.put_event(EMAIL, "home", event("one", *TIMES, OURS, GUEST))
    assert cloud.mails() == []
