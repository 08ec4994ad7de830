"""REPORT: sync-collection, calendar-multiget, calendar-query."""

import shutil
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import caldav
import pytest

from devtools.local_icloud import LocalICloud
from tests.local_icloud.calls import (
    CALDAV,
    DAV,
    EMAIL,
    PASSWORD,
    Caller,
    event,
    responses,
    token_of,
)

ALL = '<C:comp-filter name="VEVENT"/>'


def query(call, inside, properties="<D:getetag/>"):
    wanted = f"<D:prop>{properties}</D:prop>"
    filters = f'<C:filter><C:comp-filter name="VCALENDAR">{inside}</C:comp-filter></C:filter>'
    return call.report(call.path("home/"), "C:calendar-query", wanted + filters)


def names(answer):
    """File name → whether it is there (a response-level 404 is not)."""
    return {href.rpartition("/")[2]: bool(found) for href, found in responses(answer).items()}


def test_a_token_leads_from_everything_to_only_what_changed_since(cloud, call):
    call.put("home/one.ics", event("one"))
    call.put("home/two.ics", event("two"))
    everything = call.sync(call.path("home/"))
    assert names(everything) == {"": False, "one.ics": True, "two.ics": True}

    call.put("home/two.ics", event("two", title="Changed"))
    call.put("home/three.ics", event("three"))
    call("DELETE", call.path("home/one.ics"))
    changes = call.sync(call.path("home/"), token_of(everything))
    assert names(changes) == {"": False, "one.ics": False, "two.ics": True, "three.ics": True}

    nothing = call.sync(call.path("home/"), token_of(changes))
    assert names(nothing) == {"": False}
    assert token_of(nothing) == token_of(changes)


def test_caldav_1_6_writes_syncs_and_deletes(cloud, call):
    with caldav.DAVClient(cloud.url, username=EMAIL, password=PASSWORD) as client:
        calendar = client.principal().calendar(cal_id="home")
        first = calendar.objects_by_sync_token()
        calendar.save_event(event("one"))
        cloud.put_event(EMAIL, "home", event("two"))
        changes = calendar.objects_by_sync_token(first.sync_token, load_objects=True)
        loaded = {each.icalendar_component["UID"] for each in changes if each.data}
        assert loaded == {"one", "two"}
        calendar.object_by_uid("one").delete()
        assert list(cloud.events(EMAIL, "home").values()) == [event("two").encode()]


def test_what_the_phone_does_shows_in_the_next_sync(cloud, call):
    token = token_of(call.sync(call.path("home/")))
    start = datetime(2026, 11, 22, 9, tzinfo=UTC)
    href = cloud.put_event(EMAIL, "Home", summary="Dentist", start=start, stop=start)
    changes = call.sync(call.path("home/"), token)
    etag = responses(changes)[href][f"{DAV}getetag"].text
    assert call("GET", href).headers["ETag"] == etag
    cloud.delete_event(href)
    assert responses(call.sync(call.path("home/"), token_of(changes)))[href] == {}


def test_a_sync_delivers_no_calendar_data_and_lists_the_calendar_itself(call):
    call.put("home/one.ics", event())
    answer = call.sync(call.path("home/"))
    assert "BEGIN:VCALENDAR" not in answer.text
    assert call.path("home/") in responses(answer)


def test_a_limit_in_a_sync_is_ignored(call):
    for name in ("one", "two", "three"):
        call.put(f"home/{name}.ics", event(name))
    answer = call.sync(call.path("home/"), extra="<D:limit><D:nresults>1</D:nresults></D:limit>")
    assert len(names(answer)) == 4


def test_a_token_that_is_not_of_this_calendar_is_a_bare_403(call):
    other = token_of(call.sync(call.path("work/")))
    for token in ("http://example.com/nonsense", "HwoQEgwAAnonsense", other):
        answer = call.sync(call.path("home/"), token)
        assert (answer.status_code, answer.content) == (403, b"")


def test_tokens_survive_a_restart_on_the_same_folder(tmp_path):
    with LocalICloud({EMAIL: PASSWORD}, folder=tmp_path) as cloud:
        call = Caller(cloud)
        call.put("home/one.ics", event("one"))
        token = token_of(call.sync(call.path("home/")))
    with LocalICloud({EMAIL: PASSWORD}, folder=tmp_path) as cloud:
        call = Caller(cloud)
        call.put("home/two.ics", event("two"))
        assert names(call.sync(call.path("home/"), token)) == {"": False, "two.ics": True}
        assert call("GET", call.path("home/one.ics")).content == event("one").encode()


