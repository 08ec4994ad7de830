"""One run of the push, as the tests want it, and an iCloud that moves on in the middle of it."""

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


DEATHS = ("hangs", "is cut", "says it is not there")


def home_dies(cloud, how, after):
    """The account's host lets so many requests through; then the account lives elsewhere."""
    status = 404 if how == "says it is not there" else 0
    cloud.set_fault("partition_moved", host="partition", status=status, after=after)
    if how == "hangs":
        cloud.set_fault("slow", host="partition", seconds=1.2, after=after)
    # What the front door says of her: a fault beside the other of that name.
    cloud.set_fault("partition_moved", account="mara@icloud.com", host="front")
