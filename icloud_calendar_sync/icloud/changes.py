"""What changed in a calendar since a sync token, or since known ETags (RFC 6578)."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..sentence import Sentence, _
from .client import MAX_RESOURCE_BYTES, Client, Resource
from .errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Refused,
    TokenInvalid,
    Unavailable,
)
from .failures import from_status
from .multistatus import Multistatus, Response, canonical_etag, shown
from .parser import CALDAV, DAV
from .urls import canonical_path

MAX_BATCH = 50
# Six halvings find one bad resource among fifty.
MAX_HALVINGS = 60
# How many members that cannot be used are named.
MAX_NAMED = 20

_ETAG = DAV + "getetag"
_DATA = CALDAV + "calendar-data"
_GONE = (404, 410)
_NOT_IMPLEMENTED = 501
# RFC 6578 section 3.6: the list has only begun. Only a complete one may tell what is gone.
_TRUNCATED = 507


@dataclass(frozen=True)
class Changes:
    """`changed` maps href → ETag ("" if the server gives none) of resources to fetch.

    `removed` may hold hrefs that the caller does not know. `token` belongs to this state: store
    both together. `full` tells that everything was compared. `problems` name what the calendar
    lists and nobody can ask for.
    """

    changed: dict[str, str]
    removed: frozenset[str]
    token: str | None
    full: bool
    problems: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """`missing` are hrefs without data although they were listed: iCloud lags, or forgot them.

    `unreadable` maps the href of a resource that is too large, or that the server cannot give
    out, to the reason in one sentence.
    """

    resources: tuple[Resource, ...]
    missing: frozenset[str]
    unreadable: dict[str, Sentence]


@dataclass(frozen=True)
class _Listing:
    etags: dict[str, str]
    gone: set[str]
    token: str | None
    problems: tuple[Sentence, ...]

    @classmethod
    def of(cls, answer: Multistatus) -> "_Listing":
        """:raise BadAnswer: a member has an error; then nothing of the listing may be used"""
        etags, gone, outside = {}, set(), []
        folder = answer.path.rstrip("/") + "/"
        for each in answer.responses:
            # iCloud lists the calendar as a member of itself.
            if each.href.endswith("/") or each.href + "/" == folder:
                continue
            if not _is_inside(each.href, folder):
                outside.append(each.href)
            elif each.status in _GONE:
                gone.add(each.href)
            elif each.status >= 400:
                raise BadAnswer(_("The server could not list every event of the calendar."))
            else:
                etags[each.href] = canonical_etag(each.text(_ETAG))
        if outside and not etags:
            raise BadAnswer(_("The server listed events of another place than the calendar's."))
        # What is listed twice, there and gone, is there.
        return cls(etags, gone - etags.keys(), answer.sync_token, _named(outside, answer.unusable))


class _Fetching:
    def __init__(self):
        self._resources: list[Resource] = []
        self._missing: set[str] = set()
        self._unreadable: dict[str, str] = {}

    def result(self) -> Fetched:
        return Fetched(tuple(self._resources), frozenset(self._missing), self._unreadable)

    def add(self, batch: list[str], responses: list[Response]) -> None:
        by_href = {each.href: each for each in responses}
        for href in batch:
            self._add_one(href, by_href.get(href))

    def _add_one(self, href: str, response: Response | None) -> None:
        if response is None or response.status in _GONE:
            self._missing.add(href)
        elif response.status >= 400:
            self._unreadable[href] = from_status(response.status).sentence
        elif not (data := response.content(_DATA)).strip():
            self._missing.add(href)
        elif len(data) > MAX_RESOURCE_BYTES:
            size = MAX_RESOURCE_BYTES // 1024
            self._unreadable[href] = _("It is larger than %(size)s KB.", size=size)
        else:
            self._resources.append(Resource(href, canonical_etag(response.text(_ETAG)), data))

    def add_alone(self, client: Client, href: str) -> None:
        """By GET: what cannot stand in XML may still be iCalendar."""
        try:
            self._resources.append(client.get(href))
        except NotFound:
            self._missing.add(href)
        except BadAnswer as error:
            self._unreadable[href] = error.sentence


def changes_since(
    client: Client, calendar_href: str, token: str | None, known: Mapping[str, str]
) -> Changes:
    """One request if `token` holds; else everything is listed and compared with `known`.

    :param known: href → ETag of every resource the caller has
    :raise ICloudError: whenever the answer is partial; a removal is never inferred from that
    """
    if token and (listing := _since(client, calendar_href, token, known)):
        gone = frozenset(listing.gone)
        changed = _changed(listing, known)
        return Changes(changed, gone, listing.token, full=False, problems=listing.problems)
    listing = _everything(client, calendar_href, known)
    removed = frozenset(known.keys() - listing.etags.keys())
    changed = _changed(listing, known)
    return Changes(changed, removed, listing.token, full=True, problems=listing.problems)


def fetch(client: Client, calendar_href: str, hrefs: Iterable[str]) -> Fetched:
    """The resources at `hrefs`, at most MAX_BATCH a request. One bad one does not hide the rest.

    Everything is held in memory: ask for some hundreds at a time.
    """
    wanted = list(dict.fromkeys(canonical_path(href) for href in hrefs))
    batches = deque(wanted[start : start + MAX_BATCH] for start in range(0, len(wanted), MAX_BATCH))
    fetched, halvings = _Fetching(), 0
    while batches:
        batch = batches.popleft()
        try:
            fetched.add(batch, client.multiget(calendar_href, batch))
        except BadAnswer:
            # Too large together, or one of them breaks the XML of all.
            halvings += 1
            if halvings > MAX_HALVINGS:
                raise
            if len(batch) == 1:
                fetched.add_alone(client, batch[0])
            else:
                half = len(batch) // 2
                batches.extendleft((batch[half:], batch[:half]))
    return fetched.result()


def _since(client: Client, calendar: str, token: str, known: Mapping[str, str]) -> _Listing | None:
    """What changed since `token`; None when only a comparison of everything can tell."""
    try:
        listing = _synchronised(client, calendar, token)
    except TokenInvalid:
        # Or the calendar is gone, or not ours any more: then listing it says so.
        return None
    except Unavailable as error:
        if error.status != _TRUNCATED:
            raise
        return None
    return None if _looks_like_everything(listing, known) else listing


def _synchronised(client: Client, calendar: str, token: str | None) -> _Listing:
    return _Listing.of(client.sync_collection(calendar, token))


def _looks_like_everything(listing: _Listing, known: Mapping[str, str]) -> bool:
    """Whether the server seems to have forgotten the token without a word.

    Some then list all there is, and nothing of what is gone. A true answer repeats only what we
    wrote ourselves; after many writes this errs, at the price of one more request.
    """
    repeated = sum(known.get(href) == etag for href, etag in listing.etags.items())
    return repeated * 2 > len(known)


def _everything(client: Client, calendar: str, known: Mapping[str, str]) -> _Listing:
    try:
        listing = _synchronised(client, calendar, None)
    except (Forbidden, NotFound, PreconditionFailed, Refused):
        return _members(client, calendar)
    except Unavailable as error:
        if error.status not in (_NOT_IMPLEMENTED, _TRUNCATED):
            raise
        return _members(client, calendar)
    if known and not listing.etags:
        # Before all of a user's events vanish, another kind of request must say so too.
        return replace(listing, etags=_members(client, calendar).etags)
    return listing


def _members(client: Client, calendar: str) -> _Listing:
    """For servers without sync-collection: no token, so everything is listed each time."""
    return replace(_Listing.of(client.members(calendar, (_ETAG,))), token=None)


def _changed(listing: _Listing, known: Mapping[str, str]) -> dict[str, str]:
    # Without an ETag nobody can tell, so it counts as changed.
    return {href: tag for href, tag in listing.etags.items() if not tag or known.get(href) != tag}


def _is_inside(href: str, folder: str) -> bool:
    """Whether `href` lies in the collection (RFC 4918 section 5.2); urllib3 follows "..", too."""
    return href.startswith(folder) and not {".", ".."} & {*href.split("/")}


def _named(outside: list[str], unusable: Iterable[str]) -> tuple[Sentence, ...]:
    return (
        *(
            _("%(address)s lies outside the calendar and is left out.", address=shown(href))
            for href in outside[:MAX_NAMED]
        ),
        *(
            _(
                "%(address)s is no address that can be used; what is there is left out.",
                address=each,
            )
            for each in unusable
        ),
    )
