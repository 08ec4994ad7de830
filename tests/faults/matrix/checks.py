"""What must be true: each check gives a list of what is wrong, in a few words each."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar

from tests.faults.matrix.cell import ZONE, Cell
from tests.faults.matrix.trouble import Trouble

# After that an unread calendar hides its host (the booking type's maximum age), and a bit.
MAX_AGE = timedelta(minutes=75)


def wrong_in_icloud(cell: Cell) -> list[str]:
    """Every wanted copy exactly once, right where it belongs; all else as its owner made it."""
    found, wrong = _found(cell)
    with cell.world.env() as env:
        wanted = _wanted(env, cell)
    for uid, place in found.items():
        if uid not in wanted:
            wrong.append(f"an unwanted copy in {place[0]}")
        elif wanted[uid] != place:
            wrong.append(f"a copy stands wrong: {_difference(wanted[uid], place)}")
    wrong += ["a copy is missing"] * len(wanted.keys() - found.keys())
    return wrong


def _found(cell: Cell) -> tuple[dict[str, tuple], list[str]]:
    """UID → (calendar, times, fingerprint) of what is not the phone owner's; what is wrong."""
    from odoo.addons.icloud_calendar_sync.ical.write import remote_fingerprint

    found, wrong = {}, []
    stands = cell.all_in_icloud()
    for href, data in stands.items():
        if href in cell.own:
            if data != cell.own[href].data:
                wrong.append(f"{cell.own[href].title} was changed in iCloud")
            continue
        event = icalendar.Calendar.from_ical(data).events[0]
        uid = str(event["UID"])
        if uid in found:
            wrong.append("a copy stands twice")
        times = (event.start.astimezone(UTC), event.end.astimezone(UTC))
        found[uid] = (href.rpartition("/")[0] + "/", *times, remote_fingerprint(data, uid))
    wrong += [
        f"{own.title} is gone from iCloud" for href, own in cell.own.items() if href not in stands
    ]
    return found, wrong


def _wanted(env: Any, cell: Cell) -> dict[str, tuple]:
    """The same for what Odoo wants there."""
    from odoo.addons.icloud_calendar_sync.ical.write import fingerprint

    account = cell.account(env)
    if not account or not cell.copies_stay:
        return {}
    folder = cell.path(cell.primary) if cell.primary else account.primary_calendar_id.href
    wanted = {}
    for name, event_id in cell.sessions.items():
        session = env["calendar.event"].browse(event_id)
        booking = env["icloud.booking"].browse(cell.bookings[name])
        if booking.state == "cancelled" or not session.exists():
            continue
        copies = env["icloud.event"].search(
            [("event_id", "=", event_id), ("origin", "=", "odoo"), ("wanted", "=", "present")]
        )
        times = (session.start.replace(tzinfo=UTC), session.stop.replace(tzinfo=UTC))
        told = fingerprint(session._as_remote(copies)) if len(copies) == 1 else None
        wanted[copies.uid if len(copies) == 1 else name] = (folder, *times, told)
    return wanted


def _difference(wanted: tuple, found: tuple) -> str:
    names = ("calendar", "start", "stop", "content")
    return ", ".join(
        name for name, one, other in zip(names, wanted, found, strict=True) if one != other
    )


def wrong_in_odoo(cell: Cell) -> list[str]:
    """Each event of the phone once, with its times, and nothing else."""
    with cell.world.env() as env:
        imported = _imported(env, cell)
        expected = Counter(
            (own.title, *_naive(times))
            for href, own in cell.own.items()
            if cell.state == "connected" and _is_read(env, cell, href)
            for times in own.times
        )
    missing, more = expected - imported, imported - expected
    return [
        *(f"Odoo misses {title} {start:%d. %H:%M}" for title, start, _stop in missing),
        *(f"Odoo has {title} {start:%d. %H:%M} and should not" for title, start, _stop in more),
    ]


def _imported(env: Any, cell: Cell) -> Counter:
    events = env["calendar.event"].search([("icloud_origin_id.user_id", "=", cell.uid)])
    return Counter((event.icloud_title, event.start, event.stop) for event in events)


