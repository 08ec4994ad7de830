"""Runs Odoo as a child process: its configuration file and its environment."""

import os
from collections.abc import Mapping
from pathlib import Path

from devtools import paths
from devtools.machine.postgres import Postgres
from devtools.steps import write_whole

# -P keeps the current folder off sys.path: a checkout holds names that Odoo could take for its own.
# Not `-m odoo`: see the file.
COMMAND = [str(paths.PYTHON), "-P", str(paths.ROOT / "devtools" / "program" / "odoo-server")]


def write_config(
    postgres: Postgres, path: Path = paths.ODOO_CONF, extra: Mapping[str, object] | None = None
) -> Path:
    """Write a configuration file with our addons on the path; `extra` options come on top.

    It holds no secret: a password for PGHOST comes from PGPASSWORD alone.
    """
    options: dict[str, object] = {
        "data_dir": paths.ODOO_DATA,
        "http_interface": "127.0.0.1",
        "list_db": False,
    }
    if paths.addons():
        options["addons_path"] = paths.ROOT
    named = {"db_host": postgres.host, "db_port": postgres.port, "db_user": postgres.user}
    options |= {name: value for name, value in named.items() if value}
    options |= extra or {}
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    write_whole(path, f"[options]\n{lines}")
    return path


def environment(
    postgres: Postgres, config: Path, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment of an Odoo process: PG* and ODOO_RC set, Python's own path variable unset."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**inherited, **postgres.environment(), "ODOO_RC": str(config), **(extra or {})}
