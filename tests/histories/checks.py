"""Both sides compared, after the quiet: each rule that is broken is one sentence."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import icalendar

from tests.histories.office import OFFERS, STEP, Account, Booked, grid, naive
from tests.histories.phone import uid_of, unfolded

if TYPE_CHECKING:
    from tests.histories.history import History

_LIVE = ("connected",)


def compare(history: "History") -> list[str]:
    """All that is wrong; nothing is changed."""
    accounts = history.office.accounts()
    return [
        *_states(history, accounts),
        *_phones(history, accounts),
        *_odoo(history),
        *_offers(history, accounts),
    ]


def _states(history: "History", accounts: dict[int, Account]) -> Iterable[str]:
    for host, account in accounts.items():
        if account.state not in ("connected", "disconnected"):
            yield f"host {host} is {account.state}"
        if account.state == "connected" and (account.failures or account.last_error):
            yield f"host {host} is told: {account.last_error}"
    connected = {host for host, account in accounts.items() if account.state in _LIVE}
    for copy in history.office.copies():
        host = history.office.users.index(copy.user)
        if host in connected and copy.revision != copy.pushed_revision:
            yield f"the copy {copy.uid[:8]} of host {host} still waits"


# -- the phones ------------------------------------------------------------------------------------


def _phones(history: "History", accounts: dict[int, Account]) -> Iterable[str]:
    found: dict[str, list[tuple[str, str]]] = {}
    for account in sorted(set(history.accounts)):
        everything = history.phones.everything(account)
        for own in history.phones.own.values():
            if own.account == account and everything.pop(own.href, None) != own.text():
                yield f"{own.title} on the phone is not as its host left it"
        for href, text in everything.items():
            found.setdefault(uid_of(text), []).append((href, text))
    wanted = _wanted(history, accounts)
    yield from _unwanted(history, accounts, wanted, found)
    for uid, booking in wanted.items():
        host = history.uids[uid][1]
        if not (places := found.get(uid)):
            yield f"booking {booking.id} is missing on the phone of host {host}"
            continue
        yield from _place(history, host, uid, places[0][0])
        yield from _content(history, booking, uid, places[0][1])
    yield from _copies_missing(history, accounts, wanted)


def _unwanted(
    history: "History", accounts: dict[int, Account], wanted: Collection[str], found: dict
) -> Iterable[str]:
    for uid, places in sorted(found.items()):
        session, host = history.uids.get(uid, (None, None))
        is_kept = host in accounts and accounts[host].state not in _LIVE
        if host is None:
            yield f"nobody entered {places[0][0]}"
        elif len(places) > 1:
            yield f"the copy {uid[:8]} stands in {len(places)} places"
        elif uid not in wanted and not is_kept:
            yield f"the copy {uid[:8]} of session {session} for host {host} is not wanted any more"


def _wanted(history: "History", accounts: dict[int, Account]) -> dict[str, Booked]:
    """UID → booking, of the copies that Odoo wants in the accounts that are connected."""
    by_session = {each.session: each for each in history.booked.values() if each.is_live}
    return {
        copy.uid: by_session[copy.session]
        for copy in history.office.copies()
        if copy.wanted == "present" and copy.session in by_session
        if accounts[history.office.users.index(copy.user)].state in _LIVE
    }


def _copies_missing(history: "History", accounts: dict, wanted: dict[str, Booked]) -> Iterable[str]:
    pairs = [(booking.id, history.uids[uid][1]) for uid, booking in wanted.items()]
    for booking in history.booked.values():
        for host in history.hosts_of(booking) if booking.is_live else ():
            is_live = host in accounts and accounts[host].state in _LIVE
            if is_live and pairs.count((booking.id, host)) != 1:
                number = pairs.count((booking.id, host))
                yield f"Odoo wants {number} copies of booking {booking.id} for host {host}"


def _place(history: "History", host: int, uid: str, href: str) -> Iterable[str]:
    [row] = [copy for copy in history.office.copies() if copy.uid == uid]
    if row.href != href:
        yield f"the copy {uid[:8]} stands at {href}, and Odoo believes {row.href}"
    folder = href.rpartition("/")[0] + "/"
    primary = [each.href for each in history.office.calendars(host).values() if each.is_primary]
    if [folder] != primary and uid not in history.phones.dragged:
        yield f"the copy {uid[:8]} stands in {folder}, where nobody dragged it"


def _content(history: "History", booking: Booked, uid: str, text: str) -> Iterable[str]:
    calendar = icalendar.Calendar.from_ical(text)
    event, whose = calendar.events[0], f"the copy {uid[:8]} of booking {booking.id}"
    times = naive(event["DTSTART"].dt), naive(event["DTEND"].dt)
    if times != (booking.start, booking.stop):
        yield f"{whose} is from {times[0]} to {times[1]}, not {booking.start} to {booking.stop}"
    if str(event.get("SUMMARY", "")) != booking.name:
        yield f"{whose} is named {event.get('SUMMARY')}, not {booking.name}"
    if str(event.get("LOCATION", "")) != (booking.location or ""):
        yield f"{whose} is in {event.get('LOCATION')}, not in {booking.location}"
    status = "TENTATIVE" if booking.state == "pending" else "CONFIRMED"
    if str(event.get("STATUS", "")) != status:
        yield f"{whose} is {event.get('STATUS')}, not {status}"
    if str(event.get("TRANSP", "OPAQUE")) != "OPAQUE":
        yield f"{whose} is marked free"
    if "RRULE" in event or len(calendar.events) > 1:
        yield f"{whose} repeats"
    if "Customer" not in str(event.get("DESCRIPTION", "")):
        yield f"{whose} does not say who comes"
    lost = {word for word in history.phones.added.get(uid, ()) if word not in unfolded(text)}
    if lost:
        yield f"{whose} has lost what was added on the phone: {', '.join(lost)}"


# -- Odoo ------------------------------------------------------------------------------------------


def _odoo(history: "History") -> Iterable[str]:
    imported, readers = history.office.imported(), history.readers()
    expected = {
        (host, own.href): own.spans()
        for own in history.phones.own.values()
        for host in readers.get(own.calendar, ())
    }
    for key in sorted(expected.keys() | imported.keys()):
        if expected.get(key) != imported.get(key):
            host, href = key
            own = history.phones.own.get(href)
            title = own.title if own else "something that is not the host's own"
            yield (
                f"{title} of host {host} ({href}): Odoo has {imported.get(key)}, the phone "
                f"{expected.get(key)}"
            )


def _offers(history: "History", accounts: dict[int, Account]) -> Iterable[str]:
    """No busy time is offered, and no free time is withheld."""
    readers = history.readers()
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    for own in history.phones.own.values():
        for host in readers.get(own.calendar, ()):
            busy.setdefault(host, []).extend(own.busy())
    for booking in history.booked.values():
        for host in history.hosts_of(booking) if booking.is_live else ():
            busy.setdefault(host, []).append((booking.start, booking.stop))
    for offer, hosts in enumerate(OFFERS):
        taken = [span for host in hosts for span in busy.get(host, ())]
        free = {
            start
            for start in grid()
            if not any(a < naive(start + STEP) and naive(start) < b for a, b in taken)
        }
        offered = history.office.starts(offer)
        words = f"host {' and '.join(map(str, hosts))}"
        if wrong := sorted(offered - free):
            yield f"busy times of {words} are offered: {', '.join(map(_hour, wrong))}"
        if wrong := sorted(free - offered):
            yield f"free times of {words} are not offered: {', '.join(map(_hour, wrong[:5]))}"


def _hour(moment: datetime) -> str:
    return f"{moment:%a %H:%M} UTC"
