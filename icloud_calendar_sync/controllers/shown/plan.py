"""What a menu's services come to at one time, before they are booked: in words."""

from datetime import timedelta

from odoo.http import request
from odoo.tools.misc import format_amount

from ...models.planning.agreed import seen
from .moments import duration_words, time_words


def plan_values(lines, zone):
    """{"lines": [{"time", "name", "host", "price"}], "times", "total", "seen"}; None for no line.

    :param lines: [Line] of `icloud.booking.type._plan`
    """
    if not lines:
        return None
    env, currency = request.env, lines[0].service.currency_id

    def amount(price):
        return format_amount(env, price, currency) if price else ""

    stop = lines[-1].start + timedelta(minutes=lines[-1].minutes)
    total = amount(sum(line.price for line in lines))
    minutes = duration_words(env, sum(line.minutes for line in lines))
    return {
        "lines": [
            {
                "time": time_words(env, line.start, zone),
                "name": line.service.name,
                "host": line.user.name,
                "price": amount(line.price),
            }
            for line in lines
        ],
        "times": f"{time_words(env, lines[0].start, zone)} – {time_words(env, stop, zone)}",
        "total": " · ".join(filter(None, (minutes, total))),
        "seen": seen(lines),
    }
