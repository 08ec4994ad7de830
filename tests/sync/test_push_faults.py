"""What a push does while a server is odd: nothing is lost, nothing is believed too early."""

from dataclasses import replace

import pytest

from icloud_calendar_sync.ical.write import fingerprint, remote_fingerprint, write
from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Refused,
    Unauthorized,
    Unavailable,
)
from icloud_calendar_sync.sync.orders import Order
from icloud_calendar_sync.sync.push import MOST_FAILURES, Unconfirmed
from tests.sync.runs import DEATHS, carry_out, home_dies, run_of
from tests.sync.test_push import NOW, session

EMAIL = "mara@icloud.com"


@pytest.fixture
def orders(folder):
    """Make orders for so many sessions in `home`."""

    def make(count, wanted=True, **values):
        made = []
        for number in range(count):
            uid = f"5D0C9F1E-0000-4000-8000-{number:012}"
            content = session(uid=uid, title=f"Visit {number}") if wanted else None
            made.append(
                Order(
                    number,
                    1,
                    f"{folder['home']}{uid}.ics",
                    uid,
                    content,
                    may_exist=False,
                    elsewhere=(f"{folder['work']}{uid}.ics",),
                    rank=(number,),
                )
            )
        return [replace(order, **values) for order in made]

    return make


@pytest.fixture
def placed(client, orders):
    """The same, after they were put there; with other wishes by now."""

    def make(count, title=None):
        first = orders(count)
        assert not [each.error for each in carry_out(client, first, NOW) if each.error]
        return [
            replace(
                order,
                session=title and replace(order.session, title=f"{title} {order.key}"),
                may_exist=True,
            )
            for order in first
        ]

    return make


def events(cloud, calendar="home"):
    return cloud.events(EMAIL, calendar)


def asked(cloud, method):
    return [each for each in cloud.requests() if each["method"] == method]


def outcomes(client, orders):
    """{key: error or None} of what one run came to, and the run itself."""
    run = run_of(client, orders, NOW)
    results = [result for results, _untried in run.batches() for result in results]
    assert len({result.order.key for result in results}) == len(results)
    return {result.order.key: result.error for result in results}, run


# -- one that can never be sent ----------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 403, 400, 409, 404])
def test_one_that_is_never_taken_stops_no_other(cloud, client, orders, status):
    bad, *good = orders(4)
    cloud.set_fault("unavailable", status=status, retry_after=None, methods=["PUT"], path=bad.href)
    found, run = outcomes(client, [bad, *good])
    assert found.pop(bad.key)
    assert found == dict.fromkeys((order.key for order in good), None)
    assert run.stopped is None
    assert len(events(cloud)) == 3


@pytest.mark.parametrize("fault", ["nonsense", "reset_before"])
def test_one_that_is_never_heard_of_stops_no_other(cloud, client, orders, fault):
    bad, *good = orders(4)
    cloud.set_fault(fault, methods=["PUT"], path=bad.href)
    found, run = outcomes(client, [bad, *good])
    assert found.pop(bad.key)
    assert not any(found.values())
    assert run.stopped is None
    assert len(events(cloud)) == 3


def test_several_that_are_never_taken_stop_no_other_while_the_calendar_answers(
    cloud, client, orders
):
    made = orders(6)
    for bad, fault in zip(made, ("unavailable", "reset_before", "nonsense"), strict=False):
        options = {"status": 500, "retry_after": None} if fault == "unavailable" else {}
        cloud.set_fault(fault, methods=["PUT"], path=bad.href, **options)
    found, run = outcomes(client, made)
    assert [key for key, error in found.items() if error] == [0, 1, 2]
    assert run.stopped is None


def test_a_server_that_answers_nothing_is_left_alone_after_two(cloud, client, orders):
    cloud.set_fault("unavailable", status=500, retry_after=None)
    cloud.clear_requests()
    found, run = outcomes(client, orders(20))
    assert len(found) == 2
    assert isinstance(run.stopped, Unavailable)
    assert len(asked(cloud, "PUT")) == 2


