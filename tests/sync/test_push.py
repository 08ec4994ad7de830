from datetime import UTC, datetime, timedelta

import pytest

from icloud_calendar_sync.ical.write import Session, fingerprint, remote_fingerprint, write
from icloud_calendar_sync.icloud.errors import Forbidden, Unauthorized, Unavailable
from icloud_calendar_sync.sync.orders import Order
from tests.sync.runs import carry_out, run_of

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
UID = "5D0C9F1E-0000-4000-8000-000000000001"


def session(**values):
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    return Session(
        **{
            "uid": UID,
            "start": start,
            "stop": start + timedelta(minutes=30),
            "zone": "Europe/Brussels",
            "title": "First visit: Anna Berg",
            "description": "Anna Berg",
            "location": "12 Rose Street",
            **values,
        }
    )


@pytest.fixture
def order(folder):
    """Make an order for the one session, in `home` unless told."""

    def make(wanted=None, may_exist=False, calendar="home", **values):
        name = f"{UID}.ics"
        elsewhere = tuple(path + name for key, path in folder.items() if key != calendar)
        return Order(1, 1, folder[calendar] + name, UID, wanted, may_exist, elsewhere, **values)

    return make


def the_only(results):
    (result,) = results
    return result


def test_a_new_event_is_created_with_its_etag(cloud, client, order):
    result = the_only(carry_out(client, [order(session())], NOW))
    assert result.error is None
    assert result.etag
    ((href, data),) = cloud.events("mara@icloud.com", "home").items()
    assert href == result.href
    assert remote_fingerprint(data, UID) == fingerprint(session())


def test_a_create_whose_answer_was_lost_becomes_an_update_of_the_same_event(cloud, client, order):
    cloud.set_fault("reset_after", methods=["PUT"], times=1)
    first = the_only(carry_out(client, [order(session())], NOW))
    assert isinstance(first.error, Unavailable)
    second = the_only(carry_out(client, [order(session(title="Moved"), may_exist=True)], NOW))
    assert second.error is None
    ((_href, data),) = cloud.events("mara@icloud.com", "home").items()
    assert b"SUMMARY:Moved" in data


def test_a_second_worker_who_creates_the_same_finds_it_there(cloud, client, order):
    for _worker in range(2):
        assert the_only(carry_out(client, [order(session())], NOW)).error is None
    assert len(cloud.events("mara@icloud.com", "home")) == 1


def test_an_event_deleted_on_the_phone_is_created_again(cloud, client, order):
    placed = the_only(carry_out(client, [order(session())], NOW))
    cloud.delete_event(placed.href)
    again = the_only(carry_out(client, [order(session(), may_exist=True)], NOW))
    assert again.error is None
    assert len(cloud.events("mara@icloud.com", "home")) == 1


def test_an_event_dragged_to_another_calendar_is_updated_there(cloud, client, folder, order):
    placed = the_only(carry_out(client, [order(session())], NOW))
    data = cloud.events("mara@icloud.com", "home")[placed.href]
    cloud.delete_event(placed.href)
    there = folder["work"] + f"{UID}.ics"
    cloud.put_event("mara@icloud.com", "work", data, href=there)
    moved = the_only(carry_out(client, [order(session(title="New"), may_exist=True)], NOW))
    assert (moved.href, moved.error) == (there, None)
    assert not cloud.events("mara@icloud.com", "home")
    gone = the_only(carry_out(client, [order(None, may_exist=True)], NOW))
    assert gone.error is None
    assert not cloud.events("mara@icloud.com", "work")


def test_an_event_edited_between_read_and_write_is_written_once_more(cloud, client, order):
    placed = the_only(carry_out(client, [order(session())], NOW))
    multiget = client.multiget

    def multiget_and_then_the_phone_edits(path, hrefs):
        answer = multiget(path, hrefs)
        data = cloud.events("mara@icloud.com", "home")[placed.href]
        note = data.replace(b"END:VEVENT", b"X-NOTE:from the phone\r\nEND:VEVENT")
        cloud.put_event("mara@icloud.com", "home", note, href=placed.href)
        return answer

    client.multiget = multiget_and_then_the_phone_edits
    result = the_only(carry_out(client, [order(session(title="New"), may_exist=True)], NOW))
    assert result.error is None
    data = cloud.events("mara@icloud.com", "home")[placed.href]
    assert b"SUMMARY:New" in data
    assert b"X-NOTE:from the phone" in data


def test_deleting_what_is_nowhere_is_done(client, order):
    assert the_only(carry_out(client, [order(None, may_exist=True)], NOW)).error is None


def test_one_refusal_does_not_stop_the_others_and_a_refused_password_does(cloud, client, order):
    read_only = next(each.href for each in client.found.calendars if not each.writable)
    bad = Order(2, 1, f"{read_only}other.ics", "other", session(uid="other"), False)
    refused, placed = carry_out(client, [bad, order(session())], NOW)
    assert isinstance(refused.error, Forbidden)
    assert placed.error is None
    cloud.revoke("mara@icloud.com")
    run = run_of(client, [order(session(), may_exist=True)] * 3, NOW)
    ((results, untried),) = run.batches()
    assert isinstance(run.stopped, Unauthorized)
    assert (len(results), len(untried)) == (0, 3)


def test_what_we_write_names_nobody_and_apple_mails_nobody(cloud, client, order):
    placed = the_only(carry_out(client, [order(session())], NOW))
    the_only(carry_out(client, [order(session(title="New"), may_exist=True)], NOW))
    data = cloud.events("mara@icloud.com", "home")[placed.href]
    assert b"ATTENDEE" not in data
    assert b"ORGANIZER" not in data
    the_only(carry_out(client, [order(None, may_exist=True)], NOW))
    assert cloud.mails() == []


def test_whom_the_host_invited_on_the_phone_is_not_uninvited(cloud, client, order):
    placed = the_only(carry_out(client, [order(session())], NOW))
    invited = write(session(), now=NOW).replace(
        b"END:VEVENT",
        b"ORGANIZER:mailto:mara@icloud.com\r\nATTENDEE:mailto:tom@example.com\r\nEND:VEVENT",
    )
    cloud.put_event("mara@icloud.com", "home", invited, href=placed.href)
    the_only(carry_out(client, [order(session(title="New"), may_exist=True)], NOW))
    assert "CANCEL" not in [mail["method"] for mail in cloud.mails()]
