"""The two sides of `make bench-slots`: how each is set up, asked, and understood."""

from datetime import UTC, datetime, timedelta
from typing import Any

from odoo import fields

from benchmarks.slots.month import SLOT_MINUTES, ZONE
from benchmarks.slots.world import World

DAY = timedelta(days=1)


# So high that no day is full.
MAXIMA = {
    "max_per_day": 10_000,
    "max_per_week": 10_000,
    "host_max_per_day": 1_000,
    "host_max_per_week": 1_000,
    "customer_max": 10,
}


class Ours:
    """A round-robin type whose hosts are connected to iCloud, and read a moment ago.

    Every rule is switched on, and worked out, but with values that let all starts pass: the peer
    knows most of them not, and both answers must be the same.
    """

    def __init__(self, world: World) -> None:
        self.env, self.month = world.env, world.month
        self.type = self.env["icloud.booking.type"].create(
            {
                "name": "Benchmark",
                "duration": SLOT_MINUTES,
                "slot_step": SLOT_MINUTES,
                "schedule_id": world.schedule.id,
                "tz": ZONE.key,
                "stale_policy": "hide",
                **self._dates(),
                **self._resources(),
                **MAXIMA,
                "only_adjacent": True,
                "distribution": "fair",
                "needs_approval": True,
            }
        )

    def _dates(self) -> dict[str, Any]:
        """Days that are offered, and one that is closed beside them."""
        first, last = self.month.first.date(), self.month.stop.date() - DAY
        return {
            "min_notice": 120,
            "horizon_days": 90,
            "first_day": first,
            "last_day": last,
            "override_ids": [
                fields.Command.create({"first_day": first - DAY, "opens": "closed"}),
                fields.Command.create({"first_day": last + DAY, "opens": "closed"}),
            ],
        }

    def _resources(self) -> dict[str, Any]:
        """A choice of rooms, and equipment, that are free."""
        room, other_room, lamp = self.env["resource.resource"].create(
            [{"name": name, "resource_type": "material"} for name in ("Room 1", "Room 2", "Lamp")]
        )
        return {
            "room_ids": [fields.Command.set((room + other_room).ids)],
            "equipment_ids": [fields.Command.set(lamp.ids)],
        }

    def add(self, users: Any) -> None:
        self.env["icloud.booking.host"].create(
            [{"type_id": self.type.id, "user_id": user.id} for user in users]
        )
        accounts = self.env["icloud.account"].create(
            [{"user_id": user.id, "state": "connected"} for user in users]
        )
        calendars = self.env["icloud.calendar"].create(
            [
                {
                    "account_id": account.id,
                    "name": "Home",
                    "href": f"/{account.id}/calendars/home/",
                    "writable": True,
                    "check_conflicts": True,
                    "last_import": fields.Datetime.now(),
                }
                for account in accounts
            ]
        )
        for account, calendar in zip(accounts, calendars, strict=True):
            account.primary_calendar_id = calendar
        self.type.is_published = True

    def ask(self) -> list[dict]:
        """What a page asks for a month of times."""
        return self.type.slots(*(moment.isoformat() for moment in self.month), tz=ZONE.key)

    @staticmethod
    def starts(answer: list[dict]) -> set[datetime]:
        return {datetime.fromisoformat(slot["start"]) for slot in answer}


class Peer:
    """A type of OCA's resource_booking: each host is a combination of one resource."""

    def __init__(self, world: World) -> None:
        self.env = world.env(context={**world.env.context, "tz": ZONE.key})
        self.month = world.month
        self.type = self.env["resource.booking.type"].create(
            {
                "name": "Benchmark",
                "duration": SLOT_MINUTES / 60,
                "slot_duration": SLOT_MINUTES / 60,
                "modifications_deadline": 0,
                "resource_calendar_id": world.schedule.id,
            }
        )
        # Its portal page lists the times of a booking that has none yet.
        self.booking = self.env["resource.booking"].create(
            {
                "type_id": self.type.id,
                "partner_ids": [fields.Command.set(self.env.user.partner_id.ids)],
            }
        )

    def add(self, users: Any) -> None:
        combinations = self.env["resource.booking.combination"].create(
            [{"resource_ids": [fields.Command.set(user.booking_resource_id.ids)]} for user in users]
        )
        self.type.combination_rel_ids = [
            fields.Command.create({"combination_id": combination.id})
            for combination in combinations
        ]

    def ask(self) -> dict:
        """What its portal page asks for a month of times."""
        naive = (moment.astimezone(UTC).replace(tzinfo=None) for moment in self.month)
        # Its own way to make aware times: it calls methods that only those of pytz have.
        start, stop = (fields.Datetime.context_timestamp(self.booking, each) for each in naive)
        return self.booking._get_available_slots(start, stop)

    @staticmethod
    def starts(answer: dict) -> set[datetime]:
        return {start.astimezone(UTC) for day in answer.values() for start in day}
