"""Whether an imported event blocks: what iCloud says of it, and what the host chose.

Apple marks all-day events free by itself, so "free" alone does not tell a holiday from a birthday.
Where the host did not choose, no holiday is sold: several days block in any case.
"""

from typing import NamedTuple

# Of all-day events: as iCloud marks them, but those of several days block even when marked free.
SEVERAL_DAYS = "several_days"
AS_MARKED = "as_marked"
ALWAYS = "always"
NEVER = "never"


class Marks(NamedTuple):
    """What iCloud says of an occurrence; `days` counts those of an all-day event, else it is 0."""

    days: int
    empty: bool
    free: bool
    unanswered: bool
    declined: bool


class Choice(NamedTuple):
    """What the host chose for a calendar; `unanswered` and `free`: whether such events block."""

    all_day: str = SEVERAL_DAYS
    unanswered: bool = True
    free: bool = False


class Verdict(NamedTuple):
    """`setting` names the field of `Choice` that decided, None when iCloud's mark did."""

    blocks: bool
    setting: str | None = None


def judge(marks: Marks, choice: Choice) -> Verdict:
    """Return whether an occurrence blocks. What is declined, or lasts no time, never does."""
    if marks.declined or marks.empty:
        return Verdict(blocks=False)
    if marks.unanswered and not choice.unanswered:
        return Verdict(blocks=False, setting="unanswered")
    if marks.days and choice.all_day in (ALWAYS, NEVER):
        blocks = choice.all_day == ALWAYS
        return Verdict(blocks, None if blocks is not marks.free else "all_day")
    if marks.free and choice.free:
        return Verdict(blocks=True, setting="free")
    if marks.free and marks.days > 1 and choice.all_day == SEVERAL_DAYS:
        return Verdict(blocks=True, setting="all_day")
    return Verdict(not marks.free, "unanswered" if marks.unanswered else None)
