"""The local iCloud as one object: started, used and stopped by a test or the demo."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from . import dialect
from .accounts import Account, Accounts
from .answers.scheduling import Postman
from .control import Control
from .faults import delays, oddities, outages  # noqa: F401  (importing them registers the faults)
from .faults.faults import Faults
from .gateway import Gateway
from .kept.fixtures import create, furnish
from .kept.store import KIND, Store
from .messages import Answer, Request
from .records import Records
from .server import Listener

FRONT_ADDRESS = "127.0.0.1"
PARTITION_ADDRESS = "127.0.0.2"  # another name than the front's, so clients drop credentials


class LocalICloud:
    """`with LocalICloud(accounts={"a@example.com": "abcd-efgh-ijkl-mnop"}) as cloud:`

    The methods below act as the person's iPhone or as the person: directly on what the server
    holds, unhindered by passwords and faults, and leaving no trace in `requests()`.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        faults: Iterable[str] = (),
        *,
        port: int = 0,
        partition_port: int = 0,
        control_port: int = 0,
        folder: str | Path | None = None,
    ) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="local-icloud-")
        self._store = Store(Path(folder or self._temporary.name))
        self._accounts, self._faults, self._postman = Accounts(), Faults(self._store), Postman()
        self._records = Records()
        self._gateway = Gateway(self._accounts, self._store, self._faults, self._postman)
        for email, password in accounts.items():
            self.add_account(email, password)
        for name in faults:
            self.set_fault(name)
        self._front = Listener(FRONT_ADDRESS, port, "front", self._handle)
        self._partition = Listener(PARTITION_ADDRESS, partition_port, "partition", self._handle)
        self._control = Listener(FRONT_ADDRESS, control_port, "control", Control(self).handle)
        self._listeners = (self._front, self._partition, self._control)
        for listener in self._listeners:
            listener.partition_url = self.partition_url

    def __enter__(self) -> LocalICloud:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        for listener in self._listeners:
            listener.start()

    def stop(self) -> None:
        for listener in self._listeners:
            listener.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _handle(self, request: Request) -> Answer:
        answer = self._gateway.handle(request)
        if answer.multistatus is not None:
            answer.body = dialect.write(answer.multistatus)
        self._records.keep(request, answer)
        return answer

    @property
    def url(self) -> str:
        """What stands in for https://caldav.icloud.com/."""
        return f"http://{self._front.netloc}/"

    @property
    def partition_url(self) -> str:
        return f"http://{self._partition.netloc}"

    @property
    def control_url(self) -> str:
        return f"http://{self._control.netloc}/"

    @property
    def hosts(self) -> frozenset[str]:
        """host:port of both hosts, as ICLOUD_CALDAV_HOSTS wants them."""
        return frozenset({self._front.netloc, self._partition.netloc})

    # --- accounts

    def add_account(self, email: str, app_password: str, aliases: Iterable[str] = ()) -> str:
        """Open an account, with its calendars and other addresses; its decimal number."""
        account = self._accounts.add(email, app_password, tuple(aliases))
        furnish(self._store, account)
        return account.dsid

    def accounts(self) -> list[dict[str, Any]]:
        return [
            {"email": account.email, "dsid": account.dsid, "revoked": account.app_password is None}
            for account in self._accounts
        ]

    def change_password(self, account: str, app_password: str) -> None:
        """The person makes a new app-specific password; the old one is gone."""
        self._accounts.add(account, app_password, self._accounts.get(account).aliases)

    def revoke(self, account: str) -> None:
        """The person revokes the app-specific password, or changes that of the Apple Account."""
        self._accounts.get(account).app_password = None

    # --- calendars and events

    def calendars(self, account: str) -> dict[str, str]:
        """Name → href of the account's calendars."""
        home = self._accounts.get(account).home
        return {
            calendar.get_meta("D:displayname"): f"/{calendar.path}/"
            for calendar in self._store.calendars(home)
            if calendar.get_meta("D:displayname")
        }

    def create_calendar(
        self, account: str, calendar: str, name: str = "", color: str = "#FF2D55FF"
    ) -> str:
        """A new calendar with the id `calendar`; its href."""
        path = self._accounts.get(account).calendar_path(calendar)
        create(self._store, path, "calendar", name or calendar, color)
        return path

    def delete_calendar(self, account: str, calendar: str) -> None:
        self._store.remove(self._path(self._accounts.get(account), calendar))

    def rename_calendar(self, account: str, calendar: str, name: str) -> None:
        path = self._path(self._accounts.get(account), calendar)
        self._store.change(path, {"D:displayname": name})

    def set_read_only(self, account: str, calendar: str, read_only: bool = True) -> None:
        """Its owner takes the right to write away from one with whom the calendar is shared."""
        path = self._path(self._accounts.get(account), calendar)
        self._store.change(path, {KIND: "shared-read-only" if read_only else "shared"})

    def put_event(
        self,
        account: str,
        calendar: str,
        event: str | bytes | Mapping[str, Any] = b"",
        *,
        href: str = "",
        **fields: Any,
    ) -> str:
        """Write an event as the phone does: a whole resource, or fields; the href.

        Fields: uid, summary, start and stop (datetime with zone, or date: stop is exclusive),
        and any property by its name (`rrule="FREQ=DAILY"`). The bytes may be as bad as you like.
        """
        if not event or isinstance(event, Mapping):
            event = simple_event({**(event or {}), **fields})
        text = event.decode() if isinstance(event, bytes) else event
        if not href:
            folder = self._path(self._accounts.get(account), calendar)
            href = f"{folder}{str(uuid.uuid4()).upper()}.ics"
        self._store.write(href, text)
        return href

    def events(self, account: str, calendar: str) -> dict[str, bytes]:
        """href → bytes of everything in a calendar."""
        path = self._path(self._accounts.get(account), calendar)
        members = self._store.members(path)
        return {f"{path}{member.href}": member.serialize().encode() for member in members}

    def delete_event(self, href: str) -> None:
        if self._store.member(href) is None:
            raise LookupError(f"no event at {href}")
        self._store.remove(href)

    def _path(self, account: Account, calendar: str) -> str:
        """The path of a calendar given by its id, its name or its href."""
        path = calendar if calendar.startswith("/") else account.calendar_path(calendar)
        if self._store.collection(path) is not None:
            return path
        try:
            return self.calendars(account.email)[calendar]
        except KeyError:
            raise LookupError(f"{account.email} has no calendar {calendar}") from None

    # --- faults, mails, requests

    def set_fault(self, name: str, **options: Any) -> None:
        self._faults.set(name, **options)

    def clear_faults(self, name: str | None = None, account: str | None = None) -> None:
        """Switch off all faults, or those of that name, or of that account."""
        self._faults.clear(name, account)

    def faults(self) -> list[str]:
        return self._faults.names

    def fault_hits(self, name: str, account: str = "") -> int:
        """How many requests that fault, set for that account, has met since it was switched on."""
        return self._faults.hits(name, account)

    def mails(self) -> list[dict[str, str]]:
        """What Apple would have sent to people. It must stay empty."""
        return self._postman.mails

    def requests(self) -> list[dict[str, Any]]:
        return self._records.read()

    def clear_requests(self) -> None:
        self._records.clear()


def simple_event(fields: Mapping[str, Any]) -> str:
    """A plain VEVENT of the fields that `put_event` knows."""
    rest = dict(fields)
    start = rest.pop("start", datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    stop = rest.pop("stop", start)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Apple Inc.//iOS 18.0//EN",
        "BEGIN:VEVENT",
        f"UID:{rest.pop('uid', str(uuid.uuid4()).upper())}",
        f"DTSTAMP:{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        _time("DTSTART", start),
        _time("DTEND", stop),
        f"SUMMARY:{rest.pop('summary', 'Event')}",
        *(f"{name.upper().replace('_', '-')}:{value}" for name, value in rest.items()),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def _time(name: str, value: str | date | datetime) -> str:
    """Texts come from the control URL: "20261122" or "2026-11-22T09:00:00+01:00"."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return f"{name}:{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};VALUE=DATE:{value:%Y%m%d}"
