"""What changed in a calendar: every way to ask gives the truth, and half an answer nothing."""

import random
import re

import pytest

from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    TokenInvalid,
    Unauthorized,
    Unavailable,
)
from icloud_calendar_sync.icloud.urls import canonical_path
from icloud_calendar_sync.sentence import Sentence
from tests.icloud.comparing import changes_since

BOX = "/7/calendars/home/"


def applied(known: dict[str, str], news) -> dict[str, str]:
    """What a caller knows after it has stored the news."""
    kept = {href: etag for href, etag in known.items() if href not in news.removed}
    return kept | news.changed


def member(name: str, etag: str = '"1"', status: str = "200 OK") -> str:
    return (
        f"<response><href>{BOX}{name}</href><propstat><prop><getetag>{etag}</getetag></prop>"
        f"<status>HTTP/1.1 {status}</status></propstat></response>"
    )


def whole(name: str, status: str) -> str:
    return f"<response><href>{BOX}{name}</href><status>HTTP/1.1 {status}</status></response>"


OWN = member("", "", "404 Not Found")
TOKEN = "<sync-token>token-2</sync-token>"


def gone(*names: str) -> list[str]:
    """What a multiget says of what was removed."""
    return [whole(name, "404 Not Found") for name in names]


# --- on each real server


def test_a_first_look_lists_everything(server, client, calendar):
    for name in ("a", "b"):
        server.write(f"{calendar}{name}.ics")
    news = changes_since(client, calendar, None, {})
    assert news.changed.keys() == {f"{calendar}a.ics", f"{calendar}b.ics"}
    assert all(news.changed.values())
    assert (news.removed, news.full) == (frozenset(), True)
    assert news.token


def test_without_changes_there_is_no_news(server, client, calendar):
    server.write(f"{calendar}a.ics")
    first = changes_since(client, calendar, None, {})
    news = changes_since(client, calendar, first.token, first.changed)
    assert (news.changed, news.removed, news.full) == ({}, frozenset(), False)


@pytest.mark.parametrize("token", ["known", None, "http://example.org/expired"])
def test_news_are_what_the_phone_did(server, client, calendar, token):
    for name in ("stays", "moves", "goes"):
        server.write(f"{calendar}{name}.ics")
    first = changes_since(client, calendar, None, {})
    server.write(f"{calendar}moves.ics", "Moved")
    server.remove(f"{calendar}goes.ics")
    server.write(f"{calendar}new.ics")
    news = changes_since(
        client, calendar, first.token if token == "known" else token, first.changed
    )
    assert news.changed.keys() == {f"{calendar}moves.ics", f"{calendar}new.ics"}
    assert news.removed == {f"{calendar}goes.ics"}
    assert news.full is (token != "known")


def test_what_we_wrote_ourselves_is_no_news(server, client, calendar):
    for name in ("a", "b", "c"):
        server.write(f"{calendar}{name}.ics")
    first = changes_since(client, calendar, None, {})
    href = f"{calendar}ours.ics"
    etag = client.put(href, server.event(), etag=None) or client.get(href).etag
    news = changes_since(client, calendar, first.token, {**first.changed, href: etag})
    assert (news.changed, news.removed) == ({}, frozenset())


def test_a_calendar_that_is_gone_is_not_an_empty_one(server, client, calendar):
    server.write(f"{calendar}a.ics")
    first = changes_since(client, calendar, None, {})
    server.remove(calendar)
    for token in (first.token, None):
        with pytest.raises(NotFound):
            changes_since(client, calendar, token, first.changed)


def test_an_emptied_calendar_is_empty(server, client, calendar):
    server.write(f"{calendar}a.ics")
    first = changes_since(client, calendar, None, {})
    server.remove(f"{calendar}a.ics")
    news = changes_since(client, calendar, None, first.changed)
    assert news.removed == {f"{calendar}a.ics"}


