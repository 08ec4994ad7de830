from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...scheduling.facts import Facts, Host, Hours, Leg, Session
from ...scheduling.hours import apply_overrides
from ...scheduling.intervals import merge
from ...scheduling.search import Search
from .busy_time import busy_rows, busy_times, people_of
from .host_rows import host_rows
from .minutes import minutes_down, minutes_up
from .zones import local_day, local_midnight

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class ICloudBookingAvailability(models.AbstractModel):
    """Gathers what the engine needs, in a fixed number of queries.

    Pages, the API, the back office and every check use this one pipeline.
    """

    _name = "icloud.booking.availability"
    _description = "Free times of a booking type"

    @api.model
    def _search(self, booking_type, earliest, latest, choice):
        """The engine, with the facts of a window.

        :param earliest: naive UTC, inclusive
        :param latest: naive UTC, exclusive
        :return: None when there is nothing to search
        """
        earliest, latest = self._offered_range(booking_type, earliest, latest)
        if earliest >= latest:
            return None
        everybody = host_rows(booking_type)
        hosts = [host for host in self._asked(booking_type, everybody, choice) if host.active]
        if booking_type.stale_policy == "hide":
            hosts = [host for host in hosts if not host.unread]
        if not hosts or self._misses_somebody(booking_type, everybody, hosts):
            return None
        return Search(self._facts(booking_type, hosts, earliest, latest, choice))

    @api.model
    def _offers(self, booking_type, earliest, latest, choice):
        """[Offer] of the engine for the starts in a window (naive UTC); its times are minutes."""
        wide = earliest, latest
        if booking_type.only_adjacent:
            # Which start is next to a booking is told by the whole day.
            wide = self._whole_days(booking_type, earliest, latest)
        search = self._search(booking_type, *wide, choice)
        first, last = minutes_up(earliest), minutes_up(latest)
        return [each for each in search.offers() if first <= each.start < last] if search else []

    @api.model
    def _search_at(self, booking_type, start, choice):
        """The engine for one start (naive UTC), with all that tells whether it is offered."""
        wide = start, start + timedelta(minutes=1)
        if booking_type.only_adjacent:
            wide = self._whole_days(booking_type, *wide)
        return self._search(booking_type, *wide, choice)

    def _whole_days(self, booking_type, earliest, latest):
        zone = booking_type.tz
        return (
            local_midnight(local_day(earliest, zone), zone),
            local_midnight(local_day(latest, zone) + _DAY, zone),
        )

    @api.model
    def _offered_range(self, booking_type, earliest, latest):
        """The part of a window (naive UTC) in which starts are offered at all."""
        now, zone = fields.Datetime.now(), booking_type.tz
        earliest = max(earliest, now + timedelta(minutes=booking_type.min_notice))
        latest = min(latest, now + timedelta(days=booking_type.horizon_days))
        if booking_type.first_day:
            earliest = max(earliest, local_midnight(booking_type.first_day, zone))
        if booking_type.last_day:
            latest = min(latest, local_midnight(booking_type.last_day + _DAY, zone))
        return earliest, latest

    # -- hosts ---------------------------------------------------------------------------------

    @api.model
    def _asked(self, booking_type, hosts, choice):
        """Of these rows the chosen host, and all who come anyway."""
        if choice.user_id is None or booking_type.kind == "collective":
            return hosts
        return [host for host in hosts if host.fixed or host.user_id == choice.user_id]

    def _misses_somebody(self, booking_type, everybody, hosts):
        """Whether a host who must come cannot be offered at all."""
        if booking_type.kind == "collective":
            return len(hosts) < len(everybody)
        if booking_type.kind == "round_robin":
            # All who always come, and one of the others where there are any.
            missing = [host for host in everybody if host.fixed and host not in hosts]
            others = [host for host in everybody if not host.fixed]
            return bool(missing or (others and not set(others).intersection(hosts)))
        return False

    @api.model
    def _is_known(self, booking_type, choice):
        """Whether any host it is about can be offered: who was not read is not known to be free."""
        hosts = self._asked(booking_type, host_rows(booking_type), choice)
        return booking_type.stale_policy == "show" or not all(host.unread for host in hosts)

    # -- facts ---------------------------------------------------------------------------------

    def _facts(self, booking_type, hosts, earliest, latest, choice):
        overrides = self._overrides(booking_type, earliest, latest)
        engine_hosts = self._engine_hosts(booking_type, hosts, overrides, choice)
        span = self._span(engine_hosts, earliest, latest)
        room_ids = sorted({room for host in engine_hosts for room in _rooms(host)})
        busy = busy_times(self.env, hosts, room_ids, *span, choice.ignored_ids)
        return Facts(
            kind=booking_type.kind,
            step=booking_type.slot_step,
            earliest=minutes_up(earliest),
            latest=minutes_up(latest),
            hosts=engine_hosts,
            hours=self._hours(booking_type, engine_hosts, overrides, earliest, span[1]),
            busy=busy.users,
            room_busy=busy.rooms,
            hand_over=booking_type.hand_over and choice.user_id is None,
            **self._limits(booking_type, hosts, earliest, latest, choice),
            **self._adjacency(booking_type, busy, earliest, latest),
            **self._class_facts(booking_type, hosts, span, earliest, latest, choice),
        )

    def _engine_hosts(self, booking_type, hosts, overrides, choice):
        legs = self._legs(booking_type, hosts, choice)
        by_host = _override_ids(overrides)
        return [
            Host(
                key=host.user_id,
                hours=(host.schedule_id, host.zone, (*by_host[None], *by_host[host.id])),
                legs=legs[host.id],
                fixed=host.fixed,
            )
            for host in hosts
        ]

    def _legs(self, booking_type, hosts, choice):
        """{host id: what is done, leg by leg, as this host does it}."""
        if not choice.service_ids:
            leg = Leg(
                booking_type.duration,
                booking_type.buffer_before,
                booking_type.buffer_after,
                booking_type._pools()[booking_type.id],
            )
            return dict.fromkeys([host.id for host in hosts], (leg,))
        services = self.env["icloud.booking.service"].browse(choice.service_ids)
        pools = services._pools()
        by_id = {host.id: host for host in booking_type.host_ids}
        return {
            host.id: tuple(
                _service_leg(service, by_id[host.id], pools[service.id]) for service in services
            )
            for host in hosts
        }

    def _span(self, engine_hosts, earliest, latest):
        """All the time (naive UTC) that a session starting in a window may take."""
        legs = [leg for host in engine_hosts for leg in host.legs if leg]
        longest = max((leg.duration for leg in legs), default=0) * len(engine_hosts[0].legs)
        return (
            earliest - timedelta(minutes=max((leg.before for leg in legs), default=0)),
            latest + timedelta(minutes=longest + max((leg.after for leg in legs), default=0)),
        )

    # -- working hours -------------------------------------------------------------------------

    def _overrides(self, booking_type, earliest, latest):
        return self.env["icloud.booking.override"]._rows(
            booking_type, (earliest - 2 * _DAY).date(), (latest + 2 * _DAY).date()
        )

    def _hours(self, booking_type, engine_hosts, overrides, earliest, stop):
        """{key: Hours}, worked out once for each schedule, zone and set of overrides."""
        keys = {host.hours for host in engine_hosts}
        schedules = self.env["resource.calendar"].browse({key[0] for key in keys} - {None})
        # A day more on both sides: local days do not begin when UTC's do. Two more before: the grid
        # of hours that go through midnight is anchored where they begin.
        first_day, last_day = (earliest - 3 * _DAY).date(), (stop + _DAY).date()
        weekly = schedules._wall_hours(first_day, last_day)
        holidays = self._holidays(schedules, booking_type.company_id, earliest, stop)
        hours = {}
        for schedule_id, zone, override_ids in keys:
            rules = [
                rule
                for override in overrides
                if override.id in override_ids
                for rule in override.rules(first_day, last_day)
            ]
            own_weekly, opened = apply_overrides(weekly.get(schedule_id, []), rules)
            hours[schedule_id, zone, override_ids] = Hours(
                zone, own_weekly, opened, holidays.get(schedule_id, [])
            )
        return hours

    @api.model
    def _holidays(self, schedules, company, start, stop):
        """{schedule id: merged intervals of public holidays, in minutes UTC}."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT schedule.id, holiday.date_from, holiday.date_to
                  FROM resource_calendar_leaves holiday
                  JOIN resource_calendar schedule ON holiday.calendar_id = schedule.id
                    OR holiday.calendar_id IS NULL
                       AND COALESCE(holiday.company_id, %(company)s)
                           = COALESCE(schedule.company_id, %(company)s)
                 WHERE schedule.id = ANY(%(schedules)s)
                   AND holiday.resource_id IS NULL AND holiday.time_type = 'leave'
                   AND holiday.date_from < %(stop)s AND holiday.date_to > %(start)s
                """,
                schedules=schedules.ids,
                company=company.id,
                start=start,
                stop=stop,
            )
        )
        found = {schedule_id: [] for schedule_id in schedules.ids}
        for schedule_id, first, last in rows:
            found[schedule_id].append((minutes_down(first), minutes_up(last)))
        return {schedule_id: merge(spans) for schedule_id, spans in found.items()}

    @api.model
    def _is_busy(self, users, start, stop, ignored_ids):
        """Whether anything takes some of this time (naive UTC) from any of these users."""
        return bool(busy_rows(self.env, people_of(users), [], start, stop, ignored_ids))

    # -- sessions of the type ------------------------------------------------------------------

    def _limits(self, booking_type, hosts, earliest, latest, choice):
        """The days and weeks that have all their sessions, as facts."""
        if not booking_type._has_maximum():
            return {}
        counts = self._counts(booking_type, earliest - _WEEK, latest + _WEEK, choice)
        limits = {"full": [], **{host.user_id: [] for host in hosts}}
        for (user_id, span), count in counts.items():
            per_type, per_host = booking_type._maxima(span)
            most = per_host if user_id else per_type
            if most and count >= most and (user_id or "full") in limits:
                limits[user_id or "full"].append(_minutes_of(span, booking_type.tz))
        merged = {key: merge(spans) for key, spans in limits.items()}
        return {"full": merged.pop("full"), "host_full": merged}

    @api.model
    def _counts(self, booking_type, start, stop, choice):
        """Counter of bookings that begin in a window (naive UTC): {(user id or None, span)}.

        All bookings of one session of a class are one.

        A span is a day or a week of the type's zone, as (first day, day after the last).
        """
        # A session has a row for each host, and a booking may have several sessions.
        found = {
            (user_id, span, row.booking_id or -row.id)
            for row in self._sessions(booking_type, start, stop, choice)
            for span in spans_of(local_day(row.start, booking_type.tz))
            for user_id in (row.user_id, None)
        }
        return Counter((user_id, span) for user_id, span, _booking in found)

    @api.model
    def _spans_around(self, booking_type, start):
        """The day and the week in which a start (naive UTC) lies."""
        return spans_of(local_day(start, booking_type.tz))

    def _sessions(self, booking_type, start, stop, choice):
        """[SessionRow] of a type that begin in a window (naive UTC), once for each host."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.id, users.id, event.start, event.stop, event.seats,
                       (SELECT MIN(COALESCE(booking.parent_id, booking.id))
                          FROM icloud_booking booking WHERE booking.event_id = event.id)
                  FROM calendar_event event
                  JOIN icloud_booking_reservation reservation ON reservation.event_id = event.id
                  JOIN res_users users ON users.booking_resource_id = reservation.resource_id
                 WHERE event.booking_type_id = %s AND event.active AND reservation.active
                   AND event.start >= %s AND event.start < %s
                   AND NOT event.id = ANY(%s)
                """,
                booking_type.id,
                start,
                stop,
                choice.ignored_ids,
            )
        )
        return [SessionRow(*row) for row in rows]

    def _adjacency(self, booking_type, busy, earliest, latest):
        if not booking_type.only_adjacent:
            return {}
        zone, days = booking_type.tz, []
        day, last = local_day(earliest, zone), local_day(latest, zone)
        midnight = minutes_down(local_midnight(day, zone))
        while day <= last:
            day += _DAY
            days.append((midnight, midnight := minutes_down(local_midnight(day, zone))))
        return {"reserved": busy.reserved, "days": days}

    def _class_facts(self, booking_type, hosts, span, earliest, latest, choice):
        if booking_type.kind != "class":
            return {}
        # Those of a former host are not sold on.
        current = {host.user_id for host in hosts}
        sessions = [
            row
            for row in self._sessions(booking_type, earliest, latest, choice)
            if row.user_id in current
        ]
        own_ids = [row.id for row in sessions]
        left = self._seats_left(booking_type, sessions)
        elsewhere = busy_times(self.env, hosts, [], *span, [*choice.ignored_ids, *own_ids])
        standing = [
            Session(
                row.id,
                row.user_id,
                minutes_down(row.start),
                minutes_up(row.stop),
                left[row.id],
            )
            for row in sessions
        ]
        return {
            "seats": booking_type.seats,
            "sessions": [each for each in standing if each.seats_left or booking_type.waiting_list],
            "busy_elsewhere": {key: merge(spans) for key, spans in elsewhere.users.items()},
        }

    def _seats_left(self, booking_type, sessions):
        """{session id: seats that may be sold}: a freed one is for who waits for it."""
        taken = self.env["icloud.booking.seat"]._taken([row.id for row in sessions])
        free = {
            row.id: max((row.seats or booking_type.seats) - taken.get(row.id, 0), 0)
            for row in sessions
        }
        if booking_type.waiting_list:
            kept = self.env["icloud.booking.waiting"]._kept_for_line(free)
            free.update(dict.fromkeys(kept, 0))
        return free


class SessionRow(NamedTuple):
    id: int
    user_id: int
    start: datetime
    stop: datetime
    seats: int | None
    booking_id: int | None  # the first of a class, the first part of a chain


def _service_leg(service, host, pools):
    if not service._is_done_by(host):
        return None
    return Leg(service._duration_by(host), service.buffer_before, service.buffer_after, pools)


def _rooms(host):
    return (room for leg in host.legs if leg for pool in leg.pools for room in pool)


def _override_ids(overrides):
    """{host id: [ids]}; those for everybody have no host id."""
    by_host = defaultdict(list)
    for override in overrides:
        by_host[override.host_id].append(override.id)
    return by_host


def spans_of(day):
    """The day and its week, from Monday on (ISO 8601), each as (first day, day after the last)."""
    monday = day - timedelta(days=day.weekday())
    return (day, day + _DAY), (monday, monday + _WEEK)


def _minutes_of(span, zone):
    first, last = span
    return minutes_down(local_midnight(first, zone)), minutes_down(local_midnight(last, zone))
