"""Times in the visitor's way: 12 or 24 hours, weeks, two zones, and days when clocks change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.main_job.host import at, iso

NEW_YORK = ZoneInfo("America/New_York")


def weekday(visitor):
    return visitor.see(".o_booking_calendar th .visually-hidden").first.text_content()


def next_return_to_winter(zone):
    """The moment after which a clock shows the last hour once more."""
    hour = datetime.now(ZoneInfo("UTC")).replace(minute=0, second=0, microsecond=0)
    while True:
        after = hour + timedelta(hours=1)
        if after.astimezone(zone).utcoffset() < hour.astimezone(zone).utcoffset():
            return after
        hour = after


@pytest.mark.parametrize(
    ("language", "time", "first"),
    [("de-DE", "15:00", "Monday"), ("en-GB", "15:00", "Monday"), ("en-US", "3:00 PM", "Sunday")],
)
def test_the_browser_s_language_says_how_hours_and_weeks_go(
    offer, new_visitor, language, time, first
):
    # The page is in English: nobody has installed German, or nobody has chosen it.
    visitor = new_visitor(locale=language, extra_http_headers={"Accept-Language": language})
    visitor.open(offer.path)
    names = {"Montag": "Monday", "Sonntag": "Sunday"}
    assert names.get(weekday(visitor), weekday(visitor)) == first
    visitor.book(offer.path, at(15))
    assert f"{time} – " in visitor.text("main")


def test_who_wants_it_otherwise_changes_it_once(offer, visitor):
    visitor.open(offer.path)
    visitor.see(".o_booking_habits summary").click()
    visitor.see("label[for=booking_clock_24]").click()
    visitor.see("label[for=booking_week_1]").click()
    assert weekday(visitor) == "Monday"
    address = visitor.book(offer.path, at(15))
    assert weekday_and_clock_are_kept(visitor, address)


def weekday_and_clock_are_kept(visitor, address):
    visitor.page.goto(address)
    assert "15:00 – 15:30" in visitor.text("main")
    visitor.open(f"{address}/move")
    return weekday(visitor) == "Monday" and "15:00 – 15:30" in visitor.text("main")


def test_without_scripts(offer, new_visitor):
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{offer.path}?plain=1")
    visitor.see("select[name=tz]").select_option("America/New_York")
    visitor.see("[name=clock]").select_option("24")
    visitor.page.get_by_role("button", name="Show in this zone").click()
    there = at(15).astimezone(ZoneInfo("America/New_York"))
    words = visitor.text(f"label[for='{iso(at(15))}']")
    assert words == f"{there:%H:%M} 15:00 Berlin"
    visitor.page.goto(f"{offer.path}?plain=1")
    assert visitor.text(f"label[for='{iso(at(15))}']") == "15:00"


def test_the_hour_that_comes_twice_says_which_one_it_is(new_offer, new_visitor, admin):
    change = next_return_to_winter(NEW_YORK)
    day = change.astimezone(NEW_YORK).date()
    mornings = [
        (0, 0, {"name": "Early", "dayofweek": str(weekday), "hour_from": 5, "hour_to": 9})
        for weekday in range(7)
    ]
    values = {"name": "Early", "attendance_ids": [(5,), *mornings]}
    offer = new_offer(
        schedule_id=admin.call("resource.calendar", "create", values),
        horizon_days=365,
        first_day=str(day),
        last_day=str(day),
    )
    visitor = new_visitor(timezone_id="America/New_York")
    visitor.open(offer.path)
    words = "The clocks change on this day: New York."
    assert words in visitor.see(f"[data-day='{day}']").get_attribute("aria-label")
    assert words in visitor.text(".o_booking_times")
    half = timedelta(minutes=30)
    before, after = (
        " ".join(visitor.time(moment).inner_text().split()).partition(")")[0]
        for moment in (change - half, change + half)
    )
    assert (before, after) == ("1:30 AM (GMT−4", "1:30 AM (GMT−5")
    visitor.time(change + half).click()
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    page = visitor.text("main")
    assert "1:30 AM (GMT−5) – 2:00 AM" in page
    assert words in page
