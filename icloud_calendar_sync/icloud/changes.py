"""What changed in a calendar since a sync token, or since known ETags (RFC 6578).

A single answer is never final: what looks like no answer is asked for in another way, and what is
said to be gone is asked for once more, by another kind of request.
"""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..sentence import Sentence, _
from .client import Client
from .contents import MAX_ALONE, MAX_BATCH, is_of_one
from .errors import BadAnswer, ICloudError, NotFound, TokenInvalid, TooLarge, Unavailable
from .members import in_folder, named
from .multistatus import Multistatus, canonical_etag
from .parser import DAV

# Of what is said to be gone, so much is asked for again in one look; the rest waits for the next.
MAX_CONFIRMED = 20 * MAX_BATCH

_ETAG = DAV + "getetag"
_GONE = (404, 410)
_NOT_IMPLEMENTED = 501
# So many events are compared at less cost than one of them that is gone and still blocks.
_FEW = 20
# RFC 6578 section 3.6: the list has only begun. Only a complete one may tell what is gone.
_TRUNCATED = 507


class Held(NamedTuple):
    """What the caller knows: href → ETag ("" for none), and of how many resources it knows.

    `written` are hrefs that it wrote itself since it asked last.
    """

    etags: Mapping[str, str]
    count: int
    written: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Changes:
    """`changed` maps href → ETag ("" if the server gives none) of resources to fetch.

    `removed` may hold hrefs that the caller does not know. `token` belongs to this state: store
    both together. `full` tells that everything was compared. `problems` name what the calendar
    lists and nobody can ask for. `doubtful`: one answer says that something is gone and another
    one does not. It is not among the removed, and the caller shall keep the tokens it has, so that
    it is asked again.
    """

    changed: dict[str, str]
    removed: frozenset[str]
    token: str | None
    full: bool
    problems: tuple[Sentence, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True)
class _Listing:
    """`is_plain`: listed by PROPFIND, not by a REPORT."""

    etags: dict[str, str]
    gone: set[str]
    token: str | None
    problems: tuple[Sentence, ...] = ()
    is_plain: bool = False

    @classmethod
    def of(cls, answer: Multistatus) -> "_Listing":
        """:raise BadAnswer: all of it lies elsewhere"""
        etags, gone, outside = {}, set(), []
        folder = answer.path.rstrip("/") + "/"
        for each in answer.responses:
            # iCloud lists the calendar as a member of itself.
            if each.href.endswith("/") or each.href + "/" == folder:
                continue
            href = in_folder(each.href, folder)
            if not href:
                outside.append(each.href)
            elif each.status in _GONE:
                gone.add(href)
            elif each.status >= 400:
                # It is there, whatever is wrong with it. Asked for alone, it says what.
                etags.setdefault(href, "")
            else:
                etags[href] = canonical_etag(each.text(_ETAG)) or etags.get(href, "")
        if outside and not etags:
            raise BadAnswer(_("The server listed events of another place than the calendar's."))
        # What is listed twice, there and gone, is there.
        return cls(etags, gone - etags.keys(), answer.sync_token, named(outside, answer.unusable))


@dataclass
class _Verdict:
    """What a second answer says of hrefs that are said to be gone. `there`: href → ETag."""

    gone: set[str] = field(default_factory=set)
    there: dict[str, str] = field(default_factory=dict)
    unsaid: set[str] = field(default_factory=set)


def changes_by_asking(
    client: Client, calendar_href: str, token: str | None
) -> Generator[frozenset[str] | None, Held, Changes]:
    """One request if `token` holds and nothing is gone; else everything is compared.

    Callers need not look up all they know: it yields the hrefs whose ETags it needs, or None for
    those of all, and is sent a `Held`.

    :return: by StopIteration, the changes
    :raise ICloudError: whenever the answer is partial; a removal is never inferred from that
    """
    listing = _since(client, calendar_href, token) if token else None
    if listing and not listing.is_plain:
        held = yield frozenset(listing.etags.keys() | listing.gone)
        if not _looks_like_everything(listing, held, token):
            return _news(client, calendar_href, listing, held, listing.gone, token)
        listing = None
    listing = listing or _everything(client, calendar_href)
    held = yield None
    gone = held.etags.keys() - listing.etags.keys()
    return _news(client, calendar_href, listing, held, gone, None)


def _news(
    client: Client, calendar: str, listing: _Listing, held: Held, gone: Iterable[str], token
) -> Changes:
    """:param token: with which `listing` was asked for"""
    verdict = _confirmed(client, calendar, gone, listing)
    # What is still there by the one answer and gone by the other is asked for with the next look.
    there = {href: etag for href, etag in verdict.there.items() if etag}
    return Changes(
        changed=_changed({**there, **listing.etags}, held.etags),
        removed=frozenset(verdict.gone),
        token=listing.token,
        full=token is None,
        problems=listing.problems,
        doubtful=bool(verdict.there or verdict.unsaid),
    )


# -- what is there ---------------------------------------------------------------------------------


