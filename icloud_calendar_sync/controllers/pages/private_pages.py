"""Pages behind a customer's link: whoever has the address may change what is on them."""

from odoo.http import request

from ...exceptions import TooOften
from ...guard.routes import public_route


def private_route(path, act, **routing):
    """A route whose path holds the token."""
    return public_route(path, act, is_private=True, **routing)


def private_page(template, values, http_status=200):
    """The page; the gate adds the headers that keep its address private."""
    return request.render(f"icloud_calendar_sync.{template}", values, status=http_status)


def retry_headers(refusal):
    """When a page that was refused may be asked again."""
    return {"Retry-After": str(refusal.seconds)} if isinstance(refusal, TooOften) else {}
