"""Who may log in: one account for each Apple ID, with its app-specific password."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

APP_PASSWORD = re.compile(r"[a-z]{4}(-[a-z]{4}){3}")


@dataclass
class Account:
    """One Apple Account; `app_password` is None once it has been revoked."""

    email: str
    app_password: str | None
    aliases: tuple[str, ...] = ()

    @property
    def dsid(self) -> str:
        """Apple's decimal account number; ours follows from the address, so it is stable."""
        digest = hashlib.sha256(self.email.lower().encode()).digest()
        return str(10_000_000_000 + int.from_bytes(digest[:5], "big") % 9_000_000_000)[1:]

    @property
    def partition(self) -> str:
        return str(1 + int(self.dsid) % 180)

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset({self.email.lower(), *(alias.lower() for alias in self.aliases)})

    @property
    def home(self) -> PurePosixPath:
        return PurePosixPath("/", self.dsid, "calendars")

    @property
    def principal_path(self) -> str:
        return f"/{self.dsid}/principal/"

    def calendar_path(self, calendar: str) -> str:
        return f"{self.home / calendar}/"

    def accepts(self, password: str) -> bool:
        """Apple shows the dashes and accepts the password without them too."""
        if self.app_password is None or not APP_PASSWORD.fullmatch(self.app_password):
            return False
        return password in (self.app_password, self.app_password.replace("-", ""))


class Accounts:
    """The accounts of this server, by e-mail address (case does not matter)."""

    def __init__(self) -> None:
        self._by_email: dict[str, Account] = {}

    def add(self, email: str, app_password: str, aliases: tuple[str, ...] = ()) -> Account:
        if not APP_PASSWORD.fullmatch(app_password):
            raise ValueError("an app-specific password looks like abcd-efgh-ijkl-mnop")
        account = Account(email, app_password, aliases)
        self._by_email[email.lower()] = account
        return account

    def __iter__(self):
        return iter(tuple(self._by_email.values()))

    def get(self, email: str) -> Account:
        try:
            return self._by_email[email.lower()]
        except KeyError:
            raise LookupError(f"no account {email} on this server") from None

    def find(self, email: str) -> Account | None:
        return self._by_email.get(email.lower())
