"""The side of Odoo: hosts, their offers, bookings, and what the database says of all this."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from tests.histories import inside
from tests.histories.crash import work
from tests.histories.moments import set_back

ZONE = ZoneInfo("Europe/Berlin")
PASSWORD = "abcd-efgh-ijkl-mnop"
ADMIN = 2
HOSTS = 3
FIRST_DAY, DAYS = 2, 3
OPEN_FROM, OPEN_HOURS = 8, 10
STEP = timedelta(minutes=30)
TRIES = 8

# By hosts: one each, and one for which two must come. What the third offers needs an approval.
OFFERS = ((0,), (1,), (2,), (0, 2))
NEEDS_APPROVAL = (2,)

# In this order; what is not named goes with them.
LEFT_BEHIND = (
    "icloud_wish",
    "icloud_recount",
    "icloud_due",
    "icloud_booking_quota",
    "icloud_booking_reservation",
    "icloud_booking",
    "calendar_event",
    "icloud_event",
    "icloud_event_outcome",
    "icloud_account",
    "mail_mail",
    "mail_message",
    "mail_activity",
    "bus_bus",
    "ir_cron_trigger",
)
BOOKINGS = """
    SELECT booking.id, booking.state, event.id, event.start, event.stop, event.name,
           event.location, event.active
      FROM icloud_booking booking LEFT JOIN calendar_event event ON event.id = booking.event_id
"""
COPIES = """
    SELECT event.uid, event.event_id, event.user_id, event.wanted, event.revision,
           outcome.pushed_revision, event.href
      FROM icloud_event event JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
     WHERE event.origin = 'odoo'
"""
ACCOUNTS = "SELECT user_id, state, last_error, failures, last_import FROM icloud_account"
CALENDARS = """
    SELECT calendar.user_id, calendar.id, calendar.href,
           calendar.check_conflicts OR calendar.id = account.primary_calendar_id,
           COALESCE(calendar.id = account.primary_calendar_id, FALSE), calendar.missing
      FROM icloud_calendar calendar JOIN icloud_account account ON account.id = calendar.account_id
"""
IMPORTED = """
    SELECT event.user_id, remote.href, event.allday, event.start, event.stop, event.start_date,
           event.stop_date, event.show_as
      FROM calendar_event event JOIN icloud_event remote ON remote.id = event.icloud_origin_id
     WHERE event.active
"""


class Refused(NamedTuple):
    """Odoo said no, in words for its user."""

    words: str


class Booked(NamedTuple):
    """A booking and its session as they stand; times are naive UTC."""

    id: int
    state: str
    session: int | None
    start: datetime | None
    stop: datetime | None
    name: str | None
    location: str | None
    active: bool | None

    @property
    def is_live(self) -> bool:
        return self.state in ("confirmed", "pending") and bool(self.active)


class Copy(NamedTuple):
    """What Odoo knows of a copy of its own."""

    uid: str
    session: int | None
    user: int
    wanted: str
    revision: int
    pushed_revision: int
    href: str


class Account(NamedTuple):
    """A host's connection."""

    user: int
    state: str
    last_error: str | None
    failures: int
    last_import: datetime | None


class Known(NamedTuple):
    """A calendar as Odoo knows it."""

    user: int
    id: int
    href: str
    is_read: bool
    is_primary: bool
    missing: bool | None


def slot(day: int, number: int) -> datetime:
    """The start of a half hour, on one of the days of a history."""
    first = datetime.now(ZONE).date() + timedelta(days=FIRST_DAY + day)
    return datetime.combine(first, time(OPEN_FROM), ZONE) + number * STEP


def grid() -> list[datetime]:
    """All starts that an empty calendar offers, on the days of a history."""
    return [slot(day, number) for day in range(DAYS) for number in range(OPEN_HOURS * 2)]


