"""Faults: each looks to a client as what it stands for, and is gone when it is cleared."""

import time

import pytest
import requests

from devtools.local_icloud import LocalICloud
from tests.local_icloud.calls import (
    CALDAV,
    DAV,
    EMAIL,
    PASSWORD,
    Caller,
    event,
    home_of,
    responses,
    token_of,
)


def test_the_password_goes_wrong_in_the_middle_of_a_run(cloud, call):
    cloud.set_fault("wrong_password_mid_run", after=2)
    assert [call.propfind(cloud.url).status_code for _ in range(4)] == [207, 207, 401, 401]
    cloud.clear_faults()
    assert call.propfind(cloud.url).status_code == 207


def test_the_server_is_unavailable_for_a_number_of_requests(cloud, call):
    cloud.set_fault("unavailable", times=2, retry_after=7)
    answers = [call.propfind(cloud.url) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 207]
    assert answers[0].headers["Retry-After"] == "7"


def test_too_many_requests_may_come_without_a_time_to_wait(cloud, call):
    cloud.set_fault("unavailable", status=429, retry_after=None)
    answer = call.propfind(cloud.url)
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


def test_a_fault_concerns_only_its_methods_and_path(cloud, call):
    cloud.set_fault("unavailable", methods=["PUT"], path=call.path("home/"))
    assert call.propfind(call.path("home/")).status_code == 207
    assert call.put("work/one.ics", event("one")).status_code == 201
    assert call.put("home/two.ics", event("two")).status_code == 503


def test_a_connection_reset_before_the_server_stored_anything(cloud, call):
    cloud.set_fault("reset_before", times=1)
    with pytest.raises(requests.ConnectionError):
        call.put("home/one.ics", event())
    assert cloud.events(EMAIL, "home") == {}
    assert call.put("home/one.ics", event()).status_code == 201


def test_a_connection_reset_after_the_server_stored_the_event(cloud, call):
    cloud.set_fault("reset_after", times=1)
    with pytest.raises(requests.ConnectionError):
        call.put("home/one.ics", event())
    assert list(cloud.events(EMAIL, "home").values()) == [event().encode()]
    assert call.put("home/one.ics", event(), If_None_Match="*").status_code == 412


