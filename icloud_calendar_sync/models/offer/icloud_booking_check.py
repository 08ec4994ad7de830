from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date, format_list

from ..planning.zones import local_midnight

_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60


class ICloudBookingCheck(models.AbstractModel):
    """Names what contradicts itself in a booking type, before visitors find out.

    A problem leaves nothing that could be offered, or denies what the kind means; whatever else
    is surely not meant is a warning. Each check returns its sentences, and writes nothing.
    """

    _name = "icloud.booking.check"
    _description = "Contradictions in a booking type"

    @api.model
    def _problems(self, booking_type):
        hours = self.env["icloud.booking.check.hours"]
        out = hours._hosts_out(booking_type)
        goes_without = hours._goes_without(booking_type, out)
        return [
            *self._number_of_hosts(booking_type),
            *self._menu_empty(booking_type),
            *self._notice_above_horizon(booking_type),
            *self._range_is_over(booking_type),
            *(hours._never_together(booking_type, out) if goes_without else out.values()),
            *(self._services_undone(booking_type, out) if goes_without else ()),
        ]

    @api.model
    def _warnings(self, booking_type):
        hours = self.env["icloud.booking.check.hours"]
        out = hours._hosts_out(booking_type)
        return [
            *(out.values() if hours._goes_without(booking_type, out) else ()),
            *self._staff_too_slow(booking_type, out),
            *self._unread_but_offered(booking_type),
            *self._range_begins_late(booking_type),
            *self._step_above_hours(booking_type),
            *self._hosts_unlike_the_kind(booking_type),
            *self._archived_rooms(booking_type),
            *self._next_to_sessions(booking_type),
            *self._maximum_above_maximum(booking_type),
            *self._more_seats_than_there_are(booking_type),
        ]

    def _names(self, hosts):
        return format_list(self.env, hosts.user_id.mapped("name"))

    # -- who -----------------------------------------------------------------------------------

    def _number_of_hosts(self, booking_type):
        hosts = booking_type.host_ids
        if not hosts:
            return [self.env._("Nobody takes these bookings: add a host.")]
        if booking_type.kind == "class" and len(hosts) != 1:
            return [
                self.env._(
                    "A class has exactly one host, this one has %(count)s: %(hosts)s.",
                    count=len(hosts),
                    hosts=self._names(hosts),
                )
            ]
        return []

    def _hosts_unlike_the_kind(self, booking_type):
        hosts = booking_type.host_ids
        if booking_type.kind == "round_robin" and hosts and all(hosts.mapped("fixed")):
            return [
                self.env._(
                    "Everybody always comes (%s), nobody takes turns: that is a collective.",
                    self._names(hosts),
                )
            ]
        if booking_type.kind == "collective" and len(hosts) == 1:
            return [self.env._("A collective of one: only %s comes.", self._names(hosts))]
        return []

    def _unread_but_offered(self, booking_type):
        if booking_type.stale_policy == "hide":
            return []
        return [
            self.env._(
                "The iCloud of %(host)s was not read in the last %(age)s minutes: times that are "
                "taken there may be offered.",
                host=user.name,
                age=booking_type.max_age,
            )
            for user in self.env["icloud.booking.check.hours"]._unread(booking_type)
        ]

    # -- services ------------------------------------------------------------------------------

    def _menu_empty(self, booking_type):
        if booking_type.kind != "service" or booking_type.service_ids:
            return []
        return [self.env._("The menu is empty: add a service.")]

    def _services_undone(self, booking_type, out):
        sentences = []
        for service, (able, slow) in self._staff(booking_type, out).items():
            if not able:
                staff = service.staff_ids.host_id or booking_type.host_ids
                sentences.append(
                    self.env._(
                        "Nobody does “%(service)s”: %(staff)s cannot be booked.",
                        service=service.name,
                        staff=self._names(staff),
                    )
                )
            elif able == slow:
                sentences += self._too_slow(service, slow)
        return sentences

    def _staff_too_slow(self, booking_type, out):
        return [
            sentence
            for service, (able, slow) in self._staff(booking_type, out).items()
            if able != slow
            for sentence in self._too_slow(service, slow)
        ]

    def _too_slow(self, service, hosts):
        return [
            self.env._(
                "“%(service)s” takes %(host)s %(minutes)s minutes, and does not fit into the hours "
                "of this host.",
                service=service.name,
                host=host.user_id.name,
                minutes=service._duration_by(host),
            )
            for host in hosts
        ]

    def _staff(self, booking_type, out):
        """{service: (hosts who could do it, those of them whose hours are too short for it)}."""
        if booking_type.kind != "service":
            return {}
        longest = self.env["icloud.booking.check.hours"]._longest(booking_type)
        hosts = booking_type.host_ids.filtered(lambda host: host not in out)
        staff = {}
        # Without a day that is left there are no hours to compare with.
        for service in booking_type.service_ids if longest else ():
            able = hosts.filtered(service._is_done_by)
            slow = [host.id for host in able if service._duration_by(host) > longest[host]]
            staff[service] = (able, able.browse(slow))
        return staff

    # -- when ----------------------------------------------------------------------------------

    def _notice_above_horizon(self, booking_type):
        horizon = booking_type.horizon_days * _DAY_MINUTES
        if booking_type.min_notice < horizon:
            return []
        return [
            self.env._(
                "A notice of %(notice)s minutes leaves nothing of the %(days)s days ahead that "
                "are offered (%(horizon)s minutes).",
                notice=booking_type.min_notice,
                days=booking_type.horizon_days,
                horizon=horizon,
            )
        ]

    def _range_is_over(self, booking_type):
        last_day = booking_type.last_day
        if not last_day:
            return []
        now, end = fields.Datetime.now(), local_midnight(last_day + _DAY, booking_type.tz)
        if end <= now:
            return [
                self.env._("The last day offered, %s, is past.", format_date(self.env, last_day))
            ]
        if end <= now + timedelta(minutes=booking_type.min_notice):
            return [
                self.env._(
                    "The last day offered, %(day)s, ends before the notice of %(notice)s minutes.",
                    day=format_date(self.env, last_day),
                    notice=booking_type.min_notice,
                )
            ]
        return []

    def _range_begins_late(self, booking_type):
        first_day = booking_type.first_day
        if not first_day:
            return []
        horizon = timedelta(days=booking_type.horizon_days)
        if local_midnight(first_day, booking_type.tz) < fields.Datetime.now() + horizon:
            return []
        return [
            self.env._(
                "The first day offered, %(day)s, is more than %(days)s days ahead: the page stays "
                "empty until %(until)s.",
                day=format_date(self.env, first_day),
                days=booking_type.horizon_days,
                until=format_date(self.env, first_day - horizon),
            )
        ]

    def _step_above_hours(self, booking_type):
        lengths = self.env["icloud.booking.check.hours"]._longest(booking_type).values()
        longest = max(lengths, default=0)
        if not longest or booking_type.slot_step <= longest:
            return []
        return [
            self.env._(
                "One start every %(step)s minutes, but the longest stretch of hours is %(longest)s "
                "minutes: only its first time is offered.",
                step=booking_type.slot_step,
                longest=longest,
            )
        ]

    def _next_to_sessions(self, booking_type):
        if booking_type.kind != "class" or not booking_type.only_adjacent:
            return []
        return [
            self.env._(
                "“Only next to other bookings” hides sessions of a class: visitors join sessions, "
                "they leave no holes."
            )
        ]

    # -- how many ------------------------------------------------------------------------------

    def _maximum_above_maximum(self, booking_type):
        labels = booking_type.fields_get(
            ["max_per_day", "max_per_week", "host_max_per_day", "host_max_per_week"], ["string"]
        )
        pairs = [
            ("max_per_day", "max_per_week"),
            ("host_max_per_day", "host_max_per_week"),
            ("host_max_per_day", "max_per_day"),
            ("host_max_per_week", "max_per_week"),
        ]
        return [
            self.env._(
                "“%(small)s” is %(small_number)s, but “%(large)s” is %(large_number)s: the first "
                "is never reached.",
                small=labels[small]["string"],
                small_number=booking_type[small],
                large=labels[large]["string"],
                large_number=booking_type[large],
            )
            for small, large in pairs
            if booking_type[small] > booking_type[large] > 0
        ]

    def _more_seats_than_there_are(self, booking_type):
        seats, at_once = booking_type.seats, booking_type.seats_per_booking
        if booking_type.kind != "class" or at_once <= seats:
            return []
        return [
            self.env._(
                "One booking may take %(at_once)s seats, but a session has %(seats)s.",
                at_once=at_once,
                seats=seats,
            )
        ]

    def _archived_rooms(self, booking_type):
        contents = [booking_type, *booking_type.service_ids]
        archived = booking_type.room_ids.browse()
        for content in contents:
            # Otherwise what is archived is not even read.
            every = content.with_context(active_test=False)
            archived |= (every.room_ids | every.equipment_ids).filtered(
                lambda each: not each.active
            )
        return [
            self.env._("“%s” is archived: nobody looks whether it is free.", resource.name)
            for resource in archived
        ]
