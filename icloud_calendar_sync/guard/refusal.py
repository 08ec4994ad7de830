"""What strangers read when a request is turned away: a sentence, never a traceback."""

import math
from http import HTTPStatus

from odoo.exceptions import UserError
from odoo.http import Response, request
from odoo.tools.misc import get_lang
from werkzeug.exceptions import HTTPException

from ..exceptions import TooOften
from . import person
from .fields import FIELDS, LONGEST

# Scripts wait so long and then ask again by themselves.
LONGEST_WAIT = 120  # seconds


def answer(guard, exception):
    """The response to a request that an exception ended."""
    status = _status(exception)
    heading, words = _words(exception, status)
    seconds = exception.seconds if isinstance(exception, TooOften) else 0
    if guard.answers == "json":
        response = request.make_json_response({"error": f"{heading}. {words}"}, status=status)
    elif guard.answers == "picture":
        response = Response(f"{heading}. {words}", status=status, content_type="text/plain")
    else:
        response = _page(exception, status, heading, words, seconds)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def not_allowed(refused):
    """For a method that no route has, before anything is known about the page."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "frame-ancestors 'none'",
        "X-Frame-Options": "DENY",
        "Allow": ", ".join(sorted(refused.valid_methods or ())),
    }
    words = "<!doctype html><title>Not like this</title><p>This page cannot be asked like this."
    return Response(words, status=HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)


def layout_values():
    """What the layout of every page needs; without `website` it does not know the language."""
    lang = get_lang(request.env)
    captcha = person.ACTION if person.is_asked() else None
    return {
        "html_data": {"lang": lang.code.replace("_", "-"), "dir": lang.direction},
        # On each form that does something; the scripts of the captcha look for it.
        "captcha": captcha,
        # Without one a form works before the scripts are there.
        "quick": "" if captcha else "o_no_wait_lazy_js",
    }


def _status(exception):
    if isinstance(exception, HTTPException):
        return exception.code
    if isinstance(exception, UserError):
        return exception.http_status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _words(exception, status):
    """(heading, sentences)"""
    env = request.env
    if isinstance(exception, TooOften):
        return env._("One moment, please"), f"{exception} {_when(exception.seconds)}"
    if isinstance(exception, UserError):
        return env._("Not like this"), str(exception)
    if is_stale(exception):
        return env._("Please press the button once more"), env._(
            "This page was open for a long time, or your browser did not keep its cookie. Nothing "
            "has happened yet."
        )
    return {
        HTTPStatus.BAD_REQUEST: (
            env._("We could not read this"),
            env._("Please send words only: no files, and nothing but what the form asks."),
        ),
        HTTPStatus.NOT_FOUND: (env._("Not found"), env._("There is nothing at this address.")),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            env._("This is too much text"),
            env._("Please go back and write less."),
        ),
    }.get(
        status,
        (
            env._("Something went wrong on our side"),
            env._("We are sorry. Please try again in a few minutes."),
        ),
    )


def is_stale(exception):
    """Whether Odoo refused a form for its token: nothing else says 400 once a form was read."""
    return (
        isinstance(exception, HTTPException)
        and exception.code == HTTPStatus.BAD_REQUEST
        and getattr(request, "booking_is_read", False)
    )


def _when(seconds):
    env = request.env
    if seconds <= LONGEST_WAIT:
        return env._("Please try again in %s seconds.", seconds)
    minutes = math.ceil(seconds / 60)
    if minutes <= LONGEST_WAIT:
        return env._("Please try again in %s minutes.", minutes)
    return env._("Please try again in %s hours.", math.ceil(minutes / 60))


def _page(exception, status, heading, words, seconds):
    is_form = request.httprequest.method == "POST"
    can_send = is_stale(exception) or isinstance(exception, TooOften)
    response = request.render(
        "icloud_calendar_sync.page_refused",
        {
            **layout_values(),
            "title": f"{heading} | {request.env.company.name}",
            "status": status,
            "refused_heading": heading,
            "words": words,
            # What was typed is not lost.
            "fields": list(_sent().items()) if is_form and can_send else [],
            "is_form": is_form,
            "can_send": can_send,
            "seconds": seconds if seconds <= LONGEST_WAIT else 0,
        },
        status=int(status),
    )
    response.flatten()
    return response


def _sent():
    form = request.httprequest.form
    return {name: form[name] for name in sorted(FIELDS & form.keys()) if len(form[name]) <= LONGEST}
