"""One run of the push, as the tests want it."""

from icloud_calendar_sync.sync.orders import Feed
from icloud_calendar_sync.sync.push import Run


def run_of(client, orders, now, home_url=None):
    """A run that has these orders, on that home, on the one the client found, or on its host."""
    if not home_url:
        home_url = client.found.home_url if hasattr(client, "found") else f"{client.base_url}/"
    return Run(client, home_url, Feed(orders), lambda: now)


def carry_out(client, orders, now):
    """What became of each order that was tried."""
    batches = run_of(client, orders, now).batches()
    return [result for results, _untried in batches for result in results]
