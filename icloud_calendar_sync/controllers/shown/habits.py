"""How a visitor is used to read times: 12 or 24 hours, and the day with which weeks begin."""

from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from odoo.http import request
from odoo.tools.misc import babel_locale_parse, get_lang

# What a switch on a page has chosen, for a year.
CLOCK_COOKIE, WEEK_COOKIE = "booking_clock", "booking_week"
CLOCKS, WEEK_STARTS = ("12", "24"), ("1", "6", "7")
_YEAR = 365 * 24 * 60 * 60
MOST_LANGUAGES = 8


class Habits(NamedTuple):
    """:param clock: "12" or "24"
    :param week_start: "1" is Monday, "7" Sunday
    """

    clock: str
    week_start: str


def habits() -> Habits:
    """The visitor's own: as chosen, else as the language has them that the browser asks for."""
    found = getattr(request, "booking_habits", None)
    if not found:
        found = request.booking_habits = _find_habits()
    return found


def keep_clock() -> None:
    """Remember what was chosen by a form: for who has no script that does."""
    if (clock := request.params.get("clock")) in CLOCKS:
        request.future_response.set_cookie(CLOCK_COOKIE, clock, max_age=_YEAR, samesite="Lax")


def clock_of(locale: Locale) -> str:
    """ "12" or "24": how a language counts hours."""
    pattern = locale.time_formats["short"].pattern
    return "24" if "H" in pattern or "k" in pattern else "12"


def _find_habits():
    locale, lang = _own_locale(), get_lang(request.env)
    is_page_s = locale == babel_locale_parse(lang.code)
    cookies = request.httprequest.cookies
    clock = request.params.get("clock") or cookies.get(CLOCK_COOKIE)
    week = cookies.get(WEEK_COOKIE)
    if week not in WEEK_STARTS:
        week = lang.week_start if is_page_s else str(locale.first_week_day + 1)
    return Habits(clock if clock in CLOCKS else clock_of(locale), week)


def _own_locale():
    """The locale whose habits the visitor has.

    The browser's own dialect of the page's language (British English on an English page); or its
    first language where nobody has chosen one for the page; or the page's.
    """
    lang = get_lang(request.env)
    page = babel_locale_parse(lang.code)
    asked = [_known(tag) for tag, _weight in request.httprequest.accept_languages][:MOST_LANGUAGES]
    asked = [locale for locale in asked if locale]
    same = next((locale for locale in asked if locale.language == page.language), None)
    if same:
        return same
    is_default = lang.code == request.env["ir.http"]._get_default_lang().code
    return asked[0] if asked and is_default else page


def _known(tag):
    """The locale of a tag like “de” or “en-GB”, with the country it is most likely in."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
        if not locale.territory:
            locale = Locale.parse(get_global("likely_subtags").get(locale.language, tag))
    except (ValueError, UnknownLocaleError):
        return None
    return locale
