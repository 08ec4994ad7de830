"""Work of many accounts side by side, for one thread that alone holds the database.

What waits for a network is a generator: it runs in a thread of the crew, and whatever it yields
comes to the thread that started it, which answers when it likes. Between two answers a generator
holds no thread, so one account is one request at a time, and many accounts are few threads.
"""

import time
from collections.abc import Callable, Generator, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, NamedTuple

from .turns import short_turns

SIZE = 32
# What has kept a thread for so long is slow, and takes no other's place any more.
SLOW_SECONDS = 3.0
# With all the slow ones; beyond it nothing begins, whoever waits.
MOST = 64


class Done(NamedTuple):
    """The end of a generator: well (`error` None), or by what it raised."""

    error: BaseException | None = None


class Event(NamedTuple):
    """What a generator yielded, or `Done`.

    `reply(value)` lets it go on, with `value` as the answer; call it once. What needs no answer is
    best replied before it is worked on: the network then waits for no database.
    """

    key: Hashable
    item: Any
    reply: Callable


@dataclass(eq=False)
class _Member:
    """`seconds` its generator has spent in threads; when it `began` what it does there now."""

    generator: Generator
    seconds: float = 0.0
    began: float | None = None
    is_stopped: bool = False
    lock: Lock = field(default_factory=Lock)

    def is_slow(self, now: float) -> bool:
        began = self.began
        running = 0.0 if began is None else now - began
        return self.seconds + running > SLOW_SECONDS

    def step(self, value: Any) -> Any:
        """What the generator yields next, or `Done`."""
        try:
            item = self.generator.send(value)
        except StopIteration:
            item = Done()
        except BaseException as error:  # noqa: BLE001 (handed to whoever started it)
            item = Done(error)
        with self.lock:
            self.seconds += time.monotonic() - self.began
            self.began, is_stopped = None, self.is_stopped
        if is_stopped:
            self.generator.close()
        return item

    def stop(self) -> None:
        with self.lock:
            self.is_stopped, is_idle = True, self.began is None
        if is_idle:  # Else its step ends first, and closes it.
            self.generator.close()


class Crew:
    """A context manager; used by one thread. Leaving it closes what has not ended.

    Nothing here ends a request that takes too long: that is for the deadline of each client.

    :param size: how many generators shall be under way, those apart that turned out to be slow
    :param most: how many may be, those included
    """

    def __init__(self, size: int = SIZE, most: int = MOST):
        self._size, self._most = size, max(size, most)
        self._members: dict[Hashable, _Member] = {}
        self._events: SimpleQueue[tuple[_Member, Hashable, Any]] = SimpleQueue()
        self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="icloud")
        self._turns = ExitStack()

    def __enter__(self) -> "Crew":
        self._turns.enter_context(short_turns())
        return self

    def __exit__(self, *exception) -> None:
        with self._turns:
            for key in [*self._members]:
                self.stop(key)
            self._pool.shutdown(wait=True, cancel_futures=True)

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._members)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._members

    @property
    def room(self) -> int:
        """How many more may be started now. It grows with time, too: see `within`."""
        now = time.monotonic()
        quick = sum(not member.is_slow(now) for member in self._members.values())
        return max(min(self._size - quick, self._most - len(self._members)), 0)

    def start(self, key: Hashable, generator: Generator) -> None:
        """Have a generator begin; `key` names it, and may be used again after its `Done`."""
        if key in self._members:
            raise ValueError("this key is under way")
        self._members[key] = member = _Member(generator)
        self._go_on(key, member)

    def stop(self, key: Hashable) -> None:
        """Instead of a reply: the generator is closed, and nothing more is heard of it."""
        if member := self._members.pop(key, None):
            member.stop()

    def __iter__(self) -> Iterator[Event]:
        """All that is yielded until nothing is under way any more."""
        while event := self.within(None):
            yield event

    def within(self, seconds: float | None) -> Event | None:
        """The next that is yielded, or None: nothing came in time, or nothing is under way."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._members:
            left = None if deadline is None else max(deadline - time.monotonic(), 0)
            try:
                member, key, item = self._events.get(timeout=left)
            except Empty:
                return None
            # What was stopped in the middle of a step still reports it.
            if self._members.get(key) is member:
                if isinstance(item, Done):
                    del self._members[key]
                return Event(key, item, partial(self._go_on, key, member))
        return None

    def _go_on(self, key: Hashable, member: _Member, value: Any = None) -> None:
        if self._members.get(key) is not member:
            return  # It has ended, or was stopped.
        if member.began is not None:
            raise ValueError("replied twice")
        member.began = time.monotonic()
        self._pool.submit(self._step, key, member, value)

    def _step(self, key: Hashable, member: _Member, value: Any) -> None:
        self._events.put((member, key, member.step(value)))
