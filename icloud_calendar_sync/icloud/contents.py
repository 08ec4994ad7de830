"""What stands in the resources of a calendar (RFC 4791 section 7.9). One bad one hides no other."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ..sentence import Sentence, _
from .client import MAX_RESOURCE_BYTES, Client, Resource
from .errors import (
    BadAnswer,
    Forbidden,
    ICloudError,
    NotFound,
    PreconditionFailed,
    Refused,
    TooLarge,
    Unavailable,
)
from .members import in_folder
from .multistatus import Response, canonical_etag
from .parser import CALDAV, DAV
from .urls import canonical_path
from .wire.failures import ConnectionReset, from_status

MAX_BATCH = 50
# Six halvings find one bad resource among fifty.
MAX_HALVINGS = 60
# How many of a batch that came are asked for alone.
MAX_ALONE = 20

_ETAG = DAV + "getetag"
_DATA = CALDAV + "calendar-data"
_GONE = (404, 410)
# Not 503, which is a wish to be left alone.
_OF_ONE = (500, 502, 504)


@dataclass(frozen=True)
class Fetched:
    """`missing` are hrefs that the server does not know although it listed them.

    It lags, or forgot them. `broken` maps hrefs to what came instead of them, in one sentence: an
    answer that broke off, a page of HTML, an error. That says nothing about the resource. What
    `unreadable` says of one will be true the next time, too: it is too large.
    """

    resources: tuple[Resource, ...]
    missing: frozenset[str]
    broken: dict[str, Sentence]
    unreadable: dict[str, Sentence]


def fetch(client: Client, calendar_href: str, hrefs: Iterable[str]) -> Fetched:
    """The resources at `hrefs`, at most MAX_BATCH a request. What does not come is asked for alone.

    Everything is held in memory: ask for some hundreds at a time.

    :raise ICloudError: nothing at all can be read, or the server wants to be left alone
    """
    wanted = list(dict.fromkeys(canonical_path(href) for href in hrefs))
    batches = deque(wanted[start : start + MAX_BATCH] for start in range(0, len(wanted), MAX_BATCH))
    fetching, halvings = _Fetching(client, calendar_href), 0
    while batches:
        batch = batches.popleft()
        try:
            fetching.together(batch)
        except ICloudError as error:
            # Too large together, or one of them breaks the XML of all, or the server itself.
            halvings += 1
            if not is_of_one(error) or halvings > MAX_HALVINGS:
                raise
            batch = fetching.probe(batch, error)
            half = len(batch) // 2
            batches.extendleft(filter(None, (batch[half:], batch[:half])))
    return fetching.result()


def is_of_one(error: ICloudError) -> bool:
    """Whether one resource among others may be the reason, or one kind of request among others."""
    if isinstance(error, Unavailable):
        says_so = error.status in _OF_ONE and error.retry_after is None
        return says_so or isinstance(error, ConnectionReset)
    return isinstance(error, (BadAnswer, Forbidden, NotFound, PreconditionFailed, Refused))


class _Fetching:
    def __init__(self, client: Client, calendar: str):
        self._client, self._calendar = client, calendar
        self._resources: list[Resource] = []
        self._missing: set[str] = set()
        self._broken: dict[str, Sentence] = {}
        self._unreadable: dict[str, Sentence] = {}

    def result(self) -> Fetched:
        missing = frozenset(self._missing)
        return Fetched(tuple(self._resources), missing, self._broken, self._unreadable)

    def together(self, batch: list[str]) -> None:
        folder = batch[0].rpartition("/")[0] + "/"
        by_href: dict[str, Response] = {}
        for each in self._client.multiget(self._calendar, batch):
            href = in_folder(each.href, folder)
            if href and not (href in by_href and _data_of(by_href[href])):
                by_href[href] = each
        left = MAX_ALONE
        for href in batch:
            response = by_href.get(href)
            if self._has_it(href, response):
                continue
            left -= 1
            if left < 0:
                self._broken[href] = _why(response)
            else:
                self._alone(href, _data_of(response))

    def probe(self, batch: list[str], error: ICloudError) -> list[str]:
        """Ask for a few of a batch alone, whose answer failed as a whole.

        :return: those still to be asked for
        :raise ICloudError: `error`, when nothing can be had: then it is the server that fails
        """
        some = {batch[0], batch[-1], batch[len(batch) // 2]}
        if self._resources and len(batch) > len(some):
            return batch
        for href in sorted(some):
            self._alone(href)
        if not self._resources and len(batch) > len(some):
            raise error
        return [href for href in batch if href not in some]

    def _has_it(self, href: str, response: Response | None) -> bool:
        data = _data_of(response)
        if len(data) > MAX_RESOURCE_BYTES:
            size = MAX_RESOURCE_BYTES // 1024
            self._unreadable[href] = _("It is larger than %(size)s KB.", size=size)
        elif _is_whole(data):
            self._resources.append(Resource(href, canonical_etag(response.text(_ETAG)), data))
        else:
            return False
        return True

    def _alone(self, href: str, before: bytes = b"") -> None:
        """By GET: what cannot stand in XML may still be iCalendar.

        :param before: what a multiget gave. A file that comes twice with the same end missing is
            not broken off but wrong.
        """
        try:
            resource = self._client.get(href)
            if not (_is_whole(resource.data) or _is_same_calendar(resource.data, before)):
                raise BadAnswer(_("The server's answer is no calendar data, or broke off."))
            self._resources.append(resource)
        except TooLarge as error:
            self._unreadable[href] = error.sentence
        except NotFound:
            self._missing.add(href)
        except ICloudError as error:
            if not is_of_one(error):
                raise
            self._broken[href] = error.sentence


def _is_whole(data: bytes) -> bool:
    """Whether this is iCalendar from its first to its last line, whatever stands between them."""
    text = data.strip().removeprefix(b"\xef\xbb\xbf").lstrip()
    return text[:15].upper() == b"BEGIN:VCALENDAR" and text[-13:].upper() == b"END:VCALENDAR"


def _is_same_calendar(data: bytes, before: bytes) -> bool:
    # XML has no other ends of lines than LF.
    is_same = data.replace(b"\r\n", b"\n") == before.replace(b"\r\n", b"\n")
    return is_same and b"BEGIN:VCALENDAR" in data.upper()


def _data_of(response: Response | None) -> bytes:
    return response.content(_DATA) if response and response.status < 400 else b""


def _why(response: Response | None) -> Sentence:
    if response and response.status >= 400 and response.status not in _GONE:
        return from_status(response.status).sentence
    return _("The server lists it but does not give it out.")
