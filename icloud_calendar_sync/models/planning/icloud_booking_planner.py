from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime
from psycopg2.errors import SerializationFailure

from ...exceptions import LostRace, OtherTerms, TimeTaken
from ...scheduling.intervals import merge
from ...scheduling.plans import Part
from .agreed import Line, seen
from .minutes import from_minutes

_SHORT = "EEE d MMM, HH:mm"
_WEEK = timedelta(days=7)
ALTERNATIVES = 3


class Way(NamedTuple):
    """How a start can be taken: its sessions, what they take, and who was considered, in words.

    `takes` has for each part [(resource id, start, stop)] in minutes UTC.
    """

    parts: tuple[Part, ...]
    takes: list[list[tuple[int, int, int]]]
    assignment: str


class Lost(Exception):
    """What this way needs is not free any more; what was written for it is undone."""


class ICloudBookingPlanner(models.AbstractModel):
    """From a start to sessions: every kind is booked, moved and checked by its ways."""

    _name = "icloud.booking.planner"
    _description = "Taking a time"

    # -- ways ----------------------------------------------------------------------------------

    @api.model
    def _search_at(self, booking_type, start, choice):
        """The engine that knows whether, and how, exactly this start (naive UTC) can be taken."""
        return self.env["icloud.booking.availability"]._search_at(booking_type, start, choice)

    def _offer(self, search, start):
        """What a search offers at exactly this start, or None."""
        if not search:
            return None
        at_start = (each for each in search.offers() if from_minutes(each.start) == start)
        return next(at_start, None)

    def _ways(self, booking_type, search, start):
        """Yield the ways to take exactly this start (naive UTC), best first."""
        offer = self._offer(search, start)
        if not offer:
            return
        assignment = self.env["icloud.booking.assignment"]
        ranked = assignment._ranked(booking_type, search.facts.hosts, offer.hosts)
        words = assignment._words(booking_type, search.facts.hosts, ranked)
        order = [each.candidate.key for each in ranked]
        order += [host.key for host in search.facts.hosts if host.key not in order]
        for parts in search.plans(offer.start, order):
            yield Way(parts, self._takes(parts), words)

    def _takes(self, parts):
        """Reservations of each part.

        Where two parts need one resource one after the other, and their buffers meet, the first
        ends where the second begins: each session keeps a reservation of its own.
        """
        users = self.env["res.users"].browse({user_id for part in parts for user_id in part.hosts})
        users._ensure_booking_resource()
        spans = defaultdict(lambda: defaultdict(list))
        for number, part in enumerate(parts):
            for user_id in part.hosts:
                resource = users.browse(user_id).booking_resource_id
                spans[resource.id][number].append(part.padded)
            for use in part.rooms:
                spans[use.resource][number].append((use.start, use.stop))
        takes = [[] for _part in parts]
        for resource_id, by_part in spans.items():
            rows = sorted(
                (start, stop, number)
                for number, found in by_part.items()
                for start, stop in merge(found)
            )
            ends = [start for start, _stop, _number in rows[1:]] + [rows[-1][1]]
            for (start, stop, number), end in zip(rows, ends, strict=True):
                takes[number].append((resource_id, start, min(stop, end)))
        return takes

    # -- booking -------------------------------------------------------------------------------

    @api.model
    def _book(self, booking_type, start, choice, details, seats):
        """Take a start by the best way that is still free.

        :param start: naive UTC
        :param details: columns of the booking, as `_clean_customer` gives them
        :raise UserError: with the nearest free starts where that makes sense; nothing is stored
        """
        # What a customer may still book is judged last: a stranger who uses the address of somebody
        # else is told the same of a taken time, whatever that person has booked.
        search = self._search_at(booking_type, start, choice)
        if standing := self._standing(search, start):
            return self._join(booking_type, standing, choice, details, seats)
        self._check_seats(booking_type, seats)
        is_free = False
        for way in self._ways(booking_type, search, start):
            is_free = True
            if choice.agreed and choice.agreed != seen(self._terms(booking_type, way, choice)):
                continue
            try:
                with self.env.cr.savepoint():
                    return self._take(booking_type, way, choice, details, seats)
            except Lost:
                is_free = False
                self._look_again(booking_type, start)
        if is_free:
            raise OtherTerms(self.env._("This has changed meanwhile. Please look once more."))
        raise self._taken(booking_type, start, choice)

    @api.model
    def _plan(self, booking_type, start, choice):
        """How services would be done at exactly this start (naive UTC), were they booked now.

        :return: [Line] in order, empty when the start is not free
        """
        search = self._search_at(booking_type, start, choice)
        way = next(self._ways(booking_type, search, start), None)
        return self._terms(booking_type, way, choice) if way else []

    def _terms(self, booking_type, way, choice):
        """[Line] of a way, in order."""
        lines = []
        for part, service_ids in zip(way.parts, self._services_of(way.parts, choice), strict=True):
            user = self.env["res.users"].browse(part.hosts[0])
            host = booking_type.host_ids.filtered(lambda each, user=user: each.user_id == user)
            begin = from_minutes(part.start)
            for service in self.env["icloud.booking.service"].browse(service_ids):
                minutes = service._duration_by(host)
                lines.append(Line(service, user, begin, minutes, service._price_by(host)))
                begin += timedelta(minutes=minutes)
        return lines

    def _check_seats(self, booking_type, seats):
        """:raise UserError: no new session has that many"""
        if booking_type.kind == "class" and seats > booking_type.seats:
            raise UserError(self.env._("A session has %s seats.", booking_type.seats))

    def _look_again(self, booking_type, start):
        """After a lost race; the next way may be free.

        :raise LostRace: somebody opened this class session, and a snapshot from before cannot see
            it; a new one can, and joins
        """
        if booking_type.kind != "class":
            return
        with self.env.registry.cursor() as fresh:
            fresh.execute(
                "SELECT FROM calendar_event WHERE active AND booking_type_id = %s AND start = %s",
                [booking_type.id, start],
            )
            if fresh.rowcount:
                raise LostRace("The session was opened meanwhile.")

    def _take(self, booking_type, way, choice, details, seats):
        """Reserve and store it all.

        :raise Lost: somebody else was faster
        """
        reservations = self._reserve(way)
        bookings = self.env["icloud.booking"]
        for part, reserved, service_ids in zip(
            way.parts, reservations, self._services_of(way.parts, choice), strict=True
        ):
            users = self.env["res.users"].browse(part.hosts)
            services = self.env["icloud.booking.service"].browse(service_ids)
            session = self._open_session(booking_type, part, users, services, details)
            reserved.event_id = session
            bookings += bookings._open(
                session,
                users[0],
                {
                    **details,
                    "assignment": way.assignment,
                    "asked_user_id": choice.user_id,
                    "parent_id": bookings[:1].id,
                    "line_ids": self._lines(booking_type, services, users[0]),
                },
                seats,
            )
        self._seat(bookings, seats)
        self._take_places(bookings)
        bookings[0]._welcome()
        return bookings[0]

    def _take_places(self, bookings):
        """:raise Lost: somebody took the last one of a day or a week"""
        Quota = self.env["icloud.booking.quota"]
        Quota._take_of_customer(bookings[0])
        if not Quota._take_spans(bookings):
            raise Lost

    def _renew_places(self, bookings):
        """Those of the days and weeks to which a booking moved; its customer needs no new one.

        :raise Lost: somebody took the last one of a day or a week
        """
        bookings.quota_ids._of_spans().unlink()
        if not self.env["icloud.booking.quota"]._take_spans(bookings):
            raise Lost

    def _seat(self, bookings, seats):
        """:raise Lost: there are not enough
        :raise LostRace: the session was moved or given up since our snapshot
        """
        for booking in bookings.filtered(lambda each: each.type_id.kind == "class"):
            try:
                taken = self.env["icloud.booking.seat"]._reserve(booking.event_id, seats)
            except SerializationFailure as changed:
                raise LostRace("The session was changed meanwhile.") from changed
            if not taken:
                raise Lost
            taken.booking_id = booking

    def _reserve(self, way, instead_of=None):
        """[reservations of a part], for each part.

        :param instead_of: reservations that are given up for them
        :raise Lost: not all is free
        """
        rows = [
            (resource_id, from_minutes(start), from_minutes(stop))
            for takes in way.takes
            for resource_id, start, stop in takes
        ]
        reserved = self.env["icloud.booking.reservation"]._reserve(rows, instead_of)
        if not reserved:
            raise Lost
        by_part, position = [], 0
        for takes in way.takes:
            by_part.append(reserved[position : position + len(takes)])
            position += len(takes)
        return by_part

    def _services_of(self, parts, choice):
        """[service ids of a part], for each part."""
        services = iter(choice.service_ids)
        return [
            [next(services) for _leg in part.legs] if choice.service_ids else [] for part in parts
        ]

    def _lines(self, booking_type, services, user):
        host = booking_type.host_ids.filtered(lambda each: each.user_id == user)
        return [
            fields.Command.create(
                {
                    "sequence": number,
                    "service_id": service.id,
                    "name": service.name,
                    "duration": service._duration_by(host),
                    "price": service._price_by(host),
                    "currency_id": service.currency_id.id,
                }
            )
            for number, service in enumerate(services)
        ]

    def _open_session(self, booking_type, part, users, services, details):
        # It stands on the host's phone: in the host's language.
        translated = self.with_context(lang=users[0].lang)
        services = services.with_env(translated.env)
        names = ", ".join(services.mapped("name")) or booking_type.with_env(translated.env).name
        if booking_type.kind != "class":
            names = translated.env._(
                "%(type)s: %(customer)s", type=names, customer=details["customer_name"]
            )
        return booking_type._open_session(
            users, from_minutes(part.start), from_minutes(part.stop), names
        )

    # -- seats ---------------------------------------------------------------------------------

    def _standing(self, search, start):
        """The engine's offer of a class session that stands at this start, or None."""
        offer = self._offer(search, start)
        return offer if offer and offer.session else None

    def _join(self, booking_type, standing, choice, details, seats):
        """A booking of seats in a session that stands."""
        session = self.env["calendar.event"].browse(standing.session)
        try:
            with self.env.cr.savepoint():
                if standing.seats_left < seats:
                    raise Lost
                booking = self.env["icloud.booking"]._open(
                    session, session.user_id, {**details, "asked_user_id": choice.user_id}, seats
                )
                self._seat(booking, seats)
                self.env["icloud.booking.quota"]._take_of_customer(booking)
                booking._welcome()
                return booking
        except Lost:
            raise self._no_seats(booking_type, standing, choice, seats) from None

    def _no_seats(self, booking_type, standing, choice, seats):
        start = from_minutes(standing.start)
        if 0 < standing.seats_left < seats:
            return TimeTaken(
                self.env._("There are not that many seats left: %s.", standing.seats_left),
                self._nearest(booking_type, start, choice),
            )
        return self._taken(booking_type, start, choice)

    # -- refusals ------------------------------------------------------------------------------

    def _nearest(self, booking_type, start, choice):
        """The free starts nearest to one that was refused (naive UTC, sorted).

        Without the refused one: this transaction's snapshot may still show it as free.
        """
        offers = self.env["icloud.booking.availability"]._offers(
            booking_type, start - _WEEK, start + 2 * _WEEK, choice
        )
        free = [from_minutes(offer.start) for offer in offers if offer.seats_left]
        others = [each for each in free if each != start]
        return sorted(sorted(others, key=lambda each: abs(each - start))[:ALTERNATIVES])

    @api.model
    def _taken(self, booking_type, start, choice):
        """The exception that says so, in the caller's zone or else the type's."""
        nearest = self._nearest(booking_type, start, choice)
        if not self.env["icloud.booking.availability"]._is_known(booking_type, choice):
            return TimeTaken(
                self.env._("The hosts' calendars are being read. Try again in a minute."), []
            )
        if not nearest:
            return TimeTaken(self.env._("This time is not free, and no other is near it."), [])
        zone = self.env.context.get("tz") or booking_type.tz
        times = [format_datetime(self.env, free, tz=zone, dt_format=_SHORT) for free in nearest]
        return TimeTaken(
            self.env._(
                "This time is not free. Free nearby: %(times)s (%(zone)s).",
                times=" · ".join(times),
                zone=zone,
            ),
            nearest,
        )
