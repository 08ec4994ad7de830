from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest

from icloud_calendar_sync.ical.read import read
from icloud_calendar_sync.ical.write import Session, fingerprint, write
from icloud_calendar_sync.icloud.client import Client, Resource
from icloud_calendar_sync.icloud.contents import Fetched
from icloud_calendar_sync.icloud.errors import TimedOut, Unauthorized, Unavailable
from icloud_calendar_sync.sentence import Sentence
from icloud_calendar_sync.sync import resources
from icloud_calendar_sync.sync.news import Known, Window
from tests.sync.looking import look_at

WINDOW = Window(
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2027, 11, 1, tzinfo=UTC),
    "Europe/Brussels",
    frozenset({"mara@icloud.com"}),
)
EMAIL, PASSWORD = "mara@icloud.com", "abcd-efgh-ijkl-mnop"
START, STOP = datetime(2026, 12, 1, 14, tzinfo=UTC), datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.fixture
def home(folder):
    return Known(1, folder["home"], None, None, {})


def ask(client, *known):
    return look_at(client, client.found.home_url, known, WINDOW)


def the_news(client, known):
    (news,) = ask(client, known).news
    return news


def after(known, news):
    """What Odoo knows once it has stored the news."""
    return replace(
        known,
        listed_token=news.listed_token,
        sync_token=news.sync_token,
        etags={
            **{href: etag for href, etag in known.etags.items() if href not in news.removed},
            **{found.href: found.etag for found in news.found},
        },
    )


def put(cloud, summary="School run", **fields):
    return cloud.put_event(
        "mara@icloud.com", "home", summary=summary, **{"start": START, "stop": STOP, **fields}
    )


def test_the_first_look_reads_everything_and_the_next_costs_one_request(cloud, client, home):
    put(cloud)
    news = the_news(client, home)
    assert [found.reading.occurrences[0].title for found in news.found] == ["School run"]
    cloud.clear_requests()
    answer = ask(client, after(home, news))
    assert (answer.news, answer.needs) == ((), ())
    assert len(cloud.requests()) == 1


def test_changes_and_removals_are_told_apart(cloud, client, home):
    stays, goes = put(cloud), put(cloud, "Dentist")
    known = after(home, the_news(client, home))
    cloud.delete_event(goes)
    put(cloud, "School run, later", href=stays, uid="x")
    news = the_news(client, known)
    assert news.removed == {goes}
    assert [found.href for found in news.found] == [stays]


def test_a_copy_of_ours_comes_with_its_fingerprint_and_no_reading(cloud, client, home):
    session = Session("ours", START, STOP, "Europe/Brussels", "First visit", "Anna", "")
    cloud.put_event("mara@icloud.com", "home", write(session, now=START))
    (found,) = the_news(client, replace(home, ours=frozenset({"ours"}))).found
    assert (found.our_uid, found.fingerprint) == ("ours", fingerprint(session))
    assert found.reading is None


def test_a_malformed_file_is_a_problem_of_its_own(cloud, client, home):
    put(cloud)
    broken = cloud.put_event("mara@icloud.com", "home", b"BEGIN:VCALENDAR\r\nnonsense\r\n")
    news = the_news(client, home)
    assert {found.href for found in news.found if found.problem} == {broken}
    assert len([found for found in news.found if found.reading]) == 1


def test_a_listed_file_without_data_is_unread(cloud, client, home):
    href = put(cloud)
    cloud.set_fault("poison_member", path=href)
    assert the_news(client, home).unread == {href}


def test_a_server_that_lists_a_token_and_does_not_know_it_yet_is_asked_again(cloud, client, home):
    put(cloud)
    known = after(home, the_news(client, home))
    href = put(cloud, "Dentist")
    cloud.set_fault("late_listing")
    late = the_news(client, known)
    assert late.found == ()
    cloud.clear_faults()
    assert [found.href for found in the_news(client, after(known, late)).found] == [href]


