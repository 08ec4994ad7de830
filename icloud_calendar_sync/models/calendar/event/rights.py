from odoo import models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools import SQL

_MANAGER = "icloud_calendar_sync.group_booking_manager"


class CalendarEvent(models.Model):
    """Who may see and who may change a session: the same people as its bookings.

    Asked of the database, not of the cache: what a user may not read would stand there empty.
    """

    _inherit = "calendar.event"

    def _check_access(self, operation):
        """Extended: sessions are changed by few, and what came from iCloud by its owner alone."""
        refused = super()._check_access(operation)
        if self.env.su or operation not in ("write", "unlink"):
            return refused
        known = refused[0] if refused else self.browse()
        closed = (self - known)._closed_to_user()
        if not closed:
            return refused
        return known | closed, lambda: AccessError(closed._words_of_refusal())

    def _words_of_refusal(self):
        if self.sudo().booking_type_id:  # What it is stands in the sentence, no more.
            return self.env._(
                "This time is booked: only its host, whoever booked it and administrators of "
                "bookings can change or delete it."
            )
        return self.env._("This event lives in the iCloud of somebody else.")

    def _closed_to_user(self):
        """Those of these events that the user may neither change nor delete."""
        ours = self._with_any("booking_type_id", "icloud_origin_id")
        if not ours:
            return ours
        return ours._where_not(
            SQL(
                "(event.icloud_origin_id IS NULL OR event.user_id = %s) AND %s",
                self.env.uid,
                self._may_change_sql("event"),
            )
        )

    def _hidden_from_user(self):
        """Those of these events of which the user may know the time alone."""
        sessions = self._with_any("booking_type_id")
        return sessions._where_not(self._may_see_sql("event")) if sessions else sessions

    def _with_any(self, *names):
        """Those of these events of which one of these columns is set: plain ones have none.

        All may know them, and the cache does, or it asks for them alone: what else stands in the
        row must not come into the cache with all rights.
        """
        # sudo: see above.
        events = self.sudo()
        events.fetch(names)
        found = {event.id for event in events if event._has_any(names)}
        return self.filtered(lambda event: event.id in found) if found else self.browse()

    def _has_any(self, names):
        try:
            return any(self[name] for name in names)
        except MissingError:
            return False

    def _where_not(self, condition):
        ids = self._origin.ids
        self._flush_rights()
        rows = self.env.execute_query(
            SQL(
                "SELECT event.id FROM calendar_event event WHERE event.id = ANY(%s) AND (%s)"
                " IS NOT TRUE",
                ids,
                condition,
            )
        )
        found = {event_id for (event_id,) in rows}
        return self.filtered(lambda event: event._origin.id in found)

    def _flush_rights(self):
        """Let the database know what the conditions below ask of it."""
        self.env["calendar.event"].flush_model(["booking_type_id", "icloud_origin_id", "user_id"])
        self.env["icloud.booking"].flush_model(["event_id", "user_id", "holds_time"])
        self.env["icloud.booking.reservation"].flush_model(["event_id", "resource_id"])
        self.env["icloud.booking.waiting"].flush_model(["event_id", "state"])
        self.env["icloud.booking.type"].flush_model(["company_id"])
        self.env["res.users"].flush_model(["booking_resource_id"])

    def _rows_one_may_see(self):
        """Domain of what hangs on events by `res_model` and `res_id`, without hidden sessions'."""
        self._flush_rights()

        def to_sql(_model, alias, _query):
            return SQL(
                """(%s IS DISTINCT FROM 'calendar.event' OR NOT EXISTS (
                SELECT FROM calendar_event event WHERE event.id = %s AND NOT %s))""",
                SQL.identifier(alias, "res_model"),
                SQL.identifier(alias, "res_id"),
                self._may_see_sql("event"),
            )

        return Domain.custom(to_sql=to_sql)

    # -- conditions on a row of calendar_event -------------------------------------------------

    def _may_see_sql(self, alias):
        """Hosts, whoever booked, administrators of the company's bookings; and who was invited."""
        event = SQL.identifier(alias)
        return SQL(
            """(
            %(event)s.booking_type_id IS NULL OR %(responsible)s
            OR EXISTS (SELECT FROM calendar_event_res_partner_rel invited
                        WHERE invited.calendar_event_id = %(event)s.id
                          AND invited.res_partner_id = %(partner)s)
            OR EXISTS (SELECT FROM icloud_booking booking
                        WHERE booking.event_id = %(event)s.id AND booking.create_uid = %(user)s)
            )""",
            event=event,
            responsible=self._is_responsible_sql(event),
            partner=self.env.user.partner_id.id,
            user=self.env.uid,
        )

    def _may_change_sql(self, alias):
        """Hosts, administrators of the company's bookings; and whoever booked, if nobody else is
        in the session.
        """
        event = SQL.identifier(alias)
        return SQL(
            """(
            %(event)s.booking_type_id IS NULL OR %(responsible)s
            OR EXISTS (SELECT FROM icloud_booking booking
                        WHERE booking.event_id = %(event)s.id AND booking.create_uid = %(user)s)
               AND NOT EXISTS (SELECT FROM icloud_booking booking
                                WHERE booking.event_id = %(event)s.id AND booking.holds_time
                                  AND booking.create_uid IS DISTINCT FROM %(user)s)
               AND NOT EXISTS (SELECT FROM icloud_booking_waiting waiting
                                WHERE waiting.event_id = %(event)s.id
                                  AND waiting.state IN ('waiting', 'offered'))
            )""",
            event=event,
            responsible=self._is_responsible_sql(event),
            user=self.env.uid,
        )

    def _is_responsible_sql(self, event):
        is_manager = self.env.user.has_group(_MANAGER)
        return SQL(
            """(
            %(event)s.user_id = %(user)s
            OR EXISTS (SELECT FROM icloud_booking booking
                        WHERE booking.event_id = %(event)s.id AND booking.user_id = %(user)s)
            OR EXISTS (SELECT FROM icloud_booking_reservation reservation
                         JOIN res_users host
                           ON host.booking_resource_id = reservation.resource_id
                        WHERE reservation.event_id = %(event)s.id AND host.id = %(user)s)
            OR EXISTS (SELECT FROM icloud_booking_type booked
                        WHERE booked.id = %(event)s.booking_type_id
                          AND booked.company_id = ANY(%(companies)s))
            )""",
            event=event,
            user=self.env.uid,
            companies=list(self.env.companies.ids) if is_manager else [],
        )