def test_whatever_the_phone_does_and_however_we_ask_we_end_up_with_the_truth(
    server, client, calendar
):
    chance = random.Random(7)
    known, token = {}, None
    for step in range(12):
        for _ in range(chance.randrange(4)):
            href = f"{calendar}{chance.randrange(6)}.ics"
            if chance.random() < 0.4 and href in (truth := listed(client, calendar)):
                assert truth
                server.remove(href)
            else:
                server.write(href, f"Step {step}")
        news = changes_since(client, calendar, chance.choice([token, token, None, "x"]), known)
        known, token = applied(known, news), news.token
        assert known == listed(client, calendar)


def listed(client, calendar) -> dict[str, str]:
    members = client.propfind(calendar, ["{DAV:}getetag"], 1)
    return {
        each.href: each.text("{DAV:}getetag") for each in members if not each.href.endswith("/")
    }


# --- on the local iCloud


@pytest.fixture
def box(icloud, icloud_server):
    """A calendar with three events: (client, its path, the first news of it)."""
    calendar = icloud_server.new_calendar()
    for name in ("a", "b", "c"):
        icloud_server.write(f"{calendar}{name}.ics")
    with icloud_server.client() as client:
        yield client, calendar, changes_since(client, calendar, None, {})


def test_when_nothing_changed_one_request_tells(icloud, box):
    client, calendar, first = box
    icloud.clear_requests()
    changes_since(client, calendar, first.token, first.changed)
    assert len(icloud.requests()) == 1


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412])
@pytest.mark.parametrize("explained", [True, False])
def test_a_refused_token_means_a_full_comparison(icloud, box, status, explained):
    client, calendar, first = box
    icloud.delete_event(f"{calendar}a.ics")
    icloud.set_fault("token_expired", status=status, explained=explained)
    with pytest.raises(TokenInvalid):
        client.sync_collection(calendar, first.token)
    news = changes_since(client, calendar, first.token, first.changed)
    assert (news.full, news.changed, news.removed) == (True, {}, {f"{calendar}a.ics"})
    assert news.token


def test_a_permission_that_is_lost_is_told_from_a_refused_token(icloud, box):
    client, calendar, first = box
    icloud.set_fault("refused", methods=["REPORT", "PROPFIND"], status=403)
    with pytest.raises(Forbidden):
        changes_since(client, calendar, first.token, first.changed)


def test_members_listed_twice_are_one(icloud, box):
    client, calendar, first = box
    icloud.set_fault("duplicate_hrefs")
    news = changes_since(client, calendar, None, {})
    assert news.changed == first.changed
    icloud.delete_event(f"{calendar}b.ics")
    news = changes_since(client, calendar, first.token, first.changed)
    assert (news.changed, news.removed) == ({}, {f"{calendar}b.ics"})


@pytest.mark.parametrize("token", [True, False])
@pytest.mark.parametrize("methods", [["REPORT", "PROPFIND"], ["REPORT"]])
def test_a_list_that_has_only_begun_removes_nothing(icloud, box, token, methods):
    client, calendar, first = box
    icloud.set_fault("partial_listing", methods=methods)
    known = first.token if token else None
    if "PROPFIND" in methods:
        with pytest.raises(Unavailable) as failure:
            changes_since(client, calendar, known, first.changed)
        assert failure.value.status == 507
    else:
        news = changes_since(client, calendar, known, first.changed)
        assert (news.changed, news.removed) == ({}, frozenset())


@pytest.mark.parametrize(
    ("fault", "expected", "requests"),
    [
        ("unavailable", Unavailable, 1),
        # Another way to ask is tried.
        ("nonsense", BadAnswer, 2),
        ("truncated", BadAnswer, 2),
        ("wrong_password_mid_run", Unauthorized, 1),
    ],
)
@pytest.mark.parametrize("token", [True, False])
def test_a_failed_answer_removes_nothing(icloud, box, fault, expected, requests, token):
    client, calendar, first = box
    icloud.set_fault(fault)
    icloud.clear_requests()
    with pytest.raises(expected):
        changes_since(client, calendar, first.token if token else None, first.changed)
    assert len(icloud.requests()) == requests


