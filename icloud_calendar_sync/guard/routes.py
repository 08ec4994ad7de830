"""How a public route says what it is."""

from dataclasses import dataclass

from odoo import http

# Nothing that strangers send is longer; the longest field, a note, has 2,000 characters.
MOST_BYTES = 128 * 1024
# What is longer is read and thrown away, up to here: who is cut off while sending reads no answer.
MOST_READ = 4 * 1024 * 1024


@dataclass(frozen=True)
class Guard:
    """What the gate does for a route.

    :param act: which limits count it, as `page` in `page.visitor`
    :param is_private: the address is a customer's link: nobody keeps it, nobody frames the page
    :param answers: `page`, `json` or `picture`
    """

    act: str
    is_private: bool = False
    answers: str = "page"


def public_route(path, act, *, is_private=False, answers="page", **routing):
    """`http.route` for strangers: all of them pass the gate."""
    guard = Guard(act, is_private, answers)
    defaults = {"sitemap": False, "max_content_length": MOST_READ}
    return http.route(
        path, type="http", auth="public", website=True, guard=guard, **{**defaults, **routing}
    )
