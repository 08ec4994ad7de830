"""A time was not taken: why, and what is free near it."""

from datetime import timedelta

from odoo.http import request

from ...exceptions import TimeTaken, TooOften, WrongFields
from .moments import iso, short_words, zone_words
from .page_values import when_values
from .plan import plan_values

# The form has one answer, and calls it so.
_FIELDS = {"answers": "note"}


def refusal_values(choice, form, refusal, zone):
    """Values of a page whose form was refused; of one that was not, that nobody waits.

    :param choice: what the time was for
    :param refusal: a UserError, or nothing
    """
    if not refusal:
        return {"is_waiting": False}
    start = choice.start_of(form)
    seats_left = _seats_left(choice, start) if start else None
    asked = form.get("seats") or "1"
    is_short = seats_left is not None and asked.isdecimal() and seats_left < int(asked[:9])
    if isinstance(refusal, TimeTaken):
        words = _short_words(choice, seats_left) if is_short else ""
        waits = is_short and choice.has_waiting_list
        return {
            **_taken_values(refusal, words, zone),
            "is_waiting": False,
            "full_start": iso(start) if waits else "",
        }
    return {
        **_chosen_values(choice, start, zone),
        # A seat may have got free since.
        "is_waiting": bool(form.get("is_waiting")) and is_short,
    }


def wrong_values(refusal):
    """What stands above a form ("error"), and what at its fields ("wrong", by their names)."""
    if not isinstance(refusal, WrongFields):
        return {"error": str(refusal or ""), "wrong": {}, "first_wrong": None}
    wrong = {_FIELDS.get(name, name): words for name, words in refusal.fields.items()}
    return {"error": "", "wrong": wrong, "first_wrong": next(iter(wrong))}


def status(refusal):
    """The HTTP status of a page that says why a time was not taken, or of one that need not."""
    if isinstance(refusal, TimeTaken):
        return 409
    if isinstance(refusal, TooOften):
        return refusal.http_status
    return 422 if refusal else 200


def _taken_values(taken, words, zone):
    env = request.env
    if not taken.nearest:
        words = words or env._("Sorry, this time was just taken, and no other is near it.")
        return {"error": words}
    words = words or env._("Sorry, this time was just taken.")
    return {
        "error": f"{words} {env._('Take one of these instead:')}",
        "nearest": [
            {"start": iso(start), "words": short_words(env, start, zone)} for start in taken.nearest
        ],
        "nearest_zone": zone_words(zone, taken.nearest[0]),
    }


def _short_words(choice, seats_left):
    if not seats_left:
        return request.env._("Sorry, this time is full.")
    if choice.booking_type.show_seats:
        return request.env._("Sorry, fewer seats are left at this time: %s.", seats_left)
    return request.env._("Sorry, fewer seats are left at this time.")


def _seats_left(choice, start):
    """Seats of a class at a start, None where that is unknown or no class."""
    if choice.booking_type.kind != "class":
        return None
    slots = choice.find_slots(iso(start), iso(start + timedelta(minutes=1)))
    return next((slot["seats_left"] for slot in slots if slot["start"] == iso(start)), None)


def _chosen_values(choice, start, zone):
    if not start:
        return {}
    stop = None if choice.minutes is None else start + timedelta(minutes=choice.minutes)
    plan = plan_values(choice.plan(start), zone)
    chosen = when_values(start, stop, zone, choice.booking_type.tz)
    # How long it takes may depend on who does it.
    times = {"times": plan["times"]} if plan else {}
    return {"start": iso(start), "chosen": {**chosen, **times}, "plan": plan}
