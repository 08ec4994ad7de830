"""Our side: a real Odoo in this process, whose scheduled jobs do the work as Odoo runs them."""

import itertools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from odoo import fields

from benchmarks import inside
from benchmarks.sync import sampler
from benchmarks.sync.events import BOOKING, ZONE
from benchmarks.sync.radicale_server import PASSWORD
from devtools.steps import SetupError

# A job ends after its time and is run again; one that got nowhere so often is stuck.
MOST_RUNS_IN_VAIN = 20
_NOT_READ = """
    SELECT COUNT(*) FROM icloud_account
     WHERE id = ANY(%(ids)s) AND (last_import IS NULL OR last_import < %(since)s)
"""
_NOT_READ_OF = """
    SELECT COUNT(*) FROM icloud_calendar
     WHERE account_id = ANY(%(ids)s) AND (last_import IS NULL OR last_import < %(since)s)
"""
_NOT_SENT = """
    SELECT COUNT(*) FROM icloud_event event JOIN icloud_event_outcome outcome
        ON outcome.id = event.outcome_id
     WHERE event.account_id = ANY(%(ids)s) AND event.origin = 'odoo'
       AND event.revision IS DISTINCT FROM outcome.pushed_revision
"""
# The last look was five minutes ago, as it is in life.
_DUE_NOW = """
    UPDATE icloud_account SET next_import = NULL, last_import = last_import - interval '5 minutes'
     WHERE id = ANY(%(ids)s);
    UPDATE icloud_calendar SET last_import = last_import - interval '5 minutes'
     WHERE account_id = ANY(%(ids)s)
"""


class Host(NamedTuple):
    """One user, connected to the account of that address."""

    email: str
    user: Any
    account: Any


class Odoo:
    """Makes hosts and bookings, and runs the jobs. `env` is the superuser's."""

    def __init__(self, env: Any, url: str) -> None:
        self.env = env(context={**env.context, **inside.QUIET})
        os.environ |= {"ICLOUD_CALDAV_URL": url, "ICLOUD_CALDAV_HOSTS": urlsplit(url).netloc}
        self.env["ir.cron"].search([]).active = False
        self._crons = {
            work: self.env.ref(f"icloud_calendar_sync.cron_{work}") for work in ("push", "import")
        }
        for cron in self._crons.values():
            cron.active = True
        self._numbers = itertools.count(1)
        self.commit()

    def commit(self) -> None:
        self.env.cr.commit()
        self.env.invalidate_all()

    # -- hosts ---------------------------------------------------------------------------------

    def connect(self, email: str) -> Host:
        """A new host; what is in iCloud is not read yet."""
        login = f"bench-host-{next(self._numbers)}"
        user = self.env["res.users"].create({"name": login, "login": login, "tz": ZONE.key})
        account = self.env["icloud.account"].with_user(user).connect(email, PASSWORD).sudo()
        self.commit()
        return Host(email, user, account.with_env(self.env))

    def disconnect(self, host: Host) -> None:
        """What was read of iCloud goes."""
        host.account._disconnect(remove=False)
        self.commit()

    def imported(self, host: Host) -> int:
        """How many occurrences of iCloud's events Odoo shows."""
        return self.env["calendar.event"].search_count(
            [("icloud_origin_id.account_id", "=", host.account.id)]
        )

    # -- the jobs ------------------------------------------------------------------------------

    def read(self, host: Host) -> float:
        """Run the import until this account is read; the seconds it took."""
        what = self.made_due(host.account.ids)
        return self.run("import", lambda: self._count(_NOT_READ_OF, what))

    def read_all(self, ids: Sequence[int]) -> float:
        """Run the import until all these accounts are read; the seconds it took."""
        what = self.made_due(ids)
        return self.run("import", lambda: self.count_waiting(what))

    def count_waiting(self, what: dict[str, Any]) -> int:
        """How many of the accounts that were made due are not read yet."""
        return self._count(_NOT_READ, what)

    def wake(self, work: str) -> None:
        """Have the servers on this database run a job now."""
        self._crons[work]._trigger()
        self.commit()

    def push(self, host: Host) -> float:
        """Run the push until nothing of this account waits; the seconds it took."""
        return self.run("push", lambda: self._count(_NOT_SENT, {"ids": host.account.ids}))

    def run(self, work: str, waiting: Callable[[], int]) -> float:
        """Run a job again and again, as Odoo does, until nothing waits.

        :raise SetupError: it gets nowhere
        """
        left, in_vain = waiting(), 0
        with sampler.watching():
            begin = time.perf_counter()
            while left:
                self._crons[work].method_direct_trigger()
                self.commit()
                before, left = left, waiting()
                in_vain = in_vain + 1 if left >= before else 0
                if in_vain > MOST_RUNS_IN_VAIN:
                    raise SetupError(f"{work}: {left} still wait, and no run makes them fewer")
            return time.perf_counter() - begin

    # -- bookings ------------------------------------------------------------------------------

    def offer(self, host: Host) -> Any:
        """A booking type of this host, open day and night."""
        days = [
            fields.Command.create(
                {"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24}
            )
            for day in range(7)
        ]
        hours = self.env["resource.calendar"].create(
            {"name": "Always", "tz": "UTC", "attendance_ids": [fields.Command.clear(), *days]}
        )
        minutes = int(BOOKING.total_seconds() // 60)
        offer = self.env["icloud.booking.type"].create(
            {
                "name": "First visit",
                "duration": minutes,
                "slot_step": minutes,
                "min_notice": 0,
                "horizon_days": 365,
                "location": "Salon, 12 Rose Street",
                "tz": ZONE.key,
                "schedule_id": hours.id,
                "host_ids": [fields.Command.create({"user_id": host.user.id})],
                "is_published": True,
            }
        )
        self.commit()
        return offer

    def book(self, offer: Any, starts: Iterable[datetime]) -> Any:
        """A booking at each of these starts (aware UTC); their sessions."""
        bookings = self.env["icloud.booking"]
        for number, start in enumerate(starts):
            customer = {"name": f"Guest {number}", "email": f"guest{number}@example.net"}
            bookings |= offer.book(f"{start:%Y-%m-%d %H:%M:%S}", customer)
        self.commit()
        return bookings.event_id

    def move(self, sessions: Any, by: timedelta) -> None:
        """Drag sessions to another day, as their host does in Odoo's calendar."""
        for session in sessions:
            session.write({"start": session.start + by, "stop": session.stop + by})
        self.commit()

    # -- the database --------------------------------------------------------------------------

    def made_due(self, ids: Sequence[int]) -> dict[str, Any]:
        """Have the import look at these accounts; what tells whether it did."""
        what = {"ids": list(ids), "since": fields.Datetime.now()}
        self.env.cr.execute(_DUE_NOW, what)
        self.commit()
        return what

    def _count(self, query: str, values: Any) -> int:
        self.env.cr.execute(query, values)
        ((count,),) = self.env.cr.fetchall()
        self.env.cr.commit()
        return count
