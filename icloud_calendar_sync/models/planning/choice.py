"""What a customer chose besides the time."""

from typing import Any, NamedTuple


class Choice(NamedTuple):
    """:param user_id: only this host
    :param service_ids: services of a menu, in the order in which they are done
    :param ignore: sessions whose time counts as free (those that are being moved)
    :param agreed: what the customer has seen of who does what, when, for how much (`Terms.seen`)
    """

    user_id: int | None = None
    service_ids: tuple[int, ...] = ()
    ignore: Any = None
    agreed: str | None = None

    @property
    def ignored_ids(self) -> list[int]:
        return self.ignore.ids if self.ignore else []