def test_a_server_that_takes_nothing_is_left_alone_after_some(cloud, client, orders):
    cloud.set_fault("unavailable", status=507, retry_after=None, methods=["PUT"])
    cloud.clear_requests()
    found, run = outcomes(client, orders(20))
    assert isinstance(run.stopped, Unavailable)
    assert len(asked(cloud, "PUT")) == len(found) == MOST_FAILURES + 1


@pytest.mark.parametrize(("status", "seconds"), [(503, 120), (429, 120), (429, None)])
def test_who_asks_for_rest_gets_it_at_once(cloud, client, orders, status, seconds):
    cloud.set_fault("unavailable", status=status, retry_after=seconds, times=1)
    cloud.clear_requests()
    _found, run = outcomes(client, orders(5))
    assert run.stopped.retry_after == seconds
    assert len(cloud.requests()) == 1


def test_a_calendar_that_refuses_all_is_not_asked_for_each(cloud, client, orders):
    cloud.set_fault("refused", status=403)
    cloud.clear_requests()
    found, run = outcomes(client, orders(20))
    assert all(isinstance(error, Forbidden) for error in found.values())
    assert len(found) == 20
    assert run.stopped is None
    assert "primary calendar" in str(found[19])
    assert len(asked(cloud, "PUT")) <= 4


# -- 404 to a PUT ------------------------------------------------------------------------------


def test_a_calendar_that_is_gone_is_named(cloud, client, orders, folder):
    cloud.delete_calendar(EMAIL, folder["home"])
    found, _run = outcomes(client, orders(2))
    assert all(isinstance(error, NotFound) for error in found.values())
    assert "another primary calendar" in str(found[0])


def test_an_event_that_is_disliked_is_no_calendar_that_is_gone(cloud, client, orders):
    cloud.set_fault("refused", status=404)
    found, _run = outcomes(client, orders(1))
    assert isinstance(found[0], Refused)


# -- what was read ------------------------------------------------------------------------------


def test_a_thousand_updates_are_read_in_batches(cloud, client, placed):
    changed = placed(60, "Moved")
    cloud.clear_requests()
    found, _run = outcomes(client, changed)
    assert not any(found.values())
    assert len(asked(cloud, "PUT")) == 60
    assert len(asked(cloud, "REPORT")) <= 4
    assert not asked(cloud, "GET")
    assert all(b"SUMMARY:Moved" in data for data in events(cloud).values())


@pytest.mark.parametrize("fault", ["nonsense", "truncated", "unavailable"])
@pytest.mark.parametrize("methods", [["REPORT"], ["REPORT", "GET"]])
def test_an_answer_that_is_no_calendar_is_never_merged_onto(cloud, client, placed, fault, methods):
    changed = placed(2, "Moved")
    for href, data in events(cloud).items():
        note = data.replace(b"END:VEVENT", b"X-NOTE:1\r\nEND:VEVENT")
        cloud.put_event(EMAIL, "home", note, href=href)
    options = {"status": 500, "retry_after": None} if fault == "unavailable" else {}
    cloud.set_fault(fault, methods=methods, **options)
    found, _run = outcomes(client, changed)
    if methods == ["REPORT"]:
        assert not any(found.values())
    else:
        assert all(found.values())
    cloud.clear_faults()
    found, _run = outcomes(client, changed)
    assert not any(found.values())
    for data in events(cloud).values():
        assert b"X-NOTE" in data
        assert b"SUMMARY:Moved" in data


@pytest.mark.parametrize("status", [400, 500])
def test_one_that_cannot_be_read_holds_up_no_other(cloud, client, placed, status):
    changed = placed(3, "Moved")
    cloud.set_fault("unavailable", status=status, retry_after=None, methods=["REPORT"])
    cloud.set_fault("nonsense", methods=["GET"], path=changed[0].href)
    found, run = outcomes(client, changed)
    assert [key for key, error in found.items() if error] == [0]
    assert run.stopped is None


