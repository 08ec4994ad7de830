"""The main job, step by step, as Lea (a host), Anna (a customer) and Jonas (a colleague) do it."""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import TypeVar

import icalendar
from playwright.sync_api import Browser, Locator, Page, expect

from devtools.demo import events
from devtools.demo.browser import PHONE, User, open_page, save_picture
from devtools.demo.salon import LEA, PASSWORDS, Salon

WRONG_PASSWORD = "aaaa-bbbb-cccc-dddd"
REFUSAL = (
    "iCloud refused this e-mail and password. Check the e-mail address, or make a new "
    "app-specific password and paste it here."
)
OFFER = "/bookings/video-call"
PLACE = "Online, the link comes by e-mail"
SCHOOL_RUN = "Pick John from school"
SECONDS = 30
T = TypeVar("T")


class Walk:
    """Each step proves something and returns the proof; its docstring is its name."""

    def __init__(self, salon: Salon, browser: Browser, pictures: Path | None) -> None:
        self.salon, self._browser, self._pictures = salon, browser, pictures
        self._lea = User(browser, salon.odoo.url, "lea")
        self._anna = open_page(browser, salon.odoo.url, PHONE)
        self._api = salon.login("lea")
        self._start = events.at(events.working_day(1), 10)

    def steps(self) -> tuple[Callable[[], str], ...]:
        return (
            self.connect_with_a_wrong_password,
            self.connect,
            self.choose_calendars,
            self.book,
            self.find_the_event,
            self.look_for_attendees,
            self.move,
            self.cancel,
            self.add_a_school_run,
            self.ask_a_colleague,
            self.look_at_the_page,
            self.look_for_mails,
        )

    def pages(self) -> list[Page]:
        """What is open in the browser."""
        return [self._lea.page, self._anna]

    # -- connecting ----------------------------------------------------------------------------

    def connect_with_a_wrong_password(self) -> str:
        """Lea connects with a wrong password and is told what is wrong"""
        self._lea.integrations().get_by_role("button", name="Connect", exact=True).click()
        dialog = self._fill_in_and_connect(WRONG_PASSWORD)
        refusal = dialog.get_by_role("alert")
        expect(refusal).to_have_text(REFUSAL)
        self._picture("connect-wrong")
        assert not self._api.find("icloud.account", [], "state"), "something was stored"
        return f"“{refusal.inner_text()}”"

    def connect(self) -> str:
        """Then with the right one"""
        dialog = self._fill_in_and_connect(PASSWORDS[LEA])
        found = dialog.get_by_role("status")
        # All but the reminders, which are no calendar.
        count = len(self.salon.cloud.calendars(LEA)) - 1
        expect(found).to_have_text(f"Connected: {count} calendars found")
        self._picture("connect-right")
        said = found.inner_text()
        dialog.get_by_role("button", name="Choose calendars").click()
        return f"“{said}”"

    def _fill_in_and_connect(self, password: str) -> Locator:
        dialog = self._lea.dialog("Connect iCloud Calendar")
        dialog.get_by_label("Apple Account e-mail").fill(LEA)
        dialog.get_by_label("App-specific password").fill(password)
        dialog.get_by_role("button", name="Connect").click()
        return dialog

    def choose_calendars(self) -> str:
        """She chooses Work for her bookings, and lets Home and Family block times too"""
        dialog = self._lea.dialog("Change My Preferences")
        dialog.get_by_label("Primary calendar").click()
        options = self._lea.page.locator(".o-autocomplete--dropdown-item")
        work = options.get_by_text("Work", exact=True)
        work.wait_for()
        assert "School holidays" not in options.all_inner_texts(), "a read-only one is offered"
        work.click()
        for name in ("Home", "Family"):
            dialog.get_by_label(name).set_checked(True)
        self._picture("calendars")
        dialog.get_by_role("button", name="Update Preferences").click()
        dialog.wait_for(state="detached")
        primary, blocking = self._chosen_calendars()
        assert (primary, blocking) == ("Work", ["Family", "Home", "Work"]), (primary, blocking)
        return f"primary {primary}; checked for conflicts: {', '.join(blocking)}"

    def _chosen_calendars(self) -> tuple[str, list[str]]:
        names = ("icloud_primary_calendar_id", "icloud_conflict_calendar_ids")
        [chosen] = self._api.find("res.users", [("id", "=", self._api.uid)], *names)
        calendars = self._api.find("icloud.calendar", [], "name")
        by_id = {calendar["id"]: calendar["name"] for calendar in calendars}
        return by_id[chosen[names[0]]], sorted(by_id[each] for each in chosen[names[1]])

    # -- booking -------------------------------------------------------------------------------

    def book(self) -> str:
        """Anna books a video call on her phone"""
        self._until(self._is_offered, "her calendars are not read")
        self._time_button().click()
        self._anna.get_by_label("Name").fill("Anna Berg")
        self._anna.get_by_label("E-mail").fill("anna.berg@example.com")
        self._booked_at = time.monotonic()
        self._anna.get_by_role("button", name="Confirm").click()
        self._anna.get_by_role("heading", name="You are booked").wait_for()
        return (
            f"“You are booked”, {self._start:%A %d %B, %H:%M}; {self._anna.url.partition('?')[0]}"
        )

    def _open_day(self) -> None:
        """The offer's page, on the day of the booking."""
        self._anna.goto(OFFER)
        idle = self._anna.locator(".o_booking_calendar[aria-busy=false]")
        idle.wait_for()
        day = self._anna.locator(f"[data-day='{self._start:%Y-%m-%d}']")
        if not day.count():
            # Of next month, or not free at all; then the button does nothing.
            self._anna.locator(".o_booking_next").click(force=True)
            idle.wait_for()
        if day.count():
            day.click()
            expect(day).to_have_attribute("aria-pressed", "true")

    def _time_button(self) -> Locator:
        start = self._start.astimezone(UTC)
        return self._anna.locator(f".o_booking_time[data-start='{start:%Y-%m-%dT%H:%M:%SZ}']")

    def _is_offered(self) -> bool:
        self._open_day()
        return self._time_button().count() == 1

    def find_the_event(self) -> str:
        """The event stands in Lea's iCloud with time, zone, title and place"""
        event = self._until(self._event, "no event came")
        seconds = time.monotonic() - self._booked_at
        zone = event["DTSTART"].params["TZID"]
        length = event.end - event.start
        assert event.start == self._start, event.start
        assert (zone, length) == ("Europe/Berlin", timedelta(minutes=20)), (zone, length)
        assert event["SUMMARY"] == "Video call: Anna Berg", event["SUMMARY"]
        assert event["LOCATION"] == PLACE, event["LOCATION"]
        assert "anna.berg@example.com" in event["DESCRIPTION"], event["DESCRIPTION"]
        return (
            f"{event.start:%H:%M}–{event.end:%H:%M} {zone}, “{event['SUMMARY']}”, {PLACE}; "
            f"{seconds:.1f} s after Confirm"
        )

    def look_for_attendees(self) -> str:
        """It has no ATTENDEE and no ORGANIZER, so Apple writes to nobody"""
        [text] = self._files()
        found = re.findall(r"^(?:ATTENDEE|ORGANIZER|METHOD).*", text, re.MULTILINE)
        assert not found, found
        return f"{len(text.splitlines())} lines, none of these"

    def move(self) -> str:
        """Lea moves it in Odoo, and it moves in iCloud"""
        hers = [("booking_type_id", "!=", False), ("user_id", "=", self._api.uid)]
        [session] = self._api.find("calendar.event", hers, "start")
        self._start += timedelta(hours=1)
        times = (self._start, self._start + timedelta(minutes=20))
        start, stop = (f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for moment in times)
        begin = time.monotonic()
        self._api.call("calendar.event", "write", [session["id"]], {"start": start, "stop": stop})
        event = self._until(self._event_at_start, "it did not move")
        assert len(self._files()) == 1
        return f"now {event.start:%H:%M}–{event.end:%H:%M}, {time.monotonic() - begin:.1f} s later"

    def cancel(self) -> str:
        """Anna cancels on her phone, and it is gone from iCloud"""
        self._anna.get_by_role("link", name="Cancel").click()
        self._anna.get_by_role("button", name="Cancel the booking").click()
        self._anna.get_by_role("heading", name="This booking is cancelled").wait_for()
        begin = time.monotonic()
        self._until(lambda: not self._files(), "it is still there")
        return f"Work is empty, {time.monotonic() - begin:.1f} s later"

    def _files(self) -> list[str]:
        return [data.decode() for data in self.salon.cloud.events(LEA, "Work").values()]

    def _event(self) -> icalendar.Event | None:
        texts = self._files()
        return icalendar.Calendar.from_ical(texts[0]).events[0] if texts else None

    def _event_at_start(self) -> icalendar.Event | None:
        event = self._event()
        return event if event and event.start == self._start else None

    # -- her own events ------------------------------------------------------------------------

    def add_a_school_run(self) -> str:
        """“Pick John from school”, made on Lea's iPhone, shows in her Odoo under its title"""
        assert self._is_offered(), "the hour is not free before"
        stop = self._start + timedelta(hours=1)
        self.salon.cloud.put_event(LEA, "Home", summary=SCHOOL_RUN, start=self._start, stop=stop)
        self._lea.integrations().get_by_role("button", name="Sync now").click()
        self._until(self._imported, "it did not come to Odoo")
        events = self._lea.open_week(_weeks_ahead(self._start.date()))
        expect(events.filter(has_text=SCHOOL_RUN)).to_be_visible()
        self._picture("calendar-host")
        return f"“{SCHOOL_RUN}” on {self._start:%A, %H:%M}"

    def _imported(self) -> list[dict]:
        hers = [("icloud_origin_id", "!=", False), ("user_id", "=", self._api.uid)]
        return self._api.find("calendar.event", hers, "name")

    def ask_a_colleague(self) -> str:
        """Jonas sees “Busy” there"""
        jonas = User(self._browser, self.salon.odoo.url, "jonas")
        events = jonas.open_week(_weeks_ahead(self._start.date()))
        jonas.page.locator(".o_calendar_filter_item", has_text="Lea").get_by_role(
            "checkbox"
        ).check()
        [imported] = self._imported()
        hers = jonas.page.locator(f".fc-event[data-event-id='{imported['id']}']")
        expect(hers).to_contain_text("Busy")
        self._picture("calendar-colleague", jonas.page)
        assert "John" not in jonas.page.content(), "the title is in the page"
        assert not events.filter(has_text="John").count()
        return "“Busy”; the title is nowhere in the page"

    def look_at_the_page(self) -> str:
        """Its hour is off the booking page"""
        self._open_day()
        assert not self._time_button().count(), "it is still offered"
        self._picture("page-hour-taken", self._anna, whole=True)
        texts = self._anna.locator(".o_booking_time").all_inner_texts()
        return f"offered on that day: {', '.join(texts)}"

    def look_for_mails(self) -> str:
        """Apple would have mailed nobody"""
        mails = self.salon.cloud.mails()
        assert not mails, mails
        return "the local iCloud's log of mails is empty"

    # -- helpers -------------------------------------------------------------------------------

    def _until(self, condition: Callable[[], T], otherwise: str) -> T:
        deadline = time.monotonic() + SECONDS
        while not (found := condition()):
            assert time.monotonic() < deadline, f"{otherwise} within {SECONDS} s"
            time.sleep(0.05)
        return found

    def _picture(self, name: str, page: Page | None = None, *, whole: bool = False) -> None:
        if self._pictures:
            save_picture(page or self._lea.page, self._pictures / f"{name}.png", whole=whole)


def _weeks_ahead(day: date) -> int:
    """How often to turn over an Odoo calendar whose weeks begin on Sunday."""
    today = events.today()
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    return (day - sunday).days // 7
