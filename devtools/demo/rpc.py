"""Odoo's external API, as a script of a user's would call it: JSON-RPC with login and password."""

import itertools
import json
import urllib.request
from typing import Any

SECONDS = 60


class RpcError(Exception):
    """Odoo's own words; `name` is the class in Odoo, like `odoo.exceptions.UserError`."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


class Api:
    """One user of one database, known by their id."""

    _numbers = itertools.count(1)

    def __init__(self, url: str, database: str, uid: int, password: str) -> None:
        self._url, self._database, self._password = url, database, password
        self.uid = uid

    @classmethod
    def login(cls, url: str, database: str, login: str, password: str) -> "Api":
        """:raise RpcError: Odoo refuses the pair"""
        nobody = cls(url, database, 0, password)
        uid = nobody._ask("common", "login", database, login, password)
        if not uid:
            raise RpcError(f"Odoo refuses the login {login}", "odoo.exceptions.AccessDenied")
        return cls(url, database, uid, password)

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """What the method answers; for methods of records the first argument is their ids."""
        return self._ask(
            "object",
            "execute_kw",
            self._database,
            self.uid,
            self._password,
            model,
            method,
            arguments,
            named,
        )

    def find(self, model: str, domain: list, *names: str) -> list[dict[str, Any]]:
        """The records of a domain with these fields."""
        return self.call(model, "search_read", domain, list(names), load="")

    def _ask(self, service: str, method: str, *arguments: Any) -> Any:
        question = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": next(self._numbers),
            "params": {"service": service, "method": method, "args": arguments},
        }
        request = urllib.request.Request(
            f"{self._url}/jsonrpc",
            json.dumps(question, default=str).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            answer = json.load(response)
        if error := answer.get("error"):
            data = error.get("data", {})
            raise RpcError(data.get("message") or error["message"], data.get("name", ""))
        return answer["result"]
