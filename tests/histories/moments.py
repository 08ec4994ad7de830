"""Time passes: what a database remembers of the sync is longer ago, what waits is nearer."""

from datetime import timedelta
from typing import Any

# What says when something happened or is to happen. Until when a calendar is known is neither.
COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
     WHERE table_name IN ('icloud_account', 'icloud_calendar', 'icloud_event',
                          'icloud_event_outcome', 'icloud_log')
       AND data_type LIKE 'timestamp%' AND column_name <> 'known_until'
"""


def columns(cursor: Any) -> list[tuple[str, str]]:
    """(table, column)"""
    cursor.execute(COLUMNS)
    return cursor.fetchall()


def set_back(cursor: Any, time: timedelta) -> None:
    for table, column in columns(cursor):
        cursor.execute(
            f'UPDATE {table} SET "{column}" = "{column}" - %s WHERE "{column}" IS NOT NULL', [time]
        )
