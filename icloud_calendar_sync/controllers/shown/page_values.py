"""What templates get: plain dictionaries, so that no record with rights ever reaches a page."""

from babel.lists import format_list
from odoo.http import request
from odoo.tools import html2plaintext, is_html_empty
from odoo.tools.misc import babel_locale_parse, get_lang

from ...guard.refusal import layout_values
from .moments import (
    clock_change_words,
    day_words,
    duration_words,
    local_day,
    there_words,
    time_words,
    zone_words,
)

MOST_HOSTS_NAMED = 3
SUMMARY_LENGTH = 160


def page_values(title, **values):
    """What the layout of every page needs."""
    return {
        **layout_values(),
        "title": f"{title} | {request.env.company.name}",
        **values,
    }


def offer_values(booking_type):
    """A booking type in words; which facts there are depends on its kind."""
    description = booking_type.description
    is_menu = booking_type.kind == "service"
    is_class = booking_type.kind == "class"
    return {
        "name": booking_type.name,
        "url": f"/bookings/{booking_type.slug}",
        "duration": "" if is_menu else duration_words(request.env, booking_type.duration),
        "services": _services_words(booking_type) if is_menu else "",
        "seats": seats_words(booking_type.seats) if is_class and booking_type.show_seats else "",
        "location": booking_type.location or "",
        "host": _hosts_words(booking_type),
        "needs_approval": booking_type.needs_approval,
        "hold": duration_words(request.env, booking_type.hold_minutes),
        "description": "" if is_html_empty(description) else description,
        "summary": _summary(description),
    }


def when_values(start, stop, zone, there):
    """A span of naive UTC times in words, in a zone that is named; `stop` may be unknown.

    :param there: the zone of the host
    """
    env = request.env
    times = [time_words(env, moment, zone) for moment in (start, stop) if moment]
    return {
        "there": there_words(env, start, stop, zone, there),
        "clock_change": clock_change_words(env, start, zone, there),
        "day": day_words(env, local_day(start, zone)),
        "times": " – ".join(times),
        "zone_words": zone_words(zone, start),
    }


def _services_words(booking_type):
    count = len(booking_type.service_ids)
    return request.env._("1 service") if count == 1 else request.env._("%s services", count)


def seats_words(seats):
    """“3 seats”."""
    return request.env._("1 seat") if seats == 1 else request.env._("%s seats", seats)


def _hosts_words(booking_type):
    hosts = booking_type._taking_bookings()
    if len(hosts) > MOST_HOSTS_NAMED:
        return request.env._("Our team")
    if booking_type.kind == "collective":
        return _listed(hosts, "standard")
    always = hosts.filtered("fixed") if booking_type.kind == "round_robin" else hosts.browse()
    if not always or always == hosts:
        return _listed(hosts, "standard" if always else "or")
    return request.env._(
        "%(always)s, with %(others)s",
        always=_listed(always, "standard"),
        others=_listed(hosts - always, "or"),
    )


def _listed(hosts, style):
    locale = babel_locale_parse(get_lang(request.env).code)
    return format_list(hosts.user_id.mapped("name"), style, locale=locale)


def _summary(description):
    text = " ".join(html2plaintext(description or "").split())
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[:SUMMARY_LENGTH].rpartition(" ")[0] + " …"