@pytest.mark.parametrize("token", [True, False])
@pytest.mark.parametrize(
    ("fault", "options"),
    [("nonsense", {}), ("truncated", {}), ("unavailable", {"status": 500, "retry_after": None})],
    ids=["nonsense", "truncated", "500"],
)
def test_where_reports_fail_the_members_are_listed(icloud, box, fault, options, token):
    client, calendar, first = box
    icloud.put_event("anna@example.com", calendar, href=f"{calendar}d.ics")
    icloud.set_fault(fault, methods=["REPORT"], **options)
    news = changes_since(client, calendar, first.token if token else None, first.changed)
    assert list(news.changed) == [f"{calendar}d.ics"]
    assert (news.removed, news.token) == (frozenset(), None)


# --- with the oddest answers


def test_the_calendar_itself_is_no_member_however_it_is_written(scripted):
    bare = member("").replace("home/<", "home<")
    scripted.lists(member(""), bare, member("a.ics"), more=TOKEN)
    with scripted.client() as client:
        assert changes_since(client, BOX, None, {}).changed.keys() == {f"{BOX}a.ics"}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 412, 415, 501])
def test_a_server_without_sync_is_listed_in_full_each_time(scripted, status):
    scripted.answers(status).lists(OWN, member("a.ics"), member("b.ics", '"2"'))
    scripted.lists(*gone("z.ics"))
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {f"{BOX}a.ics": '"1"', f"{BOX}z.ics": '"1"'})
    assert news.changed == {f"{BOX}b.ics": '"2"'}
    assert news.removed == {f"{BOX}z.ics"}
    assert (news.token, news.full) == (None, True)
    assert [(each.method, each.headers["Depth"]) for each in scripted.asked] == [
        ("REPORT", "1"),
        ("PROPFIND", "1"),
        ("REPORT", "1"),
    ]


def test_a_server_that_forgot_the_token_in_silence_is_found_out(scripted):
    known = {f"{BOX}{name}.ics": '"1"' for name in "abcd"}
    everything = (member("a.ics"), member("b.ics"), member("c.ics"))
    scripted.lists(*everything, more=TOKEN).lists(*everything, more=TOKEN).lists(*gone("d.ics"))
    with scripted.client() as client:
        news = changes_since(client, BOX, "old", known)
    assert (news.full, news.removed) == (True, {f"{BOX}d.ics"})


def test_a_forgotten_token_is_found_out_without_any_etag(scripted):
    known = {f"{BOX}{name}.ics": '"1"' for name in "abcd"}
    everything = (member("a.ics", ""), member("b.ics", ""), member("c.ics", ""))
    scripted.lists(*everything, more=TOKEN).lists(*everything, more=TOKEN).lists(*gone("d.ics"))
    with scripted.client() as client:
        assert changes_since(client, BOX, "old", known).removed == {f"{BOX}d.ics"}


@pytest.mark.parametrize(("knew", "left"), [("ab", "a"), ("abc", "a"), ("abcde", "ab"), ("ab", "")])
def test_a_forgotten_token_of_a_small_calendar_leaves_no_ghost(scripted, knew, left):
    known = {f"{BOX}{name}.ics": '"1"' for name in knew}
    goes = sorted(set(knew) - set(left))
    everything = [member(f"{name}.ics") for name in left]
    scripted.lists(*everything, more=TOKEN).lists(*everything, more=TOKEN)
    if not left:
        scripted.lists(OWN)
    scripted.lists(*gone(*(f"{name}.ics" for name in goes)))
    with scripted.client() as client:
        news = changes_since(client, BOX, "old", known)
    assert (news.full, news.removed) == (True, {f"{BOX}{name}.ics" for name in goes})


@pytest.mark.parametrize("left", [0, 1, 14])
def test_a_forgotten_token_is_found_out_when_most_of_a_large_calendar_went(scripted, left):
    """It lists little of what was known, all of it as it was; nobody wrote that."""
    known = {f"{BOX}{number}.ics": '"1"' for number in range(40)}
    everything = [member(f"{number}.ics") for number in range(left)]
    scripted.lists(*everything, more=TOKEN).lists(*everything, more=TOKEN)
    if not left:
        scripted.lists(OWN)
    scripted.lists(*gone(*(f"{number}.ics" for number in range(left, 40))))
    with scripted.client() as client:
        news = changes_since(client, BOX, "old", known)
    assert (news.full, len(news.removed)) == (True, 40 - left)


