"""What each request of Odoo's must be, whatever else is true."""

import re
from collections.abc import Collection, Iterable

from tests.histories.cloud import Seen, WatchedCloud
from tests.histories.phone import uid_of, unfolded

WRITES = ("PUT", "DELETE", "MOVE", "MKCALENDAR", "PROPPATCH")
MOST_AT_ONCE = 2
_ASKED_LATER = (429, 503)
# A server that says so of a condition that holds is asked without one at last.
REFUSES_CONDITIONS = {"conflict", "refused", "weak_etag", "drifting_etag", "no_etag"}
_TZID = re.compile(r"^DT(?:START|END);TZID=([^:]+):", re.MULTILINE)


class Etiquette:
    """How Odoo has to behave towards iCloud; every broken rule is one sentence.

    Accounts are told apart by the address they log in with.
    """

    def __init__(self, cloud: WatchedCloud) -> None:
        self._cloud = cloud
        self._quiet_until: dict[str, float] = {}
        self._refused: set[str] = set()

    def connected(self, email: str) -> None:
        """Its owner has typed the password again."""
        self._quiet_until.pop(email, None)
        self._refused.discard(email)

    def has_refused(self, email: str) -> bool:
        """Whether the front door did not take the password."""
        return email in self._refused

    def judge(
        self,
        seen: Iterable[Seen],
        ours: Collection[str],
        deletable: Collection[str],
        additions: Collection[str],
        at_once: bool,
        faults: Collection[str],
    ) -> list[str]:
        """:param ours: UIDs of all copies that Odoo ever chose
        :param deletable: those of them that may go
        :param additions: what hosts added on their phones
        :param at_once: several workers ran: what one learned, another may not know yet
        :param faults: the names of those met so far
        """
        found: list[str] = []
        quiet, refused = dict(self._quiet_until), set(self._refused)
        for each in seen:
            known = (quiet, refused) if at_once else (self._quiet_until, self._refused)
            found += self._polite(each, *known)
            if each.method in WRITES:
                found += _write(each, ours, deletable, additions)
                if not REFUSES_CONDITIONS & {*faults}:
                    found += _condition(each)
            self._learn(each)
        for email, number in self._cloud.most_at_once.items():
            if number > MOST_AT_ONCE * (2 if at_once else 1):
                found.append(f"{number} requests at once for {email}")
        return found

    def _polite(self, each: Seen, quiet: dict[str, float], refused: set[str]) -> list[str]:
        if each.email in refused:
            return [f"asked again with a password that the front door refused: {each}"]
        if each.clock < quiet.get(each.email, 0):
            left = quiet[each.email] - each.clock
            return [f"asked {left:.0f} s before Retry-After was over: {each}"]
        return []

    def _learn(self, each: Seen) -> None:
        if each.status in _ASKED_LATER and each.retry_after.isdecimal():
            until = each.clock + int(each.retry_after)
            self._quiet_until[each.email] = max(until, self._quiet_until.get(each.email, 0))
        if each.status == 401 and each.host == "front":
            self._refused.add(each.email)


def _write(
    each: Seen, ours: Collection[str], deletable: Collection[str], additions: Collection[str]
) -> list[str]:
    if each.method not in ("PUT", "DELETE"):
        return [f"never done by Odoo: {each}"]
    uid = each.path.rpartition("/")[2].removesuffix(".ics")
    if uid not in ours:
        return [f"not a copy of ours: {each}"]
    if each.method == "DELETE":
        return [] if uid in deletable else [f"deletes what nobody deleted: {each}"]
    return [f"{sentence}: {each}" for sentence in _content(each, uid, additions)]


def _condition(each: Seen) -> list[str]:
    """Only what was read is replaced or deleted; what is not there may be deleted all the same."""
    is_done = 200 <= each.status < 300
    names = {"If-Match"} if each.method == "DELETE" else {"If-Match", "If-None-Match"}
    return [f"blind: {each}"] if is_done and not names & each.headers.keys() else []


def _content(each: Seen, uid: str, additions: Collection[str]) -> list[str]:
    text = unfolded(each.body.decode()).replace("\r\n", "\n")
    found = []
    if uid_of(text) != uid:
        found.append("another UID than its address")
    if re.search(r"^(ORGANIZER|ATTENDEE)[;:]", text, re.MULTILINE):
        found.append("Apple would mail people")
    if not re.search(r"^DTEND", text, re.MULTILINE):
        found.append("no DTEND")
    zones = {zone for zone in _TZID.findall(text) if f"BEGIN:VTIMEZONE\nTZID:{zone}" not in text}
    if zones:
        found.append(f"no VTIMEZONE for {', '.join(zones)}")
    return found
