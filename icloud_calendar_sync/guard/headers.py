"""What a browser, a proxy and other sites may do with an answer."""

import re

# What may stand in `frame-ancestors` (CSP 3, section 4.1), and nothing that ends a header.
_SITE = re.compile(
    r"https://(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]+(?::\d{1,5})?"
)
MOST_SITES = 20
LONGEST_SITE = 255


def is_site(text):
    """Whether this is an origin that a page may name."""
    return len(text) <= LONGEST_SITE and bool(_SITE.fullmatch(text))


def headers_of(guard, sites=()):
    """{name: value} for every answer of a route, errors and redirects among them.

    :param sites: origins that may show this page inside their own
    """
    headers = {"Cache-Control": "no-store" if guard.is_private else "private, no-cache"}
    if guard.is_private:
        # Nobody else keeps the address or hears of it.
        headers |= {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
    if guard.answers == "json":
        headers |= {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    if guard.answers == "picture":
        return {}  # It says itself how long it may be kept, and there is nothing to click.
    return {**headers, **_framing(guard, sites)}


def _framing(guard, sites):
    if guard.is_private:
        return {"Content-Security-Policy": "frame-ancestors 'none'", "X-Frame-Options": "DENY"}
    # Odoo's own website editor shows pages inside its own.
    policy = " ".join(["frame-ancestors 'self'", *filter(is_site, sites[:MOST_SITES])])
    headers = {"Content-Security-Policy": policy}
    # Old browsers' header cannot name other sites.
    return headers if sites else {**headers, "X-Frame-Options": "SAMEORIGIN"}
