"""PUT, GET, DELETE, MOVE: what is accepted, in which order it is checked, what is stored."""

import pytest

from devtools.local_icloud.answers import writing
from tests.local_icloud.calls import EMAIL, event

TIMES = ("DTSTART:20261122T120000Z", "DTEND:20261122T130000Z")
ODD = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Somebody else//EN\nBEGIN:VEVENT\nUID:odd\n"
    "DTSTAMP:20261101T080000Z\nDTSTART:20261122T120000Z\nDTEND:20261122T130000Z\n"
    "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Caf\u00e9:geo:50.85,4.35  \n"
    "x-lower-case:1\nSUMMARY:Long line that nobody folded, although it is far longer than the "
    "seventy-five octets of the standard\nEND:VEVENT\nEND:VCALENDAR\n"
)


def test_what_is_written_is_given_back_byte_for_byte_with_the_etag_of_the_put(cloud, call):
    data = ODD.encode()
    written = call.put("home/odd.ics", data)
    read = call("GET", call.path("home/odd.ics"))
    assert written.status_code == 201
    assert read.content == data
    assert read.headers["ETag"] == written.headers["ETag"]
    assert cloud.events(EMAIL, "home") == {call.path("home/odd.ics"): data}


def test_it_is_the_same_through_a_multiget_but_for_line_ends(call):
    call.put("home/odd.ics", ODD)
    text = call.multiget(call.path("home/"), call.path("home/odd.ics")).text
    assert f"<![CDATA[{ODD}]]>" in text


def test_an_update_is_a_204_with_a_new_etag(call):
    first = call.put("home/one.ics", event()).headers["ETag"]
    second = call.put("home/one.ics", event(title="Dinner"), If_Match=first)
    assert second.status_code == 204
    assert second.headers["ETag"] != first


def test_a_stale_etag_and_a_create_over_something_are_412(call):
    first = call.put("home/one.ics", event(), If_None_Match="*").headers["ETag"]
    call.put("home/one.ics", event(title="Dinner"))
    assert call.put("home/one.ics", event(), If_Match=first).status_code == 412
    assert call.put("home/one.ics", event(), If_None_Match="*").status_code == 412
    assert call("DELETE", call.path("home/one.ics"), If_Match=first).status_code == 412
    assert call.put("home/two.ics", event("two"), If_Match=first).status_code == 412


def test_if_match_star_holds_backwards(call):
    assert call.put("home/one.ics", event(), If_Match="*").status_code == 201
    assert call.put("home/one.ics", event(), If_Match="*").status_code == 412


def test_the_checks_of_a_put_come_in_the_order_of_icloud(cloud, call):
    """Each request has one flaw less than the one before; the first flaw in line is answered."""
    path = call.path
    read_only = cloud.calendars(EMAIL)["School holidays"].removeprefix(path(""))
    call.put("home/taken.ics", event("taken"))
    call.put("home/here.ics", event("here"))
    bad, open_ended = "no calendar", event("taken", "DTSTART:20261122T120000Z")
    task = event("taken").replace("VEVENT", "VTODO").replace("DTEND", "DUE")
    stale = {"If_Match": '"stale"'}
    steps = [
        ("nowhere/here.ics", bad, stale, 404),
        (f"{read_only}here.ics", bad, stale, 403),
        ("home/here.ics", bad, stale, 412),
        ("home/here.ics", bad, {}, 400),
        ("home/here.ics", task, {}, 403),
        ("tasks/here.ics", open_ended, {}, 403),
        ("home/here.ics", open_ended, {}, 404),
        ("home/here.ics", event("taken"), {}, 403),
        ("home/new.ics", event("taken"), {}, 412),
        ("work/new.ics", event("taken"), {}, 412),
        ("work/new.ics", event("free"), {}, 201),
    ]
    assert [call.put(rest, data, **headers).status_code for rest, data, headers, _ in steps] == [
        status for *_, status in steps
    ]
    call.session.auth = (EMAIL, "wrong")
    assert call.put("nowhere/here.ics", bad).status_code == 401


