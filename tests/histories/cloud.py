"""The local iCloud as a history uses it: everything is seen, and something can happen mid-run."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from devtools.local_icloud import LocalICloud
from devtools.local_icloud.messages import Answer, Request

DROPPED = Answer(0, broken="reset")


@dataclass
class Seen:
    """One request of Odoo's and its answer; `clock` is the history's own, in seconds."""

    email: str
    method: str
    path: str
    host: str
    headers: dict[str, str]
    body: bytes
    status: int
    retry_after: str
    broken: str
    clock: float

    def __str__(self) -> str:
        word = f" ({self.broken})" if self.broken else ""
        return f"{self.method} {self.path} → {self.status}{word}"


@dataclass
class Plot:
    """What happens at the `nth` request of these methods, before or after the server did it.

    The action returns True where the client shall get no answer.
    """

    methods: tuple[str, ...]
    nth: int
    is_before: bool
    action: Callable[[Request], bool | None]
    left: int = field(init=False)
    done: bool = False

    def __post_init__(self) -> None:
        self.left = self.nth

    def is_due(self, request: Request) -> bool:
        """Counts; ask once for each request."""
        if self.done or (self.methods and request.method not in self.methods):
            return False
        self.left -= 1
        self.done = self.left == 0
        return self.done


class WatchedCloud(LocalICloud):
    """`seen` holds the requests since it was last emptied, `plot` what shall happen once."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.plot: Plot | None = None
        self.clock = 0.0
        self.met: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self._at_once: Counter[str] = Counter()
        self._guard = threading.Lock()
        super().__init__({})

    def forget(self) -> None:
        """Nothing was seen, nothing is planned."""
        with self._guard:
            self.seen.clear()
            self.most_at_once.clear()
        self.plot = None
        self.clear_requests()
        self.clear_faults()

    def _handle(self, request: Request) -> Answer:
        email = request.credentials[0]
        with self._guard:
            plot = self.plot if self.plot and self.plot.is_due(request) else None
            self._at_once[email] += 1
            self.most_at_once[email] = max(self.most_at_once[email], self._at_once[email])
        try:
            answer = self._answered(request, plot)
        finally:
            with self._guard:
                self._at_once[email] -= 1
        self._see(email, request, answer)
        return answer

    def _answered(self, request: Request, plot: Plot | None) -> Answer:
        if plot and plot.is_before and plot.action(request):
            return DROPPED
        answer = super()._handle(request)
        for fault in getattr(self._faults._due, "faults", ()):
            self.met[fault.name] += 1
        if plot and not plot.is_before and plot.action(request):
            return Answer(answer.status, broken="reset")
        return answer

    def _see(self, email: str, request: Request, answer: Answer) -> None:
        names = ("If-Match", "If-None-Match")
        headers = {name: request.header(name) for name in names if request.header(name)}
        retry_after = answer.headers.get("Retry-After", "")
        seen = Seen(
            email,
            request.method,
            request.path,
            request.host,
            headers,
            request.body,
            answer.status,
            retry_after,
            answer.broken,
            self.clock,
        )
        with self._guard:
            self.seen.append(seen)