def naive(moment: datetime) -> datetime:
    """As the database holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class Office:
    """Users and offers last; `reset` takes all the rest away."""

    def __init__(self, lane: "inside.Lane") -> None:
        self._registry = lane.registry
        self.users = [self._superuser(self._new_host, number) for number in range(HOSTS)]
        self._hours = self._superuser(self._new_hours)
        self.types = [self._superuser(self._new_type, hosts) for hosts in OFFERS]

    def reset(self) -> None:
        with self._registry.cursor() as cursor:
            for table in LEFT_BEHIND:
                cursor.execute(f"DELETE FROM {table}")

    # -- doing ---------------------------------------------------------------------------------

    def do(self, uid: int, work: Callable[[Any], Any]) -> Any:
        """What a request of this user does, again when another transaction met it.

        :return: what the work returned, or what Odoo told the user instead
        """
        for tries_left in reversed(range(TRIES)):
            try:
                with self._registry.cursor() as cursor:
                    return work(inside.environment(cursor, uid))
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not tries_left:
                    raise
            except UserError as error:
                return Refused(str(error).splitlines()[0])
        raise AssertionError("unreachable")

    def _superuser(self, work: Callable, *arguments: Any) -> Any:
        return self.do(1, lambda env: work(env, *arguments))

    def book(self, offer: int, start: datetime, name: str) -> Any:
        customer = {"name": name, "email": f"{name.split()[0].lower()}@example.net"}
        return self.do(
            ADMIN,
            lambda env: (
                env["icloud.booking.type"].browse(self.types[offer]).book(_iso(start), customer).id
            ),
        )

    def booking(self, booking: int, method: str, *arguments: Any) -> Any:
        return self.do(
            ADMIN, lambda env: getattr(env["icloud.booking"].browse(booking), method)(*arguments)
        )

    def reschedule(self, booking: int, start: datetime) -> Any:
        return self.booking(booking, "reschedule", _iso(start))

    def session(self, host: int, session: int, method: str, *arguments: Any) -> Any:
        """What the host does with a session in Odoo's calendar."""
        return self.do(
            self.users[host],
            lambda env: getattr(env["calendar.event"].browse(session), method)(*arguments) and None,
        )

    def connect(self, host: int, email: str) -> Any:
        return self.do(
            self.users[host],
            lambda env: env["icloud.account"].connect(email, PASSWORD) and None,
        )

    def account(self, host: int, method: str, **options: Any) -> Any:
        domain = [("user_id", "=", self.users[host])]
        return self.do(
            self.users[host],
            lambda env: getattr(env["icloud.account"].search(domain), method)(**options) and None,
        )

    def choose(self, host: int, primary: int, conflicts: Iterable[int]) -> Any:
        """What the preferences page does; calendars by id."""
        values = {
            "icloud_primary_calendar_id": primary,
            "icloud_conflict_calendar_ids": [(6, 0, sorted({primary, *conflicts}))],
        }
        uid = self.users[host]
        return self.do(uid, lambda env: env["res.users"].browse(uid).write(values) and None)

    def starts(self, offer: int) -> set[datetime]:
        """What the page offers on the days of a history."""
        first, last = slot(0, 0), slot(DAYS - 1, OPEN_HOURS * 2)
        found = self.do(
            ADMIN,
            lambda env: (
                env["icloud.booking.type"]
                .browse(self.types[offer])
                .slots(_iso(first), _iso(last), ZONE.key)
            ),
        )
        return {datetime.fromisoformat(each["start"]) for each in found}

    def work(self, name: str) -> None:
        """One run of a worker in this process: "push" or "import"."""
        work(self._registry, name)

    def let_time_pass(self, seconds: float) -> None:
        with self._registry.cursor() as cursor:
            set_back(cursor, timedelta(seconds=seconds))

    # -- looking -------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple]:
        with self._registry.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def bookings(self) -> dict[int, Booked]:
        return {row[0]: Booked(*row) for row in self.rows(BOOKINGS)}

    def copies(self) -> list[Copy]:
        return [Copy(*row) for row in self.rows(COPIES)]

    def accounts(self) -> dict[int, Account]:
        """By host."""
        return {self.users.index(row[0]): Account(*row) for row in self.rows(ACCOUNTS)}

    def calendars(self, host: int) -> dict[str, Known]:
        """By href."""
        return {row[2]: Known(*row) for row in self.rows(CALENDARS) if row[0] == self.users[host]}

    def imported(self) -> dict[tuple[int, str], list[tuple]]:
        """(host, href) → what stands in Odoo: (all day, from, until, whether it blocks)."""
        found: dict[tuple[int, str], list[tuple]] = {}
        for user, href, allday, start, stop, first, last, show_as in self.rows(IMPORTED):
            span = (True, first, last) if allday else (False, start, stop)
            key = self.users.index(user), href
            found.setdefault(key, []).append((*span, show_as == "busy"))
        return {key: sorted(spans, key=str) for key, spans in found.items()}

    # -- once ----------------------------------------------------------------------------------

    @staticmethod
    def _new_host(env: Any, number: int) -> int:
        values = {"name": f"Host {number}", "login": f"host{number}", "tz": ZONE.key}
        return env["res.users"].create({**values, "email": f"host{number}@example.com"}).id

    @staticmethod
    def _new_hours(env: Any) -> int:
        day = {"name": "Day", "hour_from": OPEN_FROM, "hour_to": OPEN_FROM + OPEN_HOURS}
        days = [(0, 0, {**day, "dayofweek": str(number)}) for number in range(7)]
        values = {"name": "Every day", "tz": ZONE.key, "attendance_ids": [(5,), *days]}
        return env["resource.calendar"].create(values).id

    def _new_type(self, env: Any, hosts: tuple[int, ...]) -> int:
        values = {
            "name": "First visit",
            "kind": "collective" if len(hosts) > 1 else "round_robin",
            "duration": 30,
            "slot_step": 30,
            "min_notice": 0,
            "location": "12 Rose Street",
            "tz": ZONE.key,
            "schedule_id": self._hours,
            "needs_approval": hosts == NEEDS_APPROVAL,
            "host_ids": [(0, 0, {"user_id": self.users[host]}) for host in hosts],
            "is_published": True,
        }
        return env["icloud.booking.type"].create(values).id


def odoo_process_environment() -> dict[str, str]:
    """What a worker's process must know of the local iCloud."""
    return {name: os.environ[name] for name in ("ICLOUD_CALDAV_URL", "ICLOUD_CALDAV_HOSTS")}


def local_days(start: date, stop: date) -> tuple[datetime, datetime]:
    """Naive UTC of the days from `start` up to and with `stop`, where the hosts are."""
    first = datetime.combine(start, time(), ZONE)
    return naive(first), naive(datetime.combine(stop + timedelta(days=1), time(), ZONE))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
