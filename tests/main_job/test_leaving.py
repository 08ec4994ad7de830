"""The password stops working; the host disconnects, and comes back."""

import pytest

from tests.live import until
from tests.main_job.host import at, iso

NEW_PASSWORD = "qrst-uvwx-yzab-cdef"


def disconnect(host, bookings: str) -> None:
    host.api.call(
        "icloud.account", "action_disconnect", [host.account()["id"]], remove=bookings == "remove"
    )


def test_a_revoked_password_loses_nothing_all_goes_out_after_reconnecting(host, caldav):
    stays, moves, goes = host.book(at(9)), host.book(at(10)), host.book(at(11))
    until(lambda: len(host.phone.events()) == 3)
    caldav.set_password(host.phone, NEW_PASSWORD)
    host.odoo.receptionist.call("icloud.booking", "reschedule", [moves], iso(at(14)))
    until(lambda: host.account()["state"] == "password_needed")
    host.odoo.receptionist.call("icloud.booking", "action_cancel", [goes])
    host.book(at(16))
    assert [event.start for event in sorted(host.phone.events(), key=lambda e: e.start)] == [
        at(9),
        at(10),
        at(11),
    ]
    host.api.call("icloud.account", "connect", host.phone.email, NEW_PASSWORD)
    until(lambda: sorted(e.start for e in host.phone.events()) == [at(9), at(14), at(16)])
    assert host.account()["state"] == "connected"
    assert stays


def test_a_password_revoked_between_two_imports_stops_the_account_and_tells_its_owner(host, caldav):
    caldav.set_password(host.phone, NEW_PASSWORD)
    host.sync_now()
    until(lambda: host.account()["state"] == "password_needed")
    assert any("password" in line for line in host.log())
    subject = "iCloud needs a new password"
    [told] = until(lambda: host.api.find("mail.message", [("subject", "=", subject)], "body"))
    assert "/odoo/icloud-connect" in told["body"]
    assert "main Apple password" in told["body"]


@pytest.fixture
def busy_host(host):
    """One booking in iCloud, one event from there."""
    host.book(at(9))
    host.copy_at(at(9))
    host.phone.add_hour("Home", "Dentist", at(15))
    host.sync_now()
    host.event("Dentist")
    return host


def test_disconnect_and_keep_leaves_bookings_on_the_phone_and_frees_the_hosts_own_time(busy_host):
    disconnect(busy_host, "keep")
    assert busy_host.account()["state"] == "disconnected"
    assert busy_host.titles() == []
    assert busy_host.offers(at(15))
    assert busy_host.phone.titles() == ["Dentist", "First visit: Anna Berg"]


def test_disconnect_and_remove_takes_the_bookings_off_the_phone_and_leaves_the_rest(busy_host):
    disconnect(busy_host, "remove")
    until(lambda: busy_host.account()["state"] == "disconnected")
    assert busy_host.phone.titles() == ["Dentist"]
    assert not busy_host.offers(at(9))


def test_a_host_who_comes_back_has_each_booking_once(busy_host):
    disconnect(busy_host, "keep")
    busy_host.book(at(11))
    busy_host.connect()
    busy_host.event("Dentist")
    until(lambda: len(busy_host.phone.events()) == 3)
    starts = sorted(event.start for event in busy_host.phone.events())
    assert starts == [at(9), at(11), at(15)]


def test_a_host_who_removed_and_comes_back_has_the_bookings_again(busy_host):
    disconnect(busy_host, "remove")
    until(lambda: busy_host.account()["state"] == "disconnected")
    busy_host.connect()
    busy_host.copy_at(at(9))
    busy_host.event("Dentist")
