from functools import cache
from zoneinfo import available_timezones


@cache
def all_zones() -> frozenset[str]:
    """IANA names; `available_timezones` walks through a folder at each call."""
    return frozenset(available_timezones())
