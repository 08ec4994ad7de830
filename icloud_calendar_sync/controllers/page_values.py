"""What templates get: plain dictionaries, so that no record with rights ever reaches a page."""

from babel.lists import format_list
from odoo import fields
from odoo.http import request
from odoo.tools import html2plaintext, is_html_empty
from odoo.tools.misc import babel_locale_parse, get_lang

from .moments import day_words, local_day, time_words, zone_words

MOST_HOSTS_NAMED = 3
SUMMARY_LENGTH = 160


def page_values(title, **values):
    """What the layout of every page needs; without `website` it does not know the language."""
    lang = get_lang(request.env)
    return {
        "html_data": {"lang": lang.code.replace("_", "-"), "dir": lang.direction},
        "title": f"{title} | {request.env.company.name}",
        **values,
    }


def offer_values(booking_type):
    """A booking type in words."""
    description = booking_type.description
    return {
        "name": booking_type.name,
        "url": f"/bookings/{booking_type.slug}",
        "duration": _duration_words(booking_type.duration),
        "location": booking_type.location or "",
        "host": _hosts_words(
            booking_type.host_ids.user_id.mapped("name"),
            "standard" if booking_type.kind == "collective" else "or",
        ),
        "description": "" if is_html_empty(description) else description,
        "summary": _summary(description),
    }


def booking_values(booking, zone):
    """A booking in words, for the customer."""
    is_open = booking.holds_time and booking.start > fields.Datetime.now()
    return {
        "name": booking.type_id.name,
        "url": f"/booking/{booking.token}",
        "offer_url": f"/bookings/{booking.type_id.slug}" if booking.type_id.is_published else "",
        **when_values(booking.start, booking.stop, zone),
        "location": booking.event_id.location or "",
        "host": booking._hosts_in_words(),
        "customer": booking.customer_name,
        "answers": list((booking.answers or {}).items()),
        # A time that has passed matters more than whether it was confirmed.
        "state": booking.state if is_open or booking.state == "cancelled" else "over",
        "is_open": is_open,
    }


def when_values(start, stop, zone):
    """A span of naive UTC times in words, in a zone that is named."""
    env = request.env
    return {
        "day": day_words(env, local_day(start, zone)),
        "times": f"{time_words(env, start, zone)} – {time_words(env, stop, zone)}",
        "zone_words": zone_words(zone, start),
    }


def _duration_words(minutes):
    hours, rest = divmod(minutes, 60)
    if not hours:
        return request.env._("%s min", rest)
    if not rest:
        return request.env._("%s h", hours)
    return request.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def _hosts_words(names, style):
    if len(names) > MOST_HOSTS_NAMED:
        return request.env._("Our team")
    locale = babel_locale_parse(get_lang(request.env).code)
    return format_list(names, style, locale=locale)


def _summary(description):
    text = " ".join(html2plaintext(description or "").split())
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[:SUMMARY_LENGTH].rpartition(" ")[0] + " …"
