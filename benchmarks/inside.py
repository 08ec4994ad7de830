"""Odoo inside this process, without a server: a benchmark measures the models themselves."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

from devtools import paths
from devtools.machine import claims, odoo_run
from devtools.machine.database import Databases
from devtools.machine.postgres import Postgres

# Odoo's own switches: nobody is to get mail about thousands of events.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "no_mail_to_attendees": True,
    "no_reset_password": True,
    "dont_notify": True,
}


@contextlib.contextmanager
def environment(
    server: Postgres,
    name: str,
    *,
    folder: Path | None = None,
    addons: Path | None = None,
    module: str = "",
) -> Iterator["api.Environment"]:
    """An environment of the superuser on a fresh database with our addon, and `module` if named.

    `folder` holds Python packages of that module, `addons` the module. The database is dropped.
    """
    databases = Databases(server)
    database = f"icloud_{name}_{os.getpid()}"
    with databases.lent(databases.template("test", ["icloud_calendar_sync"]), database):
        _configure(server, database, name, addons)
        if folder:
            # Last, so that nothing of the main environment is hidden by it.
            sys.path.append(str(folder))
        modules = [module] if module else []
        registry = Registry.new(database, update_module=bool(modules), install_modules=modules)
        with registry.cursor() as cursor:
            yield api.Environment(cursor, SUPERUSER_ID, {})
            cursor.rollback()


def settle(env: "api.Environment", server: Postgres) -> None:
    """Commit, and do what PostgreSQL's autovacuum would have done by the time anybody asks."""
    env.cr.commit()
    with closing(server.connect(env.cr.dbname)) as connection:
        connection.cursor().execute("VACUUM ANALYZE")


def _configure(server: Postgres, database: str, name: str, addons: Path | None) -> None:
    os.environ.update(server.environment())
    log = paths.LOGS / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "addons_path": ",".join(str(each) for each in (paths.ROOT, addons) if each),
        "db_name": database,
        "logfile": log,
        "max_cron_threads": 0,
    }
    path = odoo_run.write_config(server, claims.config(database), options)
    config.parse_config(["--config", str(path)], setup_logging=True)
    path.unlink()
