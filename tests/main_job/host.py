"""A host with an iPhone, a booking type of their own, and what they see in Odoo."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from tests.live import Odoo, until
from tests.main_job.phone import Phone

ZONE = ZoneInfo("Europe/Berlin")
CUSTOMER = {"name": "Anna Berg", "email": "anna.berg@example.net", "phone": "+49 30 1234567"}
PLACE = "Salon, 12 Rose Street"


def day_after(days: int) -> date:
    """That many days from today, where the hosts are."""
    return datetime.now(ZONE).date() + timedelta(days=days)


def at(hour: int, minute: int = 0, days: int = 2) -> datetime:
    """Wall clock time, the day after tomorrow unless told."""
    return datetime.combine(day_after(days), time(hour, minute), ZONE)


def iso(moment: datetime) -> str:
    """As the API writes times."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def odoo_utc(moment: datetime) -> str:
    """As fields of Odoo hold times."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


class Host:
    """One Odoo user. `phone` is another client of the same iCloud account."""

    def __init__(self, odoo: Odoo, phone: Phone, hours_id: int) -> None:
        self.odoo, self.phone = odoo, phone
        self.api = odoo.new_user("host")
        self.uid = self.api.uid
        self.type_id = odoo.admin.call(
            "icloud.booking.type",
            "create",
            {
                "name": "First visit",
                "duration": 30,
                "slot_step": 30,
                "min_notice": 0,
                "location": PLACE,
                "tz": ZONE.key,
                "schedule_id": hours_id,
                "host_ids": [(0, 0, {"user_id": self.uid})],
                "is_published": True,
            },
        )

    # -- iCloud --------------------------------------------------------------------------------

    def connect(self) -> "Host":
        """Connect, choose Home as the primary calendar, and wait until it is read."""
        self.api.call("icloud.account", "connect", self.phone.email, self.phone.password)
        self.choose("Home", "Home")
        until(lambda: self.calendar("Home")["last_import"])
        return self

    def choose(self, primary: str, *conflicts: str) -> None:
        """What the preferences page does."""
        self.api.call(
            "res.users",
            "write",
            [self.uid],
            {
                "icloud_primary_calendar_id": self.calendar(primary)["id"],
                "icloud_conflict_calendar_ids": [
                    (6, 0, [self.calendar(name)["id"] for name in conflicts])
                ],
            },
        )

    def sync_now(self) -> None:
        self.api.call("icloud.account", "action_sync_now", [self.account()["id"]])

    def quiet_until(self) -> datetime | None:
        """Until when iCloud asked that this account be left alone, if it did."""
        query = "SELECT quiet_until FROM icloud_account WHERE user_id = %s"
        [(moment,)] = self.odoo.rows(query, self.uid)
        return moment and moment.replace(tzinfo=UTC)

    def time_passes(self) -> None:
        """The time that iCloud asked for is over."""
        query = "UPDATE icloud_account SET quiet_until = NULL WHERE user_id = %s RETURNING id"
        self.odoo.rows(query, self.uid)

    def account(self) -> dict[str, Any]:
        names = ("apple_id", "state", "last_error", "last_import", "primary_calendar_id")
        return self.api.find("icloud.account", [("user_id", "=", self.uid)], *names)[0]

    def calendar(self, name: str) -> dict[str, Any]:
        domain = [("user_id", "=", self.uid), ("name", "=", name)]
        found = self.api.find("icloud.calendar", domain, "name", "writable", "last_import")
        assert len(found) == 1, f"{len(found)} calendars named {name}"
        return found[0]

    def preferences(self) -> dict[str, Any]:
        """What the page of preferences says of the connection."""
        names = ["icloud_state", "icloud_last_error", "icloud_trouble"]
        return self.api.call("res.users", "read", [self.uid], names)[0]

    def log(self) -> list[str]:
        lines = self.api.find("icloud.log", [("user_id", "=", self.uid)], "message")
        return [line["message"] for line in lines]

    def copies(self) -> list[dict[str, Any]]:
        """What the owner may see of the pushes."""
        domain = [("user_id", "=", self.uid), ("origin", "=", "odoo")]
        names = ("uid", "href", "wanted", "attempts", "last_error", "next_try")
        return self.api.find("icloud.event", domain, *names)

    # -- the calendar in Odoo ------------------------------------------------------------------

    def imported(self, by: Any = None) -> list[dict[str, Any]]:
        """The imported events, as the host sees them, or as another user does."""
        domain = [
            ("user_id", "=", self.uid),
            ("booking_type_id", "=", False),
            ("start", ">=", odoo_utc(at(0, days=0))),
            ("start", "<", odoo_utc(at(0, days=8))),
        ]
        names = ("display_name", "name", "start", "stop", "allday", "show_as")
        return sorted(
            (by or self.api).find("calendar.event", domain, *names),
            key=lambda event: event["start"],
        )

    def titles(self, by: Any = None) -> list[str]:
        return [event["display_name"] for event in self.imported(by)]

    def event(self, title: str) -> dict[str, Any]:
        """The imported event of this title, once it is there."""

        def found() -> list[dict[str, Any]]:
            return [event for event in self.imported() if event["display_name"] == title]

        return until(found)[0]

    # -- bookings ------------------------------------------------------------------------------

    def starts(self, days: int = 2) -> list[str]:
        """What the page offers on that day."""
        first = at(0, days=days)
        slots = self.odoo.receptionist.call(
            "icloud.booking.type",
            "slots",
            [self.type_id],
            iso(first),
            iso(at(0, days=days + 1)),
            ZONE.key,
        )
        return [slot["start"] for slot in slots]

    def offers(self, moment: datetime) -> bool:
        return iso(moment) in self.starts((moment.date() - day_after(0)).days)

    def book(self, start: datetime, **options: Any) -> int:
        """The receptionist books for a customer; the booking's id."""
        return self.odoo.receptionist.call(
            "icloud.booking.type", "book", [self.type_id], iso(start), CUSTOMER, **options
        )[0]

    def session_id(self, booking_id: int) -> int:
        return self.api.call("icloud.booking", "read", [booking_id], ["event_id"], load="")[0][
            "event_id"
        ]

    def copy(self, calendar: str = "Home") -> icalendar.Event:
        """The one booking that stands in that calendar, once it is there."""

        def ours() -> list[icalendar.Event]:
            return [
                event
                for event in self.phone.events(calendar)
                if str(event["SUMMARY"]).startswith("First visit")
            ]

        found = until(ours)
        assert len(found) == 1
        return found[0]

    def copy_at(self, start: datetime, calendar: str = "Home") -> icalendar.Event:
        """The booking, once iCloud has it at that time."""

        def there() -> icalendar.Event:
            event = self.copy(calendar)
            assert event.start == start, f"stands at {event.start}"
            return event

        return until(there)

    def until_gone(self, calendar: str = "Home") -> None:
        """Wait until no booking stands in that calendar."""
        until(lambda: not [t for t in self.phone.titles(calendar) if t.startswith("First visit")])