def test_an_empty_answer_that_is_true_costs_a_listing_and_takes_nothing(scripted):
    known = {f"{BOX}{number}.ics": '"1"' for number in range(40)}
    scripted.lists(more=TOKEN).lists(*(member(f"{each}.ics") for each in range(40)), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, "old", known)
    assert (news.changed, news.removed) == ({}, frozenset())


@pytest.mark.parametrize(("count", "etag"), [(30, '"1"'), (5, '"2"')])
def test_what_we_wrote_in_a_large_calendar_and_news_of_a_small_one_cost_one_request(
    scripted, count, etag
):
    known = {f"{BOX}{number}.ics": '"1"' for number in range(count)}
    scripted.lists(member("1.ics", etag), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, "old", known, written=frozenset({f"{BOX}1.ics"}))
    assert (news.full, news.removed) == (False, frozenset())
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Oops", "423 Locked"])
@pytest.mark.parametrize("token", ["token-1", None])
def test_a_member_with_an_error_is_there_and_spoils_nothing(scripted, status, token):
    scripted.lists(member("a.ics"), whole("b.ics", status), more=TOKEN)
    known = {f"{BOX}{name}.ics": '"1"' for name in "bdefg"} if token else {f"{BOX}b.ics": '"1"'}
    with scripted.client() as client:
        news = changes_since(client, BOX, token, known)
    assert news.changed == {f"{BOX}a.ics": '"1"', f"{BOX}b.ics": ""}
    assert news.removed == frozenset()


def test_a_sudden_emptiness_must_be_said_twice(scripted):
    scripted.lists(more=TOKEN).lists(OWN, member("a.ics"))
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {f"{BOX}a.ics": '"1"'})
    assert (news.changed, news.removed) == ({}, frozenset())


def test_an_answer_without_any_resource_is_not_an_empty_calendar(scripted):
    scripted.lists()
    with scripted.client() as client, pytest.raises(BadAnswer):
        changes_since(client, BOX, None, {f"{BOX}a.ics": '"1"'})


@pytest.mark.parametrize("token", ["token-1", None])
@pytest.mark.parametrize("members", [(), ("a.ics", "b.ics")], ids=["empty", "full"])
def test_a_list_without_a_token_is_no_answer(scripted, token, members):
    scripted.lists(*map(member, members)).lists(OWN, member("a.ics"), member("new.ics"))
    scripted.lists(*gone("b.ics"))
    with scripted.client() as client:
        news = changes_since(client, BOX, token, {f"{BOX}{name}.ics": '"1"' for name in "ab"})
    assert news.changed == {f"{BOX}new.ics": '"1"'}
    assert (news.removed, news.token) == ({f"{BOX}b.ics"}, None)


def test_an_emptiness_at_first_sight_must_be_said_twice(scripted):
    scripted.lists(more=TOKEN).lists(OWN, member("a.ics"))
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {})
    assert (news.changed, news.token) == ({f"{BOX}a.ics": '"1"'}, None)


def test_an_emptiness_that_is_said_twice_is_believed(scripted):
    scripted.lists(more=TOKEN).lists(OWN)
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {})
    assert (news.changed, news.token) == ({}, "token-2")


STILL_THERE = {
    "still there": [member("b.ics")],
    "without a word": [],
    "with an error": [whole("b.ics", "500 Oops")],
}


@pytest.mark.parametrize("said", STILL_THERE.values(), ids=STILL_THERE)
@pytest.mark.parametrize("token", ["token-1", None])
def test_gone_is_what_two_answers_confirm(scripted, said, token):
    known = {f"{BOX}{name}.ics": '"1"' for name in "abcde"}
    if token:
        scripted.lists(*gone("b.ics"), more=TOKEN)
    else:
        scripted.lists(*(member(f"{name}.ics") for name in "acde"), more=TOKEN)
    scripted.lists(*said).lists(OWN, *(member(f"{name}.ics") for name in "abcde"))
    with scripted.client() as client:
        news = changes_since(client, BOX, token, known)
    assert (news.removed, news.changed, news.doubtful) == (frozenset(), {}, True)


