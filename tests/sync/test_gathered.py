"""Parts of a look are stored together where that keeps nobody waiting."""

import pytest

from icloud_calendar_sync.sync import gathered as gathering
from icloud_calendar_sync.sync.gathered import gathered
from icloud_calendar_sync.sync.news import CalendarNews, Found, Need, Part


def part(key, *names):
    return Part(key, tuple(Found(name, "1") for name in names))


def shape(items):
    """What came, in short: (key, names) of parts, other things as they are."""
    return [
        (item.key, "".join(found.href for found in item.found)) if isinstance(item, Part) else item
        for item in items
    ]


def test_parts_of_one_calendar_come_together_and_before_what_ends_them():
    news = CalendarNews(1), CalendarNews(2)

    def look():
        yield part(1, "a", "b")
        yield part(1, "c")
        yield news[0]
        yield part(2, "d")
        yield part(3, "e")
        yield news[1]

    assert shape(gathered(look())) == [(1, "abc"), news[0], (2, "d"), (3, "e"), news[1]]


def test_no_more_than_enough_are_held(monkeypatch):
    monkeypatch.setattr(gathering, "ENOUGH", 3)

    def look():
        for name in "abcdefg":
            yield part(1, name)

    assert shape(gathered(look())) == [(1, "abc"), (1, "def"), (1, "g")]


def test_what_a_slow_server_sends_does_not_wait_for_more(monkeypatch):
    clock = iter(range(0, 100, 2))
    monkeypatch.setattr(gathering.time, "monotonic", lambda: next(clock))

    def look():
        yield part(1, "a")
        yield part(1, "b")

    assert shape(gathered(look())) == [(1, "a"), (1, "b")]


def test_what_was_read_comes_before_the_error_that_ended_it():
    def look():
        yield part(1, "a")
        yield part(1, "b")
        raise TimeoutError

    items = gathered(look())
    assert shape([next(items)]) == [(1, "ab")]
    with pytest.raises(TimeoutError):
        next(items)


def test_answers_reach_who_asked():
    heard = []

    def look():
        yield part(1, "a")
        heard.append((yield Need(1, None)))
        heard.append((yield part(1, "b")))

    items = gathered(look())
    assert shape([next(items)]) == [(1, "a")]
    assert items.send("stored") == Need(1, None)
    assert shape([items.send("known")]) == [(1, "b")]
    assert heard == ["known", None]
