"""Odoo inside this process, on a database of its own, beside a local iCloud."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from odoo import api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

from devtools import paths
from devtools.machine import claims, odoo_run, postgres
from devtools.machine.database import Databases
from tests.histories.cloud import WatchedCloud
from tests.histories.crash import CrashingWorker

MODULE = "icloud_calendar_sync"


class Lane(NamedTuple):
    """What one process needs to live histories."""

    registry: Registry
    cloud: WatchedCloud
    crashing: CrashingWorker


@contextlib.contextmanager
def lane(addons: Path = paths.ROOT) -> Iterator[Lane]:
    """:param addons: the folder that holds the addon to be tried: a copy of it may have a bug"""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres.start())
        databases = Databases(server)
        name = f"icloud_histories_{os.getpid()}"
        stack.enter_context(databases.lent(databases.template("test", [MODULE]), name))
        os.environ.update(server.environment())
        _configure(server, name, addons)
        registry = Registry(name)
        # Forked before this process has a thread or a connection.
        sql_db.close_all()
        crashing = stack.enter_context(CrashingWorker(registry))
        registry["ir.mail_server"]._disable_send = classmethod(lambda _cls: True)
        stack.callback(sql_db.close_all)
        cloud = stack.enter_context(WatchedCloud())
        os.environ["ICLOUD_CALDAV_URL"] = cloud.url
        os.environ["ICLOUD_CALDAV_HOSTS"] = ",".join(sorted(cloud.hosts))
        yield Lane(registry, cloud, crashing)


def environment(cursor: Any, uid: int = api.SUPERUSER_ID) -> "api.Environment":
    return api.Environment(cursor, uid, {"tz": "Europe/Berlin"})


def _configure(server: postgres.Postgres, database: str, addons: Path) -> None:
    log = paths.LOGS / f"histories-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "addons_path": addons,
        "db_name": database,
        "logfile": log,
        "log_level": "warn",
        "max_cron_threads": 0,
    }
    path = odoo_run.write_config(server, claims.config(database), options)
    config.parse_config(["--config", str(path)], setup_logging=True)
    path.unlink()
