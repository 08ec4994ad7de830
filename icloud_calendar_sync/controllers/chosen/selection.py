"""What a visitor wants of an offer besides a time: services of the menu, and a host.

Both stand in the address (`?services=1,2&user=5`), so that reloading and going back keep them.
"""

from odoo.exceptions import UserError
from odoo.http import request

from .service_menu import able_hosts, services_in_order, terms, total_words

# More than any menu takes: an address that is longer is not looked through.
MOST_SERVICES = 20


def parse_number(text):
    """A whole number as it stands in an address, None for nothing.

    :raise UserError: it is none
    """
    if not text:
        return None
    # isdecimal: int() would take signs, blanks and underscores as well.
    if not text.isdecimal() or len(text) > 9:
        raise UserError(request.env._("“%s” is not a number.", text[:40]))
    return int(text)


def parse_numbers(text):
    """Ids of services, by commas, each once.

    :raise UserError: something else, or too many
    """
    parts = [part for part in (text or "").split(",") if part]
    if len(parts) > MOST_SERVICES:
        raise UserError(request.env._("One booking has up to %s services.", MOST_SERVICES))
    return list(dict.fromkeys(parse_number(part) for part in parts))


def shown_seats(booking_type, seats_left):
    """The seats left as visitors are told: None where that is not shown, but full is full."""
    return seats_left if booking_type.show_seats or not seats_left else None


def chosen_services(form):
    """Ids of the services that were ticked.

    :raise UserError: none, too many, or no ids
    """
    ids = parse_numbers(form.get("services"))
    if not ids:
        raise UserError(request.env._("Please choose a service."))
    return ids


class Selection:
    """Services and host of one booking type; what is not offered (any more) is left out."""

    def __init__(self, booking_type, query):
        self.booking_type = booking_type
        ids = _lenient(parse_numbers, query.get("services"), [])
        self.services = services_in_order(booking_type).filtered(lambda each: each.id in ids)
        user_id = _lenient(parse_number, query.get("user"), None)
        self.hosts = self._hosts_to_choose()
        self.host = self.hosts.filtered(lambda host: host.user_id.id == user_id)

    def _hosts_to_choose(self):
        """Those who do all of it; none when there is nothing to choose."""
        booking_type = self.booking_type
        if not booking_type.choose_host or booking_type.kind not in ("round_robin", "service"):
            return booking_type.host_ids.browse()
        able = able_hosts(booking_type, self.services).filtered(lambda host: not host.fixed)
        return able if len(able) > 1 else able.browse()

    @property
    def query(self):
        """What stands in the address."""
        services = {"services": ",".join(map(str, self.services.ids))} if self.services else {}
        return {**services, **({"user": self.host.user_id.id} if self.host else {})}

    @property
    def doers(self):
        """The hosts of whom some will do it."""
        return self.host or self._anybody()

    def _anybody(self):
        booking_type = self.booking_type
        able = able_hosts(booking_type, self.services)
        # Where one may hand over to the other, each service may be anybody's.
        every = booking_type._taking_bookings()
        return every if booking_type.hand_over or not able else able

    @property
    def minutes(self):
        """How long it takes, None when that depends on the host."""
        if self.booking_type.kind != "service":
            return self.booking_type.duration
        found = terms(self.services, self.doers)
        return found.least_minutes if found.least_minutes == found.most_minutes else None

    def find_slots(self, start, stop):
        """Free times, as `icloud.booking.type.slots`."""
        return self.booking_type.slots(
            start,
            stop,
            user_id=self.host.user_id.id or None,
            service_ids=self.services.ids or None,
        )

    def plan(self, start):
        """Who would do which service at a start (naive UTC), as `icloud.booking.type._plan`."""
        if not self.services:
            return []
        return self.booking_type._plan(
            start, user_id=self.host.user_id.id or None, service_ids=self.services.ids
        )

    @property
    def is_plain_to_see(self):
        """Whether price, time and host are the same whenever it is booked."""
        found = terms(self.services, self.doers)
        is_same = (
            found.least_minutes == found.most_minutes and found.least_price == found.most_price
        )
        return is_same and (len(self.services) < 2 or len(self.doers) == 1)

    def host_values(self):
        """What the choice of a host shows, anybody first; empty when there is no choice."""
        if not self.hosts:
            return []
        anybody = {
            "id": "",
            "name": request.env._("Anybody"),
            "words": "",
            "is_chosen": not self.host,
            "total": self._total_words(self._anybody()),
        }
        return [anybody, *(self._values_of(host) for host in self.hosts)]

    def _values_of(self, host):
        name = host.user_id.name
        return {
            "id": host.user_id.id,
            "name": name,
            "words": request.env._("with %s", name),
            "is_chosen": host == self.host,
            "total": self._total_words(host),
        }

    def _total_words(self, hosts):
        return total_words(self.booking_type, self.services, hosts) if self.services else ""


def _lenient(parse, text, otherwise):
    # An old or mistyped link still leads to the page; what is booked is checked by the models.
    try:
        return parse(text)
    except UserError:
        return otherwise
