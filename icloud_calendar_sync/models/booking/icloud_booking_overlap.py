from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, format_list, html2plaintext

from ..planning.minutes import from_minutes

_TODO = "icloud_calendar_sync.activity_overlap"
# Of more there is no need to tell: the host looks at the day.
_MOST_TOLD = 5


class ICloudBooking(models.Model):
    """Hosts are told when an event of their iCloud lies on a session of theirs (rule 14).

    A to-do for each host and session, whatever the number of bookings and events, on the session's
    first booking; it goes with the overlap. It names times only: colleagues see it too.
    """

    _inherit = "icloud.booking"

    @api.model
    def _flag_overlaps(self, events, files=None):
        """:param events: imported ones that are new or were changed
        :param files: remote events that are new or were changed and block as spans alone
        """
        users = events.user_id | files.user_id if files else events.user_id
        told = self._settle_overlaps(users)
        found = self._overlaps(users, events, files)
        spans = self._overlaps(users) if found else {}
        for user, session in found:
            # Without a booking somebody only waits to be asked.
            booking = session.booking_ids.filtered("holds_time").sorted("id")[:1]
            if booking and (user, session) not in told:
                booking.activity_schedule(
                    _TODO,
                    user_id=user.id,
                    summary=booking.with_context(lang=user.lang).env._("Overlaps with iCloud"),
                    note=booking._overlap_note(user, spans[user, session]),
                )

    @api.model
    def _settle_overlaps(self, users):
        """End what these hosts were told of overlaps that are no more, and renew the rest.

        :return: {(host, session)} of the to-dos that are left
        """
        todos = self._overlap_todos([("user_id", "in", users.ids)])
        spans, left = self._overlaps(todos.user_id), set()
        for todo in todos:
            booking = self.browse(todo.res_id)
            key = todo.user_id, booking.event_id
            if key not in spans or key in left:
                todo.unlink()
                continue
            left.add(key)
            note = booking._overlap_note(todo.user_id, spans[key])
            if html2plaintext(todo.note).strip() != note:
                todo.note = note
        return left

    def _hand_on_overlaps(self):
        """These bookings leave their sessions: what hosts were told of stays with the others."""
        for todo in self._overlap_todos([("res_id", "in", self.ids)]):
            session = self.browse(todo.res_id).event_id
            others = session.booking_ids.filtered("holds_time") - self
            if others:
                todo.res_id = others.sorted("id")[0].id
            else:
                todo.unlink()

    @api.model
    def _overlap_todos(self, domain):
        kind = self.env.ref(_TODO, raise_if_not_found=False)
        if not kind:
            return self.env["mail.activity"]  # An administrator deleted it: no reason to fail.
        ours = [("activity_type_id", "=", kind.id), ("res_model", "=", self._name)]
        # sudo: they are the hosts', whoever changes a booking or a session.
        return self.env["mail.activity"].sudo().search([*ours, *domain], order="id")

    @api.model
    def _overlaps(self, users, events=None, files=None):
        """{(host, session): [(start, stop)] in naive UTC} of the sessions still to end.

        :param events: only with these imported events
        :param files: and with the spans of these remote events
        """
        if not users:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT users.id, session.id, busy.start, busy.stop
                  FROM res_users users
                  JOIN icloud_booking_reservation own
                    ON own.resource_id = users.booking_resource_id AND own.active
                  JOIN calendar_event session ON session.id = own.event_id AND session.active
                  CROSS JOIN LATERAL (
                       SELECT event.busy_start AS start, event.busy_stop AS stop, event.id
                         FROM calendar_event event
                        WHERE event.user_id = users.id AND event.icloud_origin_id IS NOT NULL
                          AND %(events)s
                        UNION ALL
                       SELECT (span ->> 0)::int, (span ->> 1)::int, 0
                         FROM icloud_event remote
                        CROSS JOIN jsonb_array_elements(remote.unstored) span
                        WHERE remote.user_id = users.id AND remote.unstored IS NOT NULL
                          AND remote.origin = 'icloud' AND %(files)s
                       ) busy
                 WHERE users.id = ANY(%(users)s) AND session.stop > %(now)s
                   AND busy.stop > FLOOR(date_part('epoch', session.start) / 60)
                   AND busy.start < CEIL(date_part('epoch', session.stop) / 60)
                 ORDER BY busy.start, busy.id
                """,
                events=_those("event.id", events is None, events),
                files=_those("remote.id", events is None, files),
                users=users.ids,
                now=fields.Datetime.now(),
            )
        )
        spans, sessions = defaultdict(list), self.env["calendar.event"]
        for user_id, session_id, start, stop in rows:
            key = users.browse(user_id), sessions.browse(session_id)
            spans[key].append((from_minutes(start), from_minutes(stop)))
        return spans

    def _overlap_note(self, user, spans):
        """In the host's own words and zone."""
        env = self.with_context(lang=user.lang).env
        times = [
            env._(
                "%(start)s to %(stop)s",
                start=format_datetime(env, start, tz=user.tz),
                stop=format_datetime(env, stop, tz=user.tz),
            )
            for start, stop in spans[:_MOST_TOLD]
        ]
        return env._(
            "Your iCloud is busy from %s. The booking stands: move it, or the event on your phone.",
            format_list(env, times),
        )


def _those(column, is_all, records):
    return (
        SQL("TRUE") if is_all else SQL("%s = ANY(%s)", SQL(column), records.ids if records else [])
    )


class CalendarEvent(models.Model):
    """An imported event that goes may have been what lay on a session."""

    _inherit = "calendar.event"

    def unlink(self):
        # With what Odoo reads of them first, so that it is one question.
        self.fetch(["alarm_ids", "booking_type_id", "icloud_origin_id"])
        owners = self.filtered("icloud_origin_id").user_id
        result = super().unlink()
        if owners:
            self.env["icloud.booking"]._settle_overlaps(owners)
        return result
