"""iCloud misbehaves; nothing is lost, doubled or deleted. The local iCloud alone can misbehave."""

from datetime import UTC, datetime, timedelta

import pytest

from devtools.demo.rpc import RpcError
from tests.live import until
from tests.main_job.host import at, iso

pytestmark = pytest.mark.parametrize("caldav", ["icloud"], indirect=True)


@pytest.fixture
def cloud(caldav):
    yield caldav.cloud
    caldav.cloud.clear_faults()


def last_error(host) -> str:
    return next((copy["last_error"] for copy in host.copies() if copy["last_error"]), "")


def test_a_lost_answer_leaves_exactly_one_event(host, cloud):
    cloud.set_fault("reset_after", times=1)
    host.book(at(9))
    until(lambda: last_error(host))
    host.sync_now()
    until(lambda: not last_error(host))
    assert [event.start for event in host.phone.events()] == [at(9)]


def test_a_connection_that_breaks_too_early_is_tried_again(host, cloud):
    cloud.set_fault("reset_before", times=1)
    host.book(at(9))
    until(lambda: last_error(host))
    assert host.phone.events() == []
    host.sync_now()
    host.copy_at(at(9))


def test_retry_after_is_obeyed_whatever_else_is_wished(host, cloud):
    cloud.set_fault("unavailable", retry_after=600, methods=["PUT"])
    host.book(at(9))
    until(host.quiet_until)
    assert host.quiet_until() > datetime.now(UTC) + timedelta(seconds=560)
    cloud.clear_faults()
    cloud.clear_requests()
    host.book(at(10))
    host.sync_now()
    # A look that was under way may end; nothing is sent.
    assert [each["path"] for each in cloud.requests() if each["method"] == "PUT"] == []
    host.time_passes()
    host.sync_now()
    until(lambda: sorted(event.start for event in host.phone.events()) == [at(9), at(10)])


@pytest.mark.parametrize("fault", ["unavailable", "nonsense", "truncated", "reset_before"])
def test_a_failed_import_leaves_odoo_as_it_was(host, cloud, fault):
    host.phone.add_hour("Home", "Dentist", at(15))
    host.sync_now()
    host.event("Dentist")
    cloud.set_fault(fault, methods=["PROPFIND", "REPORT", "GET"])
    host.phone.add_hour("Home", "Hairdresser", at(10))
    host.sync_now()
    until(lambda: host.account()["last_error"])
    assert host.titles() == ["Dentist"]
    assert not host.offers(at(15))
    cloud.clear_faults()
    host.time_passes()
    host.sync_now()
    host.event("Hairdresser")
    assert not host.account()["last_error"]


def test_a_malformed_file_is_named_in_the_log_and_the_others_block(host, cloud):
    broken = cloud.put_event(host.phone.email, "Home", b"BEGIN:VCALENDAR\r\nthis is no calendar")
    host.phone.add_hour("Home", "Dentist", at(15))
    host.sync_now()
    host.event("Dentist")
    name = broken.rpartition("/")[2]
    until(lambda: [line for line in host.log() if name in line and "Home" in line])
    assert not host.offers(at(15))
    assert not host.account()["last_error"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("unavailable", "iCloud is not available at the moment. Try again in a few minutes."),
        ("reset_before", "iCloud cannot be reached from this server. Try again later."),
    ],
)
def test_connect_says_what_is_wrong_with_icloud(unconnected, cloud, fault, sentence):
    cloud.set_fault(fault, methods=["PROPFIND"])
    with pytest.raises(RpcError) as refusal:
        unconnected.api.call(
            "icloud.account", "connect", unconnected.phone.email, unconnected.phone.password
        )
    assert str(refusal.value) == sentence
    assert unconnected.api.find("icloud.account", [], "state") == []


def test_a_calendar_that_is_read_only_cannot_be_the_primary_one(host):
    holidays = host.calendar("School holidays")
    assert not holidays["writable"]
    with pytest.raises(RpcError, match="read-only"):
        host.choose("School holidays", "Home")
    assert host.account()["primary_calendar_id"] == host.calendar("Home")["id"]


def test_a_wrong_password_is_sent_once_to_the_home_and_once_to_the_front_door(host, cloud):
    host.book(at(9))
    host.copy_at(at(9))
    cloud.set_fault("wrong_password_mid_run")
    cloud.clear_requests()
    host.sync_now()
    until(lambda: host.account()["state"] == "password_needed")
    host.book(at(10))
    asked = [(each["host"], each["status"]) for each in cloud.requests()]
    assert asked == [("partition", 401), ("front", 401)]


def test_changes_made_while_a_push_is_under_way_end_in_one_event_at_the_last_time(host, cloud):
    booking = host.book(at(9))
    host.copy_at(at(9))
    cloud.set_fault("slow", seconds=1, methods=["GET", "PUT"])
    for hour in (10, 11, 12):
        host.odoo.receptionist.call("icloud.booking", "reschedule", [booking], iso(at(hour)))
    host.copy_at(at(12))
    assert len(host.phone.events()) == 1


def test_sync_now_pressed_again_during_an_import_disturbs_nothing(host, cloud):
    cloud.set_fault("slow", seconds=0.3)
    for hour in (9, 11, 13):
        host.phone.add_hour("Home", f"At {hour}", at(hour))
        host.sync_now()
        host.sync_now()
    until(lambda: len(host.titles()) == 3)
    assert not host.account()["last_error"]


def test_sync_now_pressed_while_an_import_is_stored_disturbs_nothing_either(host, cloud):
    many = 600
    for number in range(many):
        start = at(8) + timedelta(minutes=number)
        cloud.put_event(host.phone.email, "Home", start=start, stop=start + timedelta(minutes=1))
    # Enough presses to meet the moment when Odoo stores what it read.
    for _press in range(20):
        host.sync_now()
    until(lambda: len(host.titles()) == many)


def test_apple_would_have_mailed_nobody(host, cloud):
    booking = host.book(at(9))
    host.copy_at(at(9))
    host.odoo.receptionist.call("icloud.booking", "reschedule", [booking], iso(at(10)))
    host.copy_at(at(10))
    host.odoo.receptionist.call("icloud.booking", "action_cancel", [booking])
    host.until_gone()
    assert cloud.mails() == []