def test_a_slow_answer_comes_late_but_the_request_is_done(cloud, call):
    cloud.set_fault("slow", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        requests.put(
            cloud.partition_url + call.path("home/one.ics"),
            event(),
            auth=(EMAIL, PASSWORD),
            timeout=0.1,
        )
    limit = time.monotonic() + 5
    while not cloud.events(EMAIL, "home"):
        assert time.monotonic() < limit
        time.sleep(0.01)
    cloud.clear_faults()
    assert call("GET", call.path("home/one.ics")).status_code == 200


def test_nonsense_looks_like_success(cloud, call):
    cloud.set_fault("nonsense")
    answer = call.propfind(cloud.url)
    assert answer.status_code == 207
    assert "Wi-Fi" in answer.text


def test_a_truncated_answer_ends_before_its_length(cloud, call):
    cloud.set_fault("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call.propfind(call.path(""), depth="1")


@pytest.mark.parametrize("status", [403, 410, 409])
def test_an_expired_token_is_refused_and_a_full_sync_is_not(cloud, call, status):
    token = token_of(call.sync(call.path("home/")))
    cloud.set_fault("token_expired", status=status)
    assert call.sync(call.path("home/"), token).status_code == status
    assert call.sync(call.path("home/")).status_code == 207


def test_an_expired_token_may_be_explained_as_the_standard_asks(cloud, call):
    cloud.set_fault("token_expired", explained=True)
    assert "valid-sync-token" in call.sync(call.path("home/"), "any").text


def test_a_put_may_keep_its_etag_to_itself_or_give_a_weak_one(cloud, call):
    cloud.set_fault("no_etag")
    assert "ETag" not in call.put("home/one.ics", event("one")).headers
    cloud.clear_faults("no_etag")
    cloud.set_fault("weak_etag")
    assert call.put("home/two.ics", event("two")).headers["ETag"].startswith('W/"')


def test_a_poisoned_member_is_listed_and_cannot_be_read(cloud, call):
    for name in ("good", "bad"):
        call.put(f"home/{name}.ics", event(name))
    good, bad = call.path("home/good.ics"), call.path("home/bad.ics")
    cloud.set_fault("poison_member", path=bad)
    assert responses(call.sync(call.path("home/")))[bad] != {}
    found = responses(call.multiget(call.path("home/"), good, bad))
    assert found[bad] == {}
    assert found[good] != {}
    assert call("GET", bad).status_code == 404


def test_a_new_event_may_be_readable_only_at_the_second_try(cloud, call):
    call.put("home/one.ics", event())
    href = call.path("home/one.ics")
    cloud.set_fault("poison_member", path=href, times=1)
    assert responses(call.multiget(call.path("home/"), href))[href] == {}
    assert responses(call.multiget(call.path("home/"), href))[href] != {}


def test_a_sync_may_list_everything_twice(cloud, call):
    call.put("home/one.ics", event())
    cloud.set_fault("duplicate_hrefs")
    assert call.sync(call.path("home/")).text.count("one.ics") == 2


def test_a_sync_may_list_what_lies_elsewhere(cloud, call):
    call.put("home/one.ics", event())
    cloud.set_fault("stray_members", hrefs=["/elsewhere/two.ics"])
    assert "<href>/elsewhere/two.ics</href>" in call.sync(call.path("home/")).text


def test_a_sync_may_not_know_yet_what_was_just_written(cloud, call):
    token = token_of(call.sync(call.path("home/")))
    call.put("home/one.ics", event())
    cloud.set_fault("late_listing", times=1)
    late = call.sync(call.path("home/"), token)
    assert token_of(late) == token
    assert "one.ics" not in late.text
    assert "one.ics" in call.sync(call.path("home/"), token).text


def test_a_partial_listing_says_507(cloud, call):
    for name in ("one", "two", "three"):
        call.put(f"home/{name}.ics", event(name))
    cloud.set_fault("partial_listing", keep=1)
    answer = call.sync(call.path("home/"))
    assert "507" in answer.text
    assert answer.text.count(".ics") == 1


def test_a_multiget_may_list_the_calendar_itself(cloud, call):
    cloud.set_fault("collection_in_query")
    assert call.path("home/") in responses(call.multiget(call.path("home/")))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_front_host_may_redirect_to_the_partition(cloud, call, status):
    cloud.set_fault("redirect", status=status)
    answer = call.propfind(cloud.url)
    assert answer.status_code == status
    assert answer.headers["Location"] == f"{cloud.partition_url}/"
    assert call.propfind(answer.headers["Location"]).status_code == 207


def test_a_redirect_may_lead_to_a_stranger(cloud, call):
    cloud.set_fault("redirect", to="http://127.0.0.3:9/")
    assert call.propfind(cloud.url).headers["Location"] == "http://127.0.0.3:9/"


@pytest.mark.parametrize("status", [404, 401])
def test_an_account_may_move_to_another_host(cloud, call, status):
    cloud.set_fault("partition_moved", status=status)
    assert call.propfind(call.path("")).status_code == status
    assert home_of(call) == cloud.url.rstrip("/") + call.path("")
    assert call.propfind(home_of(call)).status_code == 207


def test_the_principal_may_lack_its_number_for_a_while(cloud, call):
    cloud.set_fault("principal_href_bug", times=1)
    answer = call.propfind(cloud.url, "<D:current-user-principal/>")
    principal = responses(answer)["/"][f"{DAV}current-user-principal"]
    assert principal.findtext(f"{DAV}href") == "/principal/"
    assert call.propfind(f"{cloud.url}principal/").status_code == 403
    assert home_of(call)


def test_discovery_may_be_forbidden_now_and_then(cloud, call):
    cloud.set_fault("flaky_forbidden", times=1)
    assert [call.propfind(cloud.url).status_code for _ in range(2)] == [403, 207]


def test_the_well_known_address_may_lead_nowhere(cloud, call):
    cloud.set_fault("well_known_elsewhere")
    assert call.propfind(f"{cloud.url}.well-known/caldav").status_code == 400
    assert call.propfind(cloud.url).status_code == 207


def test_a_put_may_be_refused_for_no_reason(cloud, call):
    cloud.set_fault("refused", status=403)
    assert call.put("home/one.ics", event()).status_code == 403


def test_faults_may_be_there_from_the_start_and_add_up():
    with LocalICloud({EMAIL: PASSWORD}, faults=("no_etag", "duplicate_hrefs")) as cloud:
        call = Caller(cloud)
        assert "ETag" not in call.put("home/one.ics", event()).headers
        assert call.sync(call.path("home/")).text.count("one.ics") == 2
        assert cloud.faults() == ["no_etag", "duplicate_hrefs"]


def test_an_unknown_fault_and_an_unknown_option_are_named(cloud):
    with pytest.raises(ValueError, match="no fault 'earthquake'"):
        cloud.set_fault("earthquake")
    with pytest.raises(ValueError, match="magnitude"):
        cloud.set_fault("slow", magnitude=9)


def test_a_fault_may_concern_one_account_alone(cloud, call):
    cloud.add_account("ben@example.com", PASSWORD)
    cloud.set_fault("unavailable", account="ben@example.com")
    assert call.propfind(cloud.url).status_code == 207
    call.session.auth = ("ben@example.com", PASSWORD)
    assert call.propfind(cloud.url).status_code == 503
    assert cloud.fault_hits("unavailable", "ben@example.com") == 1
    cloud.set_fault("unavailable", account=EMAIL)
    cloud.clear_faults(account="ben@example.com")
    assert call.propfind(cloud.url).status_code == 207
    call.session.auth = (EMAIL, PASSWORD)
    assert call.propfind(cloud.url).status_code == 503


def test_a_fault_may_concern_one_resource_in_whichever_way_it_is_asked_for(cloud, call):
    for name in ("one", "two"):
        call.put(f"home/{name}.ics", event(name))
    home, one, two = (call.path(f"home/{name}") for name in ("", "one.ics", "two.ics"))
    cloud.set_fault("refused", methods=["GET", "PUT", "REPORT"], member=one, status=500)
    assert call("GET", one).status_code == 500
    assert call.put("home/one.ics", event("one")).status_code == 500
    assert call.multiget(home, one, two).status_code == 500
    assert call.multiget(home, two).status_code == 207
    assert call("GET", two).status_code == 200


def test_a_fault_may_stay_with_the_resource_that_it_met_first(cloud, call):
    cloud.set_fault("refused", one_member=True)
    assert call.put("home/one.ics", event("one")).status_code == 403
    assert call.put("home/two.ics", event("two")).status_code == 201
    assert call.put("home/one.ics", event("one")).status_code == 403


@pytest.mark.parametrize("on", ["create", "update", "delete"])
def test_a_condition_may_be_said_not_to_hold(cloud, call, on):
    etag = call.put("home/one.ics", event("one")).headers["ETag"]
    cloud.set_fault("conflict", on=on)
    statuses = {
        "create": call.put("home/two.ics", event("two"), If_None_Match="*").status_code,
        "update": call.put("home/one.ics", event("one"), If_Match=etag).status_code,
        "delete": call("DELETE", call.path("home/one.ics"), If_Match=etag).status_code,
    }
    assert [name for name, status in statuses.items() if status == 412] == [on]


def test_a_body_may_come_in_pieces(cloud, call):
    cloud.set_fault("trickle", pause=0.001, piece=50)
    assert call.propfind(cloud.url).text.endswith("multistatus>\n\n")


@pytest.mark.parametrize("status", [200, 207])
def test_nonsense_may_say_what_it_likes(cloud, call, status):
    cloud.set_fault("nonsense", status=status)
    assert call.propfind(cloud.url).status_code == status


def test_a_page_may_stand_where_one_event_should(cloud, call):
    for name in ("one", "two"):
        call.put(f"home/{name}.ics", event(name))
    one, two = call.path("home/one.ics"), call.path("home/two.ics")
    cloud.set_fault("nonsense_member", member=one)
    data = f"{CALDAV}calendar-data"
    found = responses(call.multiget(call.path("home/"), one, two))
    assert "Wi-Fi" in found[one][data].text
    assert "Lunch" in found[two][data].text
    assert "Wi-Fi" in call("GET", one).text
    assert "Lunch" in call("GET", two).text


@pytest.mark.parametrize("token", [True, False])
def test_a_listing_or_a_report_may_find_nothing(cloud, call, token):
    call.put("home/one.ics", event())
    cloud.set_fault("empty_multistatus", token=token)
    answer = call.sync(call.path("home/"))
    assert responses(answer) == {}
    assert bool(token_of(answer)) is token
    assert responses(call.propfind(call.path(""), depth="1")) == {}


def test_an_expired_token_may_be_answered_with_everything(cloud, call):
    call.put("home/one.ics", event())
    token = token_of(call.sync(call.path("home/")))
    assert "one.ics" not in call.sync(call.path("home/"), token).text
    cloud.set_fault("token_forgotten")
    assert "one.ics" in call.sync(call.path("home/"), token).text


def test_no_answer_may_say_an_etag(cloud, call):
    cloud.set_fault("no_etag", everywhere=True)
    assert "ETag" not in call.put("home/one.ics", event()).headers
    assert "ETag" not in call("GET", call.path("home/one.ics")).headers
    assert "getetag" not in call.multiget(call.path("home/"), call.path("home/one.ics")).text


def test_all_etags_may_be_weak(cloud, call):
    cloud.set_fault("weak_etag", everywhere=True)
    href = call.path("home/one.ics")
    call.put("home/one.ics", event())
    weak = call("GET", href).headers["ETag"]
    assert weak.startswith('W/"')
    assert responses(call.multiget(call.path("home/"), href))[href][f"{DAV}getetag"].text == weak


def test_etags_may_change_by_themselves(cloud, call):
    cloud.set_fault("drifting_etag")
    first = call.put("home/one.ics", event()).headers["ETag"]
    call.propfind(call.path(""), depth="1")
    second = call("GET", call.path("home/one.ics")).headers["ETag"]
    assert second != first
    assert call.put("home/one.ics", event(title="Tea"), If_Match=first).status_code == 412
    assert call.put("home/one.ics", event(title="Tea"), If_Match=second).status_code == 204


@pytest.mark.parametrize("where", ["listing", "query", "multiget"])
def test_a_write_may_be_seen_late(cloud, call, where):
    home, href = call.path("home/"), call.path("home/one.ics")
    before = token_of(call.sync(home))
    cloud.set_fault("late_writes", seconds=60, where=where)
    call.put("home/one.ics", event())
    filters = '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/>'
    inside = f"<D:prop><D:getetag/></D:prop>{filters}</C:comp-filter></C:filter>"
    sync, listed = call.sync(home, before), responses(call.propfind(call.path(""), depth="1"))
    seen = {
        "listing": "one.ics" in sync.text,
        "query": "one.ics" in call.report(home, "C:calendar-query", inside).text,
        "multiget": responses(call.multiget(home, href))[href] != {},
    }
    assert [name for name, is_seen in seen.items() if not is_seen] == [where]
    assert (call("GET", href).status_code == 404) is (where == "multiget")
    assert (token_of(sync) == before) is (where == "listing")
    assert (listed[home][f"{DAV}sync-token"].text == before) is (where == "listing")


def test_a_write_may_be_unseen_for_long_beside_what_stood_there_before(cloud, call):
    home = call.path("home/")
    call.put("home/one.ics", event())
    cloud.set_fault("late_writes", seconds=None)
    call.put("home/two.ics", event(uid="two"))
    assert "one.ics" in call.sync(home).text
    assert "two.ics" not in call.sync(home).text
    assert call("GET", call.path("home/one.ics")).status_code == 200
    assert call("GET", call.path("home/two.ics")).status_code == 404
    cloud.clear_faults()
    assert "two.ics" in call.sync(home).text


def test_a_calendar_may_be_missing_from_a_listing(cloud, call):
    cloud.set_fault("unlisted", path=call.path("home/"), times=1)
    assert call.path("home/") not in responses(call.propfind(call.path(""), depth="1"))
    assert call.path("home/") in responses(call.propfind(call.path(""), depth="1"))


def test_a_calendar_may_vanish_and_come_back_with_its_events(cloud, call):
    call.put("home/one.ics", event())
    cloud.set_fault("vanished_calendar", path=call.path("home/"))
    assert call.path("home/") not in responses(call.propfind(call.path(""), depth="1"))
    assert call.sync(call.path("home/")).status_code == 404
    assert call.put("home/two.ics", event("two")).status_code == 404
    cloud.clear_faults()
    assert list(cloud.events(EMAIL, "home")) == [call.path("home/one.ics")]


@pytest.mark.parametrize("status", [403, 421])
def test_a_former_host_may_say_many_things(cloud, call, status):
    cloud.set_fault("partition_moved", status=status)
    assert call.propfind(call.path("")).status_code == status
    assert call.propfind(home_of(call)).status_code == 207


def test_a_former_host_may_be_gone(cloud, call):
    cloud.set_fault("partition_moved", status=0)
    with pytest.raises(requests.ConnectionError):
        call.propfind(call.path(""))
    assert call.propfind(home_of(call)).status_code == 207


def test_a_calendar_may_get_another_name_and_lose_the_right_to_write(cloud, call):
    cloud.rename_calendar(EMAIL, "home", "Family life")
    cloud.set_read_only(EMAIL, "home")
    assert cloud.calendars(EMAIL)["Family life"] == call.path("home/")
    assert call.put("home/one.ics", event()).status_code == 403
    cloud.set_read_only(EMAIL, "home", read_only=False)
    assert call.put("home/one.ics", event()).status_code == 201
