"""Writes that become visible only later: iCloud is one server of many, and they agree late."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from .. import dialect
from ..dialect import DAV, SERVER
from ..kept.journal import Journal
from ..messages import Answer, Request, empty
from .faults import Fault, without

LISTING, QUERY, MULTIGET = "listing", "query", "multiget"


class LateWrites(Fault):
    """What is written can be seen after `seconds`; until then not `where` one looks.

    With None what is written from now on is not seen before the fault is lifted.

    That is the "listing" (tokens, syncs, members of a calendar), the "query" or the "multiget"
    (and GET); all of them unless told. What was changed is listed late; what is new is not found.
    """

    name = "late_writes"
    methods = ("PROPFIND", "REPORT", "GET")

    def __init__(self, *, seconds: float | None = 5.0, where: str = "", **common) -> None:
        super().__init__(**common)
        self._seconds, self._begun = seconds, time.time()
        self._where = (where,) if where else (LISTING, QUERY, MULTIGET)

    def matches(self, request: Request) -> bool:
        return _looks_at(request) in self._where

    def after(self, request: Request, answer: Answer) -> Answer:
        seen = self._begun if self._seconds is None else time.time() - self._seconds
        looks_at = _looks_at(request)
        if request.method == "GET":
            return empty(404) if self._is_new(request.path, seen) else answer
        if looks_at == MULTIGET:
            return self._with_new_ones_missing(answer, seen)
        if b"sync-collection" in request.body:
            journal = self._journal(request.path)
            late = {request.path + name for name in journal.changed_after(seen)} if journal else ()
            answer = without(answer, lambda path: path in late)
        else:
            answer = without(answer, lambda path: self._is_new(path, seen))
        return self._with_old_tokens(request, answer, seen)

    def _with_new_ones_missing(self, answer: Answer, seen: float) -> Answer:
        for position, response in enumerate(
            () if answer.multistatus is None else list(answer.multistatus)
        ):
            if self._is_new(dialect.path_of(response), seen):
                href = response.findtext(f"{DAV}href")
                answer.multistatus[position] = dialect.gone(href)
        return answer

    def _with_old_tokens(self, request: Request, answer: Answer, seen: float) -> Answer:
        for element, path in _tokens(request, answer):
            if journal := self._journal(path):
                element.text = journal.token_at(seen)
        return answer

    def _is_new(self, path: str, seen: float) -> bool:
        folder, _, name = path.rpartition("/")
        journal = self._journal(f"{folder}/") if name else None
        return journal is not None and name in journal.born_after(seen)

    def _journal(self, path: str) -> Journal | None:
        with suppress(ValueError):
            collection = self.store.collection(path)
            if collection is not None and collection.tag:
                return collection.journal
        return None


def _looks_at(request: Request) -> str:
    """Which kind of answer a request asks for, or an empty text."""
    if request.method == "GET" or b"calendar-multiget" in request.body:
        return MULTIGET
    if b"calendar-query" in request.body:
        return QUERY
    is_listing = request.method == "REPORT" or "/calendars/" in request.path
    return LISTING if is_listing else ""


def _tokens(request: Request, answer: Answer) -> Iterator[tuple]:
    """Each token in an answer, with the path of the calendar that it belongs to."""
    if answer.multistatus is None:
        return
    for token in answer.multistatus.findall(f"{DAV}sync-token"):
        yield token, request.path
    for response in answer.multistatus.findall(f"{DAV}response"):
        for tag in (f"{DAV}sync-token", f"{SERVER}getctag"):
            for token in response.iter(tag):
                if token.text:
                    yield token, dialect.path_of(response)
