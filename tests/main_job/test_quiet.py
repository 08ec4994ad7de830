"""All that a host and an iPhone do to a calendar, on whichever server; then nobody writes more."""

from datetime import timedelta

from tests.live import until
from tests.main_job.host import at, iso

HALF_HOUR = timedelta(minutes=30)


def until_read_again(host) -> None:
    """Press Sync now, and wait until everything has been compared."""
    before = host.calendar("Home")["last_import"]
    # Times are stored to the second.
    until(lambda: _looks_anew(host) > before)


def _looks_anew(host) -> str:
    host.sync_now()
    return host.calendar("Home")["last_import"] or ""


def test_when_all_is_done_nothing_more_is_written(unconnected):
    host, phone = unconnected, unconnected.phone
    dentist = phone.add_hour("Home", "Dentist", at(15))
    lunch = phone.add_hour("Home", "Lunch", at(13))
    host.connect()
    until(lambda: host.titles() == ["Lunch", "Dentist"])

    moves, goes, stays = host.book(at(8)), host.book(at(9)), host.book(at(10))
    until(lambda: len(phone.files("Home")) == 5)
    host.odoo.receptionist.call("icloud.booking", "reschedule", [moves], iso(at(11)))
    host.odoo.receptionist.call("icloud.booking", "action_cancel", [goes])
    place = {"location": "Second floor"}
    host.api.call("calendar.event", "write", [host.session_id(stays)], place)
    phone.edit(dentist, lambda event: event.__setitem__("SUMMARY", "Orthodontist"))
    phone.delete(lunch)
    phone.add_hour("Home", "Hairdresser", at(17))
    host.sync_now()
    until(lambda: host.titles() == ["Orthodontist", "Hairdresser"])

    def stands() -> bool:
        copies = {
            event.start: event
            for event in phone.events()
            if str(event["SUMMARY"]).startswith("First visit")
        }
        assert copies.keys() == {at(10), at(11)}
        assert copies[at(10)]["LOCATION"] == "Second floor"
        return True

    until(stands)
    before = phone.files("Home")
    until_read_again(host)
    until_read_again(host)
    # Each write of ours carries its own time stamp.
    assert phone.files("Home") == before
    assert host.titles() == ["Orthodontist", "Hairdresser"]
    assert not host.account()["last_error"]
    assert not host.offers(at(17))
    assert host.offers(at(13))
