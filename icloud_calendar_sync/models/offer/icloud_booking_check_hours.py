from datetime import timedelta
from functools import reduce
from itertools import combinations

from odoo import api, fields, models
from odoo.tools import format_list

from ...scheduling.intervals import intersect, merge
from ...scheduling.slots import Rules, candidate_starts, work_times
from ...scheduling.windows import fitting
from ..planning.choice import Choice
from ..planning.host_rows import host_rows
from ..planning.minutes import minutes_down, minutes_up
from ..planning.zones import local_midnight

_DAY = timedelta(days=1)
# Every week of a two-week schedule is looked at, however short the horizon.
_FEWEST_DAYS = 14


class ICloudBookingCheckHours(models.AbstractModel):
    """What the hours of a booking type's hosts leave room for, whoever is busy then."""

    _name = "icloud.booking.check.hours"
    _description = "Contradictions between hosts and hours"

    @api.model
    def _hosts_out(self, booking_type):
        """{host: the sentence why none of this host's times can be offered}."""
        explanation = self.env["icloud.booking.explanation"]
        stretches = self._stretches(booking_type)
        unread = self.env["res.users"]
        if booking_type.stale_policy == "hide":
            unread = self._unread(booking_type)
        reasons = {
            host: explanation._not_a_host(host)
            or self._no_room(host, own_stretches)
            or self._not_read(host, unread)
            for host, own_stretches in stretches.items()
        }
        return {host: reason for host, reason in reasons.items() if reason}

    @api.model
    def _goes_without(self, booking_type, out):
        """Whether times can be offered although these hosts have none."""
        hosts = booking_type.host_ids
        if booking_type.kind in ("class", "collective"):
            return not out
        fixed = hosts.filtered("fixed") if booking_type.kind == "round_robin" else hosts.browse()
        others = (hosts - fixed) or hosts
        return not any(host in out for host in fixed) and any(host not in out for host in others)

    @api.model
    def _unread(self, booking_type):
        """Users whose iCloud is not known."""
        unread = [row.user_id for row in host_rows(booking_type) if row.unread]
        return self.env["res.users"].browse(unread)

    @api.model
    def _longest(self, booking_type):
        """{host: minutes of the longest stretch of hours}."""
        return {
            host: max((stop - start for start, stop in stretches), default=0)
            for host, stretches in self._stretches(booking_type).items()
        }

    @api.model
    def _never_together(self, booking_type, out):
        """The sentence on each team that must come together and never can, if none can."""
        hosts = booking_type.host_ids.filtered(lambda host: host not in out)
        fixed = hosts.filtered("fixed")
        if booking_type.kind == "collective":
            teams = [hosts]
        elif booking_type.kind == "round_robin" and fixed:
            teams = [fixed + other for other in hosts - fixed] or [fixed]
        else:
            return []
        starts = self._starts(booking_type)
        if not starts or any(_common(team, starts) for team in teams):
            return []
        return [self._apart(booking_type, team, starts) for team in teams]

    # -- reasons -------------------------------------------------------------------------------

    def _no_room(self, host, stretches):
        booking_type = host.type_id
        longest = max((stop - start for start, stop in stretches), default=0)
        if not longest:
            return self._no_hours(host)
        if booking_type.kind == "service":
            return self._no_service(host)
        if booking_type.duration <= longest:
            return None
        return self.env._(
            "%(duration)s minutes do not fit into the hours of %(host)s: the longest stretch is "
            "%(longest)s minutes.",
            duration=booking_type.duration,
            host=host.user_id.name,
            longest=longest,
        )

    def _no_hours(self, host):
        schedule = host.schedule_id or host.type_id._schedule()
        if not schedule:
            return self.env._(
                "%(host)s has no hours: neither “%(type)s” nor the company %(company)s has any.",
                host=host.user_id.name,
                type=host.type_id.name,
                company=host.type_id.company_id.name,
            )
        if schedule.flexible_hours:
            return self.env._(
                "%(host)s has no hours: the schedule “%(schedule)s” is flexible, and does not say "
                "when work begins.",
                host=host.user_id.name,
                schedule=schedule.name,
            )
        return self.env._(
            "%(host)s has no hours on the days that are offered (schedule “%(schedule)s”).",
            host=host.user_id.name,
            schedule=schedule.name,
        )

    def _no_service(self, host):
        services = host.type_id.service_ids
        if not services or any(service._is_done_by(host) for service in services):
            return None
        return self.env._("%s does none of the services.", host.user_id.name)

    def _not_read(self, host, unread):
        if host.user_id not in unread:
            return None
        return self.env._(
            "The iCloud of %(host)s was not read in the last %(age)s minutes: no time of this "
            "host is offered until it is.",
            host=host.user_id.name,
            age=host.type_id.max_age,
        )

    def _apart(self, booking_type, team, starts):
        pairs = (one + other for one, other in combinations(team, 2))
        apart = next((pair for pair in pairs if not _common(pair, starts)), team)
        names = format_list(self.env, apart.user_id.mapped("name"))
        stretches = self._stretches(booking_type)
        shared = reduce(intersect, (merge(stretches[host]) for host in apart))
        if fitting(shared, booking_type.duration):
            return self.env._(
                "The hours of %(hosts)s overlap, but starts every %(step)s minutes from the "
                "beginning of each one's hours never fall together.",
                hosts=names,
                step=booking_type.slot_step,
            )
        return self.env._(
            "The hours of %(hosts)s never overlap for %(duration)s minutes.",
            hosts=names,
            duration=booking_type.duration,
        )

    # -- hours ---------------------------------------------------------------------------------

    def _checked_range(self, booking_type):
        """The days (naive UTC) on which times may be offered now or in the weeks to come."""
        earliest, zone = fields.Datetime.now(), booking_type.tz
        if booking_type.first_day:
            earliest = max(earliest, local_midnight(booking_type.first_day, zone))
        latest = earliest + max(booking_type.horizon_days, _FEWEST_DAYS) * _DAY
        if booking_type.last_day:
            latest = min(latest, local_midnight(booking_type.last_day + _DAY, zone))
        return earliest, latest

    def _hours(self, booking_type):
        """{host: Hours of the engine}; empty when no day is left."""
        earliest, latest = self._checked_range(booking_type)
        rows = host_rows(booking_type)
        if earliest >= latest or not rows:
            return {}
        availability = self.env["icloud.booking.availability"]
        overrides = availability._overrides(booking_type, earliest, latest)
        engine_hosts = availability._engine_hosts(booking_type, rows, overrides, Choice())
        hours = availability._hours(booking_type, engine_hosts, overrides, earliest, latest)
        keys = {host.key: host.hours for host in engine_hosts}
        return {host: hours[keys[host.user_id.id]] for host in booking_type.host_ids}

    def _stretches(self, booking_type):
        """{host: [(start, stop)]}: UTC minutes without a break."""
        earliest, latest = self._checked_range(booking_type)
        # The engine knows hours from before its window, to anchor its grid.
        bounds = [(minutes_up(earliest), minutes_down(latest))]
        return {
            host: [
                *intersect(work_times(hours.zone, hours.weekly), bounds),
                *intersect(work_times(hours.zone, hours.opened), bounds),
            ]
            for host, hours in self._hours(booking_type).items()
        }

    def _starts(self, booking_type):
        """{host: every start that the hours allow, UTC minutes}."""
        earliest, latest = self._checked_range(booking_type)
        bounds = minutes_up(earliest), minutes_down(latest)
        rules = Rules(booking_type.duration, booking_type.slot_step)
        return {
            host: {
                start
                for wall_hours in (hours.weekly, hours.opened)
                for start in candidate_starts(hours.zone, wall_hours, rules, *bounds)
            }
            for host, hours in self._hours(booking_type).items()
        }


def _common(team, starts):
    return set.intersection(*(starts[host] for host in team))
