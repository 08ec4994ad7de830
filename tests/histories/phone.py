"""The hosts' phones: events of their own, and what they do to the copies of bookings."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from tests.histories.cloud import WatchedCloud
from tests.histories.office import local_days, naive
from tests.main_job.phone import vcalendar, vevent

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
ALL_DAY = ("all day", "two days")
SERIES = ("weekly", "weekly but one", "weekly, one moved")
KINDS = ("timed", "timed", "free", "declined", "unanswered", *ALL_DAY, *SERIES)
OTHERS = "ORGANIZER:mailto:somebody@example.org"
# What a host adds to a copy of a booking; the last piece tells one addition from another.
ADDITIONS = {
    "an alarm": "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:{0}\r\nTRIGGER:-PT15M\r\nEND:VALARM",
    "a note": "COMMENT:{0}",
    "a link": "ATTACH:https://example.com/{0}",
    "something new": "X-APPLE-NEW-THING;VALUE=TEXT:{0}",
}
EDITS = ("rename", "move", "free", "repeat", "empty")
_FOLD = re.compile(r"\r?\n[ \t]")


@dataclass(frozen=True)
class Own:
    """An event of the host's own; `version` counts what the phone did to it."""

    account: str
    href: str
    kind: str
    start: datetime
    title: str
    email: str
    uid: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    version: int = 0

    @property
    def calendar(self) -> str:
        return self.href.rpartition("/")[0] + "/"

    @property
    def blocks(self) -> bool:
        return self.kind not in ("free", "declined")

    def spans(self) -> list[tuple]:
        """As `Office.imported` gives them."""
        if self.kind in ALL_DAY:
            first, last = self._days()
            return [(True, first, last, self.blocks)]
        spans = [
            (False, naive(start), naive(start + HOUR), self.blocks) for start in self._starts()
        ]
        return sorted(spans, key=str)

    def busy(self) -> Iterator[tuple[datetime, datetime]]:
        """Naive UTC, from and until."""
        for all_day, start, stop, blocks in self.spans():
            if blocks:
                yield local_days(start, stop) if all_day else (start, stop)

    def text(self) -> str:
        more, start = [], self.start
        if self.kind in ALL_DAY:
            first, last = self._days()
            # Apple marks whole days as free, and two days block all the same.
            mark = ["TRANSP:TRANSPARENT"] if self.kind == "two days" else []
            day_after = last + timedelta(days=1)
            return vcalendar(vevent(self.title, first, day_after, *mark, uid=self.uid))
        if self.kind == "free":
            more = ["TRANSP:TRANSPARENT"]
        elif self.kind in ("declined", "unanswered"):
            answer = "DECLINED" if self.kind == "declined" else "NEEDS-ACTION"
            more = [OTHERS, f"ATTENDEE;PARTSTAT={answer}:mailto:{self.email}"]
        elif self.kind in SERIES:
            more = ["RRULE:FREQ=WEEKLY;COUNT=3"]
        if self.kind == "weekly but one":
            more.append(f"EXDATE:{_utc(start + WEEK)}")
        parts = [vevent(self.title, start, start + HOUR, *more, uid=self.uid)]
        if self.kind == "weekly, one moved":
            moved = start + WEEK + HOUR
            mark = f"RECURRENCE-ID:{_utc(start + WEEK)}"
            parts.append(vevent(self.title, moved, moved + HOUR, mark, uid=self.uid))
        return vcalendar(*parts)

    def _days(self) -> tuple[date, date]:
        first = self.start.date()
        return first, first + timedelta(days=self.kind == "two days")

    def _starts(self) -> list[datetime]:
        if self.kind not in SERIES:
            return [self.start]
        later = {"weekly": [WEEK], "weekly but one": []}.get(self.kind, [WEEK + HOUR])
        return [self.start + pause for pause in (timedelta(), *later, 2 * WEEK)]