def test_gone_by_the_report_and_by_the_members_is_gone(scripted):
    scripted.lists(*gone("b.ics"), more=TOKEN).lists().lists(OWN, member("a.ics"))
    with scripted.client() as client:
        news = changes_since(client, BOX, "token-1", {f"{BOX}b.ics": '"1"'})
    assert (news.removed, news.token, news.doubtful) == ({f"{BOX}b.ics"}, "token-2", False)


@pytest.mark.parametrize("left", [0, 1])
def test_a_calendar_that_shrank_suddenly_is_listed_in_another_way(scripted, left):
    hrefs = [f"{number}.ics" for number in range(200)]
    known = {BOX + name: '"1"' for name in hrefs}
    scripted.lists(*map(member, hrefs[:left]), more=TOKEN).lists(OWN, *map(member, hrefs[:150]))
    with scripted.client() as client:
        news = changes_since(client, BOX, None, known)
        assert news.removed <= {BOX + name for name in hrefs[150:]}
        assert len(scripted.asked) <= 3
    assert news.changed == {}


def test_where_no_report_is_answered_each_is_asked_for_alone(scripted):
    known = {f"{BOX}{name}.ics": '"1"' for name in "abc"}
    scripted.answers(500).lists(OWN, member("a.ics")).answers(500)
    scripted.answers(404).answers(200, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ETag='"2"')
    with scripted.client() as client:
        news = changes_since(client, BOX, "token-1", known)
    assert news.removed == {f"{BOX}b.ics"}
    assert (news.changed, news.doubtful) == ({f"{BOX}c.ics": '"2"'}, True)
    assert [asked.method for asked in scripted.asked][-2:] == ["GET", "GET"]


def test_a_calendar_without_reports_loses_only_what_is_asked_for_by_name(scripted):
    known = {f"{BOX}{number}.ics": '"1"' for number in range(120)}
    scripted.answers(501).lists(OWN, member("0.ics"))

    def confirm(handler, asked):
        names = re.findall(rb"home/([^<]+)</", asked.body)
        scripted.lists(*gone(*map(bytes.decode, names)))
        scripted._answers.pop()(handler, asked)

    scripted.does(confirm)
    with scripted.client() as client:
        news = changes_since(client, BOX, None, known)
    assert len(news.removed) == 119
    assert len(scripted.asked) == 5


