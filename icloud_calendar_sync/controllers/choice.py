"""Choosing a time: what the picker, the page without scripts and a refusal need.

Booking and moving are the same choice, with other questions and another answer.
"""

from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import groupby

from ..exceptions import TimeTaken
from .moments import (
    all_zones,
    day_start,
    day_words,
    from_iso,
    iso,
    known_zone,
    local_day,
    parse_day,
    short_words,
    time_words,
    zone_words,
)
from .page_values import when_values

# The first question of the picker: a month and a bit, so that most visitors need no second one.
FIRST_QUESTION = timedelta(days=35)
PLAIN_DAYS = 7
PLAIN_WINDOW_DAYS = 60


def choice_values(source, query, default_zone, refusal=None):
    """Values of a page on which a time is chosen.

    :param source: the booking type, or the booking that is moved; both answer `slots`
    :param query: what came with the request
    :param default_zone: where the visitor is, as far as is known
    :param refusal: why the chosen time was not taken, a UserError
    """
    is_offer = source._name == "icloud.booking.type"
    booking_type = source if is_offer else source.type_id
    zone = known_zone(query.get("tz"), default_zone, booking_type.tz)
    page = f"/bookings/{source.slug}" if is_offer else f"/booking/{source.token}"
    action = page if is_offer else f"{page}/move"
    values = {
        "action": action,
        "zone": zone,
        # A zone that was chosen once stays; else the browser knows best where it is.
        "keep_zone": not is_offer or query.get("tz") == zone,
        "error": str(refusal or ""),
        "nearest": [],
    }
    if query.get("plain"):
        values["plain"] = _plain_values(source, booking_type, query, action, zone)
    else:
        values["picker"] = _picker_values(booking_type, f"{page}/slots")
    if isinstance(refusal, TimeTaken):
        return {**values, **_taken_values(refusal, zone)}
    if refusal:
        return {**values, **_chosen_values(booking_type, query, zone)}
    return values


def status(refusal):
    """The HTTP status of a page that says why a time was not taken, or of one that need not."""
    if isinstance(refusal, TimeTaken):
        return 409
    return 422 if refusal else 200


def chosen_start(form):
    """What the form has as a start.

    :raise UserError: nothing
    """
    if not form.get("start"):
        raise UserError(request.env._("Please choose a time."))
    return form["start"]


def _picker_values(booking_type, slots_url):
    """Where the picker asks, and between which moments."""
    first, end = _offered_range(booking_type)
    until = min(first + FIRST_QUESTION, end)
    question = urlencode({"from": iso(first), "to": iso(until)})
    return {
        "slots_url": slots_url,
        # The page asks this before its scripts are there.
        "first_url": f"{slots_url}?{question}" if first < until else "",
        "first": iso(first),
        "until": iso(until),
        "end": iso(end),
    }


def _offered_range(booking_type):
    now = fields.Datetime.now()
    first = now + timedelta(minutes=booking_type.min_notice)
    return first, max(first, now + timedelta(days=booking_type.horizon_days))


def _taken_values(taken, zone):
    if not taken.nearest:
        words = request.env._("Sorry, this time was just taken, and no other is near it.")
        return {"error": words}
    return {
        "error": request.env._("Sorry, this time was just taken. Take one of these instead:"),
        "nearest": [
            {"start": iso(start), "words": short_words(request.env, start, zone)}
            for start in taken.nearest
        ],
        "nearest_zone": zone_words(zone, taken.nearest[0]),
    }


def _chosen_values(booking_type, form, zone):
    start = _start_of(booking_type, form)
    if not start:
        return {}
    stop = start + timedelta(minutes=booking_type.duration)
    return {"start": iso(start), "chosen": when_values(start, stop, zone)}


def _start_of(booking_type, form):
    try:
        return booking_type._moment(form.get("start"))
    except UserError:
        return None


# -- without scripts ---------------------------------------------------------------------------


def _plain_values(source, booking_type, query, action, zone):
    """The first days with free times, from the chosen one on or the one that was asked for."""
    first, end = _offered_range(booking_type)
    chosen = _start_of(booking_type, query)
    asked = local_day(chosen, zone) if chosen else parse_day(query.get("from"))
    begin = first
    if asked and asked > local_day(first, zone):
        begin = day_start(request.env, min(asked, local_day(end, zone)), 0, zone)
    stop = min(end, begin + timedelta(days=PLAIN_WINDOW_DAYS))
    slots = source.slots(iso(begin), iso(stop)) if begin < stop else []
    starts = [from_iso(slot["start"]) for slot in slots]
    days = list(groupby(starts, lambda start: local_day(start, zone)))
    # A window without enough days ends where the next one begins.
    later = days[PLAIN_DAYS][0] if len(days) > PLAIN_DAYS else local_day(stop, zone)
    return {
        "days": [_day_values(day, starts, zone) for day, starts in days[:PLAIN_DAYS]],
        "later": stop < end or len(days) > PLAIN_DAYS,
        "later_url": f"{action}?{urlencode({'plain': 1, 'tz': zone, 'from': later.isoformat()})}",
        "zones": sorted(all_zones()),
    }


def _day_values(day, starts, zone):
    return {
        "words": day_words(request.env, day),
        "times": [
            {"start": iso(start), "words": time_words(request.env, start, zone)} for start in starts
        ],
    }