def test_what_a_third_program_broke_is_replaced_and_what_was_cut_off_is_not(cloud, client, placed):
    broken, cut = placed(2, "Moved")
    data = events(cloud)[cut.href]
    without_end = events(cloud)[broken.href].replace(b"END:VEVENT\r\n", b"")
    cloud.put_event(EMAIL, "home", without_end, href=broken.href)
    cloud.put_event(EMAIL, "home", data.partition(b"SUMMARY")[0], href=cut.href)
    found, _run = outcomes(client, [broken, cut])
    assert found[broken.key] is None
    assert isinstance(found[cut.key], BadAnswer)
    # It stays so: then nobody gave it out badly, it is what stands there.
    found, _run = outcomes(client, [replace(cut, tries=4)])
    assert not any(found.values())


def test_a_quiet_second_round_writes_nothing(cloud, client, placed):
    changed = placed(3, "Moved")
    outcomes(client, changed)
    cloud.clear_requests()
    found, _run = outcomes(client, changed)
    assert not any(found.values())
    assert not asked(cloud, "PUT")


# -- versions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["no_etag", "weak_etag"])
def test_a_server_without_good_etags_settles(cloud, client, orders, fault):
    cloud.set_fault(fault)
    made = orders(2)
    assert not any(outcomes(client, made)[0].values())
    changed = [
        replace(each, session=replace(each.session, title="Moved"), may_exist=True) for each in made
    ]
    assert not any(outcomes(client, changed)[0].values())
    cloud.clear_requests()
    assert not any(outcomes(client, changed)[0].values())
    assert not asked(cloud, "PUT")


@pytest.mark.parametrize("status", [412, 400])
def test_a_condition_that_is_refused_though_nobody_changed_anything(cloud, client, placed, status):
    changed = placed(1, "Moved")
    cloud.set_fault("refused", status=status, times=1)
    found, _run = outcomes(client, changed)
    assert not any(found.values())
    assert b"SUMMARY:Moved" in next(iter(events(cloud).values()))


def test_a_create_that_is_refused_though_nothing_is_there(cloud, client, orders):
    cloud.set_fault("refused", status=412, times=1)
    found, _run = outcomes(client, orders(1))
    assert not any(found.values())
    assert len(events(cloud)) == 1


def test_a_uid_in_a_calendar_that_nobody_shows_is_said(cloud, client, orders, folder):
    (order,) = orders(1)
    shared = next(path for key, path in folder.items() if len(key) == 64)
    cloud.put_event(EMAIL, shared, write(order.session, now=NOW), href=f"{shared}other.ics")
    found, _run = outcomes(client, [order])
    assert isinstance(found[0], (PreconditionFailed, NotFound))


# -- deletes -----------------------------------------------------------------------------------


def test_many_deletes_are_confirmed_by_few_requests(cloud, client, placed):
    gone = placed(30)
    cloud.clear_requests()
    found, _run = outcomes(client, gone)
    assert found == dict.fromkeys(range(30), None)
    assert not events(cloud)
    assert len(asked(cloud, "DELETE")) == 30
    assert len(cloud.requests()) <= 30 + 8


@pytest.mark.parametrize("status", [404, 410, 412, 500, 503])
def test_a_delete_that_is_not_carried_out_is_not_done(cloud, client, placed, status):
    gone = placed(2)
    cloud.set_fault("unavailable", status=status, retry_after=None, methods=["DELETE"])
    found, _run = outcomes(client, gone)
    assert all(found.values())
    assert len(events(cloud)) == 2
    cloud.clear_faults()
    assert outcomes(client, gone)[0] == {0: None, 1: None}
    assert not events(cloud)


def test_a_page_instead_of_a_deletion_is_not_believed(cloud, client, placed):
    gone = placed(1)
    cloud.set_fault("nonsense", methods=["DELETE"], times=1)
    found, _run = outcomes(client, gone)
    assert isinstance(found[0], Unconfirmed)
    assert outcomes(client, gone)[0] == {0: None}
    assert not events(cloud)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("methods", [["GET"], ["GET", "REPORT"], ["GET", "REPORT", "DELETE"]])