def test_all_stays_as_it_was_written_when_radicales_caches_are_lost(tmp_path):
    broken = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:broken\r\n"
    with LocalICloud({EMAIL: PASSWORD}, folder=tmp_path) as cloud:
        before = {cloud.put_event(EMAIL, "home", text) for text in (event(), broken)}
        etags = {href: Caller(cloud)("GET", href).headers["ETag"] for href in before}
    for cache in tmp_path.rglob(".Radicale.cache"):
        shutil.rmtree(cache)
    with LocalICloud({EMAIL: PASSWORD}, folder=tmp_path) as cloud:
        assert sorted(cloud.events(EMAIL, "home").values()) == sorted(
            text.encode() for text in (event(), broken)
        )
        assert {href: Caller(cloud)("GET", href).headers["ETag"] for href in before} == etags
        assert Caller(cloud).put("work/x.ics", event("broken")).status_code == 412


def test_the_token_of_a_deleted_and_remade_calendar_is_refused(cloud, call):
    cloud.create_calendar(EMAIL, "third")
    token = token_of(call.sync(call.path("third/")))
    cloud.delete_calendar(EMAIL, "third")
    cloud.create_calendar(EMAIL, "third")
    assert call.sync(call.path("third/"), token).status_code == 403


def test_a_multiget_gives_404_to_what_is_missing_and_delivers_the_rest(call):
    call.put("home/one.ics", event())
    answer = call.multiget(call.path("home/"), call.path("home/one.ics"), call.path("home/no.ics"))
    found = responses(answer)
    assert found[call.path("home/no.ics")] == {}
    data = found[call.path("home/one.ics")][f"{CALDAV}calendar-data"].text
    assert data == event().replace("\r\n", "\n")


def test_calendar_data_with_the_end_of_a_cdata_section_in_it_stays_whole(call):
    call.put("home/one.ics", event(title="a]]>b & <c>"))
    answer = call.multiget(call.path("home/"), call.path("home/one.ics"))
    assert "SUMMARY:a]]>b & <c>" in "".join(ET.fromstring(answer.content).itertext())


def test_a_query_needs_a_component_filter(call):
    assert query(call, "").status_code == 500


def test_a_query_for_events_and_tasks_at_once_finds_nothing(call):
    call.put("home/one.ics", event())
    assert names(query(call, ALL)) == {"one.ics": True}
    assert names(query(call, ALL + '<C:comp-filter name="VTODO"/>')) == {}


@pytest.mark.parametrize(
    ("start", "stop", "found"),
    [
        ("20261122T123000Z", "20261122T124500Z", {"one.ics": True}),
        ("20261122T130000Z", "20261122T140000Z", {}),
        ("20261122T000000Z", "21000101T000000Z", {"one.ics": True}),
    ],
)
def test_a_time_range_finds_the_events_that_touch_it(call, start, stop, found):
    call.put("home/one.ics", event())
    inside = f'<C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{stop}"/>'
    assert names(query(call, inside + "</C:comp-filter>")) == found


def test_some_searches_find_nothing_at_all(call):
    times = ("DTSTART:20261122T120000Z", "DTEND:20261122T130000Z")
    call.put("home/one.ics", event("one", *times, "CATEGORIES:Work"))
    category = '<C:prop-filter name="CATEGORIES"><C:text-match>Work</C:text-match></C:prop-filter>'
    no_end = '<C:prop-filter name="DTEND"><C:is-not-defined/></C:prop-filter>'
    for filter_ in (category, no_end):
        inside = f'<C:comp-filter name="VEVENT">{filter_}</C:comp-filter>'
        assert names(query(call, inside)) == {}


def test_an_expanded_series_carries_apples_marks(call):
    times = (
        "DTSTART;TZID=Europe/Brussels:20261122T120000",
        "DTEND;TZID=Europe/Brussels:20261122T130000",
        "RRULE:FREQ=DAILY;COUNT=10",
    )
    call.put("home/one.ics", event("one", *times))
    window = 'start="20261123T000000Z" end="20261125T000000Z"'
    properties = f"<C:calendar-data><C:expand {window}/></C:calendar-data>"
    inside = f'<C:comp-filter name="VEVENT"><C:time-range {window}/></C:comp-filter>'
    text = query(call, inside, properties).text
    assert "X-EXPANDED:True" in text
    assert "X-MASTER-DTSTART:20261122T120000" in text
    assert "X-MASTER-RRULE:FREQ=DAILY\\;COUNT=10" in text
    assert text.count("RECURRENCE-ID:2026112") == 2
    assert text.count("DTSTAMP") == 4
    assert "\nRRULE" not in text


@pytest.mark.parametrize(
    "report", ["C:free-busy-query", "D:principal-property-search", "D:expand-property"]
)
def test_reports_that_icloud_does_not_know_are_a_400(cloud, call, report):
    for path in (call.path("home/"), f"/{call.dsid}/principal/", "/"):
        assert call.report(path, report, "").status_code == 400


def test_free_busy_through_the_outbox_is_a_400(call):
    assert call("POST", call.path("outbox/"), "BEGIN:VCALENDAR").status_code == 400
