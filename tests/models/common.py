"""What the tests of the models share: hosts, a booking type, a local iCloud, the crons."""

import os
from datetime import UTC, datetime, time, timedelta
from unittest.mock import patch
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from odoo.addons.icloud_calendar_sync.sync.orders import Feed
from odoo.addons.icloud_calendar_sync.sync.push import Run
from odoo.tests.common import BaseCase, TransactionCase, new_test_user

from devtools.local_icloud import LocalICloud

PASSWORD = "abcd-efgh-ijkl-mnop"
BRUSSELS = ZoneInfo("Europe/Brussels")


class BookingCase(TransactionCase):
    """Two hosts in Brussels and a published half-hour round robin, open every day from 9 to 17."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tz": "Europe/Brussels"})
        cls.mara, cls.jonas, cls.colleague = (
            new_test_user(
                cls.env,
                login=login,
                name=login.title(),
                groups="base.group_user",
                tz="Europe/Brussels",
                email=f"{login}@example.com",
            )
            for login in ("mara", "jonas", "colleague")
        )
        cls.schedule = cls.env["resource.calendar"].create(
            {
                "name": "Every day",
                "tz": "Europe/Brussels",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (
                        0,
                        0,
                        {
                            "name": "Open",
                            "dayofweek": str(day),
                            "hour_from": 9,
                            "hour_to": 17,
                            "day_period": "morning",
                        },
                    )
                    for day in range(7)
                ],
            }
        )
        cls.type = cls.make_type()

    @classmethod
    def make_type(cls, users=None, **values):
        return cls.env["icloud.booking.type"].create(
            {
                "name": "First visit",
                "location": "12 Rose Street",
                "schedule_id": cls.schedule.id,
                "tz": "Europe/Brussels",
                "min_notice": 0,
                "is_published": True,
                "host_ids": [
                    (0, 0, {"user_id": user.id}) for user in users or (cls.mara | cls.jonas)
                ],
                **values,
            }
        )

    @staticmethod
    def day(days=7):
        """A date some days ahead, in Brussels."""
        return datetime.now(BRUSSELS).date() + timedelta(days=days)

    @classmethod
    def at(cls, hour, minute=0, days=7):
        """Naive UTC of a Brussels wall clock time some days ahead."""
        return cls.aware(hour, minute, days).astimezone(UTC).replace(tzinfo=None)

    @classmethod
    def iso(cls, hour, minute=0, days=7):
        return cls.at(hour, minute, days).isoformat() + "Z"

    @classmethod
    def aware(cls, hour, minute=0, days=7):
        """A Brussels wall clock time some days ahead, with its zone."""
        return datetime.combine(cls.day(days), time(hour, minute), BRUSSELS)

    def starts(self, booking_type=None, days=7, **options):
        """Offered starts of one Brussels day, as (hour, minute) there."""
        slots = (booking_type or self.type).slots(
            self.iso(0, days=days), self.iso(0, days=days + 1), **options
        )
        return [
            (local.hour, local.minute)
            for slot in slots
            for local in [datetime.fromisoformat(slot["start"]).astimezone(BRUSSELS)]
        ]

    def book(self, hour=10, minute=0, days=7, booking_type=None, **options):
        customer = {"name": "Anna Berg", "email": "anna@example.com", "phone": "+32 2 555 01 01"}
        return (booking_type or self.type).book(self.iso(hour, minute, days), customer, **options)

    def settle(self):
        """What a commit does before it commits: hooks work out what iCloud shall hold."""
        self.env.cr.flush()


class ICloudCase(BookingCase):
    """The same, with a local iCloud in which Mara and Jonas have an account each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cls.enterClassContext(
            LocalICloud({"mara@icloud.com": PASSWORD, "jonas@icloud.com": PASSWORD})
        )
        cls.startClassPatcher(
            patch.dict(
                os.environ,
                {
                    "ICLOUD_CALDAV_URL": cls.cloud.url,
                    "ICLOUD_CALDAV_HOSTS": ",".join(sorted(cls.cloud.hosts)),
                },
            )
        )

    def setUp(self):
        super().setUp()
        for login in ("mara", "jonas"):
            self.cloud.change_password(f"{login}@icloud.com", PASSWORD)
        self.cloud.clear_faults()
        self.cloud.clear_requests()

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        # Odoo lets tests reach two names of this machine, with a plain number as the timeout. The
        # partition host is a third, and our client's timeout is an object.
        if urlsplit(request.url).hostname in ("127.0.0.1", "127.0.0.2"):
            return _send(session, request, **options)
        return super()._request_handler(session, request, **options)

    def connect(self, user, password=PASSWORD):
        account = (
            self.env["icloud.account"].with_user(user).connect(f"{user.login}@icloud.com", password)
        )
        self.addCleanup(self._empty, f"{user.login}@icloud.com")
        return account

    def _empty(self, email):
        for calendar in self.cloud.calendars(email):
            for href in self.cloud.events(email, calendar):
                self.cloud.delete_event(href)

    def push(self):
        self._run("icloud_calendar_sync.cron_push")

    def time_passes(self):
        """All pauses are over, those of single copies and those of accounts."""
        self.env["icloud.account"].search([]).quiet_until = False
        self.env["icloud.event.outcome"].search([]).write(
            {"next_try": False, "leased_until": False}
        )

    def carry_out(self, claimed):
        """What a worker does with what it has claimed, {account: orders}."""
        for account, orders in claimed.items():
            with account._open_client(60) as client:
                run = Run(client, account.home_url, Feed(orders), lambda: datetime.now(UTC))
                for results, _untried in run.batches():
                    self.env["icloud.push"].sudo()._settle(account, results)

    def run_import(self):
        self.env["icloud.account"].search([])._ask_workers("import")
        self._run("icloud_calendar_sync.cron_import")

    def _run(self, xmlid):
        self.settle()
        with self.enter_registry_test_mode():
            self.env.ref(xmlid).method_direct_trigger()
        self.env.invalidate_all()

    def in_icloud(self, user, calendar="home"):
        return list(self.cloud.events(f"{user.login}@icloud.com", calendar).values())

    def puts(self):
        return [each for each in self.cloud.requests() if each["method"] == "PUT"]


_send = BaseCase._request_handler.__globals__["_super_send"]
