"""The services of a menu: who does them, what they take and cost, in words."""

from typing import NamedTuple

from odoo.http import request
from odoo.tools.misc import format_amount

from ..shown.moments import duration_words


class Terms(NamedTuple):
    """What services take and cost, where hosts differ the least and the most."""

    least_minutes: int
    most_minutes: int
    least_price: float
    most_price: float


def services_in_order(booking_type):
    """The services as the page has them: a category stands where its first service does."""
    if booking_type.kind != "service":
        return booking_type.service_ids.browse()
    services = booking_type.service_ids.sorted(lambda service: (service.sequence, service.id))
    categories = list(dict.fromkeys(service.category or "" for service in services))
    return services.sorted(lambda service: categories.index(service.category or ""))


def able_hosts(booking_type, services):
    """The hosts who do all of these services."""
    return booking_type._taking_bookings().filtered(
        lambda host: all(service._is_done_by(host) for service in services)
    )


def terms(services, hosts):
    """Terms of these services one after the other, done by some of these hosts."""
    each = [Terms(0, 0, 0, 0), *(_terms_of(service, hosts) for service in services)]
    return Terms(*map(sum, zip(*each, strict=True)))


def _terms_of(service, hosts):
    hosts = hosts.filtered(service._is_done_by)
    minutes = [service._duration_by(host) for host in hosts] or [service.duration]
    prices = [service._price_by(host) for host in hosts] or [service.price]
    return Terms(min(minutes), max(minutes), min(prices), max(prices))


def terms_words(found, currency):
    """{"duration", "price"}: “from 45 min” where hosts differ, no price where nothing costs."""
    duration = duration_words(request.env, found.least_minutes)
    price = format_amount(request.env, found.least_price, currency) if found.most_price else ""
    if found.least_minutes < found.most_minutes:
        duration = request.env._("from %s", duration)
    if found.least_price < found.most_price:
        price = request.env._("from %s", price)
    return {"duration": duration, "price": price}


def menu_values(booking_type, chosen):
    """The menu by category, with what the script adds up.

    :param chosen: the services that are ticked
    """
    services = services_in_order(booking_type)
    categories = {}
    for service in services:
        found = terms(service, booking_type._taking_bookings())
        categories.setdefault(service.category or "", []).append(
            {
                "id": service.id,
                "name": service.name,
                "description": service.description or "",
                "picture": picture_url(booking_type, service),
                "is_chosen": service in chosen,
                "terms": found,
                **terms_words(found, booking_type.company_id.currency_id),
            }
        )
    return {"categories": list(categories.items()), "currency": _currency_values(booking_type)}


def summary_values(booking_type, services, hosts):
    """The chosen services and their sum, done by some of these hosts."""
    currency = booking_type.company_id.currency_id
    return {
        "lines": [
            {"name": service.name, **terms_words(terms(service, hosts), currency)}
            for service in services
        ],
        "total": total_words(booking_type, services, hosts),
    }


def total_words(booking_type, services, hosts):
    """“1 h 15 min · $ 60.00”."""
    words = terms_words(terms(services, hosts), booking_type.company_id.currency_id)
    return " · ".join(filter(None, (words["duration"], words["price"])))


def picture_url(booking_type, service):
    """Where the picture is, empty when there is none; another picture has another address."""
    # Only the size is read, not the picture.
    if not service.with_context(bin_size=True).image_256:
        return ""
    version = int(service.write_date.timestamp())
    return f"/bookings/{booking_type.slug}/picture/{service.id}?v={version}"


def _currency_values(booking_type):
    currency = booking_type.company_id.currency_id
    return {
        "symbol": currency.symbol,
        "position": currency.position,
        "digits": currency.decimal_places,
    }
