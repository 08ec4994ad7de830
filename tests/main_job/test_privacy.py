"""The host reads the titles of their iCloud events in Odoo; everybody else reads "Busy"."""

import pytest

from devtools.demo.rpc import Api, RpcError
from tests.main_job.host import at

TITLE = "Pick John from school"
ACCESS_ERROR = "odoo.exceptions.AccessError"
HIDDEN = [("icloud_title", "like", "John")]
THROUGH_ATTENDEE = [("event_id.icloud_title", "like", "John")]
WAYS_TO_THE_FIELD = {
    "read": lambda event_id: ("read", [event_id], ["icloud_title"]),
    "search": lambda event_id: ("search", HIDDEN),
    "order": lambda event_id: ("search", [], 0, 1, "icloud_title"),
    "group": lambda event_id: ("formatted_read_group", [], ["icloud_title"], ["__count"]),
}


@pytest.fixture(scope="module")
def school_run(shared_host) -> int:
    """The event in Odoo; on the phone it is at 15:00."""
    shared_host.phone.add_hour("Home", TITLE, at(15))
    shared_host.sync_now()
    return shared_host.event(TITLE)["id"]


@pytest.fixture(params=["colleague", "administrator"])
def other(request, odoo) -> Api:
    """Somebody else than the host."""
    return {"colleague": odoo.receptionist, "administrator": odoo.admin}[request.param]


def test_the_host_reads_the_title(shared_host, school_run):
    [event] = shared_host.imported()
    assert event["display_name"] == TITLE
    [form] = shared_host.api.call(
        "calendar.event", "web_read", [school_run], {"display_name": {}, "user_can_edit": {}}
    )
    assert form == {"id": school_run, "display_name": TITLE, "user_can_edit": False}


def test_others_read_busy(shared_host, school_run, other):
    [event] = shared_host.imported(by=other)
    assert (event["display_name"], event["name"]) == ("Busy", "Busy")
    assert TITLE not in str(other.call("calendar.event", "read", [school_run]))


@pytest.mark.parametrize("words", [TITLE, "John"])
def test_others_do_not_find_the_event_by_its_title(shared_host, school_run, other, words):
    for field in ("name", "display_name"):
        domain = [("user_id", "=", shared_host.uid), (field, "ilike", words)]
        assert other.call("calendar.event", "search", domain) == []
    assert other.call("calendar.event", "name_search", words) == []


def test_others_group_it_under_busy(school_run, other):
    groups = other.call(
        "calendar.event", "formatted_read_group", [("id", "=", school_run)], ["name"], ["__count"]
    )
    assert [group["name"] for group in groups] == ["Busy"]


def test_others_read_busy_through_its_attendee(school_run, other):
    found = other.call(
        "calendar.attendee",
        "web_search_read",
        [("event_id", "=", school_run)],
        {"event_id": {"fields": {"display_name": {}, "name": {}}}},
    )
    [attendee] = found["records"]
    assert attendee["event_id"] == {"id": school_run, "display_name": "Busy", "name": "Busy"}


def test_an_administrator_exports_busy(school_run, odoo):
    names = ["name", "display_name"]
    exported = odoo.admin.call("calendar.event", "export_data", [school_run], names)
    assert exported == {"datas": [["Busy", "Busy"]]}
    with pytest.raises(RpcError) as refusal:
        odoo.admin.call("calendar.event", "export_data", [school_run], ["icloud_title"])
    assert refusal.value.name == ACCESS_ERROR


@pytest.mark.parametrize("way", WAYS_TO_THE_FIELD)
def test_the_title_is_closed_as_a_field(school_run, other, way):
    with pytest.raises(RpcError) as refusal:
        other.call("calendar.event", *WAYS_TO_THE_FIELD[way](school_run))
    assert refusal.value.name == ACCESS_ERROR


def test_the_title_is_closed_through_related_records(school_run, other):
    with pytest.raises(RpcError) as refusal:
        other.call("calendar.attendee", "search", THROUGH_ATTENDEE)
    assert refusal.value.name == ACCESS_ERROR


def test_remote_events_are_their_owners_alone(shared_host, school_run, other):
    [origin] = shared_host.api.find("icloud.event", [("origin", "=", "icloud")], "uid")
    assert other.call("icloud.event", "search", [("user_id", "=", shared_host.uid)]) == []
    with pytest.raises(RpcError) as refusal:
        other.call("icloud.event", "read", [origin["id"]], ["href"])
    assert refusal.value.name == ACCESS_ERROR


def test_even_its_owner_changes_the_event_in_icloud_only(shared_host, school_run):
    for method, values in (("write", [{"name": "Mine"}]), ("unlink", [])):
        with pytest.raises(RpcError, match="lives in iCloud"):
            shared_host.api.call("calendar.event", method, [school_run], *values)


def test_the_owner_may_add_a_reminder_of_odoo(shared_host, school_run):
    alarms = shared_host.api.call("calendar.alarm", "search", [], limit=1)
    values = {"alarm_ids": [(6, 0, alarms)]}
    assert alarms
    assert shared_host.api.call("calendar.event", "write", [school_run], values)
