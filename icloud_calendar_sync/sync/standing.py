"""What stands in an account's calendars of the copies that we pushed: read, or only listed."""

from collections import defaultdict
from collections.abc import Iterable

from ..icloud.client import MAX_RESOURCE_BYTES, Client, Resource
from ..icloud.errors import ICloudError, NotFound, Unauthorized, Unavailable
from ..icloud.members import in_folder
from ..icloud.multistatus import Response, canonical_etag
from ..icloud.parser import CALDAV, DAV
from ..sentence import _
from .home import Home
from .orders import Order, folder, name

_ETAG = DAV + "getetag"
_TYPE = DAV + "resourcetype"
_DATA = CALDAV + "calendar-data"
_GONE = (404, 410)

# Where a copy stands: its path, None for nowhere, or why nobody knows.
Place = str | ICloudError | None


class Calendars:
    """The calendars of one account, for one run."""

    def __init__(self, client: Client, home: Home):
        self._client, self._home = client, home

    def ask(self, calendar: str) -> None:
        """:raise ICloudError: the calendar does not answer for itself"""
        self._home.do(lambda: self._client.propfind(calendar, (_TYPE,), 0), is_repeatable=True)

    def read(self, hrefs: Iterable[str]) -> dict[str, Resource]:
        """What can be read of these, in one request for each calendar they are in.

        :raise Unauthorized:
        :raise Unavailable:
        """
        found = {}
        for href, response in self._responses(hrefs).items():
            data = response.content(_DATA)
            if response.status < 400 and 0 < len(data) <= MAX_RESOURCE_BYTES:
                found[href] = Resource(href, canonical_etag(response.text(_ETAG)), data)
        return found

    def left(self, hrefs: dict[int, str]) -> dict[int, Place]:
        """What is still there of what was deleted, by key: one request for each calendar.

        :param hrefs: paths by key; they are given back where the resource stands
        """
        try:
            said = self._responses(hrefs.values())
        except (Unauthorized, Unavailable) as error:
            return dict.fromkeys(hrefs, error)
        left, unsaid = {}, {}
        for key, href in hrefs.items():
            response = said.get(href)
            if response and response.status in _GONE:
                left[key] = None
            elif response and response.content(_DATA):
                left[key] = href
            else:
                unsaid[key] = (href,)
        return {**left, **self._listed(unsaid)}

    def places(self, orders: Iterable[Order]) -> dict[int, Place]:
        """Where these stand by the listings of all calendars they may be in, by key."""
        return self._listed({order.key: (order.href, *order.elsewhere) for order in orders})

    def version(self, href: str) -> Resource:
        """What cannot be read, as its calendar lists it: with its version and without data.

        :raise NotFound: it is not listed
        :raise ICloudError: nobody can tell
        """
        listing = self._listing(folder(href))
        if isinstance(listing, ICloudError):
            raise listing
        if name(href) not in listing:
            raise NotFound(_("The server does not have this any more."), status=404)
        return Resource(href, listing[name(href)], b"")

    def _listed(self, hrefs: dict[int, tuple[str, ...]]) -> dict[int, Place]:
        folders = {folder(href): None for those in hrefs.values() for href in those}
        listings = {calendar: self._listing(calendar) for calendar in folders}
        return {key: _place(those, listings) for key, those in hrefs.items()}

    def _listing(self, calendar: str) -> dict[str, str] | ICloudError:
        """The names of a calendar's members with their ETags, or why they are not known."""
        try:
            answer = self._home.do(
                lambda: self._client.members(calendar, (_ETAG,)), is_repeatable=True
            )
        except NotFound:
            return {}  # Where no calendar is, nothing stands.
        except ICloudError as error:
            return error
        return {
            name(each.href): canonical_etag(each.text(_ETAG))
            for each in answer.responses
            if each.status not in _GONE
        }

    def _responses(self, hrefs: Iterable[str]) -> dict[str, Response]:
        """What is said of each of these, whatever else is said, and however it is called there."""
        by_calendar = defaultdict(set)
        for href in hrefs:
            by_calendar[folder(href)].add(href)
        found = {}
        for calendar, those in by_calendar.items():
            try:
                answer = self._home.do(
                    lambda calendar=calendar, those=those: self._client.multiget(
                        calendar, sorted(those)
                    ),
                    is_repeatable=True,
                )
            except (Unauthorized, Unavailable):
                raise
            except ICloudError:
                continue  # Whatever this server does not understand, each can be asked for alone.
            # What is said twice, there and gone, is there.
            answer.sort(key=lambda each: bool(each.content(_DATA)))
            said = {in_folder(each.href, calendar): each for each in answer}
            found |= {href: each for href, each in said.items() if href in those}
        return found


def _place(hrefs: Iterable[str], listings: dict[str, dict[str, str] | ICloudError]) -> Place:
    unknown = None
    for href in hrefs:
        listing = listings[folder(href)]
        if isinstance(listing, ICloudError):
            unknown = unknown or listing
        elif name(href) in listing:
            return href
    return unknown
