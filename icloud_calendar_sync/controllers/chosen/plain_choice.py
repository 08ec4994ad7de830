"""Choosing a time without scripts: the days with free times, as one form."""

from datetime import timedelta

from odoo.http import request
from odoo.tools import groupby

from ..shown.habits import habits
from ..shown.moments import (
    all_zones,
    city_of,
    clock_change_words,
    day_start,
    day_words,
    from_iso,
    is_same_time,
    iso,
    local_day,
    parse_day,
    time_words,
)
from .selection import shown_seats

PLAIN_DAYS = 7
PLAIN_WINDOW_DAYS = 60


def plain_values(choice, query, zone):
    """The first days with free times, from the chosen one on or the one that was asked for."""
    first, end = choice.offered_range()
    chosen = choice.start_of(query)
    asked = local_day(chosen, zone) if chosen else parse_day(query.get("from"))
    begin = first
    if asked and asked > local_day(first, zone):
        begin = day_start(request.env, min(asked, local_day(end, zone)), 0, zone)
    stop = min(end, begin + timedelta(days=PLAIN_WINDOW_DAYS))
    slots = choice.find_slots(iso(begin), iso(stop)) if begin < stop else []
    days = list(groupby(slots, lambda slot: local_day(from_iso(slot["start"]), zone)))
    # A window without enough days ends where the next one begins.
    later = days[PLAIN_DAYS][0] if len(days) > PLAIN_DAYS else local_day(stop, zone)
    shown = days[:PLAIN_DAYS]
    return {
        "days": [_day_values(choice, day, slots, zone) for day, slots in shown],
        "has_full": any(not slot["seats_left"] for _day, slots in shown for slot in slots),
        "later": stop < end or len(days) > PLAIN_DAYS,
        "later_url": choice.address(choice.page, plain=1, tz=zone, **{"from": later.isoformat()}),
        "zones": sorted(all_zones()),
        "clock": habits().clock,
    }


def _day_values(choice, day, slots, zone):
    return {
        "words": day_words(request.env, day),
        "clock_change": clock_change_words(
            request.env, from_iso(slots[0]["start"]), zone, choice.booking_type.tz
        ),
        "times": [
            {
                "start": slot["start"],
                "words": time_words(request.env, from_iso(slot["start"]), zone),
                "is_full": not slot["seats_left"],
                "there": _there_words(choice, from_iso(slot["start"]), zone),
                "seats": _seats_words(choice.booking_type, slot["seats_left"]),
            }
            for slot in slots
        ],
    }


def _there_words(choice, start, zone):
    there = choice.booking_type.tz
    if is_same_time(start, zone, there):
        return ""
    return f"{time_words(request.env, start, there)} {city_of(there)}"


def _seats_words(booking_type, seats_left):
    if booking_type.kind != "class":
        return ""
    if not seats_left:
        return request.env._("Full – waiting list")
    shown = shown_seats(booking_type, seats_left)
    return "" if shown is None else request.env._("%s left", shown)
