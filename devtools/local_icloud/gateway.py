"""From a request to its answer: who asks, is the request well formed, which room answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from .accounts import Accounts
from .answers import changing, discovery, properties, reports, writing
from .answers.scheduling import Postman
from .faults.faults import Faults
from .kept.store import Store
from .messages import Answer, Request, empty, html, unauthorized

DAV_CLASSES = "1, access-control, calendar-access, calendar-schedule, calendar-auto-schedule"
METHODS = "GET, HEAD, OPTIONS, PUT, DELETE, MOVE, PROPFIND, PROPPATCH, REPORT, MKCALENDAR, POST"
_PRINCIPAL = re.compile(r"/(\d+)/principal/?")
_IN_HOME = re.compile(r"/(\d+)/calendars(/.*)?")


class Gateway:
    """The thin layer over Radicale."""

    def __init__(self, accounts: Accounts, store: Store, faults: Faults, postman: Postman) -> None:
        self.accounts = accounts
        self.store = store
        self.faults = faults
        self.postman = postman
        self._in_home: dict[str, Callable[[Request], Answer]] = {
            "PROPFIND": self._propfind,
            "REPORT": lambda request: reports.report(request, store),
            "PUT": lambda request: writing.put(request, store, postman),
            "DELETE": lambda request: changing.delete(request, store, postman),
            "MOVE": lambda request: changing.move(request, store),
            "MKCALENDAR": lambda request: changing.make_calendar(request, store),
            "PROPPATCH": lambda request: properties.patch(request, store),
            "GET": self._get,
            "HEAD": self._get,
            "POST": lambda _: html(400),  # the outbox's free-busy request among them
        }

    def handle(self, request: Request) -> Answer:
        answer = self.faults.before(request)
        if answer is None:
            answer = self._answer(request)
        return self.faults.after(request, answer)

    def _answer(self, request: Request) -> Answer:
        if "//" in request.target.partition("?")[0] or {".", ".."} & {*request.path.split("/")}:
            return html(400)
        if request.path == "/" and request.method in ("GET", "HEAD"):
            return empty(400)
        refusal = self._authenticate(request)
        if refusal is not None:
            return refusal
        if request.method == "OPTIONS":
            return empty(200, DAV=DAV_CLASSES, Allow=METHODS)
        return self._route(request)

    def _authenticate(self, request: Request) -> Answer | None:
        """Find the account of the request; the refusal when there is none."""
        email, password = request.credentials
        account = self.accounts.find(email)
        if account is None or not account.accepts(password):
            return unauthorized(account)
        request.account = account
        return None

    def _route(self, request: Request) -> Answer:
        path = request.path
        if path in ("/", "/.well-known/caldav") and request.method == "PROPFIND":
            find = discovery.find_principal if path == "/" else discovery.find_well_known
            return find(request)
        if match := _PRINCIPAL.fullmatch(path):
            return self._principal(request, match[1])
        if match := _IN_HOME.fullmatch(path):
            if match[1] != request.account.dsid:
                return empty(403)
            answer = self._in_home.get(request.method)
            return answer(request) if answer else empty(405, Allow=METHODS)
        if path == "/principal/":
            return empty(403)
        return html(400 if request.method == "REPORT" else 404)

    def _principal(self, request: Request, dsid: str) -> Answer:
        if dsid != request.account.dsid:
            return empty(403)
        if request.method == "PROPFIND":
            return discovery.describe_principal(request)
        return html(400)  # principal searches are refused like this too

    def _propfind(self, request: Request) -> Answer:
        if not request.path.endswith("/") and self.store.collection(request.path + "/"):
            return empty(404)
        return properties.find(request, self.store)

    def _get(self, request: Request) -> Answer:
        if request.path.endswith("/"):
            return html(400)
        member = self.store.member(request.path)
        if member is None:
            return empty(404)
        headers = {"Content-Type": "text/calendar;charset=UTF-8", "ETag": member.etag}
        return Answer(200, headers, member.serialize().encode())
