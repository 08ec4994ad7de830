"""Carries out the wishes of one account: one remote event after the other, each for itself."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from ..ical.write import Session, write
from ..icloud.client import Client, Resource
from ..icloud.errors import (
    BadAnswer,
    ICloudError,
    NotFound,
    PreconditionFailed,
    Unauthorized,
    Unavailable,
)
from ..icloud.multistatus import shown
from ..sentence import _

MAX_REASON_LENGTH = 200

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """One remote event that shall be present (with this content) or absent (`session` None).

    `elsewhere` are the paths it would have in the account's other calendars: a host may have
    dragged it there on the phone.
    """

    key: int
    revision: int
    href: str
    session: Session | None
    may_exist: bool
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What became of an order. `error` None: iCloud holds what was wished, at `href`."""

    order: Order
    href: str
    etag: str | None = None
    error: ICloudError | None = None


def carry_out(client: Client, orders: Iterable[Order], now: datetime) -> Iterator[Result]:
    """Yield a result for each order that was tried.

    A refused password or an unavailable server would meet the next order too, so the orders
    behind it are not tried and have no result.

    :param now: aware UTC time, for the events' time stamps
    """
    for order in orders:
        try:
            href, etag = _present(client, order, now) if order.session else _absent(client, order)
        except ICloudError as error:
            yield Result(order, order.href, error=error)
            if isinstance(error, (Unauthorized, Unavailable)):
                return
        except Exception as error:
            # Whatever stands in this one event, the others shall not wait for it.
            _logger.exception("Remote event %s could not be handled", order.key)
            yield Result(order, order.href, error=_failure(error))
        else:
            yield Result(order, href, etag)


def _failure(error: Exception) -> BadAnswer:
    reason = shown(str(error) or type(error).__name__, MAX_REASON_LENGTH)
    return BadAnswer(_("This event failed in Odoo: %(reason)s", reason=reason))


def _present(client: Client, order: Order, now: datetime) -> tuple[str, str | None]:
    def put_on_top(there: Resource) -> str | None:
        return client.put(there.href, write(order.session, there.data, now=now), etag=there.etag)

    if order.may_exist:
        with suppress(NotFound):  # Deleted or dragged away on the phone: our wish stands.
            return order.href, _with_version(client, order.href, put_on_top)
    try:
        return order.href, client.put(order.href, write(order.session, now=now), etag=None)
    except PreconditionFailed:
        # Either our own PUT whose answer was lost, or iCloud's word for "this UID lives in
        # another calendar of the account".
        return _first_found(client, (order.href, *order.elsewhere), put_on_top)


def _absent(client: Client, order: Order) -> tuple[str, None]:
    def delete(there: Resource) -> None:
        client.delete(there.href, etag=there.etag)

    try:
        return _first_found(client, (order.href, *order.elsewhere), delete)
    except PreconditionFailed:
        return order.href, None  # Nowhere: as wished.


def _first_found(client: Client, hrefs: Iterable[str], act: Callable) -> tuple[str, str | None]:
    for href in hrefs:
        try:
            return href, _with_version(client, href, act)
        except NotFound:
            continue
    raise PreconditionFailed(
        _(
            "iCloud says this event is in another calendar of the account, but none of those it "
            "shows us has it."
        )
    )


def _with_version(client: Client, href: str, act: Callable) -> str | None:
    """Read what stands at `href` and act on that very version (RFC 9110 section 13.1.1).

    Always read first: the phone may have added alarms or notes that a blind write would wipe.
    Once more if it changed in between.
    """
    try:
        return act(client.get(href))
    except PreconditionFailed:
        return act(client.get(href))
