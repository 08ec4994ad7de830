"""What hosts and rooms are busy with: all of them in one query.

Rule 18: reservations, buffers included, and every other busy event; leaves as well. A session is
known by its reservation, never counted twice. An imported event is busy for the owner of its
calendar, whoever attends it in Odoo: iCloud says so. What is not known is not free (rule 14).
"""

from collections import defaultdict
from itertools import chain
from struct import iter_unpack
from typing import NamedTuple

from odoo.tools import SQL

from ...scheduling.intervals import Intervals, merge
from .minutes import minutes_down, minutes_up

# As far as a column of minutes reaches.
FOREVER = 2**31 - 1


class Busy(NamedTuple):
    """A busy time in minutes UTC, rounded outwards: a second of overlap is an overlap.

    `source` is booking, leave, icloud, event, or unknown: from then on iCloud was not read.
    """

    source: str
    start: int
    stop: int
    event_id: int | None


class PackedTimes:
    """Times as the database sent them: a tuple for each would take longer than to read them."""

    def __init__(self):
        self._parts = []

    def add(self, packed):
        """:param packed: pairs of integers as bytes"""
        self._parts.append(packed)

    def __iter__(self):
        return chain.from_iterable(iter_unpack(">2i", packed) for packed in self._parts)


class BusyTimes(NamedTuple):
    """Busy times in minutes UTC, of users in any order; rooms and users' bookings are merged."""

    users: dict[int, PackedTimes]
    rooms: dict[int, Intervals]
    reserved: dict[int, Intervals]


class Person(NamedTuple):
    """Whose busy times are asked for; a HostRow knows as much. The resource may be missing."""

    user_id: int
    partner_id: int
    resource_id: int | None


class Source(NamedTuple):
    """Where busy times stand, as SQL: columns of `rows`, which is all from FROM on.

    `owner` has the ids that people have in their column `owned_by`; `resource` those of rooms.
    """

    name: str
    owned_by: str
    owner: SQL
    resource: SQL
    start: SQL
    stop: SQL
    event: SQL
    rows: SQL


def people_of(users):
    return [Person(user.id, user.partner_id.id, user.booking_resource_id.id) for user in users]


def busy_rows(env, people, room_ids, start, stop, ignored_ids):
    """[Busy] of people and rooms around a time (naive UTC), for who asks what it is.

    :param people: [Person] or [HostRow]
    :param ignored_ids: sessions that do not count
    """
    selects = [
        SQL("SELECT %s, %s, %s, %s %s", each.name, each.start, each.stop, each.event, each.rows)
        for each in _sources(people, room_ids, start, stop, ignored_ids)
    ]
    return [Busy(*row) for row in _execute(env, selects)]


def busy_times(env, people, room_ids, start, stop, ignored_ids):
    """BusyTimes of people and rooms around a time; arguments as for `busy_rows`."""
    selects = [
        # There are thousands: as rows, they would take longer to fetch than to find.
        SQL(
            """
            SELECT %s, %s, %s, string_agg(int8send((%s::bigint << 32) | %s), '')
            %s GROUP BY 1, 2, 3
            """,
            *(each.owned_by, each.owner, each.resource, each.start, each.stop, each.rows),
        )
        for each in _sources(people, room_ids, start, stop, ignored_ids)
    ]
    owners = _owners(people)
    users, rooms, reserved = (defaultdict(PackedTimes) for _each in range(3))
    for owned_by, owner, resource_id, packed in _execute(env, selects):
        user_ids = owners[owned_by].get(owner, ())
        for user_id in user_ids:
            users[user_id].add(packed)
            if resource_id:
                reserved[user_id].add(packed)
        if not user_ids:
            rooms[resource_id].add(packed)
    return BusyTimes(users, _merged(rooms), _merged(reserved))


def _owners(people):
    """{column: {id: user ids}}; several users may be one partner."""
    owners = {column: defaultdict(list) for column in Person._fields}
    for person in people:
        for column, user_ids in owners.items():
            user_ids[getattr(person, column)].append(person.user_id)
    return owners


def _merged(times_by_key):
    return {key: merge(times) for key, times in times_by_key.items()}


def _execute(env, selects):
    env.flush_all()
    return env.execute_query(SQL(" UNION ALL ").join(selects))


def _sources(people, room_ids, start, stop, ignored_ids):
    users = [person.user_id for person in people]
    partners = [person.partner_id for person in people]
    resources = [person.resource_id for person in people if person.resource_id]
    is_around = SQL("busy_stop > %s AND busy_start < %s", minutes_down(start), minutes_up(stop))
    return [
        _reservations([*resources, *room_ids], start, stop, ignored_ids),
        _leaves(users, list(room_ids), start, stop),
        _imported(users, is_around),
        _unstored(users, start, stop, ignored_ids),
        _unknown(users, stop),
        _attended(partners, is_around),
        _attended_sessions(partners, is_around, ignored_ids),
    ]


