"""Faults that keep a request from being answered at all: one small class each."""
# ruff: noqa: ARG002 (the signatures are those of Fault)

from __future__ import annotations

import time

from ..dialect import DAV
from ..messages import HTML, Answer, Request, empty, html, unauthorized
from .faults import Fault, without

WI_FI = b"<html><p>Welcome to our Wi-Fi!<br></html>"


class WrongPasswordMidRun(Fault):
    """From the request after the first `after` ones on, the password is wrong."""

    name = "wrong_password_mid_run"

    def before(self, request: Request) -> Answer:
        return unauthorized()


class Unavailable(Fault):
    """Apple is down or has had enough of us; `retry_after` in seconds, an HTTP date, or none."""

    name = "unavailable"

    def __init__(self, *, status: int = 503, retry_after: int | str | None = 30, **common) -> None:
        super().__init__(**common)
        self._status, self._retry_after = status, retry_after

    def before(self, request: Request) -> Answer:
        answer = html(self._status)
        if self._retry_after is not None:
            answer.headers["Retry-After"] = str(self._retry_after)
        return answer


class ResetBefore(Fault):
    """The connection breaks before the server has done anything."""

    name = "reset_before"
    methods = ("PUT",)

    def before(self, request: Request) -> Answer:
        return Answer(0, broken="reset")


class ResetAfter(Fault):
    """The server has done what was asked, and the connection breaks before it says so."""

    name = "reset_after"
    methods = ("PUT",)

    def after(self, request: Request, answer: Answer) -> Answer:
        return Answer(answer.status, broken="reset")


class Slow(Fault):
    """The answer takes `seconds` longer."""

    name = "slow"

    def __init__(self, *, seconds: float = 5.0, **common) -> None:
        super().__init__(**common)
        self._seconds = seconds

    def after(self, request: Request, answer: Answer) -> Answer:
        time.sleep(self._seconds)
        return answer


class Trickle(Fault):
    """The request is done, and the body of the answer comes `piece` bytes every `pause` seconds."""

    name = "trickle"

    def __init__(self, *, pause: float = 0.2, piece: int = 1, **common) -> None:
        super().__init__(**common)
        self._pause, self._piece = pause, piece

    def after(self, request: Request, answer: Answer) -> Answer:
        answer.pause, answer.piece = self._pause, self._piece
        return answer


class Nonsense(Fault):
    """A success whose body is a page of HTML, as from a hotel's network.

    `status` is 207 where one is due, and 200 elsewhere, unless told.
    """

    name = "nonsense"

    def __init__(self, *, status: int = 0, **common) -> None:
        super().__init__(**common)
        self._status = status

    def before(self, request: Request) -> Answer:
        status = self._status or (207 if request.method in ("PROPFIND", "REPORT") else 200)
        return Answer(status, {"Content-Type": HTML}, WI_FI)


class Truncated(Fault):
    """The connection closes in the middle of the body."""

    name = "truncated"
    methods = ("PROPFIND", "REPORT", "GET")

    def after(self, request: Request, answer: Answer) -> Answer:
        answer.broken = "truncate"
        return answer


class Redirect(Fault):
    """The front host sends everybody on to the partition, with 301, 302, 307 or 308.

    `to` is another place to send them to (scheme://host:port), to see who would go there.
    """

    name = "redirect"

    def __init__(self, *, status: int = 301, to: str = "", host: str = "front", **common) -> None:
        super().__init__(host=host, **common)
        self._status, self._to = status, to

    def before(self, request: Request) -> Answer:
        target = self._to or request.partition_url
        return empty(self._status, Location=target.rstrip("/") + request.target)


class PartitionMoved(Fault):
    """The account has moved on: its old partition answers `status` (404, 401, 403, 421) to all.

    With status 0 nobody answers there any more. Whoever asks again learns of a new home, which the
    front host itself serves.
    """

    name = "partition_moved"

    def __init__(self, *, status: int = 404, **common) -> None:
        super().__init__(**common)
        self._status = status

    def before(self, request: Request) -> Answer | None:
        if request.host == "front":
            return None
        if not self._status:
            return Answer(0, broken="reset")
        return unauthorized() if self._status == 401 else empty(self._status)

    def after(self, request: Request, answer: Answer) -> Answer:
        if request.host == "front" and answer.multistatus is not None:
            for href in answer.multistatus.iter(f"{DAV}href"):
                new = f"http://{request.header('Host')}"
                href.text = (href.text or "").replace(request.partition_url, new)
        return answer


class FlakyForbidden(Fault):
    """Discovery meets a 403 that is gone when one tries again."""

    name = "flaky_forbidden"
    methods = ("PROPFIND",)

    def before(self, request: Request) -> Answer:
        return empty(403)


class WellKnownElsewhere(Fault):
    """/.well-known/caldav leads to Apple's website, and from there nowhere."""

    name = "well_known_elsewhere"

    def matches(self, request: Request) -> bool:
        return request.path.startswith("/.well-known/")

    def before(self, request: Request) -> Answer:
        return html(400)


class Conflict(Fault):
    """A condition is said not to hold, although it does: 412 `on` a create, an update, a delete."""

    name = "conflict"
    methods = ("PUT", "DELETE")

    def __init__(self, *, on: str = "update", **common) -> None:
        super().__init__(**common)
        self._on = on

    def matches(self, request: Request) -> bool:
        if request.method == "DELETE":
            return self._on == "delete"
        return self._on == ("create" if request.header("If-None-Match") else "update")

    def before(self, request: Request) -> Answer:
        return empty(412)


class VanishedCalendar(Fault):
    """A calendar is not there for a while: no listing has it, everything at its `path` is a 404."""

    name = "vanished_calendar"

    def __init__(self, *, path: str, **common) -> None:
        super().__init__(**common)
        self._calendar = path

    def before(self, request: Request) -> Answer | None:
        return empty(404) if request.path.startswith(self._calendar) else None

    def after(self, request: Request, answer: Answer) -> Answer:
        return without(answer, lambda path: path == self._calendar)


class Unlisted(Fault):
    """A listing leaves out the calendar at `path`, which is there all the same."""

    name = "unlisted"
    methods = ("PROPFIND",)

    def __init__(self, *, path: str, **common) -> None:
        super().__init__(**common)
        self._calendar = path

    def matches(self, request: Request) -> bool:
        return request.depth == "1" and self._calendar.startswith(request.path)

    def after(self, request: Request, answer: Answer) -> Answer:
        return without(answer, lambda path: path == self._calendar)


class Refused(Fault):
    """The request is refused with `status`, whatever it was."""

    name = "refused"
    methods = ("PUT",)

    def __init__(self, *, status: int = 403, **common) -> None:
        super().__init__(**common)
        self._status = status

    def before(self, request: Request) -> Answer:
        return html(self._status)