def _since(client: Client, calendar: str, token: str) -> _Listing | None:
    """What changed since `token`; or all there is; None when only asking without it can tell."""
    try:
        listing = _Listing.of(client.sync_collection(calendar, token))
    except TokenInvalid:
        # Or the calendar is gone, or not ours any more: then listing it says so.
        return None
    except ICloudError as error:
        if _is_final(error):
            raise
        return _members(client, calendar)
    # RFC 6578 section 3.2: each answer has one. Without it this one is none, whatever it lists.
    return listing if listing.token else _members(client, calendar)


def _looks_like_everything(listing: _Listing, held: Held, token: str) -> bool:
    """Whether the server seems to have forgotten the token without a word.

    Some then list all there is, and nothing of what is gone. A true answer names what changed:
    half of what is known only after many changes, or in a small calendar; and what is as it was
    only where we wrote it ourselves, or a look was cut. Nothing at all it names where all that
    happened is that the token is another one. Then this errs, at the price of one more request: for
    news of nothing but what we wrote only in calendars that are listed in no time.
    """
    known = listing.etags.keys() & held.etags.keys()
    if known and len(known) * 2 >= held.count:
        return True
    changed = _changed(listing.etags, held.etags)
    if known - changed.keys() - held.written:
        return True
    is_news = listing.gone or changed
    is_cheap = not listing.etags or held.count <= _FEW
    # The same token once more says itself that nothing happened.
    return held.count > 0 and is_cheap and not is_news and listing.token != token


def _everything(client: Client, calendar: str) -> _Listing:
    try:
        listing = _Listing.of(client.sync_collection(calendar, None))
    except ICloudError as error:
        if _is_final(error):
            raise
        return _members(client, calendar)
    if not listing.token or not listing.etags:
        members = _members(client, calendar)
        # An empty calendar is one where both say so.
        return members if members.etags else replace(members, token=listing.token)
    return listing


def _members(client: Client, calendar: str) -> _Listing:
    """Without a token, so everything is listed each time: where sync-collection is no help."""
    listing = _Listing.of(client.members(calendar, (_ETAG,)))
    return replace(listing, token=None, is_plain=True)


def _is_final(error: ICloudError) -> bool:
    """Whether asking for the same in another way is useless or impolite."""
    if isinstance(error, Unavailable) and error.status in (_TRUNCATED, _NOT_IMPLEMENTED):
        return False
    return isinstance(error, TooLarge) or not is_of_one(error)


def _changed(listed: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    # Without an ETag nobody can tell, so it counts as changed.
    return {href: tag for href, tag in listed.items() if not tag or known.get(href) != tag}


# -- what is gone ----------------------------------------------------------------------------------


def _confirmed(client: Client, calendar: str, gone: Iterable[str], listing: _Listing) -> _Verdict:
    gone, verdict = sorted(gone), _Verdict()
    if len(gone) > MAX_BATCH and not listing.is_plain:
        verdict.unsaid.update(gone)
    else:
        verdict.unsaid.update(gone[MAX_CONFIRMED:])
        for start in range(0, min(len(gone), MAX_CONFIRMED), MAX_BATCH):
            batch = gone[start : min(start + MAX_BATCH, MAX_CONFIRMED)]
            if not _ask_for(client, calendar, batch, verdict):
                verdict.unsaid.update(gone[start:])
                if listing.is_plain:
                    _ask_for_each(client, verdict)
                break
    if verdict.unsaid and not listing.is_plain:
        _ask_for_all(client, calendar, verdict)
    return verdict


def _ask_for(client: Client, calendar: str, batch: list[str], verdict: _Verdict) -> bool:
    """By name. Only a 404 or 410 confirms; no word says nothing. :return: whether any came"""
    said = {}
    try:
        for response in client.multiget(calendar, batch):
            folder = batch[0].rpartition("/")[0] + "/"
            said.setdefault(in_folder(response.href, folder), response)
    except ICloudError as error:
        if not is_of_one(error):
            raise
        return False
    for href in batch:
        response = said.get(href)
        if response and response.status in _GONE:
            verdict.gone.add(href)
        elif response and response.status < 400:
            verdict.there[href] = canonical_etag(response.text(_ETAG))
        else:
            verdict.unsaid.add(href)
    return True


def _ask_for_each(client: Client, verdict: _Verdict) -> None:
    """By GET, some of them in each look: for servers that answer no REPORT."""
    for href in sorted(verdict.unsaid)[:MAX_ALONE]:
        try:
            verdict.there[href] = client.get(href).etag
        except NotFound:
            verdict.gone.add(href)
        except ICloudError as error:
            if not is_of_one(error):
                raise
            continue
        verdict.unsaid.remove(href)


def _ask_for_all(client: Client, calendar: str, verdict: _Verdict) -> None:
    listed = _members(client, calendar).etags
    verdict.there |= {href: listed[href] for href in verdict.unsaid & listed.keys()}
    verdict.gone |= verdict.unsaid - listed.keys()
    verdict.unsaid = set()
