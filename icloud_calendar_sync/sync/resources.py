"""The files of one calendar: fetched some at a time, read, and forgotten.

Whatever stands in one file, the others do not wait for it.
"""

import hashlib
import logging
import re
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice

from ..ical.read import Malformed, Reading, read
from ..ical.write import standing
from ..icloud.client import Client, Resource
from ..icloud.contents import MAX_BATCH, Fetched, fetch
from ..icloud.errors import BadAnswer, ICloudError, TimedOut, Unauthorized
from ..icloud.multistatus import shown
from ..sentence import Sentence, _
from .ahead import ahead
from .budget import MAX_RESOURCES, Budget
from .doubts import Doubts
from .lost import Lost
from .news import CalendarNews, Found, Known, Part, Window

_logger = logging.getLogger(__name__)

MAX_UID_LENGTH = 8_000
MAX_PROBLEM_LENGTH = 500

# What PostgreSQL refuses in a text, or Python in UTF-8.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class Resources:
    """Fetches and reads the resources of an account's calendars, within its budget."""

    def __init__(self, client: Client, window: Window, budget: Budget):
        self._client, self._window, self._budget = client, window, budget

    def added_to(
        self, news: CalendarNews, known: Known, changed: Mapping[str, str]
    ) -> Generator[Part, None, CalendarNews]:
        """Yields what can be stored as it comes, and returns the news with the rest."""
        # A server may keep silent about what came and went between two looks (RFC 6578 section
        # 3.5.2), so a copy that we put there in between is asked for by name.
        unheard = known.fresh - changed.keys() - news.removed
        # Least known first: what no look had the time for comes to its turn with the next.
        again = sorted(known.again - news.removed, key=lambda href: known.held.get(href, 0))
        new = [href for href in changed if href not in known.etags]
        doubts = Doubts(known, changed, is_new_each_time=not news.sync_token)
        etags, aside, parts, late = {**known.etags, **changed}, {}, set(), None
        lost = Lost(self._client, known, etags, self._window)
        try:
            for fetched in self._fetched(known, [*new, *unheard], doubts, again):
                read = [
                    _marked(self._read(resource, known, doubts), known)
                    for resource in fetched.resources
                ]
                lost.count(fetched, but=unheard)
                if part := tuple(each for each in read if not each.is_set_aside):
                    yield Part(known.key, part)
                parts.update(each.href for each in part)
                aside |= {each.href: each for each in read if each.is_set_aside}
            aside = {each.href: _marked(each, known) for each in lost.set_aside(aside)}
        except Unauthorized:
            raise
        except ICloudError as error:
            # What is only read again stays due, and comes with the next look.
            done = lost.unread.union(lost.gone, parts, aside, doubts.unfounded())
            is_done = done.issuperset([*changed, *unheard])
            late = None if is_done and isinstance(error, TimedOut) else error
            aside = {href: each for href, each in aside.items() if href not in lost.unread}
        if late:
            tokens = {"listed_token": known.listed_token, "sync_token": known.sync_token}
            news = replace(news, late=late, **tokens)
        elif doubts.left:
            news = replace(news, listed_token=None)
        return replace(
            news,
            found=tuple(aside.values()),
            removed=news.removed | lost.gone,
            unread=frozenset(lost.unread),
            # A session is known, whatever the phone did with its copy.
            is_unknown=bool(
                changed.keys() - aside.keys() - parts - doubts.unfounded() - known.copies
            ),
        )

    def _fetched(
        self, known: Known, due: Iterable[str], doubts: Doubts, again: Iterable[str]
    ) -> Iterator[Fetched]:
        """Some at a time, the next while these are read; each file is forgotten once it is read."""
        due = dict.fromkeys(due)
        again = [href for href in again if href not in due and href not in doubts.hrefs]
        if not self._budget.has_room_for(len(due) + len(doubts.hrefs) + len(again)):
            raise BadAnswer(
                _(
                    "The account has more than %(count)s events, which is more than can be read.",
                    count=MAX_RESOURCES,
                )
            )
        hrefs = chain(due, doubts.each(), again)
        batches = iter(lambda: [*islice(hrefs, MAX_BATCH)], [])
        yield from ahead(lambda batch: fetch(self._client, known.href, batch), batches)

    def _read(self, resource: Resource, known: Known, doubts: Doubts) -> Found:
        digest = doubts.digest(resource)
        if doubts.are_unfounded(resource.href, digest):
            return Found(resource.href, resource.etag, digest=digest, is_same=True)
        found = self._within_budget(resource, known)
        return replace(found, digest=digest) if digest else found

    def _within_budget(self, resource: Resource, known: Known) -> Found:
        held = known.held.get(resource.href, 0)
        most = self._budget.most(known.key, held)
        if not most:
            return Found(
                resource.href,
                resource.etag,
                problem=_(
                    "The account has more occurrences than can be read. Until there are fewer, "
                    "times that this event may take are not offered."
                ),
                unknown_from=self._window.start,
            )
        before = time.thread_time()
        found = self._understood(resource, known, most)
        count = len(found.reading.occurrences) if found.reading else held
        self._budget.spend(known.key, count - held, time.thread_time() - before)
        return found

    def _understood(self, resource: Resource, known: Known, most: int) -> Found:
        href, etag, window = resource.href, resource.etag, self._window
        try:
            reading = read(
                resource.data,
                window.start,
                window.stop,
                window.zone,
                window.addresses,
                most=most,
                deadline=time.monotonic() + self._budget.seconds,
            )
            if reading.uid in known.ours:
                return Found(
                    href, etag, ours=standing(resource.data, reading.uid), our_uid=reading.uid
                )
        except Malformed as error:
            return Found(href, etag, problem=_bounded(error.args[0]))
        except Exception as error:
            # Whatever stands in this one file, the others shall not wait for it.
            _logger.exception("The file %s could not be read", shown(href))
            reason = shown(str(error) or type(error).__name__)
            problem = _("This event cannot be read: %(reason)s", reason=reason)
            return Found(href, etag, problem=problem)
        return Found(href, etag, _storable(reading), unknown_from=reading.known_until)


def _marked(found: Found, known: Known) -> Found:
    """The same, marked if it is news.

    Where a server gives no ETags, or other ones each time, what is known is read again by each
    look: only what is new, or has another ETag for the first time, brings one further.
    """
    href = found.href
    has_new_version = found.etag not in ("", known.etags.get(href)) and href not in known.digests
    is_news = href not in known.copies and (href not in known.etags or has_new_version)
    return replace(found, is_news=is_news)


def _storable(reading: Reading) -> Reading:
    """The reading with a UID and problems of a size and of letters that can be kept."""
    uid, problems = reading.uid, reading.problems
    if len(uid) > MAX_UID_LENGTH or _UNSTORABLE.search(uid):
        # Still one of its own: cut or cleaned it could become another's.
        uid = f"sha256:{hashlib.sha256(uid.encode('utf-8', 'surrogatepass')).hexdigest()}"
    if uid == reading.uid and not problems:
        return reading
    return replace(reading, uid=uid, problems=tuple(map(_bounded, problems)))


def _bounded(problem: str) -> Sentence:
    if len(problem) > MAX_PROBLEM_LENGTH or _UNSTORABLE.search(problem):
        return Sentence(shown(problem, MAX_PROBLEM_LENGTH))
    return problem if isinstance(problem, Sentence) else Sentence(problem)