def test_a_single_404_ends_nothing(cloud, client, placed, status, methods):
    gone = placed(2)
    for method in methods:
        cloud.set_fault("refused", status=status, methods=[method], times=1)
    for _run in range(2):
        outcomes(client, gone)
    assert not events(cloud)


@pytest.mark.parametrize("fault", ["nonsense", "refused"])
def test_what_cannot_be_read_is_deleted_by_the_version_that_is_listed(cloud, client, placed, fault):
    gone = placed(1)
    options = {"status": 400} if fault == "refused" else {}
    cloud.set_fault(fault, methods=["GET", "REPORT"], **options)
    outcomes(client, gone)
    cloud.clear_faults()
    assert not events(cloud)
    (delete,) = asked(cloud, "DELETE")
    assert delete["headers"]["If-Match"]


def test_nothing_is_deleted_unseen_because_of_a_page(cloud, client, placed):
    gone = placed(1)
    cloud.set_fault("nonsense", methods=["GET", "REPORT", "PROPFIND"])
    found, _run = outcomes(client, gone)
    assert isinstance(found[0], BadAnswer)
    assert len(events(cloud)) == 1
    assert not asked(cloud, "DELETE")
    cloud.clear_faults()
    assert outcomes(client, gone)[0] == {0: None}


def test_what_is_listed_and_cannot_be_had_is_deleted_all_the_same(cloud, client, placed):
    gone = placed(1)
    cloud.set_fault("poison_member", path=gone[0].href)
    found, _run = outcomes(client, gone)
    cloud.clear_faults()
    assert found == {0: None} or outcomes(client, gone)[0] == {0: None}
    assert not events(cloud)


@pytest.mark.parametrize("status", [404, 401])
def test_an_account_that_moved_meanwhile_is_followed(cloud, client, placed, orders, status):
    gone, changed = placed(2, "Moved")
    cloud.set_fault("partition_moved", status=status)
    wishes = [replace(gone, session=None), changed, replace(orders(3)[2], key=7)]
    found, run = outcomes(client, wishes)
    assert found == {0: None, 1: None, 7: None}
    assert run.home.url.startswith(cloud.url)
    cloud.clear_faults()
    assert len(events(cloud)) == 2


def test_what_was_dragged_away_is_deleted_where_it_is(cloud, client, placed, folder):
    (gone,) = placed(1)
    data = events(cloud)[gone.href]
    cloud.delete_event(gone.href)
    cloud.put_event(EMAIL, "work", data, href=gone.elsewhere[0])
    assert outcomes(client, [gone])[0] == {0: None}
    assert not events(cloud, "work")


def test_what_was_dragged_away_makes_no_second_one(cloud, client, placed):
    (changed,) = placed(1, "Moved")
    data = events(cloud)[changed.href]
    cloud.delete_event(changed.href)
    cloud.put_event(EMAIL, "work", data, href=changed.elsewhere[0])
    run = run_of(client, [changed], NOW)
    [([result], _untried)] = run.batches()
    assert (result.error, result.href) == (None, changed.elsewhere[0])
    assert not events(cloud)
    [data] = events(cloud, "work").values()
    assert remote_fingerprint(data, changed.uid) == fingerprint(changed.session)


# -- answers that are lost ----------------------------------------------------------------------


@pytest.mark.parametrize("is_new", [True, False])
def test_a_put_whose_answer_is_lost_is_found_and_not_repeated(
    cloud, client, orders, placed, is_new
):
    made = orders(1) if is_new else placed(1, "Moved")
    cloud.set_fault("reset_after", times=1)
    found, _run = outcomes(client, made)
    assert isinstance(found[0], Unavailable)
    cloud.clear_requests()
    found, _run = outcomes(client, [replace(each, may_exist=True) for each in made])
    assert found == {0: None}
    assert not asked(cloud, "PUT")
    assert len(events(cloud)) == 1


