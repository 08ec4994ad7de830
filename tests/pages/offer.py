"""A booking type of a test's own, and what its host sees in Odoo."""

from datetime import datetime
from itertools import count
from typing import Any

from devtools.demo.rpc import Api
from tests.main_job.host import iso

CUSTOMER = {"name": "Bo Holm", "email": "bo@example.net", "phone": ""}
_numbers = count(1)


def every_day_from_8_to_18(admin: Api) -> int:
    """The id of such a schedule."""
    days = [
        (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
        for day in range(7)
    ]
    values = {"name": "Every day", "attendance_ids": [(5,), *days]}
    return admin.call("resource.calendar", "create", values)


def offer_freed_seats(admin: Api) -> None:
    """The scheduled job goes down the waiting lists."""
    (job,) = admin.find("ir.model.data", [("name", "=", "cron_waiting")], "res_id")
    admin.call("ir.cron", "method_direct_trigger", [job["res_id"]])


class Offer:
    """A published type with one host: half an hour, in Berlin, offered from now on."""

    def __init__(self, admin: Api, server_url: str, hours_id: int, **values: Any) -> None:
        number = next(_numbers)
        self.admin, self.server_url = admin, server_url
        self.slug = f"first-visit-{number}"
        self.host_name = f"Mara {number}"
        self.host_id = admin.call(
            "res.users",
            "create",
            {"name": self.host_name, "login": f"mara{number}", "tz": "Europe/Berlin"},
        )
        self.type_id = admin.call(
            "icloud.booking.type",
            "create",
            {
                "name": "First visit",
                "slug": self.slug,
                "duration": 30,
                "slot_step": 30,
                "min_notice": 0,
                "location": "12 Rose Street",
                "description": "<p>We get to know each other.</p>",
                "tz": "Europe/Berlin",
                "schedule_id": hours_id,
                "host_ids": [(0, 0, {"user_id": self.host_id})],
                "is_published": True,
                **values,
            },
        )

    @property
    def path(self) -> str:
        return f"/bookings/{self.slug}"

    def change(self, **values: Any) -> None:
        self.admin.call("icloud.booking.type", "write", [self.type_id], values)

    def new_host(self, name: str) -> int:
        """One more host of the same hours; the id of the user."""
        login = f"{name.lower()}{next(_numbers)}"
        values = {"name": name, "login": login, "tz": "Europe/Berlin"}
        user_id = self.admin.call("res.users", "create", values)
        self.change(host_ids=[(0, 0, {"user_id": user_id})])
        return user_id

    def bookings(self) -> list[dict[str, Any]]:
        """The bookings as they stand, the newest first."""
        who = ("customer_name", "email", "phone", "answers", "tz")
        what = ("start", "state", "token", "parent_id")
        found = self.admin.find("icloud.booking", [("type_id", "=", self.type_id)], *who, *what)
        return sorted(found, key=lambda booking: -booking["id"])

    def book(self, start: datetime, **customer: str) -> dict[str, Any]:
        """Somebody else books this time; the booking."""
        self.admin.call(
            "icloud.booking.type", "book", [self.type_id], iso(start), {**CUSTOMER, **customer}
        )
        return self.bookings()[0]

    def wait(self, start: datetime, **customer: str) -> str:
        """Somebody joins the waiting list of this time; the token of their place."""
        customer = {**CUSTOMER, **customer}
        arguments = [self.type_id], iso(start), customer
        self.admin.call("icloud.booking.type", "join_waiting_list", *arguments)
        domain = [("type_id", "=", self.type_id), ("email", "=", customer["email"])]
        places = self.admin.find("icloud.booking.waiting", domain, "token")
        return max(places, key=lambda place: place["id"])["token"]

    def make_busy(self, start: datetime, stop: datetime) -> None:
        """The host has another event in their calendar."""
        self.admin.call(
            "calendar.event",
            "create",
            {
                "name": "Dentist",
                "start": f"{iso(start)[:10]} {iso(start)[11:19]}",
                "stop": f"{iso(stop)[:10]} {iso(stop)[11:19]}",
                "user_id": self.host_id,
                "partner_ids": [(6, 0, self._partner_ids())],
            },
        )

    def _partner_ids(self) -> list[int]:
        return [
            user["partner_id"]
            for user in self.admin.find("res.users", [("id", "=", self.host_id)], "partner_id")
        ]