@pytest.mark.parametrize(
    ("times", "status"),
    [
        (["DTSTART:20261122T120000Z"], 404),
        (["DTSTART;TZID=Europe/Brussels:20261122T120000"], 404),
        (["DTSTART:20261122T120000Z", "DTEND:20261122T120000Z"], 201),
        (["DTSTART:20261122T120000Z", "DURATION:PT1H"], 201),
        (["DTSTART;VALUE=DATE:20261122"], 201),
    ],
)
def test_a_timed_event_without_an_end_is_a_404(call, times, status):
    assert call.put("home/one.ics", event("one", *times)).status_code == status


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\xff\xfe", 400),
        ("", 400),
        (event().replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"), 400),
        (event().replace("UID:one\r\n", ""), 400),
        (event().replace("VEVENT", "VJOURNAL").replace("DTEND:20261122T130000Z\r\n", ""), 500),
        (event("one", *TIMES, *["ATTENDEE:mailto:a@example.com"] * 301), 403),
    ],
)
def test_data_that_is_not_a_fitting_object_is_refused(call, data, status):
    assert call.put("home/one.ics", data).status_code == status


def test_an_object_that_is_too_large_is_refused(call, monkeypatch):
    assert writing.MAX_BYTES == 20_000_000
    monkeypatch.setattr(writing, "MAX_BYTES", 1000)
    assert call.put("home/one.ics", event(title="x" * 1000)).status_code == 403


def test_uids_that_differ_only_in_case_are_two(call):
    assert call.put("home/a.ics", event("abc")).status_code == 201
    assert call.put("home/b.ics", event("ABC")).status_code == 201


def test_a_uid_is_free_again_once_its_event_is_deleted(call):
    call.put("home/one.ics", event())
    assert call.put("work/one.ics", event()).status_code == 412
    assert call("DELETE", call.path("home/one.ics")).status_code == 204
    assert call.put("work/one.ics", event()).status_code == 201


def test_a_deleted_event_is_gone_and_deleting_it_again_is_a_404(call):
    call.put("home/one.ics", event())
    assert call("DELETE", call.path("home/one.ics")).status_code == 204
    assert call("GET", call.path("home/one.ics")).status_code == 404
    assert call("DELETE", call.path("home/one.ics")).status_code == 404


def test_nothing_in_a_read_only_calendar_can_be_changed(cloud, call):
    href = cloud.put_event(EMAIL, "School holidays", event())
    assert call("PUT", href, event(title="No school")).status_code == 403
    assert call("DELETE", href).status_code == 403
    move = call("MOVE", href, Destination=cloud.partition_url + call.path("home/one.ics"))
    assert move.status_code == 403


def test_an_event_moves_between_calendars_and_keeps_its_uid_and_bytes(cloud, call):
    call.put("home/one.ics", event())
    target = cloud.partition_url + call.path("work/moved.ics")
    assert call("MOVE", call.path("home/one.ics"), Destination=target).status_code == 201
    assert cloud.events(EMAIL, "home") == {}
    assert list(cloud.events(EMAIL, "work").values()) == [event().encode()]
    assert call.put("home/one.ics", event()).status_code == 412


def test_an_event_moves_over_another_only_when_told_to(cloud, call):
    call.put("home/one.ics", event("one"))
    call.put("work/two.ics", event("two"))
    target = {"Destination": cloud.partition_url + call.path("work/two.ics")}
    assert call("MOVE", call.path("home/one.ics"), **target).status_code == 412
    moved = call("MOVE", call.path("home/one.ics"), Overwrite="T", **target)
    assert moved.status_code == 204
    assert list(cloud.events(EMAIL, "work").values()) == [event("one").encode()]
    assert call.put("home/two.ics", event("two")).status_code == 201


def test_a_name_may_hold_an_at_sign_a_space_and_letters_beyond_ascii(cloud, call):
    call.put("home/caf%C3%A9%20a%40b.ics", event())
    assert list(cloud.events(EMAIL, "home")) == [call.path("home/café a@b.ics")]
    assert call("GET", call.path("home/caf%C3%A9%20a@b.ics")).status_code == 200


def test_a_name_that_leaves_the_calendar_is_refused(cloud, call):
    assert call.put("home/.Radicale.props", event()).status_code == 400
    assert call.put("home/%2e%2e%2fx.ics", event()).status_code in (400, 404)
