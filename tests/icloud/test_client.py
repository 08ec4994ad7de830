"""Reading and writing resources, on each real server."""

import base64
import logging
import traceback

import pytest

from icloud_calendar_sync.icloud.errors import (
    Forbidden,
    NotFound,
    PreconditionFailed,
    Unauthorized,
    Unavailable,
    Unreachable,
)

ETAG = "{DAV:}getetag"


def etag_of(client, href: str) -> str:
    return client.propfind(href, [ETAG], 0)[0].text(ETAG)


def test_what_is_put_can_be_read_again(server, client, calendar):
    href = f"{calendar}lunch.ics"
    client.put(href, server.event("Lunch with Bo"), etag=None)
    resource = client.get(href)
    assert b"SUMMARY:Lunch with Bo" in resource.data
    assert resource.href == href
    assert resource.etag == etag_of(client, href)


def test_a_put_tells_the_new_etag_or_leaves_it_to_be_asked(server, client, calendar):
    href = f"{calendar}lunch.ics"
    told = client.put(href, server.event(), etag=None)
    assert told in (None, etag_of(client, href))


def test_a_create_does_not_replace_what_is_there(server, client, calendar):
    href = f"{calendar}lunch.ics"
    server.write(href, "The phone was first")
    with pytest.raises(PreconditionFailed):
        client.put(href, server.event("Ours", uid=href), etag=None)
    assert b"The phone was first" in client.get(href).data


def test_an_update_replaces_the_version_it_knows(server, client, calendar):
    href = f"{calendar}lunch.ics"
    server.write(href, "Old")
    client.put(href, server.event("New", uid=href), etag=client.get(href).etag)
    assert b"SUMMARY:New" in client.get(href).data


def test_an_update_does_not_replace_a_version_it_does_not_know(server, client, calendar):
    href = f"{calendar}lunch.ics"
    server.write(href, "Old")
    known = client.get(href).etag
    server.write(href, "Changed on the phone")
    with pytest.raises(PreconditionFailed):
        client.put(href, server.event("New", uid=href), etag=known)
    assert b"Changed on the phone" in client.get(href).data


def test_a_delete_removes_the_version_it_knows(server, client, calendar):
    href = f"{calendar}lunch.ics"
    server.write(href)
    client.delete(href, etag=client.get(href).etag)
    with pytest.raises(NotFound):
        client.get(href)


def test_a_delete_does_not_remove_a_version_it_does_not_know(server, client, calendar):
    href = f"{calendar}lunch.ics"
    server.write(href, "Old")
    known = client.get(href).etag
    server.write(href, "Changed on the phone")
    with pytest.raises(PreconditionFailed):
        client.delete(href, etag=known)
    assert client.get(href).data


def test_a_delete_without_a_version_removes_any(server, client, calendar):
    href = f"{calendar}lunch.ics"
    server.write(href)
    client.delete(href, etag=None)
    with pytest.raises(NotFound):
        client.get(href)


def test_deleting_what_is_gone_is_done(client, calendar):
    client.delete(f"{calendar}never-there.ics", etag=None)


def test_odd_characters_in_a_name_are_no_matter(server, client, calendar):
    client.put(f"{calendar}a b@c+d.ics", server.event(), etag=None)
    (member,) = [
        each for each in client.propfind(calendar, [ETAG], 1) if not each.href.endswith("/")
    ]
    assert member.href == f"{calendar}a%20b@c%2Bd.ics"
    assert client.get(member.href).data == client.get(f"{calendar}a b%40c+d.ics").data


