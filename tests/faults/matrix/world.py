"""One Odoo, loaded into this process, and one local iCloud; all cells live in them side by side."""

import contextlib
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from devtools.local_icloud import LocalICloud
from devtools.machine import claims, odoo_run, postgres
from devtools.machine.database import Databases
from devtools.machine.postgres import Postgres
from tests.faults.matrix.clock import Clock

ADDON = "odoo.addons.icloud_calendar_sync"
PUSH, IMPORT = "icloud_calendar_sync.cron_push", "icloud_calendar_sync.cron_import"
# Where the addon waits a moment before it asks a server again, it does not here.
PATCHES = {"icloud.discovery._PAUSE_SECONDS": 0}
# What is written to customers was a quarter of the time of a cell, and has nothing to do with it.
UNSENT = (
    "odoo.addons.mail.models.mail_mail.MailMail.send",
    "odoo.addons.mail.models.mail_template.MailTemplate.send_mail",
)


class Collected(logging.Handler):
    """What any part of Odoo logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.name.rpartition('.')[2]}: {record.getMessage()}"
        if record.exc_info:
            text += f" ({record.exc_info[0].__name__}: {record.exc_info[1]})"
        self.lines.append(text)

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


class World:
    """`registry` is Odoo's, `cloud` the local iCloud, `clock` the time of both."""

    def __init__(self, database: str, server: Postgres, cloud: LocalICloud, clock: Clock) -> None:
        # Odoo is imported when its configuration is known.
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry

        self.database, self._server = database, server
        self.cloud, self.clock, self.errors = cloud, clock, Collected()
        self.registry = Registry(database)
        self._environment = lambda cr, uid=SUPERUSER_ID: api.Environment(cr, uid, {})
        self.hours_id = self._make_hours()

    @contextlib.contextmanager
    def env(self, uid: int | None = None) -> Iterator[Any]:
        """An environment in a transaction of its own, committed at the end of the block."""
        with self.registry.cursor() as cr:
            yield self._environment(cr, uid) if uid else self._environment(cr)

    def job(self, xmlid: str) -> None:
        """Run a scheduled job as Odoo does, now; what makes it fail is logged as an error."""
        with self.env() as env:
            self._scheduler = env.cr._cnx.get_backend_pid()
            try:
                env.ref(xmlid).method_direct_trigger()
            except Exception as error:  # noqa: BLE001 (Odoo's own part of a run fails, too)
                self.errors.lines.append(f"ir_cron: {type(error).__name__}: {error}")
            env.cr.execute("UPDATE ir_cron SET failure_count = 0, active = TRUE")

    @contextlib.contextmanager
    def short_timeouts(self, is_wanted: bool) -> Iterator[None]:
        """One request of the addon may take no more than half a second."""
        from odoo.addons.icloud_calendar_sync.icloud.client import Client

        options = Client.__init__.__kwdefaults__
        with patch.dict(options, {"timeout": 0.5} if is_wanted else {}):
            yield

    def cut(self) -> None:
        """End this process's connections to PostgreSQL, but for that of Odoo's scheduler."""
        with contextlib.closing(self._server.connect()) as connection:
            connection.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> %s AND backend_type = 'client backend'",
                [self.database, self._scheduler],
            )

    def _make_hours(self) -> int:
        """Every day from 8 to 18."""
        day = {"name": "Day", "hour_from": 8, "hour_to": 18}
        with self.env() as env:
            # Other jobs send mails, remind, and call home; here nobody starts them.
            hours = env["resource.calendar"].create(
                {
                    "name": "Every day",
                    "attendance_ids": [(5, 0, 0)]
                    + [(0, 0, {**day, "dayofweek": str(number)}) for number in range(7)],
                }
            )
            return hours.id


@contextlib.contextmanager
def opened(database: str) -> Iterator[World]:
    """A world on a fresh database of that name, for the length of the block."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres.start())
        databases = Databases(server)
        template = databases.template("test", ["icloud_calendar_sync"])
        stack.enter_context(databases.lent(template, database))
        cloud = stack.enter_context(LocalICloud({}))
        _configure(stack, server, database, cloud)
        clock = _clock(stack)
        world = World(database, server, cloud, clock)
        logging.getLogger().addHandler(world.errors)
        yield world


def _configure(
    stack: contextlib.ExitStack, server: Postgres, database: str, cloud: LocalICloud
) -> None:
    options = {"db_name": database, "smtp_server": "127.0.0.1", "smtp_port": 1}
    path = odoo_run.write_config(server, claims.config(database), options)
    told = {
        "ICLOUD_CALDAV_URL": cloud.url,
        "ICLOUD_CALDAV_HOSTS": ",".join(sorted(cloud.hosts)),
    }
    stack.enter_context(patch.dict(os.environ, odoo_run.environment(server, path, told)))
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["--config", str(path)], setup_logging=False)
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger().addHandler(logging.NullHandler())
    Registry(database)  # All that will be loaded is, before the clock is taken over.


def _clock(stack: contextlib.ExitStack) -> Clock:
    from odoo.sql_db import BaseCursor

    clock = Clock()
    stack.callback(clock.stop)
    now = patch.object(BaseCursor, "now", lambda _cr: datetime.now(UTC).replace(tzinfo=None))
    stack.enter_context(now)
    for name, value in PATCHES.items():
        stack.enter_context(patch(f"{ADDON}.{name}", value))
    for name in UNSENT:
        stack.enter_context(patch(name, lambda *_arguments, **_options: True))
    return clock