def _is_read(env: Any, cell: Cell, href: str) -> bool:
    folder = href.rpartition("/")[0] + "/"
    calendars = cell.account(env).calendar_ids
    return any(each.href == folder and each._is_read() for each in calendars)


def _naive(times: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(each.astimezone(UTC).replace(tzinfo=None) for each in times)


def wrong_in_state(cell: Cell) -> list[str]:
    """All is well again, and everybody says so."""
    with cell.world.env() as env:
        account = cell.account(env)
        wrong = []
        if account.state != cell.state:
            wrong.append(f"the account is {account.state}")
        if account.last_error:
            wrong.append(f"still told: {account.last_error}")
        copies = env["icloud.event"].search(
            [("user_id", "=", cell.uid), ("origin", "=", "odoo"), ("last_error", "!=", False)]
        )
        if cell.state == "connected" and copies:
            wrong.append(f"still told of a copy: {copies[0].last_error}")
        renamed = cell.cloud.calendars(cell.email)
        wrong += [
            f"the calendar is still called {calendar.name}"
            for calendar in account.calendar_ids
            if cell.state == "connected"
            and calendar.href in renamed.values()
            and calendar.name not in renamed
        ]
    return wrong


def offered_although_busy(cell: Cell, trouble: Trouble, since: datetime) -> list[str]:
    """Times of events that stand in iCloud, and of bookings, that the page offers all the same.

    :param since: when the operation was done; what is new since then Odoo may not know yet
    """
    with cell.world.env() as env:
        account = cell.account(env)
        if not account or account.state == "disconnected" or cell.state == "disconnected":
            return []
        sessions = env["calendar.event"].browse(cell.sessions.values()).exists()
        busy = {
            session.start.replace(tzinfo=UTC).astimezone(ZONE): "a booking"
            for session in sessions
            if session.active and session._is_live()
        }
        late = datetime.now(UTC) - since > MAX_AGE and not trouble.hides
        for href, own in cell.own.items():
            calendar = account.calendar_ids.filtered(
                lambda each, href=href: each._is_read() and href.startswith(each.href)
            )
            read = calendar.last_import and calendar.last_import.replace(tzinfo=UTC) > since
            if calendar and (href in cell.known or late or (read and not trouble.hides)):
                busy |= dict.fromkeys((start for start, _stop in own.times), own.title)
    offered = cell.offered()
    return [f"{busy[start]} is offered" for start in sorted(busy.keys() & offered)]


def lost(cell: Cell) -> list[str]:
    """What nobody deleted and is gone: events of the phone in Odoo, sessions, events in iCloud."""
    with cell.world.env() as env:
        sessions = env["calendar.event"].browse(cell.sessions.values())
        wrong = ["a session is gone"] * len(sessions - sessions.exists())
        if cell.state == "connected":
            imported = {title for title, _start, _stop in _imported(env, cell)}
            wrong += [
                f"{own.title} is gone from Odoo"
                for href, own in cell.own.items()
                if href in cell.known and own.title not in imported and _is_read(env, cell, href)
            ]
    stands = cell.all_in_icloud()
    return wrong + [
        f"{own.title} is gone from iCloud" for href, own in cell.own.items() if href not in stands
    ]


def remember_known(cell: Cell) -> None:
    """What of the phone's owner Odoo has read by now."""
    with cell.world.env() as env:
        rows = env["icloud.event"].search([("user_id", "=", cell.uid), ("origin", "=", "icloud")])
        cell.known = {row.href for row in rows} & cell.own.keys()


def log(cell: Cell) -> list[tuple[str, str]]:
    """(level, message) of what the owner was told, oldest first."""
    with cell.world.env() as env:
        lines = env["icloud.log"].search([("account_id", "in", cell.account(env).ids)], order="id")
        return [(line.level, line.message) for line in lines]


def untrue(cell: Cell, trouble: Trouble, once: bool) -> list[str]:
    """What the owner was told and is not so."""
    wrong = []
    with cell.world.env() as env:
        if cell.account(env).state == "password_needed" and not trouble.refuses:
            wrong.append("a new password is asked for")
    if once and (alarms := [message for level, message in log(cell) if level == "error"]):
        wrong.append(f"alarmed at once: {alarms[0][:70]}")
    return wrong
