"""How often strangers may do something: generous to people, tight to programs.

A limit is a bucket: so many at once, then one after the other as fast as it fills up again
(the generic cell rate algorithm of ITU-T I.371). It is kept for a visitor (one browser at one
address), for a network (an address; a school has one for all its pupils), and for a booking type.
"""

import logging
import re
from collections.abc import Mapping
from typing import NamedTuple

_logger = logging.getLogger(__name__)

PARAMETER = "icloud_calendar_sync.limits"
SCOPES = ("visitor", "network", "type")
# Words of the parameter: `book.visitor=20/600`, `mail=off`, `all=off`.
_WORD = re.compile(r"([a-z._]{1,40})=(?:(\d{1,9})/(\d{1,9})|(off))")
_ALL = "all"


class Limit(NamedTuple):
    """`count` at once; after `seconds` without any, as many again."""

    count: int
    seconds: int

    @property
    def cost(self) -> float:
        """Seconds until one is given back."""
        return self.seconds / self.count


DEFAULTS: Mapping[str, Limit] = {
    "page.visitor": Limit(120, 60),
    "page.network": Limit(1500, 60),
    "page.type": Limit(6000, 60),
    "times.visitor": Limit(90, 60),
    "times.network": Limit(1500, 60),
    "times.type": Limit(6000, 60),
    "picture.visitor": Limit(400, 60),
    "picture.network": Limit(4000, 60),
    "book.visitor": Limit(20, 600),
    "book.network": Limit(40, 600),
    # A whole school comes from one address at the minute a class opens.
    "class.network": Limit(600, 600),
    "book.type": Limit(3000, 600),
    "wait.visitor": Limit(10, 600),
    "wait.network": Limit(40, 120),
    "wait.type": Limit(600, 600),
    "move.visitor": Limit(15, 600),
    "move.network": Limit(60, 600),
    "move.type": Limit(3000, 600),
    "change.visitor": Limit(30, 600),
    "change.network": Limit(200, 600),
    "change.type": Limit(3000, 600),
    # Programs that watch, and who tries tokens.
    "health.visitor": Limit(60, 60),
    "health.network": Limit(120, 60),
    # Links that lead nowhere.
    "guess.network": Limit(30, 600),
    # What makes us write to one e-mail address.
    "mail": Limit(20, 24 * 60 * 60),
}


def limits_from(text: str | None) -> Mapping[str, Limit | None]:
    """The limits as an operator has changed them; None is no limit.

    What cannot be read leaves the limit as it was, and is logged.
    """
    limits: dict[str, Limit | None] = dict(DEFAULTS)
    for word in (text or "").replace(",", " ").split():
        found = _WORD.fullmatch(word)
        names = list(DEFAULTS) if found and found[1] == _ALL else [found[1]] if found else []
        count, seconds = (int(found[2]), int(found[3])) if found and found[2] else (1, 1)
        if not found or not set(names) <= set(DEFAULTS) or not count or not seconds:
            _logger.warning("%s: “%s” is no limit; see docs/operating.md", PARAMETER, word[:80])
            continue
        limits.update(dict.fromkeys(names, None if found[4] else Limit(count, seconds)))
    return limits
