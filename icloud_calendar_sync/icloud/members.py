"""Which addresses in an answer are members of a calendar, however the server writes them."""

from collections.abc import Iterable

from ..sentence import Sentence, _
from .multistatus import shown

# How many members that cannot be used are named.
MAX_NAMED = 20


def in_folder(href: str, folder: str) -> str | None:
    """The member's canonical path below the calendar's; None for what lies elsewhere.

    Members are known by the last part of their path (RFC 4791 section 4.2: calendars hold no
    collections). A server behind a proxy, or one that moved the account, may write the way to the
    same calendar otherwise than we ask for it.

    :param folder: the calendar's canonical path, with its last slash
    """
    # urllib3 follows "..", too.
    if {".", ".."} & {*href.split("/")}:
        return None
    if href.startswith(folder):
        return href
    parts = [part for part in href.split("/") if part]
    own = folder.rstrip("/").rpartition("/")[2]
    is_ours = len(parts) > 1 and parts[-2] == own and not href.endswith("/")
    return folder + parts[-1] if is_ours else None


def named(outside: list[str], unusable: Iterable[str]) -> tuple[Sentence, ...]:
    """What to tell of members that nobody can ask for."""
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
