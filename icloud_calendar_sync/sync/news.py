"""What a look at an account is told, and what it says, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..ical.read import Reading
from ..ical.write import Standing
from ..icloud.discovery import RemoteCalendar
from ..icloud.errors import ICloudError
from ..icloud.whereabouts import Span
from ..sentence import Sentence


@dataclass(frozen=True)
class Window:
    """Which occurrences are wanted (aware UTC) and how to read times without a zone."""

    start: datetime
    stop: datetime
    zone: str
    addresses: frozenset[str]


@dataclass(frozen=True)
class Watched:
    """One calendar that is read, as the last complete look has left it.

    `is_due`: there is something to be read although nothing changed, as `Known` says.
    """

    key: int
    href: str
    listed_token: str | None
    sync_token: str | None
    is_due: bool = False


@dataclass(frozen=True)
class Listing:
    """Where the account lives (absolute URL; iCloud moves it at times), and its calendars."""

    home_url: str
    calendars: tuple[RemoteCalendar, ...]


@dataclass(frozen=True)
class Need:
    """A question to whoever has the database: what is `Known` of a calendar?

    `hrefs`: of these resources, None: of all.
    """

    key: int
    hrefs: frozenset[str] | None


@dataclass(frozen=True)
class Known:
    """What Odoo knows of one calendar that it reads, the answer to a `Need`.

    `etags`: href → ETag of every resource we have and were asked for; `count`: how many we have
    at all; `again`: resources whose later occurrences come into the window, or must be read anew
    for another reason (the host's zone changed); `ours`: UIDs of the copies we pushed into the
    account; `copies`: hrefs of those that we were asked for; `fresh`: hrefs of those pushed since
    the last look; `held`: href → how many occurrences
    of a resource are kept, where there are any; `kept`: calendar → occurrences, of the account.
    `tries`: href → looks in which a resource was there and could not be read; `aside`: hrefs of
    those that were given up, and are only tried again; `digests`: href → hash of the data as they
    were, where it was needed once.
    """

    key: int
    href: str
    listed_token: str | None
    sync_token: str | None
    etags: Mapping[str, str]
    count: int = 0
    again: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    copies: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    held: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[int, int] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)
    aside: frozenset[str] = frozenset()
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """One new or changed resource: a copy of ours with its fingerprint, a reading, or a problem.

    A file that nobody can read is set aside: it has a problem, no `reading`, no `unknown_from`,
    and `spans`: when it takes place, as far as the server tells without its data. None: nobody can
    tell, so that no time is free. `is_stale`: it is not there any more, though it is listed.
    `unknown_from` (aware UTC) says that the file can be read and was not, or not to its end,
    because it would cost too much: from that moment on the host must not count as free. What has
    no `reading` then shall be read again with the next look. `is_same`: nothing but the ETag is
    new. `digest`: the hash of its data where the ETag is not enough. `is_news`: because of it the
    next look has less to read.
    """

    href: str
    etag: str
    reading: Reading | None = None
    our_uid: str | None = None
    ours: Standing | None = None
    problem: Sentence | None = None
    unknown_from: datetime | None = None
    spans: tuple[Span, ...] | None = None
    is_stale: bool = False
    digest: str | None = None
    is_same: bool = False
    is_news: bool = False

    @property
    def is_set_aside(self) -> bool:
        return not (self.reading or self.our_uid or self.unknown_from or self.is_same)

    @property
    def fingerprint(self) -> str | None:
        """That of a copy of ours as it stands there."""
        return self.ours and self.ours.fingerprint


@dataclass(frozen=True)
class Part:
    """Some of what was read of a calendar; more comes, and at last its `CalendarNews`.

    It may be stored as it comes: the next look knows by its ETags that it was read.
    """

    key: int
    found: tuple[Found, ...]


@dataclass(frozen=True)
class CalendarNews:
    """The end of the answer for one calendar; with `error` nothing of it may be stored.

    `late` ended the look before all that changed was fetched: what was found may be stored, and
    the tokens are still the old ones, so that the next look goes on. Without it a calendar that is
    larger than one look would never be read. `unread` are listed, could not be read, and were not
    given up yet. `is_unknown`: some of what changed was not read, so that nobody knows which times
    are free. `problems` name what the calendar lists under an address that cannot be used.
    """

    key: int
    found: tuple[Found, ...] = ()
    removed: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    is_unknown: bool = False
    listed_token: str | None = None
    sync_token: str | None = None
    error: ICloudError | None = None
    late: ICloudError | None = None
    problems: tuple[Sentence, ...] = ()
