"""Pages behind a customer's link: whoever has the address may change what is on them."""

from odoo.http import request

PAGE = {"type": "http", "auth": "public", "website": True, "sitemap": False}
# Nobody else keeps the address or hears of it.
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def private_page(template, values, http_status=200):
    """The page, with headers that keep its address private."""
    return request.render(
        f"icloud_calendar_sync.{template}", values, status=http_status, headers=PRIVATE
    )
