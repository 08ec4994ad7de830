"""What may never stand in the database, and what the server may never say."""

from pathlib import Path
from typing import Any

# Each finds rows that must not be. Class sessions hold many bookings: sessions are counted, not
# bookings.
NEVER = {
    "times of a resource that overlap": """
        SELECT first.id, second.id FROM icloud_booking_reservation first
          JOIN icloud_booking_reservation second
            ON second.resource_id = first.resource_id AND second.id > first.id
           AND tsrange(second.start, second.stop) && tsrange(first.start, first.stop)
         WHERE first.active AND second.active""",
    "sessions of a host that overlap": """
        SELECT first.id, second.id FROM calendar_event first
          JOIN calendar_event second
            ON second.user_id = first.user_id AND second.id > first.id
           AND tsrange(second.start, second.stop) && tsrange(first.start, first.stop)
         WHERE first.active AND second.active
           AND first.booking_type_id IS NOT NULL AND second.booking_type_id IS NOT NULL""",
    "bookings whose time nobody keeps": """
        SELECT booking.id FROM icloud_booking booking
          LEFT JOIN calendar_event event ON event.id = booking.event_id AND event.active
         WHERE booking.holds_time
           AND (event.id IS NULL OR event.start != booking.start
                OR event.user_id != booking.user_id
                OR NOT EXISTS (
                       SELECT FROM icloud_booking_reservation reservation
                         JOIN resource_resource resource ON resource.id = reservation.resource_id
                        WHERE reservation.event_id = event.id AND reservation.active
                          AND resource.user_id = booking.user_id
                          AND reservation.start <= event.start
                          AND reservation.stop >= event.stop))""",
    "times kept for nobody": """
        SELECT reservation.id FROM icloud_booking_reservation reservation
         WHERE reservation.active AND NOT EXISTS (
               SELECT FROM icloud_booking booking
                WHERE booking.event_id = reservation.event_id AND booking.holds_time)""",
}
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def wrongs(connection: Any) -> list[str]:
    """What stands in the database and must not, in words."""
    cursor = connection.cursor()
    found = []
    for what, query in NEVER.items():
        cursor.execute(query)
        if rows := cursor.fetchall():
            found.append(f"{len(rows)} {what}, first {rows[0]}")
    return found


def deadlocks(connection: Any, log: Path) -> int:
    """How many PostgreSQL counted, or Odoo saw. Only right when the server has stopped.

    A backend tells PostgreSQL's statistics when it is idle, or ends.
    """
    cursor = connection.cursor()
    cursor.execute(DEADLOCKS)
    counted = cursor.fetchone()[0]
    return max(counted, log.read_text().count("deadlock detected"))


def retries(log: Path) -> int:
    """How often Odoo did a request again, after a pause of up to seconds, because of another."""
    return log.read_text().count("tries left, try again")


def server_errors(log: Path) -> list[str]:
    """Lines by which the server says that something broke; a refusal is logged as a warning."""
    lines = log.read_text().splitlines()
    return [line for line in lines if " ERROR " in line or " CRITICAL " in line]
