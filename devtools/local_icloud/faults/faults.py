"""What a fault is, and which ones are switched on. The faults: outages.py, oddities.py."""
# ruff: noqa: ARG002 (a fault that needs no request still is given it)

from __future__ import annotations

import threading
from typing import Any, ClassVar

from ..messages import Answer, Request

FAULTS: dict[str, type[Fault]] = {}


class Fault:
    """Applies to the requests that match, the first `after` of them let through, `times` in all.

    `methods` and `path` (a prefix) narrow it down; `host` is "front" or "partition".
    """

    name: ClassVar[str] = ""
    methods: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        *,
        methods: list[str] | None = None,
        path: str = "",
        host: str = "",
        after: int = 0,
        times: int | None = None,
    ) -> None:
        self._methods = tuple(methods or self.methods)
        self._path, self._host = path, host
        self._skip, self._left = after, times

    def __init_subclass__(cls) -> None:
        if cls.name:
            FAULTS[cls.name] = cls

    def concerns(self, request: Request) -> bool:
        """Whether this fault is due now; counts, so ask once for each request."""
        if self._methods and request.method not in self._methods:
            return False
        if self._host and request.host != self._host:
            return False
        if not request.path.startswith(self._path) or not self.matches(request):
            return False
        if self._skip > 0:
            self._skip -= 1
            return False
        if self._left is not None:
            self._left -= 1
            return self._left >= 0
        return True

    def matches(self, request: Request) -> bool:
        """What a fault asks of a request beyond its method and path."""
        return True

    def before(self, request: Request) -> Answer | None:
        """An answer in place of the server's, which then never sees the request."""
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        """The answer the client gets in place of the server's."""
        return answer


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: dict[str, Fault] = {}
        self._due = threading.local()

    def set(self, name: str, **options: Any) -> None:
        """Switch a fault on, in place of an earlier one of that name; ValueError if unknown."""
        if name not in FAULTS:
            raise ValueError(f"no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        try:
            fault = FAULTS[name](**options)
        except TypeError as error:
            raise ValueError(f"fault {name!r}: {error}") from error
        with self._lock:
            self._active[name] = fault

    def clear(self, name: str | None = None) -> None:
        with self._lock:
            for each in [name] if name else list(self._active):
                self._active.pop(each, None)

    @property
    def names(self) -> list[str]:
        with self._lock:
            return list(self._active)

    def before(self, request: Request) -> Answer | None:
        with self._lock:
            self._due.faults = [fault for fault in self._active.values() if fault.concerns(request)]
        for fault in self._due.faults:
            answer = fault.before(request)
            if answer is not None:
                return answer
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        for fault in self._due.faults:
            answer = fault.after(request, answer)
        return answer
