"""Does what the worker does while a look is under way: answers from what is known, and collects."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from icloud_calendar_sync.icloud.errors import ICloudError
from icloud_calendar_sync.sync.importer import look
from icloud_calendar_sync.sync.news import CalendarNews, Listing, Need, Part, Watched, Window

EMAIL = "mara@icloud.com"
WINDOW = Window(
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2027, 11, 1, tzinfo=UTC),
    "Europe/Brussels",
    frozenset({EMAIL}),
)
START = datetime(2026, 12, 1, 14, tzinfo=UTC)


@dataclass
class Answer:
    """What a whole look said; `news` with all their parts. `error`: not even the listing came."""

    home_url: str = ""
    calendars: tuple = ()
    news: tuple = ()
    needs: tuple = ()
    error: ICloudError | None = None


def look_at(client, home_url, known, window) -> Answer:
    """:param known: of each calendar all there is to know"""
    known = {each.key: each for each in known}
    kept = {key: sum(each.held.values()) for key, each in known.items()}
    watched = [
        Watched(
            each.key,
            each.href,
            each.listed_token,
            each.sync_token,
            is_due=bool(each.again or each.fresh),
        )
        for each in known.values()
    ]
    answer, parts, reply = Answer(), {}, None
    looking = look(client, home_url, watched, window)
    while True:
        try:
            item = looking.send(reply)
        except StopIteration:
            return answer
        except ICloudError as error:
            answer.error = error
            return answer
        reply = None
        match item:
            case Listing():
                answer.home_url, answer.calendars = item.home_url, item.calendars
            case Need():
                answer.needs += (item,)
                reply = of_those(known[item.key], item.hrefs, kept)
            case Part():
                parts.setdefault(item.key, []).extend(item.found)
            case CalendarNews():
                found = (*parts.pop(item.key, ()), *item.found)
                answer.news += (replace(item, found=found),)


def of_those(known, hrefs, kept):
    """What is known of these resources alone, and of those that are due."""
    wanted = known.etags.keys() if hrefs is None else hrefs | known.again | known.fresh
    return replace(
        known,
        etags={href: etag for href, etag in known.etags.items() if href in wanted},
        count=len(known.etags),
        kept=kept,
    )
