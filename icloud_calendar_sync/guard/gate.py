"""Counts who comes, and turns away who comes too often."""

from typing import Any, NamedTuple

from odoo.http import request

from ..exceptions import Closed, NotCounted, TooOften
from .clients import mailbox_of, network_of
from .limits import SCOPES

# Where a token leads to; a customer's link leads to one of them.
_BEHIND_LINKS = ("icloud.booking", "icloud.booking.waiting")
FAILED_SECONDS = 30


class Visitor(NamedTuple):
    """Who asks: a network, and one browser in it, "" while it has no session."""

    network: str
    browser: str


def visitor() -> Visitor:
    """Behind a proxy Odoo has put the client's own address there (`proxy_mode`)."""
    network = network_of(request.httprequest.remote_addr)
    cookie = request.httprequest.cookies.get("session_id")
    return Visitor(network, f"{network} {request.session.sid}" if cookie else "")


def pass_through(guard, args) -> Any:
    """Count this request.

    :return: the booking type it is about, or an empty recordset
    :raise TooOften: not now
    """
    booking_type = _type_of(guard, args)
    if not getattr(request, "booking_counted", False):
        _count(_wishes(guard, booking_type))
        request.booking_counted = True  # What Odoo repeats after a conflict is still one.
    return booking_type


def count_mail(email, *, forced=False, times=1):
    """Count what makes us write to this address, whether or not anything comes of it.

    :param email: as Odoo has normalized it
    :param forced: also beyond the limit
    :raise TooOften: not to this address now; says nothing about what it has booked
    """
    counted = request.__dict__.setdefault("booking_mails", set())
    if email in counted:
        return
    counted.add(email)
    for _time in range(times):
        _count([("mail", mailbox_of(email))], _no_more_mails, forced=forced)


def _count(wishes, refusal=None, **options):
    # sudo: strangers may neither read nor write what is counted; they only come.
    limits = request.env["icloud.limit"].sudo()
    try:
        seconds = limits._spend(wishes, **options)
    except NotCounted:
        raise Closed(_closed(), FAILED_SECONDS) from None
    if seconds:
        raise TooOften((refusal or _slower)(), seconds)


def _type_of(guard, args):
    # sudo: strangers have no rights on types; of this one they get a page, or learn nothing.
    types = request.env["icloud.booking.type"].sudo()
    if guard.is_private:
        return _behind_link(args.get("token", "")) or types
    slug = args.get("slug", "")
    if not slug.isascii() or "\0" in slug:
        return types
    return types.search([("slug", "=", slug), ("is_published", "=", True)], limit=1)


def _behind_link(token):
    """The type of what a link leads to. Who tries too many that lead nowhere is turned away."""
    wishes = [("guess.network", visitor().network)]
    limits = request.env["icloud.limit"].sudo()  # As in `_count`.
    try:
        seconds = limits._wait_for(wishes)
    except NotCounted:
        raise Closed(_closed(), FAILED_SECONDS) from None
    if seconds:
        raise TooOften(_slower(), seconds)
    if token.isascii() and "\0" not in token:
        for model in _BEHIND_LINKS:
            # sudo: whoever holds the unguessable token is the customer.
            if found := request.env[model].sudo().search([("token", "=", token)], limit=1):
                return found.type_id
    if not getattr(request, "booking_counted", False):
        _count(wishes)
    return None


def _wishes(guard, booking_type):
    """[(name of a limit, who)]; the narrowest first, so that who is refused takes from nobody."""
    who = visitor()
    is_class = guard.act == "book" and booking_type.kind == "class"
    # Nobody has a session before the first page.
    browser = who.browser or ("" if guard.act in ("page", "picture") else f"{who.network} -")
    wishes = {
        "visitor": (f"{guard.act}.visitor", browser),
        "network": ("class.network" if is_class else f"{guard.act}.network", who.network),
        "type": (f"{guard.act}.type", str(booking_type.id or "")),
    }
    if guard.act == "picture":
        del wishes["type"]
    return [wishes[scope] for scope in SCOPES if scope in wishes and wishes[scope][1]]


def _slower():
    return request.env._("Very many requests came from your network just now.")


def _closed():
    return request.env._("We cannot answer at the moment.")


def _no_more_mails():
    return request.env._(
        "Too much was asked for this e-mail address today. Please try again tomorrow, or use "
        "another address."
    )