def test_what_grows_into_the_window_is_read_again_without_a_change(cloud, client, home):
    href = put(cloud, rrule="FREQ=WEEKLY")
    news = the_news(client, home)
    assert news.found[0].reading.more_after
    again = replace(after(home, news), again=frozenset({href}))
    assert [found.href for found in the_news(client, again).found] == [href]


def test_a_calendar_that_left_the_listing_brings_no_news(cloud, client, folder, home):
    gone = Known(2, "/nowhere/", "t", "t", {"/nowhere/x.ics": '"1"'})
    answer = ask(client, home, gone)
    assert [news.key for news in answer.news] == [1]


def test_trouble_with_one_calendar_is_its_own_and_trouble_with_the_account_stops(
    cloud, client, folder, home
):
    work = Known(2, folder["work"], None, None, {})
    cloud.set_fault("nonsense", path=folder["home"])
    first, second = ask(client, home, work).news
    assert first.error is not None
    assert second.error is None
    cloud.clear_faults()
    cloud.set_fault("unavailable", methods=["REPORT"], retry_after=60)
    (only,) = ask(client, home, work).news
    assert isinstance(only.error, Unavailable)
    assert only.error.retry_after == 60
    cloud.revoke("mara@icloud.com")
    assert isinstance(ask(client, home).error, Unauthorized)


def test_a_slow_answer_is_an_error_and_no_removal(cloud, client, home):
    put(cloud)
    known = after(home, the_news(client, home))
    put(cloud, "Another")
    cloud.set_fault("slow", methods=["REPORT"], seconds=3)
    with Client(
        client.found.home_url, EMAIL, PASSWORD, trusted_hosts=cloud.hosts, timeout=0.5
    ) as hasty:
        (news,) = look_at(hasty, client.found.home_url, [known], WINDOW).news
    assert isinstance(news.error, TimedOut)
    assert not news.removed


@pytest.fixture
def tires(client, monkeypatch):
    """Has the client answer so many more requests for events, and then none."""

    multiget = Client.multiget

    def after_requests(count):
        answered = iter(range(count))

        def answer(self, *args):
            if next(answered, None) is None:
                raise TimedOut(Sentence("The time is over."))
            return multiget(self, *args)

        monkeypatch.setattr(Client, "multiget", answer)

    monkeypatch.setattr(resources, "MAX_BATCH", 2)
    return after_requests


def test_a_calendar_larger_than_one_look_is_read_in_several(cloud, client, home, tires):
    hrefs = {put(cloud, f"Event {number}") for number in range(5)}
    tires(2)
    first = the_news(client, home)
    assert isinstance(first.late, TimedOut)
    assert first.error is None
    assert len(first.found) == 4
    assert (first.listed_token, first.sync_token) == (None, None)
    tires(2)
    second = the_news(client, known := after(home, first))
    assert {found.href for found in second.found} == hrefs - known.etags.keys()
    assert second.late is None
    assert second.sync_token


def test_what_is_only_read_again_keeps_nothing_open_when_the_time_is_over(
    cloud, client, home, tires
):
    hrefs = {put(cloud, f"Event {number}") for number in range(5)}
    known = after(home, the_news(client, home))
    put(cloud, "Another")
    tires(2)
    news = the_news(client, replace(known, again=frozenset(hrefs)))
    assert (news.error, news.late) == (None, None)
    assert len(news.found) == 4
    assert news.sync_token != known.sync_token


def test_a_copy_that_came_and_went_unheard_counts_as_removed(cloud, client, home, folder):
    known = after(home, the_news(client, home))
    href = f"{folder['home']}ours.ics"
    assert the_news(client, replace(known, fresh=frozenset({href}))).removed == {href}


def test_a_copy_just_pushed_is_not_missed(cloud, client, home):
    session = Session("ours", START, STOP, "Europe/Brussels", "First visit", "Anna", "")
    href = cloud.put_event("mara@icloud.com", "home", write(session, now=START))
    ours = replace(home, ours=frozenset({"ours"}), fresh=frozenset({href}))
    known = after(ours, the_news(client, ours))
    assert not the_news(client, known).removed


