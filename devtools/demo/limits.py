"""How often visitors may do something, on a server of our own."""

from contextlib import closing

from devtools.machine.postgres import Postgres

SET = """
    INSERT INTO ir_config_parameter (key, value) VALUES ('icloud_calendar_sync.limits', %s)
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
"""


def set_limits(cluster: Postgres, database: str, words: str) -> None:
    """Set what docs/operating.md describes, before the server starts, which remembers it."""
    with closing(cluster.connect(database)) as connection:
        connection.cursor().execute(SET, [words])
