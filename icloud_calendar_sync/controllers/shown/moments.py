"""Times as the pages read and show them: UTC inside, the visitor's zone outside."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel import dates
from odoo.exceptions import UserError
from odoo.tools.misc import babel_locale_parse, get_lang

from ...models.planning.zones import (
    all_zones,
    city_of,
    local_day,
    offset_words,
    to_local,
    zone_words,
)
from .habits import clock_of, habits


def known_zone(*names: str | None) -> str:
    """The first of these that is an IANA zone; UTC when none is."""
    return next((name for name in names if name in all_zones()), "UTC")


def iso(moment: datetime) -> str:
    """ISO 8601 of a naive UTC time, ending in Z."""
    return moment.isoformat(timespec="seconds") + "Z"


def from_iso(text: str) -> datetime:
    """The naive UTC time that `iso` wrote."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def parse_day(text: str | None) -> date | None:
    """A date like 2026-12-01, None when it is none."""
    try:
        return date.fromisoformat(text or "") if len(text or "") == 10 else None
    except ValueError:
        return None


def day_start(env, day: date, days_after: int, zone: str) -> datetime:
    """Naive UTC time at which a date, or one some days after it, begins in a zone.

    :raise UserError: no clock shows that date
    """
    try:
        midnight = datetime.combine(day + timedelta(days=days_after), time(), ZoneInfo(zone))
        return midnight.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise UserError(env._("%s is too far away.", day)) from None


def day_words(env, day: date) -> str:
    """“Tuesday, November 24, 2026” in the page's language."""
    return dates.format_date(day, "full", locale=_locale(env))


def time_words(env, moment: datetime, zone: str) -> str:
    """“2:30 PM”, or “14:30”, as the visitor has it; “1:30 AM (GMT−4)” where that comes twice."""
    locale, clock = _locale(env), habits().clock
    local = to_local(moment, zone)
    if clock_of(locale) == clock:
        words = dates.format_time(local.time(), "short", locale=locale)
    else:
        skeleton = "Hm" if clock == "24" else "hm"
        words = dates.format_skeleton(skeleton, local.replace(tzinfo=None), locale=locale)
    return f"{words} ({offset_words(moment, zone)})" if _comes_twice(local) else words


def there_words(env, start: datetime, stop: datetime | None, zone: str, there: str) -> str:
    """A span of naive UTC times on the host's clock, nothing where the visitor's shows the same.

    “Wed, Nov 25, 3:00 AM – 3:30 AM, Berlin (GMT+1)”; the day only where it is another.
    """
    if is_same_time(start, zone, there):
        return ""
    is_same_day = local_day(start, zone) == local_day(start, there)
    times = [(time_words if is_same_day else short_words)(env, start, there)]
    times += [time_words(env, stop, there)] if stop else []
    return f"{' – '.join(times)}, {zone_words(there, start)}"


def is_same_time(moment: datetime, zone: str, there: str) -> bool:
    """Whether the clocks of two zones show the same at a naive UTC time."""
    return (
        zone == there or to_local(moment, zone).utcoffset() == to_local(moment, there).utcoffset()
    )


def clock_change_words(env, moment: datetime, *zones: str) -> str:
    """That the clocks change on this day, in these zones; nothing where they do not."""
    cities = [city_of(zone) for zone in dict.fromkeys(zones) if _changes_on_day(moment, zone)]
    if not cities:
        return ""
    return env._("The clocks change on this day: %s.", ", ".join(cities))


def _changes_on_day(moment, zone):
    midnight = to_local(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()


def _comes_twice(local):
    # What was computed from UTC is in no gap: its two readings differ only where it comes twice.
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def short_words(env, moment: datetime, zone: str) -> str:
    """“Tue, Nov 24, 2:30 PM”."""
    day = dates.format_skeleton("MMMEd", to_local(moment, zone).date(), locale=_locale(env))
    return f"{day}, {time_words(env, moment, zone)}"


def until_words(env, moment: datetime, zone: str, now: datetime) -> str:
    """“2:30 PM”, with its day when that is not today."""
    is_today = local_day(moment, zone) == local_day(now, zone)
    return (time_words if is_today else short_words)(env, moment, zone)


def duration_words(env, minutes: int) -> str:
    """“1 h 15 min”."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return env._("%s min", rest)
    if not rest:
        return env._("%s h", hours)
    return env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def _locale(env):
    return babel_locale_parse(get_lang(env).code)
