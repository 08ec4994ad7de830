from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..scheduling.intervals import merge
from ..scheduling.slots import candidate_starts, collective, free_starts, round_robin
from .calendar_event import local_midnight

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1)


def _minutes_down(moment):
    """Whole minutes since 1970 of a naive UTC time."""
    return int(moment.replace(tzinfo=UTC).timestamp()) // 60


def _minutes_up(moment):
    return -(-int(moment.replace(tzinfo=UTC).timestamp()) // 60)


class ICloudBookingAvailability(models.AbstractModel):
    """Gathers what the engine needs, in a fixed number of queries, and asks it.

    Pages, the API, the back office and every check use this one pipeline.
    """

    _name = "icloud.booking.availability"
    _description = "Free times of a booking type"

    @api.model
    def _starts(self, booking_type, earliest, latest, users=None, ignore=None):
        """Free starts with the hosts who are free.

        :param earliest: naive UTC, inclusive
        :param latest: naive UTC, exclusive
        :param users: only these hosts
        :param ignore: sessions whose time counts as free (the one that is being moved)
        :return: [(naive UTC start, [user id])], sorted
        """
        earliest, latest = self._offered_range(booking_type, earliest, latest)
        hosts = self._readable_hosts(booking_type, users)
        everybody = booking_type.kind == "collective"
        if earliest >= latest or not hosts or (everybody and hosts != booking_type.host_ids):
            return []
        rules = booking_type._rules()
        candidates = self._candidates(hosts, rules, earliest, latest)
        busy = self._busy(
            hosts,
            earliest - timedelta(minutes=rules.buffer_before),
            latest + timedelta(minutes=rules.duration + rules.buffer_after),
            ignore,
        )
        combine = collective if everybody else round_robin
        free = combine(
            {
                host.user_id.id: free_starts(candidates[host], busy[host.user_id.id], rules)
                for host in hosts
            }
        )
        return [(_EPOCH + timedelta(minutes=start), user_ids) for start, user_ids in free]

    def _offered_range(self, booking_type, earliest, latest):
        now = fields.Datetime.now()
        return (
            max(earliest, now + timedelta(minutes=booking_type.min_notice)),
            min(latest, now + timedelta(days=booking_type.horizon_days)),
        )

    # -- hosts whose iCloud is known -----------------------------------------------------------

    def _readable_hosts(self, booking_type, users):
        hosts = booking_type.host_ids.filtered("user_id.active")
        if users is not None:
            hosts = hosts.filtered(lambda host: host.user_id in users)
        if booking_type.stale_policy == "hide":
            unread = self._unread_users(hosts.user_id, booking_type.max_age)
            hosts = hosts.filtered(lambda host: host.user_id not in unread)
        return hosts

    @api.model
    def _unread_users(self, users, max_age):
        """Users with a calendar that should be read but was not, completely, for `max_age` minutes.

        Not knowing is not "free" (rule 14).
        """
        accounts = self.env["icloud.account"].search(
            [
                ("user_id", "in", users.ids),
                ("state", "in", ("connected", "password_needed")),
            ]
        )
        limit = fields.Datetime.now() - timedelta(minutes=max_age)
        unread = accounts.calendar_ids.filtered(
            lambda calendar: (
                calendar._is_read() and (not calendar.last_import or calendar.last_import < limit)
            )
        )
        return unread.user_id

    # -- working hours -------------------------------------------------------------------------

    def _candidates(self, hosts, rules, earliest, latest):
        """Starts inside working hours, worked out once for each schedule and zone."""
        schedule_and_zone = {host: host._hours_and_zone() for host in hosts}
        schedules = self.env["resource.calendar"].union(
            *(schedule for schedule, _zone in schedule_and_zone.values())
        )
        # A day more on both sides: local days do not begin when UTC's do.
        wall_hours = schedules._wall_hours((earliest - _DAY).date(), (latest + _DAY).date())
        closed = self._closed(
            schedules,
            hosts.type_id.company_id,
            earliest,
            latest + timedelta(minutes=rules.duration),
        )
        unpadded = replace(rules, buffer_before=0, buffer_after=0)
        starts = {}
        for schedule, zone in set(schedule_and_zone.values()):
            candidates = candidate_starts(
                zone, wall_hours[schedule.id], rules, _minutes_up(earliest), _minutes_up(latest)
            )
            starts[schedule, zone] = free_starts(candidates, closed[schedule.id], unpadded)
        return {host: starts[schedule_and_zone[host]] for host in hosts}

    @api.model
    def _closed(self, schedules, company, start, stop):
        """{schedule id: merged intervals of public holidays, in minutes UTC}."""
        holidays = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("calendar_id", "in", [False, *schedules.ids]),
                ("date_from", "<", stop),
                ("date_to", ">", start),
            ]
        )
        return {
            schedule.id: merge(
                (_minutes_down(holiday.date_from), _minutes_up(holiday.date_to))
                for holiday in holidays
                if holiday.calendar_id == schedule
                or (
                    not holiday.calendar_id
                    and (holiday.company_id or company) == (schedule.company_id or company)
                )
            )
            for schedule in schedules
        }

    # -- busy time -----------------------------------------------------------------------------

    def _is_busy(self, hosts, start, stop, ignore):
        """Whether anything takes some of this time (naive UTC) from any of these hosts."""
        first, last = _minutes_down(start), _minutes_up(stop)
        return any(
            busy_start < last and busy_stop > first
            for intervals in self._busy(hosts, start, stop, ignore).values()
            for busy_start, busy_stop in intervals
        )

    def _busy(self, hosts, start, stop, ignore):
        """{user id: merged busy intervals in minutes UTC}, all hosts in one query."""
        busy = defaultdict(list)
        zones = {host.user_id.id: host.user_id.tz or host._hours_and_zone()[1] for host in hosts}
        for user_id, busy_start, busy_stop, first_day, last_day in self._busy_rows(
            hosts.user_id, start, stop, ignore
        ):
            if first_day:
                busy_start = local_midnight(first_day, zones[user_id])
                busy_stop = local_midnight(last_day + _DAY, zones[user_id])
            # Rounded outwards: a second of overlap is an overlap.
            busy[user_id].append((_minutes_down(busy_start), _minutes_up(busy_stop)))
        return defaultdict(list, {user_id: merge(found) for user_id, found in busy.items()})

    def _busy_rows(self, users, start, stop, ignore):
        """Rows (user id, start, stop, first day, last day); the days only of all-day events.

        Rule 18: reservations, buffers included, and every other busy event; leaves as well. A
        session is known by its reservation, never counted twice. An imported event is busy for
        the owner of its calendar, whoever attends it in Odoo: iCloud says so.
        """
        self.env.flush_all()
        busy_columns = SQL(
            """
            event.start - make_interval(mins => COALESCE(event.icloud_travel, 0)),
            event.stop,
            CASE WHEN event.allday THEN event.start_date END,
            CASE WHEN event.allday THEN event.stop_date END
            """
        )
        # Local days reach up to 14 hours beyond UTC's; stored all-day times are no times.
        busy_here = SQL(
            """
            event.active AND event.show_as = 'busy' AND NOT event.id = ANY(%(ignore)s)
            AND event.start - make_interval(mins => COALESCE(event.icloud_travel, 0))
                < %(stop)s + CASE WHEN event.allday THEN INTERVAL '2 days' ELSE INTERVAL '0' END
            AND event.stop
                > %(start)s - CASE WHEN event.allday THEN INTERVAL '2 days' ELSE INTERVAL '0' END
            """,
            start=start,
            stop=stop,
            ignore=ignore.ids if ignore else [],
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT users.id, reservation.start, reservation.stop, NULL::date, NULL::date
                  FROM icloud_booking_reservation reservation
                  JOIN res_users users ON users.booking_resource_id = reservation.resource_id
                 WHERE reservation.active
                   AND users.id = ANY(%(users)s)
                   AND reservation.start < %(stop)s AND reservation.stop > %(start)s
                   AND NOT COALESCE(reservation.event_id = ANY(%(ignore)s), FALSE)
                 UNION ALL
                SELECT resource.user_id, leave.date_from, leave.date_to, NULL, NULL
                  FROM resource_calendar_leaves leave
                  JOIN resource_resource resource ON resource.id = leave.resource_id
                 WHERE leave.time_type = 'leave'
                   AND resource.user_id = ANY(%(users)s)
                   AND leave.date_from < %(stop)s AND leave.date_to > %(start)s
                 UNION ALL
                SELECT remote.user_id, %(busy_columns)s
                  FROM icloud_event remote
                  JOIN calendar_event event ON event.icloud_origin_id = remote.id
                 WHERE remote.user_id = ANY(%(users)s) AND %(busy_here)s
                 UNION ALL
                SELECT users.id, %(busy_columns)s
                  FROM res_users users
                  JOIN calendar_attendee attendee ON attendee.partner_id = users.partner_id
                  JOIN calendar_event event ON event.id = attendee.event_id
                 WHERE users.id = ANY(%(users)s) AND %(busy_here)s
                   AND attendee.state != 'declined'
                   AND event.icloud_origin_id IS NULL
                   AND (event.booking_type_id IS NULL OR NOT EXISTS (
                           SELECT FROM icloud_booking_reservation own
                            WHERE own.event_id = event.id AND own.active
                              AND own.resource_id = users.booking_resource_id))
                """,
                users=users.ids,
                start=start,
                stop=stop,
                ignore=ignore.ids if ignore else [],
                busy_columns=busy_columns,
                busy_here=busy_here,
            )
        )
