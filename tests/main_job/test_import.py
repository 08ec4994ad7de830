"""What stands in the host's iCloud blocks those times."""

from datetime import UTC, datetime

import pytest

from devtools.demo.rpc import RpcError
from tests.live import until
from tests.main_job.host import at, day_after, odoo_utc
from tests.main_job.phone import vcalendar, vevent

TITLE = "Pick John from school"


def test_an_event_of_icloud_blocks_its_hour_and_no_minute_more(host):
    host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    event = host.event(TITLE)
    assert (event["start"], event["stop"]) == (odoo_utc(at(15)), odoo_utc(at(16)))
    assert host.offers(at(14, 30))
    assert not host.offers(at(15))
    assert not host.offers(at(15, 30))
    assert host.offers(at(16))
    with pytest.raises(RpcError, match="This time is not free"):
        host.book(at(15))


def test_an_event_that_moves_on_the_phone_moves_in_odoo_and_keeps_its_id(host):
    href = host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    before = host.event(TITLE)["id"]

    def move(event):
        event.start, event.end = at(10), at(11)

    host.phone.edit(href, move)
    host.sync_now()
    until(lambda: not host.offers(at(10)))
    [event] = host.imported()
    assert event["id"] == before
    assert host.offers(at(15))


def test_an_event_deleted_on_the_phone_frees_its_time(host):
    href = host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    host.event(TITLE)
    host.phone.delete(href)
    host.sync_now()
    until(lambda: host.offers(at(15)))
    assert host.titles() == []


def test_a_series_blocks_each_of_its_occurrences_where_it_really_is(host):
    master = vevent("Run", at(15), at(16), "RRULE:FREQ=DAILY;COUNT=3", uid="RUN")
    which = f"RECURRENCE-ID:{_utc(at(15, days=3))}"
    moved = vevent("Run early", at(9, days=3), at(10, days=3), which, uid="RUN")
    host.phone.write("Home", vcalendar(master, moved))
    host.sync_now()
    until(lambda: len(host.titles()) == 3)
    assert host.titles() == ["Run", "Run early", "Run"]
    assert [event["start"] for event in host.imported()] == [
        odoo_utc(moment) for moment in (at(15), at(9, days=3), at(15, days=4))
    ]
    assert host.offers(at(15, days=3))
    assert not host.offers(at(9, days=3))
    assert not host.offers(at(15, days=4))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def test_a_day_off_takes_the_whole_day_where_the_host_lives(host):
    host.phone.add("Home", "Day off", day_after(2), day_after(3))
    host.sync_now()
    host.event("Day off")
    assert host.starts(2) == []
    assert host.offers(at(8, days=1))
    assert host.offers(at(8, days=3))


def test_free_and_cancelled_events_take_no_time(host):
    host.phone.add("Home", "Free", at(9), at(10), "TRANSP:TRANSPARENT")
    host.phone.add("Home", "Called off", at(11), at(12), "STATUS:CANCELLED")
    host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    host.event(TITLE)
    assert host.offers(at(9))
    assert host.offers(at(11))
    assert not host.offers(at(15))


def test_only_the_chosen_calendars_block(host):
    host.phone.add_hour("Work", "Meeting", at(9))
    host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    host.event(TITLE)
    assert host.offers(at(9))
    host.choose("Home", "Home", "Work")
    host.event("Meeting")
    assert not host.offers(at(9))
    host.choose("Home", "Home")
    until(lambda: host.titles() == [TITLE])
    assert host.offers(at(9))


def test_an_event_on_top_of_a_booking_is_imported_and_the_host_is_told(host):
    booking = host.book(at(15))
    host.copy_at(at(15))
    host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    host.event(TITLE)
    domain = [("res_model", "=", "icloud.booking"), ("res_id", "=", booking)]
    [hint] = until(lambda: host.api.find("mail.activity", domain, "summary", "note"))
    assert hint["summary"] == "Overlaps with iCloud"
    assert TITLE not in hint["note"]
    host.copy_at(at(15))


def test_a_holiday_that_the_phone_marks_free_is_off_the_page(host):
    host.phone.add("Home", "Holiday", day_after(2), day_after(4), "TRANSP:TRANSPARENT")
    host.phone.add("Home", "Aunt Eva's birthday", day_after(5), day_after(6), "TRANSP:TRANSPARENT")
    host.sync_now()
    host.event("Holiday")
    assert host.starts(2) == host.starts(3) == []
    assert host.offers(at(8, days=4))
    assert host.offers(at(8, days=5))


def test_a_file_that_nobody_can_store_is_named_while_the_events_beside_it_block(host):
    host.odoo.refuse_titled("Poison")
    host.phone.add_hour("Home", "Poison", at(9))
    host.phone.add_hour("Home", TITLE, at(15))
    host.sync_now()
    host.event(TITLE)
    assert host.titles() == [TITLE]
    assert "Odoo could not store this event" in host.preferences()["icloud_trouble"]
    assert not host.offers(at(15))
    assert not host.offers(at(9)), "what could be read of it blocks"
    assert host.offers(at(11))
