"""What one account may cost. Whatever its files say, the look ends, and tells what it left out."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from icloud_calendar_sync.sentence import Sentence
from icloud_calendar_sync.sync import budget, resources
from icloud_calendar_sync.sync.news import Known, Window
from tests.sync.looking import look_at

EMAIL = "mara@icloud.com"
START = datetime(2026, 12, 1, 14, tzinfo=UTC)
WINDOW = Window(
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2027, 12, 1, tzinfo=UTC),
    "Europe/Brussels",
    frozenset({EMAIL}),
)


def put(cloud, calendar="home", count=1, **fields):
    """The hrefs of `count` events of an hour (or of `minutes`), a minute apart."""
    length = timedelta(minutes=fields.pop("minutes", 60))
    return [
        cloud.put_event(
            EMAIL,
            calendar,
            start=START + timedelta(minutes=number),
            stop=START + timedelta(minutes=number) + length,
            **fields,
        )
        for number in range(count)
    ]


@pytest.fixture
def home(folder):
    return Known(1, folder["home"], None, None, {})


@pytest.fixture
def work(folder):
    return Known(2, folder["work"], None, None, {})


def ask(client, *known):
    return look_at(client, client.found.home_url, known, WINDOW).news


def occurrences(news):
    return sum(len(found.reading.occurrences) for found in news.found if found.reading)


def after(known, news):
    """What Odoo knows once it has stored the news, and what it then wants to be read again."""
    read = {found.href: found for found in news.found if found.reading}
    held = {href: len(found.reading.occurrences) for href, found in read.items()}
    gone = news.removed
    return replace(
        known,
        listed_token=news.listed_token,
        sync_token=news.sync_token,
        etags={
            **{href: etag for href, etag in known.etags.items() if href not in gone},
            **{found.href: found.etag for found in news.found},
        },
        held={
            **{href: count for href, count in known.held.items() if href not in gone},
            **held,
        },
        again=frozenset(found.href for found in news.found if found.unknown_from),
    )


def test_many_minutely_series_are_cut_named_and_close_the_calendar(cloud, client, home):
    put(cloud, count=200, rrule="FREQ=MINUTELY", minutes=1)
    (news,) = ask(client, home)
    assert news.error is None
    assert len(news.found) == 200
    assert 0 < occurrences(news) <= budget.MAX_OCCURRENCES_OF_CALENDAR
    for found in news.found:
        assert found.unknown_from <= START + timedelta(days=5)
        assert found.problem or found.reading.problems
        assert isinstance(found.problem or found.reading.problems[0], Sentence)
    assert any(found.unknown_from == WINDOW.start for found in news.found if not found.reading)


def test_the_next_looks_keep_within_the_same_bound(cloud, client, home):
    series = put(cloud, count=12, rrule="FREQ=MINUTELY", minutes=1)
    plain = put(cloud, count=3)
    for _look in range(4):
        (news,) = ask(client, home)
        home = after(home, news)
        assert sum(home.held.values()) <= budget.MAX_OCCURRENCES_OF_CALENDAR
        assert home.again
    for href in series:
        cloud.delete_event(href)
    (news,) = ask(client, home)
    home = after(home, news)
    assert home.held == dict.fromkeys(plain, 1)
    assert not home.again


def test_a_full_calendar_is_read_again_without_a_loss(cloud, client, home, monkeypatch):
    monkeypatch.setattr(budget, "MAX_OCCURRENCES_OF_CALENDAR", 3)
    hrefs = put(cloud, count=3)
    (news,) = ask(client, home)
    home = replace(after(home, news), again=frozenset(hrefs))
    (news,) = ask(client, home)
    assert occurrences(news) == 3
    assert not after(home, news).again


def test_what_is_kept_of_a_file_that_broke_still_counts(cloud, client, home, monkeypatch):
    monkeypatch.setattr(budget, "MAX_OCCURRENCES_OF_CALENDAR", 2)
    stays, breaks = put(cloud, count=2)
    (news,) = ask(client, home)
    home = after(home, news)
    cloud.put_event(EMAIL, "home", b"BEGIN:VCALENDAR\r\nnonsense\r\n", href=breaks)
    (news,) = ask(client, home)
    home = after(home, news)
    assert home.held == {stays: 1, breaks: 1}
    (late,) = put(cloud, summary="Late")
    (news,) = ask(client, home)
    assert after(home, news).again == {late}


def test_the_accounts_other_calendars_are_read_as_far_as_the_account_allows(
    cloud, client, home, work, monkeypatch
):
    monkeypatch.setattr(budget, "MAX_OCCURRENCES_OF_CALENDAR", 100)
    monkeypatch.setattr(budget, "MAX_OCCURRENCES_OF_ACCOUNT", 150)
    put(cloud, count=3, rrule="FREQ=MINUTELY", minutes=1)
    put(cloud, "work", count=10)
    put(cloud, "work", count=1, rrule="FREQ=MINUTELY", minutes=1)
    first, second = ask(client, home, work)
    assert occurrences(first) == 100
    assert occurrences(second) <= 50
    assert any(found.unknown_from for found in second.found)


def test_when_the_time_is_over_the_rest_is_not_read_and_comes_first_with_the_next_look(
    cloud, client, home, work, monkeypatch
):
    put(cloud, count=4)
    put(cloud, "work", count=4)
    seconds = itertools.count()
    monkeypatch.setattr(resources.time, "thread_time", lambda: next(seconds))
    monkeypatch.setattr(budget, "READING_SECONDS", 5 * (1 - budget.FREE_SECONDS_OF_EACH))
    first, second = ask(client, home, work)
    assert (occurrences(first), occurrences(second)) == (4, 1)
    unread = [found for found in second.found if not found.reading]
    assert {found.unknown_from for found in unread} == {WINDOW.start}
    assert isinstance(unread[0].problem, Sentence)
    home, work = after(home, first), after(work, second)
    assert work.again == {found.href for found in unread}
    (second,) = ask(client, home, work)
    assert {found.href for found in second.found if found.reading} == work.again
    assert not after(work, second).again


def test_a_series_is_not_followed_beyond_the_time_that_is_left(cloud, client, home, monkeypatch):
    put(cloud, rrule="FREQ=HOURLY")
    monkeypatch.setattr(budget, "READING_SECONDS", 1e-9)
    (news,) = ask(client, home)
    (found,) = news.found
    assert occurrences(news) < 1000
    assert found.unknown_from == found.reading.known_until
    assert found.unknown_from < START + timedelta(days=60)


def test_plain_events_cost_an_account_nothing(cloud, client, home, monkeypatch):
    monkeypatch.setattr(budget, "READING_SECONDS", 0.0001)
    monkeypatch.setattr(budget, "FREE_SECONDS_OF_EACH", 1)
    put(cloud, count=120)
    (news,) = ask(client, home)
    assert occurrences(news) == 120
    assert not any(found.unknown_from for found in news.found)


def test_ten_appointments_a_day_are_read_to_the_end(cloud, client, home):
    put(cloud, rrule="FREQ=DAILY;BYHOUR=8,9,10,11,12,13,14,15", minutes=30)
    (news,) = ask(client, home)
    assert news.found[0].unknown_from is None
    assert occurrences(news) > 8 * 360


def test_a_file_that_nobody_can_read_closes_nothing(cloud, client, home):
    cloud.put_event(EMAIL, "home", b"BEGIN:VCALENDAR\r\nnonsense\r\n")
    (news,) = ask(client, home)
    (found,) = news.found
    assert isinstance(found.problem, Sentence)
    assert found.unknown_from is None


def test_more_files_than_an_account_can_have_are_an_error_of_the_calendar(
    cloud, client, home, work, monkeypatch
):
    monkeypatch.setattr(budget, "MAX_RESOURCES", 5)
    put(cloud, count=3)
    put(cloud, "work", count=3)
    first, second = ask(client, home, work)
    assert len(first.found) == 3
    assert "more than" in str(second.late)
    assert second.is_unknown


def test_only_some_files_are_held_at_a_time(cloud, client, home, monkeypatch):
    put(cloud, count=120)
    fetch, sizes = resources.fetch, []

    def count(client, calendar, hrefs):
        sizes.append(len(hrefs))
        return fetch(client, calendar, hrefs)

    monkeypatch.setattr(resources, "fetch", count)
    (news,) = ask(client, home)
    assert occurrences(news) == 120
    assert max(sizes) <= 50
