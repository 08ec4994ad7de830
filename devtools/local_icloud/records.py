"""What was asked of the server, for tests to read; never a password."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from .messages import Answer, Request

KEPT = 20_000
HEADERS = ("Depth", "If-Match", "If-None-Match", "Content-Type", "User-Agent", "Destination")


class Records:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def keep(self, request: Request, answer: Answer) -> None:
        """`status` is 0 where the connection broke before the server did anything."""
        sent = {name: request.header(name) for name in HEADERS if request.header(name)}
        record = {
            "method": request.method,
            "path": request.path,
            "host": request.host,
            "account": request.credentials[0],
            "status": answer.status,
            "broken": answer.broken,
            "authorized": bool(request.header("Authorization")),
            "headers": sent,
            "request_bytes": len(request.body),
            "answer_bytes": len(answer.body),
        }
        if request.method == "PUT":
            record["body"] = request.body.decode(errors="replace")
        with self._lock:
            self._records.append(record)

    def read(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._records)

    def clear(self) -> None:
        with self._lock:
            self._records.clear()