class Phones:
    """All phones of a history; `own` holds what their hosts entered, by href."""

    def __init__(self, cloud: WatchedCloud) -> None:
        self._cloud = cloud
        self.own: dict[str, Own] = {}
        self.added: dict[str, set[str]] = {}
        self.dragged: set[str] = set()

    # -- the host's own ------------------------------------------------------------------------

    def add(self, account: str, folder: str, kind: str, start: datetime, title: str) -> Own:
        href = f"{folder}{str(uuid.uuid4()).upper()}.ics"
        return self._save(Own(account, href, kind, start, title, account))

    def change(self, own: Own, **values: object) -> Own:
        return self._save(replace(own, version=own.version + 1, **values))

    def drag(self, own: Own, folder: str) -> Own:
        self.delete(own)
        return self.change(own, href=folder + own.href.rpartition("/")[2])

    def delete(self, own: Own) -> None:
        self._cloud.delete_event(own.href)
        del self.own[own.href]

    def _save(self, own: Own) -> Own:
        self._cloud.put_event(own.account, "", own.text(), href=own.href)
        self.own[own.href] = own
        return own

    # -- copies of bookings --------------------------------------------------------------------

    def others(self, account: str) -> dict[str, str]:
        """href → text of what is not the host's own."""
        found = {}
        for folder in self._cloud.calendars(account).values():
            for href, data in self._cloud.events(account, folder).items():
                if href not in self.own:
                    found[href] = data.decode()
        return dict(sorted(found.items()))

    def everything(self, account: str) -> dict[str, str]:
        """href → text of all that stands in an account."""
        return {
            href: data.decode()
            for folder in self._cloud.calendars(account).values()
            for href, data in self._cloud.events(account, folder).items()
        }

    def add_to_copy(self, account: str, href: str, what: str) -> str:
        """:return: the word by which the addition is known"""
        word = f"phone-{uuid.uuid4().hex[:12]}"
        text = self._text(account, href)
        line = ADDITIONS[what].format(word)
        self._put(account, href, text.replace("END:VEVENT", f"{line}\r\nEND:VEVENT", 1))
        self.added.setdefault(uid_of(text), set()).add(word)
        return word

    def edit_copy(self, account: str, href: str, what: str) -> None:
        """What Odoo puts back."""
        text = unfolded(self._text(account, href))
        head, event = text.split("BEGIN:VEVENT", 1)
        if what == "rename":
            event = re.sub(r"\r\nSUMMARY:[^\r]*", "\r\nSUMMARY:Mine", event)
        elif what == "empty":
            event = re.sub(r"\r\nDESCRIPTION:[^\r]*", "", event)
        elif what == "free":
            event = re.sub(r"\r\nTRANSP:[^\r]*", "\r\nTRANSP:TRANSPARENT", event)
        elif what == "move":
            event = re.sub(r"(DT(?:START|END)[^\r]*T)(\d\d)", _three_hours_later, event)
        elif what == "repeat":
            event = event.replace("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=4\r\nEND:VEVENT", 1)
        self._put(account, href, f"{head}BEGIN:VEVENT{event}")

    def drag_copy(self, account: str, href: str, folder: str) -> str:
        text = self._text(account, href)
        self._cloud.delete_event(href)
        target = folder + href.rpartition("/")[2]
        self._put(account, target, text)
        self.dragged.add(uid_of(text))
        return target

    def delete_copy(self, account: str, href: str) -> None:
        self.added.pop(uid_of(self._text(account, href)), None)
        self._cloud.delete_event(href)

    def _text(self, account: str, href: str) -> str:
        return self._cloud.events(account, href.rpartition("/")[0] + "/")[href].decode()

    def _put(self, account: str, href: str, text: str) -> None:
        self._cloud.put_event(account, "", text, href=href)


def unfolded(text: str) -> str:
    """RFC 5545 section 3.1."""
    return _FOLD.sub("", text)


def uid_of(text: str) -> str:
    found = re.search(r"^UID:(.*?)\r?$", unfolded(text), re.MULTILINE)
    return found[1] if found else ""


def _three_hours_later(time: re.Match) -> str:
    return f"{time[1]}{int(time[2]) + 3:02}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
