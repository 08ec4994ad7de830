"""Whatever a server says, a look gives news and a push gives results; nothing else comes out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icloud_calendar_sync.ical.write import Session
from icloud_calendar_sync.icloud import discovery
from icloud_calendar_sync.icloud.errors import ICloudError
from icloud_calendar_sync.sync.news import Known, Window
from icloud_calendar_sync.sync.orders import Order
from tests.icloud.conftest import Scripted
from tests.icloud.promises import check_clean
from tests.icloud.test_fuzz import BOX, answers
from tests.sync.looking import look_at
from tests.sync.runs import run_of

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
WINDOW = Window(NOW, NOW + timedelta(days=400), "Europe/Brussels", frozenset())
SESSION = Session("u", NOW, NOW + timedelta(hours=1), "Europe/Brussels", "Visit", "Anna", "")
KNOWN = Known(1, BOX, None, "token", {f"{BOX}a.ics": '"1"'}, again=frozenset({f"{BOX}a.ics"}))
# So that many looks come further than the listing.
LISTING = (
    "<response><href>/7/calendars/</href></response>"
    f"<response><href>{BOX}</href><propstat><prop><resourcetype><collection/>"
    '<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/></resourcetype></prop></propstat>'
    "</response>"
)


@pytest.fixture(scope="module")
def server():
    scripted = Scripted()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discovery, "_PAUSE_SECONDS", 0)
        yield scripted
    scripted.stop()


def say(server, said):
    server.forget()
    for raw in said:
        server.sends(raw)


@settings(max_examples=100, deadline=None)
@given(st.booleans(), st.lists(answers(), min_size=1, max_size=3))
def test_a_look_gives_news_whatever_comes(server, is_listed, said):
    say(server, said)
    if is_listed:
        server.first_lists(LISTING)
    with server.client(timeout=5) as client:
        found = look_at(client, f"{server.url}7/calendars/", [KNOWN], WINDOW)
    check_clean(found)
    for error in (found.error, *(news.error for news in found.news)):
        assert error is None or isinstance(error, ICloudError)


@settings(max_examples=50, deadline=None)
@given(st.lists(answers(), min_size=1, max_size=3), st.booleans())
def test_a_push_gives_results_whatever_comes(server, said, may_exist):
    say(server, said)
    orders = [
        Order(number, 1, f"{BOX}{number}.ics", "u", session, may_exist, (f"{BOX}b.ics",))
        for number, session in enumerate([SESSION, None])
    ]
    with server.client(timeout=5) as client:
        run = run_of(client, orders, NOW)
        batches = list(run.batches())
    results = [result for batch in batches for result in batch.results]
    # What has no result was not asked for, because the account had to stop.
    assert results or isinstance(run.stopped, ICloudError)
    check_clean((results, run.stopped))
    for result in results:
        assert result.error is None or isinstance(result.error, ICloudError)