def test_a_host_that_is_gone_is_left_for_the_one_that_the_front_door_names(
    cloud, client, placed, orders
):
    gone, changed = placed(2, "Moved")
    cloud.set_fault("partition_moved", status=0)
    wishes = [replace(gone, session=None), changed, replace(orders(3)[2], key=7)]
    found, run = outcomes(client, wishes)
    assert found == {0: None, 1: None, 7: None}
    assert run.home.url.startswith(cloud.url)
    assert len(events(cloud)) == 2


@pytest.mark.parametrize("title", ["Moved", None])
def test_members_that_a_proxy_calls_otherwise_are_still_ours(
    cloud, client, placed, monkeypatch, title
):
    """The server lists the way to each member as it knows it, and one that nobody asked for."""
    orders, multiget = placed(3, title=title), client.multiget

    def behind_a_proxy(path, hrefs):
        asked = [*hrefs, orders[2].href]
        return [replace(each, href=f"/behind{each.href}") for each in multiget(path, asked)]

    monkeypatch.setattr(client, "multiget", behind_a_proxy)
    found, run = outcomes(client, orders[:2])
    assert (found, run.stopped) == ({0: None, 1: None}, None)
    kept = [b"SUMMARY:Moved 0", b"SUMMARY:Moved 1"] if title else []
    stored = b"".join(events(cloud).values())
    assert [each for each in kept if each not in stored] == []
    assert len(events(cloud)) == 1 + len(kept)


def test_a_password_revoked_behind_a_create_leaves_it_known_as_sent(cloud, client, orders):
    """iCloud has it: who cancels it meanwhile must have it deleted there."""
    cloud.set_fault("no_etag")
    cloud.set_fault("wrong_password_mid_run", methods=["GET", "PROPFIND"])
    found, run = outcomes(client, orders(2))
    assert len(events(cloud)) == 1
    assert isinstance(found[0], Unconfirmed)
    assert isinstance(run.stopped, Unauthorized)
    assert 1 not in found


@pytest.mark.parametrize("wanted", [None, "Changed"])
@pytest.mark.parametrize("is_slow", [False, True], ids=["resets", "never answers"])
def test_a_former_host_that_does_not_answer_is_left_at_once(
    cloud, client, hasty, placed, wanted, is_slow
):
    orders = placed(2, wanted)
    cloud.set_fault("partition_moved", status=404 if is_slow else 0)
    if is_slow:
        cloud.set_fault("slow", host="partition", seconds=1.2)
    cloud.clear_requests()
    run = run_of(hasty, orders, NOW, client.found.home_url)
    results = [result for results, _untried in run.batches() for result in results]
    assert [result.error for result in results] == [None, None]
    assert run.home.url != client.found.home_url
    assert len(events(cloud)) == (2 if wanted else 0)
    assert [each["host"] for each in cloud.requests()].count("partition") <= 2


@pytest.mark.parametrize("how", DEATHS)
@pytest.mark.parametrize("after", [1, 3, 5])
@pytest.mark.parametrize("wanted", [None, "Changed"])
def test_a_home_that_dies_in_the_middle_of_a_push_is_left_for_the_new_one(
    cloud, client, hasty, placed, orders, wanted, after, how
):
    """While it is read, written to, or looked at once more; nothing is left, nothing is twice."""
    wishes = [*placed(3, wanted), replace(orders(4)[3], key=7, rank=(9,))]
    home_dies(cloud, how, after)
    run = run_of(hasty, wishes, NOW, client.found.home_url)
    results = [result for results, _untried in run.batches() for result in results]
    failed = [result.order for result in results if result.error]
    # A delete is done when it is not there; where that was no truth, the look that follows says so.
    assert not failed or (how == "says it is not there" and not wanted)
    again = run_of(client, failed, NOW, run.home.url)
    assert not [each for batch in again.batches() for each in batch.results if each.error]
    assert len(events(cloud)) == (4 if wanted else 1)
