"""An Odoo server that talks to a CalDAV server on this machine, and to nobody else."""

from collections.abc import Iterable
from contextlib import closing

from devtools.machine.database import Databases
from devtools.machine.server import Server
from devtools.ports import free_port

# Odoo's other scheduled jobs send mails, remind, and once a week call home.
OTHER_JOBS_OFF = """
    UPDATE ir_cron SET active = FALSE WHERE id NOT IN (
        SELECT res_id FROM ir_model_data
         WHERE model = 'ir.cron' AND module LIKE 'icloud\\_calendar\\_sync%')
"""
OWN_ADDRESS = "UPDATE ir_config_parameter SET value = %s WHERE key = 'web.base.url'"


def server(
    databases: Databases, database: str, caldav_url: str, hosts: Iterable[str], port: int = 0
) -> Server:
    """A server, not started yet, on a database of ours whose jobs and links are set for it."""
    port = port or free_port()
    with closing(databases.postgres.connect(database)) as connection:
        cursor = connection.cursor()
        cursor.execute(OTHER_JOBS_OFF)
        cursor.execute(OWN_ADDRESS, [f"http://127.0.0.1:{port}"])
    return Server(
        database,
        port=port,
        cron_threads=2,
        env={"ICLOUD_CALDAV_URL": caldav_url, "ICLOUD_CALDAV_HOSTS": ",".join(sorted(hosts))},
        # Nobody listens there: whatever is typed into a form, no mail leaves the machine.
        config={"smtp_server": "127.0.0.1", "smtp_port": 1},
    )
