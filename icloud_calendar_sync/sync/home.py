"""Where an account's calendars are, and how far a word of that host is believed.

iCloud moves accounts from host to host, and the one that is left behind may say anything: that the
password is wrong, that there is nothing here, that it is not responsible, or nothing at all. One
answer like that is doubted, and so is silence: the front door, which is the same for everybody,
knows where the account lives and whether its password is right (design rule 7). It is asked once
for each look or run, in the middle of it as at its beginning.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from ..icloud.client import Client
from ..icloud.discovery import RemoteCalendar, find_home, list_calendars
from ..icloud.errors import (
    Forbidden,
    ICloudError,
    NotFound,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unreachable,
    UntrustedHost,
)
from ..icloud.wire.failures import ConnectionReset
from ..sentence import _

_Answer = TypeVar("_Answer")
_Expected = type[ICloudError] | tuple[type[ICloudError], ...]

_MISDIRECTED = 421

_logger = logging.getLogger(__name__)


class Home:
    """The home of one account, for one look or run; binds the client to its host.

    `url` is where the account lives, absolute; it changes when the front door names another place,
    and is then to be kept.
    """

    def __init__(self, client: Client, url: str):
        self._client, self.url = client, url
        # Whether the front door named this place; whether it was asked about a host that is silent.
        self._is_confirmed = self._is_sought = False
        client.bind(url)

    def calendars(self) -> tuple[RemoteCalendar, ...]:
        """The calendars for events: one request, when nothing is odd.

        :raise ICloudError: see `do`
        """
        try:
            return self.do(self._list, is_repeatable=True)
        except Forbidden as error:
            # The front door says that this is the place: here nothing else can be right.
            raise _contradicted(error) from error

    def do(
        self,
        work: Callable[[], _Answer],
        expected: _Expected = (),
        *,
        is_repeatable: bool = False,
    ) -> _Answer:
        """What `work` returns; when its answer is doubted and the front door heard, once more.

        :param work: asks this client something
        :param expected: errors that are no reason for doubt, as a 404 of what may be deleted
        :param is_repeatable: it only reads. What writes may have arrived although no answer came:
            then the caller has to look before it is sent again
        :raise Unauthorized: the front door refuses the password; nothing more is sent
        :raise Unavailable: also when the front door contradicts what the host says, or cannot
            tell: nothing is to be believed for now
        :raise ICloudError: what `work` raised, at last
        """
        try:
            return work()
        except ICloudError as error:
            is_lost = not is_repeatable and isinstance(error, (TimedOut, ConnectionReset))
            if isinstance(error, expected) or is_lost or not self.may_be_wrong(error):
                raise
        try:
            return work()
        except ICloudError as error:
            raise self.truth(error) from error.__cause__

    def may_be_wrong(self, error: ICloudError) -> bool:
        """Whether what was asked should be asked once more: the front door was heard by now.

        :raise ICloudError: as `do`
        """
        if isinstance(error, TimedOut):
            # Who is only slow would keep everybody waiting twice.
            return self.has_moved()
        if not _is_doubtful(error):
            return False
        if self._is_confirmed:
            raise self.truth(error) from error.__cause__
        self._ask_front_door(error)
        return True

    def truth(self, error: ICloudError) -> ICloudError:
        """What an error says after the front door was heard."""
        # Of one resource: the next one may be better off.
        self._client.believe_password()
        is_contradicted = isinstance(error, Unauthorized) or error.status == _MISDIRECTED
        return _contradicted(error) if is_contradicted else error

    def has_moved(self) -> bool:
        """Whether the account lives elsewhere by now; for callers whom its host does not answer.

        When the front door cannot tell, all stays as it was, and it is not asked again.

        :raise Unauthorized: the front door refuses the password
        """
        if self._is_confirmed or self._is_sought:
            return False
        self._is_sought, before = True, self.url
        try:
            self._ask_front_door()
        except Unauthorized:
            raise
        except ICloudError as error:
            _logger.debug("%s is not heard of: %s", before, error)
        return self.url != before

    def _list(self) -> tuple[RemoteCalendar, ...]:
        return list_calendars(self._client, self.url)

    def _ask_front_door(self, doubted: ICloudError | None = None) -> None:
        try:
            self.url = find_home(self._client)[0]
        except (Unauthorized, Unavailable, UntrustedHost):
            raise
        except ICloudError as error:
            # It says neither yes nor no, so neither is believed.
            raise Unavailable(error.sentence, status=error.status) from doubted
        finally:
            # What is asked next is never meant for the front door.
            self._client.bind(self.url)
        self._is_confirmed = True
        self._client.believe_password()


def _is_doubtful(error: ICloudError) -> bool:
    if isinstance(error, Refused):
        return error.status == _MISDIRECTED
    return isinstance(error, (Unauthorized, Forbidden, NotFound, Unreachable))


def _contradicted(error: ICloudError) -> Unavailable:
    return Unavailable(
        _(
            "One server of iCloud accepts this account, another does not (status %(status)s).",
            status=error.status,
        ),
        status=error.status,
    )
