"""When something takes place that nobody can read, as the server tells it range by range."""

from datetime import UTC, datetime, timedelta

import pytest

from icloud_calendar_sync.icloud.contents import fetch
from icloud_calendar_sync.icloud.errors import Unauthorized, Unavailable
from icloud_calendar_sync.icloud.whereabouts import MAX_REQUESTS, Span, Whereabouts, find

NOW = datetime(2026, 11, 22, 9, 7, 30, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=31), NOW + timedelta(days=400))
ANNA = "anna@example.com"


@pytest.fixture
def box(icloud, icloud_server):
    """A calendar of the local iCloud: (client, its path)."""
    calendar = icloud_server.new_calendar()
    with icloud_server.client() as client:
        yield client, calendar


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=UTC) + timedelta(days=day)


def put(icloud, calendar, start, stop, **fields) -> str:
    return icloud.put_event(ANNA, calendar, start=start, stop=stop, **fields)


@pytest.mark.parametrize("day", [-30, -1, 0, 1, 17, 399])
def test_what_nobody_can_read_is_found_to_the_quarter_of_an_hour(icloud, box, day):
    client, calendar = box
    href = put(icloud, calendar, at(day, 14, 5), at(day, 15))
    icloud.set_fault("poison_member", path=href)
    assert fetch(client, calendar, [href]).missing == {href}
    icloud.clear_requests()
    found = find(client, calendar, [href], WINDOW)
    assert found.spans == {href: (Span(at(day, 14), at(day, 15)),)}
    assert found.unsaid == frozenset()
    assert len(icloud.requests()) < 40


def test_what_lies_outside_is_nowhere_and_what_is_not_there_is_stale(icloud, box):
    client, calendar = box
    before = put(icloud, calendar, at(-100, 10), at(-100, 11))
    after = put(icloud, calendar, at(900, 10), at(900, 11))
    nothing = f"{calendar}gone.ics"
    found = find(client, calendar, [before, after, nothing], WINDOW)
    assert found.spans == {before: (), after: ()}
    assert (found.unsaid, found.is_telling) == ({nothing}, True)


def test_several_are_found_together(icloud, box):
    client, calendar = box
    lunch = put(icloud, calendar, at(3, 11), at(3, 12))
    twice = put(icloud, calendar, at(3, 11, 30), at(3, 12, 30), rrule="FREQ=WEEKLY;COUNT=2")
    put(icloud, calendar, at(3, 9), at(3, 18))
    found = find(client, calendar, [lunch, twice], WINDOW).spans
    assert found[lunch] == (Span(at(3, 11), at(3, 12)),)
    assert found[twice] == (
        Span(at(3, 11, 30), at(3, 12, 30)),
        Span(at(10, 11, 30), at(10, 12, 30)),
    )


def test_what_takes_too_many_requests_is_taken_whole_the_next_days_exactly(icloud, box):
    client, calendar = box
    href = put(icloud, calendar, at(-20, 11), at(-20, 12), rrule="FREQ=DAILY")
    icloud.clear_requests()
    ahead = Span(NOW, WINDOW.stop)
    spans = find(client, calendar, [href], ahead).spans[href]
    assert len(icloud.requests()) <= MAX_REQUESTS + 1
    for day in range(1, 400):
        assert any(span.start <= at(day, 11) and span.stop >= at(day, 12) for span in spans)
    assert Span(at(1, 11), at(1, 12)) in spans


def test_a_holiday_is_all_its_days(icloud, box):
    client, calendar = box
    href = put(icloud, calendar, at(5, 0).date(), at(8, 0).date())
    (span,) = find(client, calendar, [href], WINDOW).spans[href]
    assert span.start <= at(5, 0)
    assert span.stop >= at(8, 0)
    assert span.stop - span.start <= timedelta(days=4)


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_server_that_cannot_tell_says_nothing_of_it(icloud, box, status):
    client, calendar = box
    href = put(icloud, calendar, at(3, 11), at(3, 12))
    icloud.set_fault("refused", methods=["REPORT"], status=status)
    assert find(client, calendar, [href], WINDOW) == Whereabouts({})


@pytest.mark.parametrize("fault", ["nonsense", "truncated", "partial_listing"])
def test_half_an_answer_says_nothing_of_it(icloud, box, fault):
    client, calendar = box
    href = put(icloud, calendar, at(3, 11), at(3, 12))
    icloud.set_fault(fault, methods=["REPORT"])
    assert find(client, calendar, [href], WINDOW) == Whereabouts({})


@pytest.mark.parametrize("after", range(1, 12, 3))
def test_a_range_that_fails_stays_taken(icloud, box, after):
    client, calendar = box
    href = put(icloud, calendar, at(3, 11), at(3, 12))
    icloud.set_fault("refused", methods=["REPORT"], status=500, after=after)
    found = find(client, calendar, [href], WINDOW)
    assert found.unsaid == frozenset()
    assert href not in found.spans or any(
        span.start <= at(3, 11) and span.stop >= at(3, 12) for span in found.spans[href]
    )


@pytest.mark.parametrize("after", range(4, 16, 3))
def test_a_server_that_finds_nothing_any_more_frees_nothing(icloud, box, monkeypatch, after):
    client, calendar = box
    href = put(icloud, calendar, at(3, 11), at(3, 12))
    report, answers = client.report, iter(range(1000))

    def forgetful(path, body, depth):
        answer = report(path, body, depth)
        return answer._replace(responses=[]) if next(answers) >= after else answer

    monkeypatch.setattr(client, "report", forgetful)
    spans = find(client, calendar, [href], WINDOW).spans[href]
    assert any(span.start <= at(3, 11) and span.stop >= at(3, 12) for span in spans)


def test_an_empty_answer_to_one_range_frees_nothing(icloud, box, monkeypatch):
    client, calendar = box
    href = put(icloud, calendar, at(3, 11), at(3, 12))
    report, answers = client.report, iter([False, True])

    def empty_once(path, body, depth):
        answer = report(path, body, depth)
        return answer._replace(responses=[]) if next(answers, False) else answer

    monkeypatch.setattr(client, "report", empty_once)
    found = find(client, calendar, [href], WINDOW)
    assert (found.spans, found.unsaid) == ({}, frozenset())


def test_a_calendar_in_which_nothing_is_found_is_told_from_one_that_tells(icloud, box):
    client, calendar = box
    assert not find(client, calendar, [f"{calendar}gone.ics"], WINDOW).is_telling


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (429, Unavailable)])
def test_a_server_that_wants_to_be_left_alone_is(icloud, box, status, error):
    client, calendar = box
    href = put(icloud, calendar, at(3, 11), at(3, 12))
    icloud.set_fault("refused", methods=["REPORT"], status=status)
    icloud.clear_requests()
    with pytest.raises(error):
        find(client, calendar, [href], WINDOW)
    assert len(icloud.requests()) == 1
