"""What both sides of `make bench-slots` are asked about: the same hosts, hours and busy events."""

from typing import Any

from odoo import api, fields

from benchmarks import inside
from benchmarks.slots.month import SHIFTS, ZONE, Month, busy_times


class World:
    """Hosts with busy calendars; `grow` adds more. The same for both sides."""

    def __init__(self, env: "api.Environment") -> None:
        self.env = env(context={**env.context, **inside.QUIET})
        self.month = Month.next()
        self.schedule = self._make_schedule()
        self.hosts = self.env["res.users"]

    def _make_schedule(self) -> Any:
        lines = [
            fields.Command.create(
                {
                    "name": "Shift",
                    "dayofweek": str(weekday),
                    "hour_from": shift.start / 2,
                    "hour_to": shift.stop / 2,
                    "day_period": "morning" if shift is SHIFTS[0] else "afternoon",
                }
            )
            for weekday in range(5)
            for shift in SHIFTS
        ]
        values = {"name": "Shifts", "tz": ZONE.key}
        return self.env["resource.calendar"].create(
            {**values, "attendance_ids": [fields.Command.clear(), *lines]}
        )

    def grow(self, size: int) -> Any:
        """Have this many hosts; the new ones, with their busy events."""
        numbers = range(len(self.hosts), size)
        users = self.env["res.users"].create(
            [
                {"name": f"Host {number}", "login": f"bench-host-{number}", "tz": ZONE.key}
                for number in numbers
            ]
        )
        self.hosts |= users
        users._ensure_booking_resource().calendar_id = self.schedule
        for number, user in zip(numbers, users, strict=True):
            self.env["calendar.event"].create(self._busy_events(number, user))
        return users

    def _busy_events(self, number: int, user: Any) -> list[dict]:
        return [
            {
                "name": "Busy",
                "start": start,
                "stop": stop,
                "show_as": "busy",
                "user_id": user.id,
                "partner_ids": [fields.Command.set(user.partner_id.ids)],
            }
            for start, stop in busy_times(number, self.month)
        ]
