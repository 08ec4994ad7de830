"""Who may log in: one account for each Apple ID, with its app-specific password."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from .messages import Answer, Request, empty

APP_PASSWORD = re.compile(r"[a-z]{4}(-[a-z]{4}){3}")
REALM = 'realm="MMCalDav"'


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

    def authenticate(self, request: Request) -> Answer | None:
        """Find the account of the request; the refusal when there is none."""
        email, password = credentials(request.header("Authorization"))
        account = self._by_email.get(email.lower())
        if account is None or not account.accepts(password):
            return unauthorized(account)
        request.account = account
        return None


def credentials(header: str) -> tuple[str, str]:
    """User and password of a Basic header; two empty texts when it is anything else."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    email, _, password = text.partition(":")
    return email, password


def unauthorized(account: Account | None = None) -> Answer:
    """401 as Apple sends it: no body, two challenges, and the partition if the account exists."""
    answer = empty(401)
    answer.challenges = (f"X-MobileMe-AuthToken {REALM}", f"Basic {REALM}")
    if account is not None:
        answer.headers["x-apple-user-partition"] = account.partition
    return answer
