"""Bookings appear on the host's phone, and stay there as Odoo has them."""

from datetime import timedelta

import pytest

from devtools.demo.rpc import RpcError
from tests.live import until
from tests.main_job.host import CUSTOMER, PLACE, ZONE, at, iso, odoo_utc

HALF_HOUR = timedelta(minutes=30)


def test_a_booking_stands_on_the_phone_as_the_host_wants_to_see_it(host):
    host.book(at(9))
    event = host.copy_at(at(9))
    [(href, text)] = host.phone.files("Home").items()
    assert event.end == at(9, 30)
    assert event["DTSTART"].params["TZID"] == ZONE.key
    assert "BEGIN:VTIMEZONE" in text
    assert "DTEND" in text
    assert event["SUMMARY"] == "First visit: Anna Berg"
    assert event["LOCATION"] == PLACE
    for word in CUSTOMER.values():
        assert word in event["DESCRIPTION"]
    assert "ATTENDEE" not in text
    assert "ORGANIZER" not in text
    assert "METHOD" not in text
    assert href == f"{host.phone.calendars['Home']}{event['UID']}.ics"


def test_a_booking_that_moves_in_odoo_moves_on_the_phone(host):
    booking = host.book(at(9))
    [href] = host.phone.files("Home") if host.copy_at(at(9)) else []
    host.odoo.receptionist.call("icloud.booking", "reschedule", [booking], iso(at(11)))
    moved = host.copy_at(at(11))
    assert moved.end == at(11, 30)
    assert list(host.phone.files("Home")) == [href]
    assert host.offers(at(9))
    assert not host.offers(at(11))


def test_a_session_dragged_in_the_hosts_odoo_calendar_moves_on_the_phone(host):
    booking = host.book(at(9))
    host.copy_at(at(9))
    host.api.call(
        "calendar.event",
        "write",
        [host.session_id(booking)],
        {
            "start": odoo_utc(at(10)),
            "stop": odoo_utc(at(10, 30)),
        },
    )
    host.copy_at(at(10))
    assert host.offers(at(9))
    assert not host.offers(at(10))


def test_a_cancelled_booking_leaves_the_phone_and_frees_its_time(host):
    booking = host.book(at(9))
    host.copy_at(at(9))
    assert not host.offers(at(9))
    host.odoo.receptionist.call("icloud.booking", "action_cancel", [booking])
    host.until_gone()
    assert host.offers(at(9))


def test_a_session_deleted_in_odoo_leaves_the_phone(host):
    booking = host.book(at(9))
    host.copy_at(at(9))
    host.api.call("calendar.event", "unlink", [host.session_id(booking)])
    host.until_gone()
    state = host.api.call("icloud.booking", "read", [booking], ["state"])[0]["state"]
    assert state == "cancelled"


def test_a_time_that_is_taken_is_refused_with_times_that_are_free(host):
    host.book(at(9))
    with pytest.raises(RpcError) as refusal:
        host.book(at(9))
    assert str(refusal.value).startswith("This time is not free. Free nearby: ")
    host.copy_at(at(9))
    assert len(host.phone.events()) == 1


def test_other_events_of_the_hosts_odoo_calendar_stay_in_odoo(host):
    host.api.call(
        "calendar.event",
        "create",
        {
            "name": "Staff meeting",
            "start": odoo_utc(at(14)),
            "stop": odoo_utc(at(15)),
        },
    )
    host.book(at(9))
    host.copy_at(at(9))
    assert host.phone.titles() == ["First visit: Anna Berg"]
    assert not host.offers(at(14))


def test_what_the_host_adds_on_the_phone_survives_an_update_from_odoo(host):
    booking = host.book(at(9))
    host.copy_at(at(9))
    [(href, text)] = host.phone.files("Home").items()
    alarm = (
        "BEGIN:VALARM",
        "UID:ALARM-1",
        "ACTION:DISPLAY",
        "DESCRIPTION:Soon",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
        "END:VEVENT",
    )
    # RFC 5545 wants properties before sub-components.
    alarm = (alarm[6], *alarm[:6], alarm[7])
    host.phone.put(href, text.replace("END:VEVENT", "\r\n".join(alarm)))
    host.odoo.receptionist.call("icloud.booking", "reschedule", [booking], iso(at(11)))
    event = host.copy_at(at(11))
    [kept] = event.walk("VALARM")
    assert kept["TRIGGER"].dt == timedelta(minutes=-15)
    assert event["X-APPLE-TRAVEL-ADVISORY-BEHAVIOR"] == "AUTOMATIC"


def test_a_booking_moved_on_the_phone_is_put_back(host):
    host.book(at(9))
    host.copy_at(at(9))
    [href] = host.phone.files("Home")

    def move(event):
        event.start, event.end = at(15), at(15, 30)

    host.phone.edit(href, move)
    host.sync_now()
    assert host.copy_at(at(9)).end == at(9, 30)
    assert list(host.phone.files("Home")) == [href]


def test_a_booking_deleted_on_the_phone_is_put_back(host):
    host.book(at(9))
    host.copy_at(at(9))
    [href] = host.phone.files("Home")
    host.phone.delete(href)
    host.sync_now()
    host.copy_at(at(9))
    assert len(host.phone.files("Home")) == 1


def test_a_booking_dragged_to_another_calendar_on_the_phone_stays_one_event(host):
    host.choose("Home", "Home", "Work")
    until(lambda: host.offers(at(9)))
    booking = host.book(at(9))
    host.copy_at(at(9))
    [href] = host.phone.files("Home")
    host.phone.move(href, "Work")
    host.sync_now()
    until(lambda: host.copies()[0]["href"].startswith(host.phone.calendars["Work"]))
    host.odoo.receptionist.call("icloud.booking", "reschedule", [booking], iso(at(11)))
    host.copy_at(at(11), "Work")
    assert host.phone.titles("Home") == []


def test_a_booking_is_never_imported_as_a_second_event(host):
    host.book(at(9))
    host.copy_at(at(9))
    host.phone.add_hour("Home", "Marker", at(16))
    host.sync_now()
    host.event("Marker")
    assert host.titles() == ["Marker"]


def test_upcoming_bookings_follow_a_new_primary_calendar(host):
    booking = host.book(at(9))
    host.copy_at(at(9))
    host.choose("Work", "Home")
    host.copy_at(at(9), "Work")
    host.until_gone("Home")
    # Work blocks too from now on, so no time is offered until it is read.
    until(lambda: host.offers(at(11)))
    host.odoo.receptionist.call("icloud.booking", "reschedule", [booking], iso(at(11)))
    host.copy_at(at(11), "Work")
    assert [copy["wanted"] for copy in host.copies()].count("present") == 1


def test_two_bookings_back_to_back_both_stand_on_the_phone(host):
    host.book(at(9))
    host.book(at(9) + HALF_HOUR)
    until(lambda: len(host.phone.events()) == 2)
    assert sorted(event.start for event in host.phone.events()) == [at(9), at(9, 30)]
