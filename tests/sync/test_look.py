"""What one look does while a part of iCloud fails: the rest arrives, and nothing is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import TimedOut, Unavailable
from icloud_calendar_sync.sentence import Sentence
from icloud_calendar_sync.sync.importer import look
from icloud_calendar_sync.sync.news import CalendarNews, Known, Listing, Part, Watched
from tests.sync.looking import EMAIL, START, WINDOW, look_at
from tests.sync.runs import DEATHS, home_dies


@pytest.fixture
def calendars(cloud, client, folder):
    """Four calendars, each with an event."""
    for name in ("garden", "choir"):
        cloud.create_calendar(EMAIL, name)
    hrefs = {
        **{name: folder[name] for name in ("home", "work")},
        **{name: folder["home"].replace("/home/", f"/{name}/") for name in ("garden", "choir")},
    }
    for name in hrefs:
        cloud.put_event(EMAIL, name, summary=name, start=START, stop=START + timedelta(hours=1))
    return {
        name: Known(key, href, None, None, {}) for key, (name, href) in enumerate(hrefs.items())
    }


def news_of(client, *known):
    answer = look_at(client, client.found.home_url, known, WINDOW)
    return {news.key: news for news in answer.news}


def after(known, news):
    return replace(
        known,
        listed_token=news.listed_token,
        sync_token=news.sync_token,
        etags={found.href: found.etag for found in news.found},
    )


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_calendar_that_always_fails_starves_none_behind_it(cloud, client, calendars, status):
    cloud.set_fault("unavailable", path=calendars["home"].href, status=status, retry_after=None)
    first, *others = news_of(client, *calendars.values()).values()
    assert isinstance(first.error, Unavailable)
    assert [len(news.found) for news in others] == [1, 1, 1]


def test_when_a_second_calendar_fails_the_account_is_left_alone(cloud, client, calendars):
    cloud.set_fault("unavailable", methods=["REPORT"], retry_after=None)
    cloud.clear_requests()
    first, second = news_of(client, *calendars.values()).values()
    assert isinstance(first.error, Unavailable)
    assert isinstance(second.error, Unavailable)
    assert len(cloud.requests()) == 3


@pytest.mark.parametrize("fault", [{"retry_after": 60}, {"status": 429, "retry_after": None}])
def test_whoever_is_asked_to_wait_asks_no_other_calendar(cloud, client, calendars, fault):
    cloud.set_fault("unavailable", methods=["REPORT"], **fault)
    cloud.clear_requests()
    assert len(news_of(client, *calendars.values())) == 1
    assert len(cloud.requests()) == 2


@pytest.mark.parametrize("status", [401, 403, 421])
def test_a_stray_refusal_of_a_calendar_is_not_believed(cloud, client, calendars, status):
    path = calendars["home"].href
    cloud.set_fault("refused", path=path, methods=["REPORT"], status=status, times=1)
    found = news_of(client, *calendars.values())
    assert [len(news.found) for news in found.values()] == [1, 1, 1, 1]


def test_a_calendar_that_contradicts_the_front_door_is_its_own_trouble(cloud, client, calendars):
    path = calendars["home"].href
    cloud.set_fault("refused", path=path, methods=["REPORT"], status=401)
    first, *others = news_of(client, *calendars.values()).values()
    assert isinstance(first.error, Unavailable)
    assert [len(news.found) for news in others] == [1, 1, 1]


def test_what_was_read_comes_before_the_rest_is_there(cloud, client, calendars, monkeypatch):
    for number in range(120):
        cloud.put_event(
            EMAIL, "home", summary=str(number), start=START, stop=START + timedelta(hours=1)
        )
    looking = look(
        client, client.found.home_url, [Watched(0, calendars["home"].href, None, None)], WINDOW
    )
    assert isinstance(next(looking), Listing)
    next(looking)
    multiget, answered = Client.multiget, iter(range(2))

    def answer(*arguments):
        return _no_time() if next(answered, None) is None else multiget(*arguments)

    monkeypatch.setattr(Client, "multiget", answer)
    first = looking.send(replace(calendars["home"], kept={0: 0}))
    assert isinstance(first, Part)
    assert len(first.found) == 50
    second, end = next(looking), next(looking)
    assert len(second.found) == 50
    assert isinstance(end, CalendarNews)
    assert isinstance(end.late, TimedOut)
    assert (end.listed_token, end.sync_token) == (None, None)


def _no_time(*_arguments):
    raise TimedOut(Sentence("The time is over."))


def test_only_what_was_listed_is_asked_of_the_database(cloud, client, calendars):
    home = calendars["home"]
    for number in range(30):
        cloud.put_event(
            EMAIL, "home", summary=str(number), start=START, stop=START + timedelta(hours=1)
        )
    home = after(home, news_of(client, home)[home.key])
    href = cloud.put_event(EMAIL, "home", start=START, stop=START + timedelta(hours=2))
    cloud.clear_requests()
    answer = look_at(client, client.found.home_url, [home], WINDOW)
    assert [need.hrefs for need in answer.needs] == [frozenset({href})]
    assert [found.href for found in answer.news[0].found] == [href]
    assert [each["method"] for each in cloud.requests()] == ["PROPFIND", "REPORT", "REPORT"]


def test_a_calendar_made_anew_under_its_old_address_is_read_as_it_is_now(cloud, client, calendars):
    garden = calendars["garden"]
    for number in range(3):
        cloud.put_event(
            EMAIL, "garden", summary=str(number), start=START, stop=START + timedelta(hours=1)
        )
    garden = after(garden, news_of(client, garden)[garden.key])
    cloud.delete_calendar(EMAIL, "garden")
    cloud.create_calendar(EMAIL, "garden")
    kept = next(iter(garden.etags))
    hrefs = {
        cloud.put_event(EMAIL, "garden", start=START, stop=START + timedelta(hours=2), **where)
        for where in ({"href": kept, "uid": "kept"}, {})
    }
    news = news_of(client, garden)[garden.key]
    assert {found.href for found in news.found} == hrefs
    assert news.removed == garden.etags.keys() - hrefs
    assert news.sync_token not in (None, garden.sync_token)


# -- a home that dies in the middle ------------------------------------------------------------

MANY = 60


@pytest.mark.parametrize("how", DEATHS)
@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_home_that_dies_in_the_middle_of_a_look_is_left_for_the_new_one(
    cloud, client, hasty, calendars, how, after
):
    """The listing, a sync, a multiget, another one, the next calendar's: at any of them."""
    for number in range(MANY):
        start = START + timedelta(hours=number)
        cloud.put_event(
            EMAIL, "home", summary=str(number), start=start, stop=start + timedelta(hours=1)
        )
    home_dies(cloud, how, after)
    answer = look_at(hasty, client.found.home_url, calendars.values(), WINDOW)
    assert [(news.error, news.late) for news in answer.news] == [(None, None)] * 4
    assert [len({each.href for each in news.found}) for news in answer.news] == [MANY + 1, 1, 1, 1]


def test_a_server_that_is_slow_in_the_middle_of_a_look_is_not_asked_twice(
    cloud, client, hasty, calendars
):
    cloud.set_fault("slow", methods=["REPORT"], seconds=1.2)
    cloud.clear_requests()
    first, *_others = look_at(hasty, client.found.home_url, calendars.values(), WINDOW).news
    assert isinstance(first.error, TimedOut)
    asked = [each["method"] for each in cloud.requests() if each["host"] == "front"]
    assert len(asked) == 2
