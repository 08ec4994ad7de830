"""Counts who comes, and turns away who comes too often."""

from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from odoo.http import request

from ..exceptions import Closed, NotCounted, OwnersAlone, TooOften
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


@contextmanager
def mails_to(email, times=1):
    """Do what makes us write to this address, as often as that is well for its owner.

    What is refused costs nothing; but for a reason that only its owner may know it costs the same
    as if it were done, so that strangers learn nothing here either.

    :param email: as Odoo has normalized it
    :raise TooOften: not to this address now; says nothing about what it has booked
    """
    wishes = [("mail", mailbox_of(email))] * times
    _count(wishes, _no_more_mails)
    try:
        yield
    except OwnersAlone:
        raise
    except Exception:
        with suppress(NotCounted):
            _limits()._give_back(wishes)
        raise


def count_mail(email):
    """Count a mail that nobody may keep us from writing: those that follow have to wait."""
    _count([("mail", mailbox_of(email))], forced=True)


def _count(wishes, refusal=None, **options):
    try:
        seconds = _limits()._spend(wishes, **options)
    except NotCounted:
        raise Closed(_closed(), FAILED_SECONDS) from None
    if seconds:
        raise TooOften((refusal or _slower)(), seconds)


def _limits():
    # sudo: strangers may neither read nor write what is counted; they only come.
    return request.env["icloud.limit"].sudo()


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
    try:
        seconds = _limits()._wait_for(wishes)
    except NotCounted:
        raise Closed(_closed(), FAILED_SECONDS) from None
    if seconds:
        raise TooOften(_slower(), seconds)
    if token.isascii() and "\0" not in token:
        for model in _BEHIND_LINKS:
            # sudo: whoever holds the unguessable token is the customer.
            if found := request.env[model].sudo().search([("token", "=", token)], limit=1):
                return found.type_id
        # sudo: as above; a host's link is signed.
        if found := request.env["icloud.booking"].sudo()._behind_decision(token)[0]:
            return found.sudo().type_id
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