def test_what_is_not_there_is_not_found(client, calendar):
    for ask in (
        lambda: client.get(f"{calendar}no.ics"),
        lambda: client.propfind(f"{calendar}no.ics", [ETAG], 0),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("name", ["radicale", "icloud"])
def test_a_wrong_password_is_unauthorized(request, name):
    server = request.getfixturevalue(f"{name}_server")
    with server.client(password="aaaa-bbbb-cccc-dddd") as client, pytest.raises(Unauthorized):
        client.propfind("/dav/" if name == "radicale" else "/", [ETAG], 0)


def test_a_password_that_is_revoked_is_unauthorized(icloud, icloud_server):
    email = "revoked@example.com"
    icloud.add_account(email, icloud_server.password)
    icloud.revoke(email)
    with icloud_server.client() as client:
        client.propfind("/", [ETAG], 0)
    with (
        type(client)(
            icloud_server.url, email, icloud_server.password, trusted_hosts=icloud.hosts
        ) as revoked,
        pytest.raises(Unauthorized),
    ):
        revoked.propfind("/", [ETAG], 0)


def test_writing_where_one_may_only_read_is_forbidden(icloud, icloud_server):
    read_only = icloud.calendars("anna@example.com")["School holidays"]
    with icloud_server.client() as client, pytest.raises(Forbidden):
        client.put(f"{read_only}x.ics", icloud_server.event(), etag=None)


def test_a_weak_etag_means_the_same_as_the_strong_one(icloud, icloud_server):
    icloud.set_fault("weak_etag")
    href = f"{icloud_server.new_calendar()}lunch.ics"
    with icloud_server.client() as client:
        etag = client.put(href, icloud_server.event("Old", uid=href), etag=None)
        assert etag == etag_of(client, href)
        client.put(href, icloud_server.event("New", uid=href), etag=etag)
        assert b"SUMMARY:New" in client.get(href).data


def test_a_put_whose_answer_is_lost_is_unreachable_and_not_sent_again(icloud, icloud_server):
    href = f"{icloud_server.new_calendar()}lunch.ics"
    icloud.set_fault("reset_after")
    with icloud_server.client() as client:
        with pytest.raises(Unreachable):
            client.put(href, icloud_server.event(), etag=None)
        assert client.get(href).data
    assert [each["method"] for each in icloud.requests()].count("PUT") == 1


def test_a_read_that_is_reset_is_tried_once_more(icloud, icloud_server):
    href = f"{icloud_server.new_calendar()}lunch.ics"
    icloud_server.write(href)
    icloud.set_fault("reset_before", methods=["GET"], times=1)
    with icloud_server.client() as client:
        assert client.get(href).data
        icloud.set_fault("reset_before", methods=["GET"], times=2)
        with pytest.raises(Unreachable):
            client.get(href)


def test_a_server_that_is_down_says_when_to_come_back(icloud, icloud_server):
    icloud.set_fault("unavailable", retry_after=120)
    with icloud_server.client() as client, pytest.raises(Unavailable) as failure:
        client.propfind("/", [ETAG], 0)
    assert (failure.value.status, failure.value.retry_after) == (503, 120)


def test_each_put_goes_out_with_the_condition_that_protects_the_phone(icloud, icloud_server):
    href = f"{icloud_server.new_calendar()}lunch.ics"
    with icloud_server.client() as client:
        client.put(href, icloud_server.event(uid=href), etag=None)
        known = etag_of(client, href)
        client.put(href, icloud_server.event("New", uid=href), etag=known)
        client.delete(href, etag=etag_of(client, href))
    writes = [each for each in icloud.requests() if each["method"] in ("PUT", "DELETE")]
    assert [each["status"] for each in writes] == [201, 204, 204]


def test_the_password_is_in_no_log_no_text_and_no_representation(icloud, icloud_server, caplog):
    caplog.set_level(logging.DEBUG)
    pair = f"anna@example.com:{icloud_server.password}"
    secrets = (icloud_server.password, base64.b64encode(pair.encode()).decode())
    with icloud_server.client() as client:
        texts = [repr(client), str(client)]
        client.propfind("/", [ETAG], 0)
        for fault in ("unavailable", "nonsense", "truncated", "reset_before", "flaky_forbidden"):
            icloud.clear_faults()
            icloud.set_fault(fault, methods=["PROPFIND"])
            with pytest.raises(Exception) as failure:  # noqa: PT011 - whatever it is
                client.propfind("/", [ETAG], 0)
            texts += traceback.format_exception(failure.value)
    assert "PROPFIND / 207" in caplog.text
    for text in (*texts, caplog.text):
        assert not any(secret in text for secret in secrets)