SAME = {
    "quoted": f"{BOX}%61.ics",
    "host": f"https://elsewhere.example{BOX}a.ics",
    "private host": f"http://10.0.0.1:5232{BOX}a.ics",
    "path": "/7/caldav.php/calendars/home/a.ics",
    "slashes": "/7/calendars//home/a.ics",
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_a_member_under_another_name_is_the_same_once(scripted, other):
    scripted.lists(OWN, member("a.ics"), at(other), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {})
    assert (news.changed, news.problems) == ({f"{BOX}a.ics": '"1"'}, ())
    scripted.forget()
    scripted.lists(OWN, at(other), more=TOKEN)
    with scripted.client() as client:
        assert changes_since(client, BOX, None, {f"{BOX}a.ics": '"1"'}).changed == {}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_what_is_gone_under_another_name_is_gone(scripted, other):
    vanished = whole("a.ics", "404 Not Found").replace(f"{BOX}a.ics", other)
    scripted.lists(vanished, more=TOKEN).lists(vanished)
    with scripted.client() as client:
        assert changes_since(client, BOX, "old", {f"{BOX}a.ics": '"1"'}).removed == {f"{BOX}a.ics"}


def test_there_and_gone_in_one_answer_is_there(scripted):
    scripted.lists(member("a.ics", '"2"'), whole("a.ics", "404 Not Found"), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, "old", {f"{BOX}a.ics": '"1"'})
    assert (news.changed, news.removed) == ({f"{BOX}a.ics": '"2"'}, frozenset())


def test_a_status_about_several_resources_is_about_each(scripted):
    both = whole("a.ics", "404 Not Found").replace("<status>", f"<href>{BOX}b.ics</href><status>")
    scripted.lists(both, more=TOKEN)
    with scripted.client() as client:
        assert changes_since(client, BOX, "old", {}).removed == {f"{BOX}a.ics", f"{BOX}b.ics"}


@pytest.mark.parametrize("etag", ["1", '"1"', 'W/"1"', "&quot;1&quot;", ' "1"\n'])
def test_an_etag_is_the_same_in_every_spelling(scripted, etag):
    scripted.lists(member("a.ics", etag), member("b.ics", '"2"'), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {f"{BOX}a.ics": '"1"'})
    assert news.changed == {f"{BOX}b.ics": '"2"'}


def test_a_resource_without_an_etag_always_counts_as_changed(scripted):
    scripted.lists(member("a.ics", ""), more=TOKEN)
    with scripted.client() as client:
        assert changes_since(client, BOX, None, {f"{BOX}a.ics": ""}).changed == {f"{BOX}a.ics": ""}


def test_more_resources_than_anybody_has_are_refused(scripted, monkeypatch):
    monkeypatch.setattr("icloud_calendar_sync.icloud.multistatus.MAX_RESPONSES", 10)
    scripted.lists(*(member(f"{number}.ics") for number in range(11)))
    with scripted.client() as client, pytest.raises(BadAnswer, match="more than 10"):
        changes_since(client, BOX, None, {})


STRAY = {
    "outside": "/7/calendars/work/x.ics",
    "up": f"{BOX}../work/x.ics",
    "up-quoted": f"{BOX}%2e%2e/work/x.ics",
    "long": f"{BOX}{'x' * 8000}.ics",
    "long-when-quoted": f"{BOX}{'ä' * 2000}.ics",
    "no-url": "http://[::1/x.ics",
    "bad-port": "http://127.0.0.1:18430.evil.com/x.ics",
}


def at(href: str) -> str:
    return member("x.ics").replace(f"{BOX}x.ics", href)


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
@pytest.mark.parametrize("token", [None, "token-1"])
def test_what_lies_elsewhere_is_left_out_and_named(scripted, stray, token):
    scripted.lists(OWN, member("a.ics"), at(stray), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, token, {f"{BOX}b.ics": '"1"'})
    assert news.changed == {f"{BOX}a.ics": '"1"'}
    (problem,) = news.problems
    assert isinstance(problem, Sentence)
    assert problem.startswith((canonical_path(stray)[:20], stray[:20]))
    assert len(problem) < 200


def test_a_thousand_stray_members_are_named_by_a_few(scripted):
    strays = [at(f"/elsewhere/{number}.ics") for number in range(1000)]
    scripted.lists(OWN, member("a.ics"), *strays, *strays, more=TOKEN)
    with scripted.client() as client:
        assert len(changes_since(client, BOX, None, {}).problems) == 20


def test_a_calendar_of_nothing_but_strays_is_not_an_empty_one(scripted):
    scripted.lists(OWN, at("/7/calendars/work/x.ics"), more=TOKEN)
    with scripted.client() as client, pytest.raises(BadAnswer, match="another place"):
        changes_since(client, BOX, None, {f"{BOX}a.ics": '"1"'})


def test_members_lie_where_the_calendar_was_redirected_to(scripted):
    scripted.answers(301, Location="/8/calendars/home/")
    scripted.lists(at("/8/calendars/home/x.ics"), more=TOKEN)
    with scripted.client() as client:
        news = changes_since(client, BOX, None, {})
    assert list(news.changed) == ["/8/calendars/home/x.ics"]
    assert not news.problems


def test_a_token_of_megabytes_is_not_kept(scripted):
    scripted.lists(OWN, member("a.ics"), more=f"<sync-token>{'x' * 3_000_000}</sync-token>")
    with scripted.client() as client:
        assert changes_since(client, BOX, None, {}).token is None
