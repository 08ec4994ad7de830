"""How often visitors may do something, on a server of the tests' own."""

from contextlib import closing

from devtools.machine.postgres import Postgres

SET = """
    INSERT INTO ir_config_parameter (key, value) VALUES ('icloud_calendar_sync.limits', %s)
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
"""


def set_limits(cluster: Postgres, database: str, words: str) -> None:
    """As the operator would write them; before the server starts, which remembers parameters."""
    with closing(cluster.connect(database)) as connection:
        connection.cursor().execute(SET, [words])
