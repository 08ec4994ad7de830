"""The control URL: what LocalICloud's methods do, as JSON over HTTP, for another process or curl.

`GET /mails`, `GET /events?account=…&calendar=…`, `POST /set_fault {"name": "slow", "times": 1}`.
"""

from __future__ import annotations

import json
from collections.abc import Set
from typing import Any, Protocol
from urllib.parse import parse_qsl

from .faults.faults import FAULTS
from .messages import Answer, Request

READING = ("accounts", "calendars", "events", "fault_hits", "faults", "mails", "requests")
CHANGING = (
    "add_account",
    "change_password",
    "clear_faults",
    "clear_requests",
    "create_calendar",
    "delete_calendar",
    "delete_event",
    "put_event",
    "rename_calendar",
    "revoke",
    "set_fault",
    "set_read_only",
)


class Cloud(Protocol):
    """What is told of a cloud; what is done to it are its methods in READING and CHANGING."""

    @property
    def url(self) -> str: ...

    @property
    def hosts(self) -> Set[str]: ...


class Control:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def handle(self, request: Request) -> Answer:
        name = request.path.strip("/")
        if not name:
            return _json(200, self._overview())
        if name not in {"GET": READING, "POST": CHANGING}.get(request.method, ()):
            return _json(404, {"error": f"no {request.method} {name}"})
        try:
            return _json(200, self._call(name, request))
        except (LookupError, TypeError, ValueError) as error:
            return _json(400, {"error": str(error)})

    def _call(self, name: str, request: Request) -> Any:
        if request.method == "GET":
            arguments = dict(parse_qsl(request.target.partition("?")[2]))
        else:
            arguments = json.loads(request.body or b"{}")
        result = getattr(self._cloud, name)(**arguments)
        if name == "events":
            return {href: data.decode() for href, data in result.items()}
        return result

    def _overview(self) -> dict[str, Any]:
        return {
            "url": self._cloud.url,
            "hosts": sorted(self._cloud.hosts),
            "GET": READING,
            "POST": CHANGING,
            "faults": {name: (fault.__doc__ or "") for name, fault in sorted(FAULTS.items())},
        }


def _json(status: int, value: Any) -> Answer:
    body = json.dumps(value, indent=1).encode() + b"\n"
    return Answer(status, {"Content-Type": "application/json"}, body)
