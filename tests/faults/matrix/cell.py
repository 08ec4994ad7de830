"""One cell of the matrix: a fresh account with a phone, a fresh host with a booking type."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devtools.local_icloud.cloud import simple_event
from tests.faults.matrix.world import IMPORT, PUSH, World

ZONE = ZoneInfo("Europe/Berlin")
PASSWORD = "abcd-efgh-ijkl-mnop"
CUSTOMER = {"name": "Anna Berg", "email": "anna.berg@example.net"}
# Far enough that time may pass before, near enough that it is offered.
DAYS_AHEAD = 12
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Own:
    """An event that the phone's owner made: its times (aware), and what was written."""

    title: str
    times: tuple[tuple[datetime, datetime], ...]
    data: bytes


class Cell:
    """`own` are the events of the phone's owner, by href; `sessions` those of Odoo, by name.

    `primary` is the id of the calendar that the bookings belong into, once somebody chose one.
    `stood` is what was there before, `refusals` what the owner was told in person, `known` are the
    hrefs that Odoo has read.
    """

    def __init__(self, world: World, email: str, uid: int, type_id: int) -> None:
        self.world, self.cloud = world, world.cloud
        self.email, self.uid, self.type_id = email, uid, type_id
        self.own: dict[str, Own] = {}
        self.sessions: dict[str, int] = {}
        self.bookings: dict[str, int] = {}
        self.refusals: list[str] = []
        self.known: set[str] = set()
        self.primary = ""
        self.state = "connected"
        self.copies_stay = True
        self.met = False
        self.stood: dict[str, bytes] = {}
        self.day = datetime.now(ZONE).date() + timedelta(days=DAYS_AHEAD)

    @classmethod
    def some(cls, world: World, count: int) -> list["Cell"]:
        """So many, each with a new account and a new host."""
        emails = [f"host{next(_numbers)}@example.com" for _ in range(count)]
        for email in emails:
            world.cloud.add_account(email, PASSWORD)
        quietly = {"no_reset_password": True, "tracking_disable": True}
        with world.env() as env:
            users = (
                env["res.users"]
                .with_context(**quietly)
                .create(
                    [
                        {"name": "Mara", "login": email, "email": email, "tz": ZONE.key}
                        for email in emails
                    ]
                )
            )
            types = env["icloud.booking.type"].create(
                [offer(world, user.id, name="First visit") for user in users]
            )
            found = zip(emails, users.ids, types.ids, strict=True)
            return [cls(world, *each) for each in found]

    def at(self, hour: float) -> datetime:
        """That hour of the day on which all happens, where the host is."""
        midnight = datetime.combine(self.day, time(), ZONE)
        return midnight + timedelta(hours=hour)

    def path(self, calendar: str) -> str:
        """The path of a calendar by its id."""
        [dsid] = [each["dsid"] for each in self.cloud.accounts() if each["email"] == self.email]
        return f"/{dsid}/calendars/{calendar}/"

    # -- the phone -----------------------------------------------------------------------------

    def put(self, title: str, hour: float, calendar: str = "home", href: str = "") -> str:
        """The phone's owner writes an event of an hour, new or over an old one; its href."""
        start, stop = self.at(hour), self.at(hour + 1)
        uid = href.rpartition("/")[2].partition(".")[0] if href else f"OWN-{next(_numbers)}"
        href = href or f"{self.path(calendar)}{uid}.ics"
        text = simple_event({"uid": uid, "summary": title, "start": start, "stop": stop})
        self._stand(href, title, text, ((start, stop),))
        return href

    def put_series(self, title: str, hour: float) -> None:
        """An event of three days in a row, the second of which was moved by an hour."""
        hour_long = timedelta(hours=1)
        # Written in UTC: so is its rule, and a change of clocks moves it on the clock.
        starts = [self.at(hour).astimezone(UTC) + timedelta(days=number) for number in range(3)]
        moved = starts[1] + hour_long
        fields = {"uid": f"OWN-{next(_numbers)}", "summary": title}
        master = {"start": starts[0], "stop": starts[0] + hour_long, "rrule": "FREQ=DAILY;COUNT=3"}
        second = {"start": moved, "stop": moved + hour_long, "recurrence_id": _utc(starts[1])}
        text = simple_event({**fields, **master})
        override = simple_event({**fields, **second})
        override = override[override.index("BEGIN:VEVENT") : override.index("END:VCALENDAR")]
        times = tuple((each, each + hour_long) for each in (starts[0], moved, starts[2]))
        href = f"{self.path('home')}{fields['uid']}.ics"
        self._stand(href, title, text.replace("END:VCALENDAR", override + "END:VCALENDAR"), times)

    def _stand(self, href: str, title: str, text: str, times: tuple) -> None:
        self.cloud.put_event(self.email, "home", text, href=href)
        self.own[href] = Own(title, times, text.encode())
        self.known.discard(href)

    def delete(self, href: str) -> None:
        self.cloud.delete_event(href)
        del self.own[href]
        self.known.discard(href)

    def lose(self, calendar: str) -> None:
        """The phone's owner deletes a calendar with all that is in it."""
        path = self.path(calendar)
        self.cloud.delete_calendar(self.email, path)
        self.own = {href: own for href, own in self.own.items() if not href.startswith(path)}

    def all_in_icloud(self) -> dict[str, bytes]:
        """href → what stands there, of the whole account."""
        return {
            href: data
            for path in self.cloud.calendars(self.email).values()
            for href, data in self.cloud.events(self.email, path).items()
        }

    # -- Odoo ----------------------------------------------------------------------------------

    def connect(self) -> None:
        """What the owner does; what they are told when it fails is kept."""
        from odoo.exceptions import UserError

        try:
            with self.world.env(self.uid) as env:
                env["icloud.account"].connect(self.email, PASSWORD)
        except UserError as error:
            self.refusals.append(str(error))

    def sync_now(self) -> None:
        """The owner cannot wait."""
        with self.world.env() as env:
            account = self.account(env)
            if account.state == "connected":
                account.with_user(self.uid).action_sync_now()

    def account(self, env: Any) -> Any:
        return env["icloud.account"].search([("user_id", "=", self.uid)])

    def calendar(self, env: Any, calendar: str) -> Any:
        """A calendar by its id."""
        return self.account(env).calendar_ids.filtered(
            lambda each: each.href == self.path(calendar)
        )

    def choose(self, primary: str, *conflicts: str) -> None:
        """What the page of preferences does."""
        with self.world.env() as env:
            chosen = [self.calendar(env, calendar).id for calendar in (primary, *conflicts)]
            user = env["res.users"].browse(self.uid).with_user(self.uid)
            user.write(
                {
                    "icloud_primary_calendar_id": chosen[0],
                    "icloud_conflict_calendar_ids": [(6, 0, chosen)],
                }
            )
        self.primary = primary

    def book(self, name: str, hour: float, type_id: int = 0, **options: Any) -> None:
        """A customer books; the session is known by that name."""
        start = self.at(hour).astimezone(UTC).isoformat().replace("+00:00", "Z")
        with self.world.env() as env:
            offer = env["icloud.booking.type"].browse(type_id or self.type_id)
            booking = offer.book(start, CUSTOMER, **options)
            self.bookings[name], self.sessions[name] = booking.id, booking.event_id.id

    def offered(self) -> set[datetime]:
        """The starts that the page offers on the day on which all happens."""
        first, last = (self.at(hour).astimezone(UTC).isoformat() for hour in (0, 24))
        with self.world.env() as env:
            slots = env["icloud.booking.type"].browse(self.type_id).slots(first, last)
        return {datetime.fromisoformat(slot["start"]).astimezone(ZONE) for slot in slots}

    def work(self) -> None:
        """One round of both workers."""
        self.world.job(PUSH)
        self.world.job(IMPORT)

    def requests(self, *methods: str) -> list[dict[str, Any]]:
        """What was asked for this account since the log was cleared."""
        return [
            each
            for each in self.cloud.requests()
            if each["account"] == self.email and (not methods or each["method"] in methods)
        ]

    def leave(self) -> None:
        """Nobody looks at this account any more."""
        with self.world.env() as env:
            env.cr.execute(
                "UPDATE icloud_account SET state = 'disconnected', secret = NULL"
                " WHERE user_id = %s",
                [self.uid],
            )


def offer(world: World, uid: int, **values: Any) -> dict[str, Any]:
    """A booking type of that user: half an hour, all day long."""
    return {
        "duration": 30,
        "slot_step": 30,
        "min_notice": 0,
        "location": "Salon, 12 Rose Street",
        "tz": ZONE.key,
        "schedule_id": world.hours_id,
        "host_ids": [(0, 0, {"user_id": uid})],
        "is_published": True,
        **values,
    }


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
