"""What a calendar lists and nobody can read: tried again, looked for, and set aside at last."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..icloud.client import Client
from ..icloud.contents import Fetched
from ..icloud.errors import ICloudError
from ..icloud.whereabouts import Span, Whereabouts, find
from ..sentence import Sentence, _
from .news import Found, Known, Window

# A connection breaks off, a server lags: three looks in a row are no accident any more.
TRIES = 3
# What is over is offered to nobody; a day, for what lasts.
_PAST = timedelta(days=1)


class Lost:
    """The resources of one calendar that one look could not read.

    `unread`: tried again by the next look; `gone`: copies of ours that are not there.

    :param etags: href → ETag as listed, else as known
    """

    def __init__(self, client: Client, known: Known, etags: Mapping[str, str], window: Window):
        self._client, self._known, self._etags = client, known, etags
        now = datetime.now(UTC)
        self._ahead = Span(min(max(window.start, now - _PAST), window.stop), window.stop)
        self.unread: set[str] = set()
        self.gone: set[str] = set()
        self._missing: set[str] = set()
        self._too_large: dict[str, Sentence] = {}

    def count(self, fetched: Fetched, but: frozenset[str]) -> None:
        """:param but: is not there because nobody listed it"""
        self.gone |= fetched.missing & but
        self._missing |= fetched.missing - but
        self.unread |= (fetched.missing - but) | fetched.broken.keys()
        self._too_large |= fetched.unreadable

    def set_aside(self, malformed: Mapping[str, Found]) -> list[Found]:
        """What is given up now, with when it takes place. It is no longer unread.

        :param malformed: href → files that came, and that our reader cannot read
        :raise ICloudError: the server cannot be asked; then it is all unread
        """
        given_up = {href for href in self.unread if self._is_given_up(href)}
        lists_it = _("iCloud lists this event but does not give it out.")
        problems = dict.fromkeys(given_up, lists_it) | self._too_large
        files = {
            href: Found(href, self._etags.get(href, ""), problem=problem)
            for href, problem in problems.items()
        } | malformed
        # Of a copy of ours nobody has to ask when it takes place.
        asked = files.keys() - self._known.copies
        if not asked:
            self.unread -= given_up
            return [*files.values()]
        try:
            where = find(self._client, self._known.href, asked, self._ahead)
        except ICloudError:
            self.unread |= files.keys()
            raise
        self.unread -= given_up
        return [self._with_spans(file, where, malformed) for file in files.values()]

    def _is_given_up(self, href: str) -> bool:
        return href in self._known.aside or self._known.tries.get(href, 0) + 1 >= TRIES

    def _with_spans(self, file: Found, where: Whereabouts, malformed: Mapping[str, Found]) -> Found:
        href = file.href
        if href in where.spans:
            return replace(file, spans=where.spans[href])
        if href in where.unsaid and href in self._missing:
            # Look after look it is not there for who asks, and no search finds it.
            problem = _("iCloud lists this event but does not have it any more.")
            return replace(file, spans=(), is_stale=True, problem=problem)
        if href in where.unsaid and href in malformed and where.is_telling:
            # The server itself finds no event in it.
            return replace(file, spans=())
        return file
