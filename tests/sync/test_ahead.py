"""One request at a time, and the next while the last answer is read."""

import threading
import time

import pytest

from icloud_calendar_sync.sync.ahead import ahead


def test_all_come_in_their_order_and_one_of_them_in_the_same_thread():
    assert [*ahead(str, iter(range(5)))] == [*"01234"]
    assert [*ahead(str, iter([]))] == []
    [name] = ahead(lambda _item: threading.current_thread().name, iter([1]))
    assert name == threading.current_thread().name


def test_the_next_is_under_way_while_one_is_worked_on():
    begun = [threading.Event() for _number in range(4)]

    def work(number):
        begun[number].set()
        return number

    for number in ahead(work, iter(range(4))):
        assert all(each.wait(10) for each in begun[: number + 2])
        # And no more than that one, however long this takes.
        time.sleep(0.02)
        assert not any(each.is_set() for each in begun[number + 2 :])


def test_two_are_never_under_way_at_once():
    under_way, most = [], []

    def work(number):
        under_way.append(number)
        time.sleep(0.002)
        most.append(len(under_way))
        under_way.remove(number)

    assert len([*ahead(work, iter(range(20)))]) == 20
    assert set(most) == {1}


def test_an_error_comes_in_its_place_and_ends_it():
    asked = []

    def work(number):
        asked.append(number)
        if number == 2:
            raise ConnectionError(number)
        return number

    results = ahead(work, iter(range(9)))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ConnectionError):
        next(results)
    assert asked == [0, 1, 2]


def test_closing_waits_for_nothing_and_lets_nothing_begin():
    begun, may_end, ended, asked = *(threading.Event() for _each in range(3)), []

    def work(number):
        asked.append(number)
        if number == 1:
            begun.set()
            may_end.wait(5)
            ended.set()

    results = ahead(work, iter(range(9)))
    next(results)
    assert begun.wait(10)
    results.close()
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(10)
    time.sleep(0.02)
    assert asked == [0, 1]
