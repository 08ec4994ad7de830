"""What the picker shows."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from tests.main_job.host import at, day_after


def test_only_days_with_free_times_can_be_chosen(offer, visitor):
    busy = at(0, days=3)
    offer.make_busy(busy, busy + timedelta(days=1))
    visitor.open(offer.path)
    visitor.turn_to(day_after(4))
    assert visitor.see(f"[data-day='{day_after(4)}']").count() == 1
    assert visitor.see(f"[data-day='{day_after(3)}']").count() == 0


def test_months_end_where_the_offer_ends(new_offer, visitor):
    offer = new_offer(horizon_days=40)
    visitor.open(offer.path)
    back, forth = visitor.see(".o_booking_previous"), visitor.see(".o_booking_next")
    months = list(dict.fromkeys(f"{day_after(days):%B %Y}" for days in range(41)))
    for month in months:
        visitor.see(f".o_booking_month_name:text-is('{month}')").wait_for()
        assert back.get_attribute("aria-disabled") == ("true" if month == months[0] else "false")
        assert forth.get_attribute("aria-disabled") == ("true" if month == months[-1] else "false")
        if month != months[-1]:
            forth.click()


def test_only_the_months_of_the_days_offered_can_be_shown(new_offer, visitor):
    first, last = day_after(70), day_after(74)
    offer = new_offer(horizon_days=365, first_day=str(first), last_day=str(last))
    visitor.open(offer.path)
    assert visitor.text(".o_booking_month_name") == f"{first:%B %Y}"
    assert visitor.see(".o_booking_day").first.get_attribute("data-day") == str(first)
    forth = visitor.see(".o_booking_next").get_attribute("aria-disabled")
    assert visitor.see(".o_booking_previous").get_attribute("aria-disabled") == "true"
    assert forth == ("true" if first.month == last.month else "false")


def test_a_month_without_times_leads_to_the_next_one_with_some(new_offer, visitor):
    offer = new_offer(horizon_days=120)
    visitor.open(offer.path)
    shown = date.fromisoformat(visitor.see(".o_booking_day").first.get_attribute("data-day"))
    second = (shown.replace(day=1) + timedelta(days=32)).replace(day=1)
    third = (second + timedelta(days=32)).replace(day=1)
    offer.make_busy(*(at(0, days=(day - day_after(0)).days) for day in (second, third)))
    visitor.open(offer.path)
    visitor.see(".o_booking_next").click()
    visitor.see(".o_booking_jump").wait_for()
    assert visitor.text(".o_booking_month_name") == f"{second:%B %Y}"
    assert visitor.text(".o_booking_times p") == f"No free times in {second:%B}."
    assert visitor.text(".o_booking_jump") == f"Next free: {third:%B} 1"
    visitor.see(".o_booking_jump").click()
    visitor.see(f"[data-day='{third}'][aria-pressed=true]").wait_for()
    assert visitor.text(".o_booking_month_name") == f"{third:%B %Y}"


def test_turning_fast_ends_at_the_month_that_was_asked_last(new_offer, visitor):
    offer = new_offer(horizon_days=300)
    visitor.open(offer.path)
    months = [date.fromisoformat(visitor.see(".o_booking_day").first.get_attribute("data-day"))]
    for _ in range(3):
        months.append((months[-1].replace(day=1) + timedelta(days=32)).replace(day=1))
    # What comes after the second month takes longer to find out than what is in the fourth.
    first, last = ((month - day_after(0)).days for month in (months[1], months[3]))
    offer.make_busy(at(0, days=first), at(0, days=last))
    visitor.open(offer.path)
    visitor.see(".o_booking_next").click(click_count=3)
    visitor.see(f"[data-day='{months[3]}'][aria-pressed=true]").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    assert visitor.text(".o_booking_month_name") == f"{months[3]:%B %Y}"
    assert visitor.see(f"[data-day='{months[3]}'][aria-pressed=true]").count() == 1
    assert visitor.see(".o_booking_jump").count() == 0


def test_an_offer_without_any_time_says_so(new_offer, visitor):
    offer = new_offer(horizon_days=2)
    offer.make_busy(at(0, days=-1), at(0, days=4))
    visitor.open(offer.path)
    assert visitor.text(".o_booking_times") == (
        "No free times at the moment. Please look in again."
    )


def test_when_the_times_cannot_be_loaded_one_can_try_again(offer, visitor):
    page = visitor.page
    page.route("**/slots?*", lambda route: route.abort())
    page.goto(offer.path)
    visitor.see(".o_booking_retry").wait_for()
    assert "The free times could not be loaded." in visitor.text(".o_booking_times")
    page.unroute("**/slots?*")
    visitor.see(".o_booking_retry").click()
    visitor.see(".o_booking_time").first.wait_for()


def test_the_month_after_is_fetched_before_anybody_turns_and_nothing_twice(new_offer, visitor):
    offer = new_offer(horizon_days=200)
    asked = []
    visitor.page.on("request", lambda each: asked.append(each.url) if "/slots" in each.url else 0)
    with visitor.page.expect_response(lambda answer: len(asked) > 1 and "/slots" in answer.url):
        visitor.open(offer.path)
        shown = visitor.text(".o_booking_month_name")
    questions = [parse_qs(urlsplit(url).query) for url in asked]
    ends = [[end.replace("Z", ".000Z") for end in each["to"]] for each in questions]
    # The page asks the first one before its scripts do, and they take that answer.
    assert [each["from"] for each in questions[1:]] == ends[:-1]
    visitor.page.route("**/slots?*", lambda route: route.abort())
    visitor.see(".o_booking_next").click()
    visitor.see(".o_booking_day[data-day$='-28']").wait_for()
    assert visitor.text(".o_booking_month_name") != shown
    # What could not be asked ahead is told when somebody turns there, with another try in place.
    visitor.see(".o_booking_next").click()
    visitor.see(".o_booking_retry").wait_for()
    visitor.page.unroute("**/slots?*")
    visitor.see(".o_booking_retry").click()
    visitor.see(".o_booking_day[data-day$='-28'][aria-pressed]").wait_for()


def test_the_page_is_there_before_its_times(offer, visitor):
    held = []
    visitor.page.route("**/slots?*", lambda route: held.append(route))
    visitor.page.goto(offer.path)
    visitor.see(".o_booking_zone option").first.wait_for(state="attached")
    assert visitor.text("h1") == "First visit"
    assert visitor.see(".o_booking_waiting").first.is_visible()
    assert visitor.see(".o_booking_day").count() == 0
    for route in held:
        route.continue_()
    first = visitor.see(".o_booking_day").first
    first.wait_for()
    assert first.get_attribute("aria-pressed") == "true"


def test_what_is_booked_is_not_offered_any_more(offer, visitor):
    offer.book(at(10))
    visitor.open(offer.path)
    visitor.turn_to(at(10).date())
    visitor.see(f"[data-day='{at(10).date()}']").click()
    visitor.time(at(9, 30)).wait_for()
    assert visitor.time(at(10)).count() == 0
