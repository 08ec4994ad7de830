"""What a fault is, and which ones are switched on. The faults: outages.py, oddities.py."""
# ruff: noqa: ARG002 (a fault that needs no request still is given it)

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import unquote_to_bytes

from .. import dialect
from ..dialect import DAV
from ..kept.store import Store
from ..messages import Answer, Request

FAULTS: dict[str, type[Fault]] = {}


class Fault:
    """Applies to the requests that match, the first `after` of them let through, `times` in all.

    `methods` and `path` (a prefix) narrow it down; `host` is "front" or "partition"; `account` is
    whose requests; `holding` a text in the body ("multiget", or a member that a report asks for);
    `member` one resource, in whichever way it is asked for. With `one_member` the fault stays with
    the resource that it met first. `hits` counts what it met.
    """

    name: ClassVar[str] = ""
    methods: ClassVar[tuple[str, ...]] = ()
    store: Store  # what the server holds, for faults that look things up in it

    def __init__(
        self,
        *,
        methods: list[str] | None = None,
        path: str = "",
        host: str = "",
        account: str = "",
        holding: str = "",
        member: str = "",
        one_member: bool = False,
        after: int = 0,
        times: int | None = None,
    ) -> None:
        self._methods = tuple(methods or self.methods)
        self._path, self._host, self._account = path, host, account.lower()
        self._holding, self._member, self._stays = holding.encode(), member, one_member
        self._skip, self._left = after, times
        self.hits = 0

    def __init_subclass__(cls) -> None:
        if cls.name:
            FAULTS[cls.name] = cls

    def concerns(self, request: Request) -> bool:
        """Whether this fault is due now; counts, so ask once for each request."""
        if not (self._is_meant(request) and self.matches(request)):
            return False
        if self._skip > 0:
            self._skip -= 1
            return False
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                return False
        if self._stays and not self._member:
            self._member = request.path
        self.hits += 1
        return True

    def _is_meant(self, request: Request) -> bool:
        """What the options common to all faults ask of a request."""
        return (
            (not self._methods or request.method in self._methods)
            and self._host in ("", request.host)
            and self._account in ("", request.credentials[0].lower())
            and request.path.startswith(self._path)
            and self._holding in request.body
            and (
                self._member in ("", request.path) or self._member.encode() in _hrefs(request.body)
            )
        )

    def matches(self, request: Request) -> bool:
        """What a fault asks of a request beyond its method and path."""
        return True

    def before(self, request: Request) -> Answer | None:
        """An answer in place of the server's, which then never sees the request."""
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        """The answer the client gets in place of the server's."""
        return answer


def _hrefs(body: bytes) -> bytes:
    """A report's body with the addresses in it unquoted, as paths are compared."""
    return unquote_to_bytes(body) if body.startswith(b"<") else b""


def without(answer: Answer, is_left_out: Callable[[str], bool]) -> Answer:
    """The answer without the responses about some paths."""
    if answer.multistatus is not None:
        for response in answer.multistatus.findall(f"{DAV}response"):
            if is_left_out(dialect.path_of(response)):
                answer.multistatus.remove(response)
    return answer


class Faults:
    """The faults that are switched on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._active: dict[tuple[str, str], Fault] = {}
        self._due = threading.local()

    def set(self, name: str, *, account: str = "", **options: Any) -> None:
        """Switch a fault on, in place of an earlier one of that name for that account.

        :raise ValueError: there is no such fault, or no such option
        """
        if name not in FAULTS:
            raise ValueError(f"no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        try:
            fault = FAULTS[name](account=account, **options)
        except TypeError as error:
            raise ValueError(f"fault {name!r}: {error}") from error
        fault.store = self._store
        with self._lock:
            self._active[name, account] = fault

    def clear(self, name: str | None = None, account: str | None = None) -> None:
        """Switch off those of that name and that account; of all that are not named."""
        with self._lock:
            for each in list(self._active):
                if name in (None, each[0]) and account in (None, each[1]):
                    del self._active[each]

    def hits(self, name: str, account: str = "") -> int:
        """How many requests a fault that is switched on has met so far."""
        with self._lock:
            fault = self._active.get((name, account))
            return fault.hits if fault else 0

    @property
    def names(self) -> list[str]:
        with self._lock:
            return [name for name, _account in self._active]

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
