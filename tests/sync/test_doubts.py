"""Servers whose ETags say nothing: no change is missed, and nothing is fetched without end."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from devtools.local_icloud.faults.faults import Fault
from devtools.local_icloud.messages import empty
from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import TimedOut
from icloud_calendar_sync.sentence import Sentence
from icloud_calendar_sync.sync import doubts
from icloud_calendar_sync.sync.news import Known
from tests.sync.looking import EMAIL, START, WINDOW, look_at


class OddETags(Fault):
    """Listings without ETags, or with others each time; if wished without any sync token."""

    name = "odd_etags"
    methods = ("REPORT", "PROPFIND")
    _turns = count()

    def __init__(self, *, how, tokens=True, **common):
        super().__init__(**common)
        self._how, self._tokens = how, tokens

    def before(self, request):
        is_sync = b"sync-collection" in request.body
        return empty(501) if is_sync and not self._tokens else None

    def after(self, _request, answer):
        turn = next(self._turns)
        for prop in answer.multistatus.iter("{DAV:}prop") if answer.multistatus is not None else ():
            for each in list(prop):
                if each.tag == "{DAV:}getetag" and self._how == "missing":
                    prop.remove(each)
                elif each.tag == "{DAV:}getetag":
                    each.text = {"weak": f"W/{each.text}", "drifting": f'"{turn}"'}[self._how]
                elif not self._tokens and each.tag.endswith(("}sync-token", "}getctag")):
                    prop.remove(each)
        return answer


@pytest.fixture
def home(folder):
    return Known(1, folder["home"], None, None, {})


@pytest.fixture
def odd(cloud):
    return lambda **options: cloud.set_fault("odd_etags", **options)


def the_news(client, known):
    (news,) = look_at(client, client.found.home_url, [known], WINDOW).news
    return news


def after(known, news):
    """What Odoo knows once it has stored the news."""
    kept = {href: etag for href, etag in known.etags.items() if href not in news.removed}
    return replace(
        known,
        listed_token=news.listed_token,
        sync_token=news.sync_token,
        etags=kept | {found.href: found.etag for found in news.found},
        digests=known.digests | {each.href: each.digest for each in news.found if each.digest},
    )


def put(cloud, number, **fields):
    fields = {"start": START, "stop": START + timedelta(hours=1), **fields}
    return cloud.put_event(EMAIL, "home", summary=f"Event {number}", **fields)


def read(news):
    return {found.href for found in news.found if found.reading}


@pytest.mark.parametrize("how", ["missing", "drifting"])
@pytest.mark.parametrize("tokens", [True, False])
def test_what_did_not_change_is_stored_once_and_what_did_is_not_missed(
    cloud, client, home, odd, how, tokens
):
    odd(how=how, tokens=tokens)
    hrefs = [put(cloud, number) for number in range(4)]
    known = after(home, the_news(client, home))
    # A drifting one has no hash before the second look.
    known = after(known, the_news(client, replace(known, listed_token=None, sync_token=None)))
    put(cloud, "changed", href=hrefs[0])
    cloud.delete_event(hrefs[1])
    news = the_news(client, replace(known, listed_token=None, sync_token=None))
    assert read(news) == {hrefs[0]}
    assert {found.href for found in news.found if found.is_same} == {*hrefs[2:]}
    assert news.removed == {hrefs[1]}
    assert not news.is_unknown


def test_weak_etags_say_all_there_is_to_say(cloud, client, home, odd):
    odd(how="weak")
    put(cloud, 1)
    known = after(home, the_news(client, home))
    cloud.clear_requests()
    assert the_news(client, replace(known, listed_token=None, sync_token=None)).found == ()
    assert len(cloud.requests()) == 2


@pytest.fixture
def few(monkeypatch):
    """So that a test has thousands of events with a hundred."""
    monkeypatch.setattr(doubts, "ENOUGH", 20)
    monkeypatch.setattr(doubts, "MOST", 40)
    monkeypatch.setattr("icloud_calendar_sync.sync.resources.MAX_BATCH", 10)


def gets(cloud):
    """Requests for events, of each some."""
    return sum(each["method"] == "REPORT" for each in cloud.requests())


@pytest.mark.parametrize("how", ["missing", "drifting"])
def test_a_server_with_neither_etags_nor_tokens_is_not_fetched_anew_with_each_look(
    cloud, client, home, odd, few, how
):
    odd(how=how, tokens=False)
    hrefs = {put(cloud, number) for number in range(100)}
    known = after(home, the_news(client, home))
    known = after(known, the_news(client, known))
    changed = put(cloud, "changed", href=sorted(hrefs)[50])
    new = put(cloud, "new")
    seen = set()
    for _look in range(30):
        cloud.clear_requests()
        news = the_news(client, known)
        known = after(known, news)
        assert (news.late, news.is_unknown, news.listed_token) == (None, False, None)
        seen |= read(news)
        if not seen - {new}:
            assert new in read(news) | known.etags.keys()
        assert gets(cloud) <= 8
        if changed in seen:
            break
    assert seen == {changed, new}


def test_etags_that_all_changed_once_are_all_compared_where_there_are_tokens(
    cloud, client, home, odd, few
):
    for number in range(100):
        put(cloud, number)
    known = after(home, the_news(client, home))
    odd(how="missing")
    everything = replace(known, listed_token=None, sync_token=None)
    first = the_news(client, everything)
    assert len(read(first)) == 100
    assert first.sync_token
    second = the_news(client, replace(after(known, first), listed_token=None, sync_token=None))
    assert len(second.found) == 100
    assert read(second) == set()


def test_a_server_slower_than_one_look_and_without_etags_is_read_to_its_end(
    cloud, client, home, odd, few, monkeypatch
):
    odd(how="missing")
    hrefs = {put(cloud, number) for number in range(100)}
    known, multiget = home, Client.multiget
    for _look in range(5):
        answered = iter(range(4))

        def answer(self, *args, answered=answered):
            if next(answered, None) is None:
                raise TimedOut(Sentence("The time is over."))
            return multiget(self, *args)

        monkeypatch.setattr(Client, "multiget", answer)
        news = the_news(client, known)
        known = after(known, news)
        if not news.late:
            break
        assert news.is_unknown
    assert known.etags.keys() == hrefs
    assert (news.late, news.is_unknown) == (None, False)
    assert news.sync_token
