"""What changed, for who knows every ETag beforehand."""

from collections.abc import Mapping

from icloud_calendar_sync.icloud.changes import Changes, Held, changes_by_asking
from icloud_calendar_sync.icloud.client import Client


def changes_since(
    client: Client,
    calendar_href: str,
    token: str | None,
    known: Mapping[str, str],
    written: frozenset[str] = frozenset(),
) -> Changes:
    """Answer whatever is asked of `known`, href → ETag of every resource the caller has.

    :param written: which of them the caller wrote itself
    """
    asking = changes_by_asking(client, calendar_href, token)
    next(asking)
    while True:
        try:
            asking.send(Held(known, len(known), written))
        except StopIteration as done:
            return done.value
