from collections import defaultdict
from datetime import UTC, timedelta

from odoo import api, fields, models

from ...scheduling.assignment import Candidate, by_availability, by_fairness
from ...scheduling.intervals import merge
from ...scheduling.shares import Given, Presence, fair_shares
from .minutes import minutes_down, minutes_up

# Shares are compared over this time: an old quarrel is forgotten.
SHARES_WINDOW = timedelta(days=30)


class ICloudBookingAssignment(models.AbstractModel):
    """Which of the free hosts gets a booking, and the words for it."""

    _name = "icloud.booking.assignment"
    _description = "Who gets a booking"

    @api.model
    def _ranked(self, booking_type, hosts, free):
        """[Ranked] of the free hosts among whom one is chosen, best first."""
        chosen_among = [host for host in hosts if host.key in free and not host.fixed]
        # Where everybody is fixed, they only come in an order.
        keys = [host.key for host in chosen_among] or free
        last_booked = self._last_booked(booking_type, keys)
        by_user = {host.user_id.id: host for host in booking_type.host_ids}
        candidates = [Candidate(key, by_user[key].priority, last_booked.get(key)) for key in keys]
        if booking_type.distribution == "fair" and booking_type.kind != "collective":
            return by_fairness(candidates, self._fair_shares(booking_type))
        return by_availability(candidates)

    def _last_booked(self, booking_type, user_ids):
        """{user id: minutes since 1970 of the last time a booking was given to them}."""
        groups = self.env["icloud.booking"]._read_group(
            [
                ("type_id", "=", booking_type.id),
                ("user_id", "in", user_ids),
                ("holds_time", "=", True),
            ],
            ["user_id"],
            ["create_date:max"],
        )
        return {user.id: int(last.replace(tzinfo=UTC).timestamp() // 60) for user, last in groups}

    def _fair_shares(self, booking_type):
        """{user id: (bookings received, bookings due)} of the last 30 days."""
        now = fields.Datetime.now()
        first = now - SHARES_WINDOW
        hosts = booking_type.host_ids
        hosts = hosts.filtered(lambda host: not host.fixed) or hosts
        bookings = self.env["icloud.booking"].search_fetch(
            [
                ("type_id", "=", booking_type.id),
                ("state", "!=", "cancelled"),
                ("create_date", ">=", first),
            ],
            ["user_id", "create_date"],
        )
        away = self._away(hosts.user_id, first, now)
        return fair_shares(
            [Given(booking.user_id.id, minutes_up(booking.create_date)) for booking in bookings],
            [
                Presence(
                    host.user_id.id,
                    host.weight,
                    minutes_down(max(host.since, first)),
                    merge(away[host.user_id.id]),
                )
                for host in hosts
            ],
        )

    def _away(self, users, start, stop):
        """{user id: [(start, stop)]}, the leaves of hosts in minutes UTC."""
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id.user_id", "in", users.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<", stop),
                ("date_to", ">", start),
            ]
        )
        away = defaultdict(list)
        for leave in leaves:
            span = minutes_down(leave.date_from), minutes_up(leave.date_to)
            away[leave.resource_id.user_id.id].append(span)
        return away

    @api.model
    def _words(self, booking_type, hosts, ranked):
        """Who was considered, a line each, the first one got it if nobody was faster.

        For staff, so in the language of the first, not of the visitor.
        """
        user = self.env["res.users"].browse(ranked[0].candidate.key)
        return self.with_context(lang=user.lang)._in_words(booking_type, hosts, ranked)

    def _in_words(self, booking_type, hosts, ranked):
        names = {host.user_id.id: host.user_id.name for host in booking_type.host_ids}
        lines = [
            self.env._(
                "%(host)s: %(reason)s",
                host=names[each.candidate.key],
                reason=self._reason(booking_type, each),
            )
            for each in ranked
        ]
        known = {each.candidate.key for each in ranked}
        if fixed := [names[host.key] for host in hosts if host.fixed and host.key not in known]:
            lines.append(self.env._("Always there: %s.", ", ".join(fixed)))
        known |= {host.key for host in hosts if host.fixed}
        if others := [names[host.key] for host in hosts if host.key not in known]:
            lines.append(self.env._("Not free: %s.", ", ".join(others)))
        return "\n".join(lines)

    def _reason(self, booking_type, ranked):
        if booking_type.kind == "collective":
            return self.env._("comes, and invites.") if ranked.ahead else self.env._("comes.")
        words = {
            ("only", True): self.env._("the only one who is free."),
            ("shortfall", True): self.env._("furthest below the fair share"),
            ("shortfall", False): self.env._("closer to the fair share"),
            ("priority", True): self.env._("highest priority"),
            ("priority", False): self.env._("lower priority"),
            ("idle", True): self.env._("longest without a booking"),
            ("idle", False): self.env._("booked more recently"),
            ("order", True): self.env._("first on the list"),
            ("order", False): self.env._("later on the list"),
        }[ranked.rule, ranked.ahead]
        if "due" not in ranked.values or ranked.rule == "only":
            return words
        return self.env._(
            "%(reason)s (%(received)s of %(due)s due)",
            reason=words,
            received=ranked.values["received"],
            due=f"{ranked.values['due']:g}",
        )
