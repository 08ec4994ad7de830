"""A user connects iCloud, and chooses calendars."""

import pytest

from devtools.demo.rpc import RpcError
from tests.main_job.host import at

USER_ERROR = "odoo.exceptions.UserError"
ACCESS_ERROR = "odoo.exceptions.AccessError"
WRONG_PAIR = (
    "iCloud refused this e-mail and password. Check the e-mail address, or make a new app-specific "
    "password and paste it here."
)
NOT_APP_SPECIFIC = (
    "This is not an app-specific password. It has 16 letters, like abcd-efgh-ijkl-mnop; your "
    "normal Apple password does not work here."
)


def connect(host, password: str) -> list[int]:
    return host.api.call("icloud.account", "connect", host.phone.email, password)


def test_connect_finds_the_calendars_and_takes_a_password_as_people_type_it(unconnected):
    [account_id] = connect(unconnected, unconnected.phone.password.upper().replace("-", " "))
    account = unconnected.account()
    names = unconnected.api.find("icloud.calendar", [("user_id", "=", unconnected.uid)], "name")
    assert {"Home", "Work"} <= {each["name"] for each in names}
    assert "Reminders" not in {each["name"] for each in names}
    assert account["id"] == account_id
    assert (account["state"], account["apple_id"]) == ("connected", unconnected.phone.email)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("aaaa-bbbb-cccc-dddd", WRONG_PAIR), ("My Apple Password 1!", NOT_APP_SPECIFIC)],
    ids=["wrong", "not app-specific"],
)
def test_a_password_that_does_not_fit_is_said_in_one_sentence_and_changes_nothing(
    unconnected, password, sentence
):
    with pytest.raises(RpcError) as refusal:
        connect(unconnected, password)
    assert str(refusal.value) == sentence
    assert refusal.value.name == USER_ERROR
    assert unconnected.api.find("icloud.account", [], "state") == []


def test_a_wrong_password_leaves_a_connection_as_it_was(host):
    with pytest.raises(RpcError, match="iCloud refused"):
        connect(host, "aaaa-bbbb-cccc-dddd")
    assert host.account()["state"] == "connected"
    host.book(at(9))
    host.copy_at(at(9))


def test_nobody_reads_a_password_or_another_ones_calendars(shared_host, odoo):
    account_id = shared_host.account()["id"]
    for api in (shared_host.api, odoo.admin, odoo.receptionist):
        with pytest.raises(RpcError) as refusal:
            api.call("icloud.account", "read", [account_id], ["secret"])
        assert refusal.value.name == ACCESS_ERROR
    states = odoo.admin.find("icloud.account", [("user_id", "=", shared_host.uid)], "state")
    assert [each["state"] for each in states] == ["connected"]
    for api in (odoo.admin, odoo.receptionist):
        assert api.find("icloud.calendar", [("user_id", "=", shared_host.uid)], "name") == []
    assert odoo.receptionist.find("icloud.account", [], "state") == []


def test_only_ones_own_calendars_can_be_chosen(shared_host, odoo):
    home = shared_host.calendar("Home")["id"]
    other = odoo.receptionist
    for values in (
        {"icloud_primary_calendar_id": home},
        {"icloud_conflict_calendar_ids": [(6, 0, [home])]},
    ):
        with pytest.raises(RpcError) as refusal:
            other.call("res.users", "write", [other.uid], values)
        assert refusal.value.name == ACCESS_ERROR
    assert shared_host.account()["primary_calendar_id"] == home