def test_what_floats_is_read_again_in_the_hosts_new_zone(cloud, client, home):
    href = put(cloud)
    floating = cloud.events(EMAIL, "home")[href].replace(b"0000Z", b"0000")
    cloud.put_event(EMAIL, "home", floating, href=href)
    news = the_news(client, home)
    assert news.found[0].reading.floating
    assert news.found[0].reading.occurrences[0].start == datetime(2026, 12, 1, 13, tzinfo=UTC)
    moved = replace(WINDOW, zone="America/New_York")
    again = replace(after(home, news), again=frozenset({href}))
    (news,) = look_at(client, client.found.home_url, [again], moved).news
    assert news.found[0].reading.occurrences[0].start == datetime(2026, 12, 1, 19, tzinfo=UTC)


def test_an_unknown_zone_is_no_fault_of_the_files(cloud, client, home):
    put(cloud)
    nowhere = replace(WINDOW, zone="Nowhere/At-All")
    with pytest.raises(ZoneInfoNotFoundError):
        look_at(client, client.found.home_url, [home], nowhere)


@pytest.mark.parametrize("uid", ["x" * 3_000, "x" * 1_000_000], ids=len)
def test_a_uid_of_any_length_still_blocks(cloud, client, home, uid):
    put(cloud, uid=uid)
    (found,) = the_news(client, home).found
    assert found.reading.occurrences[0].busy
    assert len(found.reading.uid) <= 8_000
    assert (found.reading.uid == uid) is (len(uid) <= 8_000)


def test_no_nul_of_a_file_reaches_odoo(cloud, client, home, monkeypatch):
    href = put(cloud, uid="the-uid")
    data = cloud.events(EMAIL, "home")[href]
    odd = data.replace(b"the-uid", b"the-\x00uid").replace(b"SUMMARY:", b"SUMMARY:\x00")
    odd = odd.replace(b"DTSTAMP", b"X-\x00ODD")
    fetched = Fetched((Resource(f"{home.href}x.ics", '"1"', odd),), frozenset(), {}, {})
    monkeypatch.setattr(resources, "fetch", lambda *_arguments: fetched)
    (found,) = the_news(client, home).found
    assert found.reading.occurrences[0].busy
    assert "\x00" not in repr(found).replace("\\x00", "\x00")


def test_a_file_that_breaks_our_own_reader_is_set_aside_and_the_others_arrive(
    cloud, client, home, monkeypatch
):
    put(cloud)
    broken = put(cloud, "Broken")

    def read_or_break(data, *arguments, **options):
        if b"Broken" in data:
            raise RecursionError("x\x00" * 1000)
        return read(data, *arguments, **options)

    monkeypatch.setattr(resources, "read", read_or_break)
    found = {each.href: each for each in the_news(client, home).found}
    problem = found.pop(broken).problem
    assert isinstance(problem, Sentence)
    assert len(problem) < 200
    assert "\x00" not in problem
    assert [each.reading.occurrences[0].title for each in found.values()] == ["School run"]


def test_what_the_calendar_lists_elsewhere_is_named_and_the_rest_arrives(cloud, client, home):
    put(cloud)
    cloud.set_fault("stray_members", hrefs=["/elsewhere/x.ics", f"{home.href}{'x' * 9000}.ics"])
    news = the_news(client, home)
    assert len(news.found) == 1
    assert [problem.split()[0] for problem in news.problems] == [
        "/elsewhere/x.ics",
        f"{home.href}{'x' * (79 - len(home.href))}…",
    ]


def test_every_problem_can_be_said_in_another_language(cloud, client, home):
    put(cloud, summary="Two ends", rrule="FREQ=NONSENSE")
    cloud.put_event("mara@icloud.com", "home", b"BEGIN:VCALENDAR\r\nnonsense\r\n")
    for found in the_news(client, home).found:
        for problem in (found.problem,) if found.problem else found.reading.problems:
            assert isinstance(problem, Sentence)
