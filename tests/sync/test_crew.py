"""Many accounts' waiting side by side, and one thread that hears of all of it."""

import sys
import threading
import time

import pytest

from icloud_calendar_sync.sync import crew as crew_module
from icloud_calendar_sync.sync import turns
from icloud_calendar_sync.sync.crew import Crew, Done


def counts(most, ends):
    """A generator that yields numbers, and its thread's name when it ends."""
    try:
        for number in range(most):
            assert (yield number) == number * 10
    finally:
        ends.append(threading.current_thread().name)


def waits(moment, item="awake"):
    moment.wait(30)
    yield item


@pytest.fixture
def moment():
    moment = threading.Event()
    yield moment
    moment.set()


def test_what_each_yields_comes_in_its_order_and_is_answered():
    heard, ends = {}, []
    with Crew(4) as crew:
        for key in "abcdef":
            crew.start(key, counts(3, ends))
        for event in crew:
            heard.setdefault(event.key, []).append(event.item)
            if not isinstance(event.item, Done):
                event.reply(event.item * 10)
        assert len(crew) == 0
    assert heard == {key: [0, 1, 2, Done(None)] for key in "abcdef"}
    assert threading.current_thread().name not in ends


def test_what_a_generator_raises_is_its_own_end(moment):
    def breaks():
        yield "before"
        raise KeyError("x")

    with Crew() as crew:
        crew.start("broken", breaks())
        crew.start("whole", counts(1, []))
        ends = {}
        for event in crew:
            event.reply(0)
            ends[event.key] = event.item
    assert isinstance(ends["broken"].error, KeyError)
    assert ends["whole"] == Done(None)


def test_more_may_be_started_while_others_are_under_way():
    waiting, heard = list(range(100)), []
    with Crew(3) as crew:
        while waiting or len(crew):
            for key in waiting[: crew.room]:
                crew.start(key, counts(1, []))
            del waiting[: len(crew) + len(heard) - (100 - len(waiting))]
            event = crew.within(10)
            assert len(crew) <= 3
            event.reply(0)
            if isinstance(event.item, Done):
                heard.append(event.key)
    assert sorted(heard) == list(range(100))


def test_a_slow_one_takes_no_place_from_the_others(monkeypatch, moment):
    monkeypatch.setattr(crew_module, "SLOW_SECONDS", 0.01)
    with Crew(2, most=3) as crew:
        for key in "ab":
            crew.start(key, waits(moment))
        assert crew.within(0.05) is None
        assert crew.room == 1
        crew.start("c", counts(1, []))
        assert crew.room == 0
        assert crew.within(10).key == "c"
        moment.set()


def test_who_waits_for_the_database_is_not_slow(monkeypatch):
    monkeypatch.setattr(crew_module, "SLOW_SECONDS", 0.05)
    with Crew(1) as crew:
        crew.start("a", counts(1, []))
        event = crew.within(10)
        time.sleep(0.1)
        assert crew.room == 0
        event.reply(0)
        assert crew.within(10).item == Done(None)
        assert crew.room == 1


def test_who_was_stopped_is_closed_and_heard_no_more(moment):
    ends, begun = [], threading.Event()

    def blocked():
        begun.set()
        try:
            yield from waits(moment)
        finally:
            ends.append("blocked")

    with Crew() as crew:
        crew.start("waiting", counts(3, ends))
        event = crew.within(10)
        crew.start("blocked", blocked())
        assert begun.wait(10)
        crew.stop("waiting")
        crew.stop("blocked")
        assert len(ends) == 1
        event.reply(0)
        assert [*crew] == []
        moment.set()
    assert len(ends) == 2


def test_leaving_closes_all(moment):
    ends = []
    with Crew() as crew:
        for key in range(5):
            crew.start(key, counts(3, ends))
        for _each in range(5):
            crew.within(10)
    assert len(ends) == 5


def test_a_second_answer_and_a_second_of_one_name_are_mistakes(moment):
    def asks():
        yield "question"
        yield from waits(moment)

    with Crew() as crew:
        crew.start("a", asks())
        with pytest.raises(ValueError, match="under way"):
            crew.start("a", asks())
        event = crew.within(10)
        event.reply()
        with pytest.raises(ValueError, match="twice"):
            event.reply()
        moment.set()


def test_who_waits_for_a_network_has_short_turns_as_long_as_any_crew_is_at_work():
    before = sys.getswitchinterval()
    first, second = Crew(), Crew()
    with first:
        with second:
            assert sys.getswitchinterval() == turns.SECONDS < before
        assert sys.getswitchinterval() == turns.SECONDS
    assert sys.getswitchinterval() == before