def _reservations(resources, start, stop, ignored_ids):
    return Source(
        name="booking",
        owned_by="resource_id",
        owner=SQL("resource_id"),
        resource=SQL("resource_id"),
        start=_minutes_down("start"),
        stop=_minutes_up("stop"),
        event=SQL("event_id"),
        rows=SQL(
            """
            FROM icloud_booking_reservation
            WHERE active AND resource_id = ANY(%s) AND start < %s AND stop > %s
              AND NOT COALESCE(event_id = ANY(%s), FALSE)
            """,
            *(resources, stop, start, ignored_ids),
        ),
    )


def _leaves(users, rooms, start, stop):
    return Source(
        name="leave",
        owned_by="user_id",
        owner=SQL("CASE WHEN NOT resource.id = ANY(%s) THEN resource.user_id END", rooms),
        resource=SQL("CASE WHEN resource.id = ANY(%s) THEN resource.id END", rooms),
        start=_minutes_down("leave.date_from"),
        stop=_minutes_up("leave.date_to"),
        event=SQL("NULL"),
        rows=SQL(
            """
            FROM resource_calendar_leaves leave
            JOIN resource_resource resource ON resource.id = leave.resource_id
            WHERE leave.time_type = 'leave' AND leave.date_from < %s AND leave.date_to > %s
              AND (resource.user_id = ANY(%s) OR resource.id = ANY(%s))
            """,
            *(stop, start, users, rooms),
        ),
    )


def _imported(users, is_around):
    return Source(
        name="icloud",
        owned_by="user_id",
        owner=SQL("user_id"),
        resource=SQL("NULL::int"),
        start=SQL("busy_start"),
        stop=SQL("busy_stop"),
        event=SQL("id"),
        rows=SQL(
            """
            FROM calendar_event
            WHERE icloud_origin_id IS NOT NULL AND user_id = ANY(%s) AND %s
            """,
            *(users, is_around),
        ),
    )


def _unstored(users, start, stop, ignored_ids):
    """What Odoo has no event for: files that could not be stored, travel time before a session.

    The travel time of a session that does not count does not, either.
    """
    return Source(
        name="icloud",
        owned_by="user_id",
        owner=SQL("remote.user_id"),
        resource=SQL("NULL::int"),
        start=SQL("(span ->> 0)::int"),
        stop=SQL("(span ->> 1)::int"),
        event=SQL("NULL::int"),
        rows=SQL(
            """
            FROM icloud_event remote CROSS JOIN jsonb_array_elements(remote.unstored) span
            WHERE remote.unstored IS NOT NULL AND remote.user_id = ANY(%s)
              AND (span ->> 1)::int > %s AND (span ->> 0)::int < %s
              AND NOT COALESCE(remote.event_id = ANY(%s), FALSE)
            """,
            *(users, minutes_down(start), minutes_up(stop), ignored_ids),
        ),
    )


def _unknown(users, stop):
    """All the time that some calendar, which should block, was not read for."""
    return Source(
        name="unknown",
        owned_by="user_id",
        owner=SQL("account.user_id"),
        resource=SQL("NULL::int"),
        start=_minutes_down("calendar.known_until"),
        stop=SQL("%s", FOREVER),
        event=SQL("NULL::int"),
        rows=SQL(
            """
            FROM icloud_account account
            JOIN icloud_calendar calendar ON calendar.account_id = account.id
            WHERE account.user_id = ANY(%s)
              AND account.state IN ('connected', 'password_needed')
              AND (calendar.check_conflicts OR calendar.id = account.primary_calendar_id)
              AND calendar.known_until < %s
            """,
            *(users, stop),
        ),
    )


def _attended(partners, is_around):
    return Source(
        name="event",
        owned_by="partner_id",
        owner=SQL("partner_id"),
        resource=SQL("NULL::int"),
        start=SQL("busy_start"),
        stop=SQL("busy_stop"),
        event=SQL("event_id"),
        rows=SQL(
            """
            FROM calendar_attendee
            WHERE in_session IS NOT TRUE AND partner_id = ANY(%s) AND %s
            """,
            *(partners, is_around),
        ),
    )


def _attended_sessions(partners, is_around, ignored_ids):
    """Those that somebody was invited to without being reserved for them."""
    return _attended(partners, is_around)._replace(
        rows=SQL(
            """
            FROM calendar_attendee attendee
            WHERE in_session AND partner_id = ANY(%s) AND %s AND NOT event_id = ANY(%s)
              AND NOT EXISTS (
                      SELECT FROM icloud_booking_reservation own
                        JOIN res_users users ON users.booking_resource_id = own.resource_id
                       WHERE own.event_id = attendee.event_id AND own.active
                         AND users.partner_id = attendee.partner_id)
            """,
            *(partners, is_around, ignored_ids),
        )
    )


def _minutes_down(column):
    # As a double: that of EXTRACT is an exact number, and takes longer.
    return SQL("FLOOR(date_part('epoch', %s) / 60)::int", SQL(column))


def _minutes_up(column):
    return SQL("CEIL(date_part('epoch', %s) / 60)::int", SQL(column))
