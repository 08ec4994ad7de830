"""What may never stand in the database, and what the server may never say."""

import re
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
    "bookings that lack a host who must come": """
        SELECT booking.id, host.user_id FROM icloud_booking booking
          JOIN icloud_booking_type type ON type.id = booking.type_id
          JOIN icloud_booking_host host
            ON host.type_id = type.id AND (host.fixed OR type.kind = 'collective')
         WHERE booking.holds_time AND NOT EXISTS (
               SELECT FROM icloud_booking_reservation reservation
                 JOIN resource_resource resource ON resource.id = reservation.resource_id
                WHERE reservation.event_id = booking.event_id AND reservation.active
                  AND resource.user_id = host.user_id)""",
    "bookings without a room": """
        SELECT booking.id FROM icloud_booking booking
         WHERE booking.holds_time
           AND EXISTS (SELECT FROM icloud_booking_type_room_rel rooms
                        WHERE rooms.icloud_booking_type_id = booking.type_id)
           AND NOT EXISTS (
               SELECT FROM icloud_booking_reservation reservation
                 JOIN icloud_booking_type_room_rel rooms
                   ON rooms.resource_resource_id = reservation.resource_id
                WHERE reservation.event_id = booking.event_id AND reservation.active
                  AND rooms.icloud_booking_type_id = booking.type_id)""",
    "bookings without a piece of equipment": """
        SELECT booking.id, needed.resource_resource_id FROM icloud_booking booking
          JOIN icloud_booking_type_equipment_rel needed
            ON needed.icloud_booking_type_id = booking.type_id
         WHERE booking.holds_time AND NOT EXISTS (
               SELECT FROM icloud_booking_reservation reservation
                WHERE reservation.event_id = booking.event_id AND reservation.active
                  AND reservation.resource_id = needed.resource_resource_id)""",
    "sessions without a booking": """
        SELECT event.id FROM calendar_event event
         WHERE event.active AND event.booking_type_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM icloud_booking booking
                WHERE booking.event_id = event.id AND booking.holds_time)""",
    "times kept for nobody": """
        SELECT reservation.id FROM icloud_booking_reservation reservation
         WHERE reservation.active AND NOT EXISTS (
               SELECT FROM icloud_booking booking
                WHERE booking.event_id = reservation.event_id AND booking.holds_time)""",
    "seats that are sold twice": """
        SELECT event_id, number FROM icloud_booking_seat
         GROUP BY event_id, number HAVING count(*) > 1""",
    "sessions with more seats sold than there are": """
        SELECT event.id, count(*) FROM icloud_booking_seat seat
          JOIN calendar_event event ON event.id = seat.event_id
          JOIN icloud_booking_type type ON type.id = event.booking_type_id
         GROUP BY event.id, type.id
        HAVING count(*) > COALESCE(NULLIF(event.seats, 0), type.seats)""",
    "bookings of a class with other seats than they asked for": """
        SELECT booking.id FROM icloud_booking booking
          JOIN icloud_booking_type type ON type.id = booking.type_id AND type.kind = 'class'
          LEFT JOIN icloud_booking_seat seat
            ON seat.booking_id = booking.id AND seat.event_id = booking.event_id
         GROUP BY booking.id
        HAVING count(seat.id) != CASE WHEN booking.holds_time THEN booking.seats ELSE 0 END""",
    "seats of nobody": """
        SELECT seat.id FROM icloud_booking_seat seat
          LEFT JOIN icloud_booking booking ON booking.id = seat.booking_id
         WHERE booking.event_id IS DISTINCT FROM seat.event_id OR NOT booking.holds_time""",
    # Whoever orders from a menu in this race orders all of it.
    "chains with a part missing": """
        SELECT booking.id FROM icloud_booking booking
          JOIN icloud_booking_type type ON type.id = booking.type_id AND type.kind = 'service'
         WHERE booking.holds_time AND booking.parent_id IS NULL
           AND (SELECT count(*) FROM icloud_booking_service service
                 WHERE service.type_id = type.id)
               != (SELECT count(DISTINCT line.service_id) FROM icloud_booking_line line
                     JOIN icloud_booking part ON part.id = line.booking_id
                    WHERE part.holds_time AND booking.id IN (part.id, part.parent_id))""",
    "parts of a chain that do not follow one another": """
        SELECT part.id FROM icloud_booking part
          JOIN icloud_booking booking ON booking.id = part.parent_id
         WHERE part.holds_time != booking.holds_time
            OR part.holds_time AND part.start != booking.stop""",
    "days of a type with more sessions than its maximum": """
        SELECT type.id, event.start::date FROM calendar_event event
          JOIN icloud_booking_type type ON type.id = event.booking_type_id
         WHERE event.active AND type.max_per_day > 0
         GROUP BY type.id, event.start::date HAVING count(*) > type.max_per_day""",
    "days of a host with more sessions than the maximum": """
        SELECT type.id, event.user_id, event.start::date FROM calendar_event event
          JOIN icloud_booking_type type ON type.id = event.booking_type_id
         WHERE event.active AND type.host_max_per_day > 0
         GROUP BY type.id, event.user_id, event.start::date
        HAVING count(*) > type.host_max_per_day""",
    "customers with more bookings than one may have": """
        SELECT type.id, booking.email FROM icloud_booking booking
          JOIN icloud_booking_type type ON type.id = booking.type_id
         WHERE booking.holds_time AND booking.parent_id IS NULL AND type.customer_max > 0
         GROUP BY type.id, booking.email HAVING count(*) > type.customer_max""",
    "places in a maximum kept for nobody": """
        SELECT quota.id FROM icloud_booking_quota quota
          LEFT JOIN icloud_booking booking ON booking.id = quota.booking_id
         WHERE booking.holds_time IS NOT TRUE""",
    "bookings that nobody approved": """
        SELECT booking.id FROM icloud_booking booking
          JOIN icloud_booking_type type ON type.id = booking.type_id AND type.needs_approval
         WHERE booking.state = 'confirmed'""",
}
_AGAIN = re.compile(r"tries left, try again in ([0-9.]+) sec")
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


def retries(text: str) -> list[float]:
    """Seconds that Odoo waited before it did a request again, as its log tells them.

    It does so when somebody else changed what the request had read or wanted.
    """
    return [float(seconds) for seconds in _AGAIN.findall(text)]


def server_errors(log: Path) -> list[str]:
    """Lines by which the server says that something broke; a refusal is logged as a warning."""
    lines = log.read_text().splitlines()
    return [line for line in lines if " ERROR " in line or " CRITICAL " in line]
