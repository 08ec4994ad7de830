"""The hosts of a booking type as plain rows: one query, however many there are."""

from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL


class HostRow(NamedTuple):
    """A host, with the schedule that applies and the zone its hours are meant in.

    `active`: a host is an internal user, not archived, and has access to the type's company.
    `schedule_id`: None where neither the host, nor the type, nor the company has hours. `unread`: a
    calendar of the host's iCloud should be read but was not, completely, for too long.
    """

    id: int
    user_id: int
    active: bool
    fixed: bool
    schedule_id: int | None
    zone: str
    unread: bool
    partner_id: int
    resource_id: int | None


def host_rows(booking_type):
    """[HostRow] in the order of the hosts, those who are no hosts any more included."""
    booking_type.env.flush_all()
    limit = fields.Datetime.now() - timedelta(minutes=booking_type.max_age)
    rows = booking_type.env.execute_query(
        SQL(
            """
            SELECT host.id, host.user_id,
                   users.active AND NOT users.share AND EXISTS (%(access)s),
                   COALESCE(host.fixed, FALSE), COALESCE(host.schedule_id, %(schedule)s),
                   COALESCE(host.tz, CASE WHEN host.schedule_id IS NOT NULL THEN partner.tz END,
                            %(tz)s) AS zone,
                   EXISTS (%(unread)s),
                   users.partner_id, users.booking_resource_id
              FROM icloud_booking_host host
              JOIN res_users users ON users.id = host.user_id
              JOIN res_partner partner ON partner.id = users.partner_id
             WHERE host.type_id = %(type)s
             ORDER BY host.priority DESC, host.id
            """,
            schedule=booking_type._schedule().id or None,
            tz=booking_type.tz,
            unread=_unread(limit),
            access=_access(booking_type.company_id.id),
            type=booking_type.id,
        )
    )
    return [HostRow(*row) for row in rows]


def _access(company_id):
    """Rows for a company that `users.id` may work in: who has left it is no host of it."""
    return SQL(
        "SELECT FROM res_company_users_rel access"
        " WHERE access.user_id = users.id AND access.cid = %s",
        company_id,
    )


def _unread(limit):
    """Rows for a calendar of `users.id` that should have been read since `limit`.

    Not knowing is not "free" (rule 14).
    """
    return SQL(
        """
        SELECT FROM icloud_account account
          JOIN icloud_calendar calendar ON calendar.account_id = account.id
         WHERE account.user_id = users.id
           AND account.state IN ('connected', 'password_needed')
           AND (calendar.check_conflicts OR calendar.id = account.primary_calendar_id)
           AND (calendar.last_import IS NULL OR calendar.last_import < %s OR calendar.incomplete)
        """,
        limit,
    )
