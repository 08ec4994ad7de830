"""What iCloud lists and nobody can read: it blocks, is tried again, and is set aside at last."""

from contextlib import contextmanager
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from unittest.mock import patch

from odoo import fields
from odoo.addons.icloud_calendar_sync.icloud.discovery import list_calendars
from odoo.addons.icloud_calendar_sync.sync import resources
from odoo.tools import file_path

from devtools.local_icloud.faults.faults import Fault
from devtools.local_icloud.messages import HTML, Answer
from tests.models.icloud.import_case import ImportCase

SCRIPT = "icloud_calendar_sync/migrations/19.0.1.1.0/post-unread.py"
PAGE = b"<html><p>Welcome to our Wi-Fi!<br></html>"


class NoContents(Fault):
    """Whatever asks for an event's data is cut, or gets a page, an error, a 404, or nothing."""

    name = "no_contents"
    methods = ("REPORT", "GET")

    def __init__(self, *, how, of="", queries=False, **common):
        super().__init__(**common)
        self._how, self._of, self._queries = how, of.encode(), queries

    def matches(self, request):
        if request.method == "GET":
            return self._of.decode() in request.path
        is_multiget = b"calendar-multiget" in request.body and self._of in request.body
        return is_multiget or (self._queries and b"calendar-query" in request.body)

    def before(self, _request):
        return Answer(self._how) if isinstance(self._how, int) else None

    def after(self, request, answer):
        if self._how == "cut":
            answer.broken = "truncate"
        elif self._how == "page":
            return Answer(207 if request.method == "REPORT" else 200, {"Content-Type": HTML}, PAGE)
        elif self._how == "reset":
            return Answer(0, broken="reset")
        return answer


class EmptySync(Fault):
    """A 207 to sync-collection that says nothing at all, without a token or with one."""

    name = "empty_sync"
    methods = ("REPORT",)

    def __init__(self, *, token=False, **common):
        super().__init__(**common)
        self._token = token

    def matches(self, request):
        return b"sync-collection" in request.body

    def after(self, _request, answer):
        for child in list(answer.multistatus if answer.multistatus is not None else ()):
            if not (self._token and child.tag.endswith("sync-token")):
                answer.multistatus.remove(child)
        return answer


class NoEtags(Fault):
    """Nothing in a listing has an ETag."""

    name = "no_etags"
    methods = ("REPORT", "PROPFIND")

    def after(self, _request, answer):
        for prop in answer.multistatus.iter("{DAV:}prop") if answer.multistatus is not None else ():
            for etag in prop.findall("{DAV:}getetag"):
                prop.remove(etag)
        return answer


class TestUnread(ImportCase):
    def setUp(self):
        super().setUp()
        self.offer = self.make_type(self.mara)
        self.addCleanup(self.cloud.clear_faults)

    @contextmanager
    def fault(self, name, **options):
        self.cloud.set_fault(name, **options)
        yield
        self.cloud.clear_faults(name)

    def is_offered(self, hour):
        return (hour, 0) in self.starts(self.offer)

    def lines(self):
        return self.env["icloud.log"].search([("account_id", "=", self.account.id)])

    def row(self, href):
        return self.env["icloud.event"].search([("href", "=", href)])

    # -- cases by name -------------------------------------------------------------------------

    def check_cut_once(self, how, events):
        for number in range(events):
            self.put(f"Event {number}", 15, href=f"{self.home.href}{how}{number}.ics")
        with self.fault("no_contents", how=how):
            self.run_import()
            self.assertFalse(self.is_offered(15))
        self.run_import()
        self.assertFalse(self.is_offered(15))
        self.assertTrue(self.is_offered(9))
        self.assertEqual(len(self.imported()), events)
        self.assertFalse(self.mara.with_user(self.mara).icloud_trouble)

    def test_cut_once_at_the_first_import(self):
        self.check_cut_once("cut", 3)

    def test_cut_once_at_a_first_import_of_many(self):
        self.check_cut_once("page", 20)

    def test_cut_once_at_a_later_import(self):
        self.run_import()
        self.assertTrue(self.is_offered(15))
        self.check_cut_once("cut", 1)

    def test_a_page_once_at_a_later_import(self):
        self.run_import()
        self.check_cut_once("page", 3)

    def test_a_reset_once_at_a_later_import_of_many(self):
        self.run_import()
        self.check_cut_once("reset", 6)

    def check_empty_207(self, **options):
        self.put()
        with self.fault("empty_sync", **options):
            self.run_import()
            self.assertFalse(self.is_offered(15))
        self.run_import()
        self.assertFalse(self.is_offered(15))
        self.assertTrue(self.is_offered(9))

    def test_empty_207_at_the_first_import(self):
        self.check_empty_207()

    def test_empty_207_with_a_token_at_the_first_import(self):
        self.check_empty_207(token=True)

    def test_empty_207_at_a_later_import(self):
        self.put("Dentist", 11)
        self.run_import()
        self.check_empty_207()
        self.assertFalse(self.is_offered(11))

    def test_ghost_without_etag(self):
        self.put("Dentist", 11)
        href = self.put()
        with self.fault("no_etags"):
            self.run_import()
        self.assertFalse(self.is_offered(15))
        self.cloud.delete_event(href)
        with self.fault("token_expired"):
            self.run_import()
        self.assertTrue(self.is_offered(15))
        self.assertFalse(self.is_offered(11))

    def test_ghost_without_etag_when_the_token_is_forgotten_in_silence(self):
        self.put("Dentist", 11)
        href = self.put()
        with self.fault("no_etags"):
            self.run_import()
            self.cloud.delete_event(href)
            self.home.sync_token = False
            self.run_import()
        self.assertTrue(self.is_offered(15))

    def test_what_a_lying_token_hid_is_seen_within_a_day(self):
        self.put("Dentist", 11)
        self.run_import()
        with self.fault("late_listing"), self.fault("empty_sync", token=True):
            self.put()
            self.run_import()
        self.home.last_comparison = fields.Datetime.now() - timedelta(days=1)
        self.run_import()
        self.assertFalse(self.is_offered(15))
        self.assertFalse(self.is_offered(11))

    def test_etags_that_are_lost_cost_nothing_but_requests(self):
        hrefs = [self.put(f"Event {hour}", hour) for hour in range(9, 14)]
        self.run_import()
        events = self.imported()
        with self.fault("no_etags"):
            for _time in range(3):
                self.home.write({"sync_token": False, "listed_token": False})
                self.run_import()
            self.env["icloud.event.outcome"].flush_model()
            self.assertEqual(self.imported(), events)
            self.put("Moved", 15, href=hrefs[0])
            self.home.write({"sync_token": False, "listed_token": False})
            self.run_import()
        self.assertEqual(self.imported(), events)
        self.assertTrue(self.is_offered(9))
        self.assertFalse(self.is_offered(15))
        self.assertEqual(len({row.etag for row in self.row(hrefs[1])}), 1)

    def test_starved_calendar(self):
        work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        work.with_user(self.mara).check_conflicts = True
        self.cloud.put_event(
            "mara@icloud.com", "work", summary="Shift", start=self.aware(12), stop=self.aware(13)
        )
        with self.fault("unavailable", path=self.home.href, status=500, retry_after=None):
            self.run_import()
            self.assertFalse(self.starts(self.offer))
        self.assertEqual(len(self.imported()), 1)

    def test_all_or_nothing(self):
        """What was read stays, and is not asked for again."""
        hrefs = {self.put(f"Event {number}", 9 + number % 8) for number in range(12)}
        self.startPatcher(patch.object(resources, "MAX_BATCH", 4))
        with self.fault("no_contents", how=503, after=2):
            self.run_import()
        first = self.imported()
        self.assertEqual(len(first), 8)
        self.assertFalse(self.starts(self.offer))
        read = {event.icloud_origin_id.href for event in first}
        self.time_passes()
        with self.fault("asked_again", hrefs=[*read]):
            self.run_import()
        self.assertEqual(AskedAgain.noted, [])
        self.assertEqual({event.icloud_origin_id.href for event in self.imported()}, hrefs)
        self.assertLessEqual(first, self.imported())
        self.assertTrue(self.home.last_import)

    def test_a_copy_of_ours_that_cannot_be_read_closes_nothing(self):
        self.run_import()
        self.book(10, user_id=self.mara.id)
        self.push()
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        self.cloud.put_event("mara@icloud.com", "home", data.replace(b"First", b"Last"), href=href)
        with self.fault("no_contents", how=500, of=href):
            for _try in range(4):
                self.run_import()
                self.assertTrue(self.is_offered(9))
        self.assertFalse(self.imported())
        self.assertFalse(self.home.known_until)

    # -- for longer ------------------------------------------------------------------------------

    def test_what_stays_unreadable_blocks_and_is_set_aside_with_its_time(self):
        self.run_import()
        href = self.put()
        with self.fault("no_contents", how=500, of=href):
            for tries in (1, 2):
                self.run_import()
                self.assertEqual(self.home.unread, {href: tries})
                self.assertFalse(self.starts(self.offer))
            self.put("Dentist", 11)
            self.run_import()
            self.assertFalse(self.is_offered(15))
            self.assertFalse(self.is_offered(11))
            self.assertTrue(self.is_offered(9))
            self.assertTrue(self.row(href).set_aside)
            self.assertIn("does not give it out. It begins", self.lines()[0].message)
            self.assertEqual(len(self.lines()), 1)
            token = self.home.sync_token
            self.cloud.clear_requests()
            self.run_import()
            self.assertEqual(len(self.cloud.requests()), 1)
            self.assertEqual(self.home.sync_token, token)
        self.row(href).next_reading = fields.Datetime.now()
        self.run_import()
        self.assertEqual(len(self.imported()), 2)
        self.assertFalse(self.row(href).set_aside)
        self.assertFalse(self.row(href).unstored)
        self.assertFalse(self.is_offered(15))

    def test_what_was_known_blocks_while_its_change_cannot_be_read(self):
        href = self.put()
        self.run_import()
        self.put("Moved", 11, href=href)
        with self.fault("no_contents", how="page", of=href):
            self.run_import()
            self.assertFalse(self.starts(self.offer))
            self.run_import()
            self.run_import()
            self.assertFalse(self.is_offered(15))
            self.assertFalse(self.is_offered(11))
            self.assertTrue(self.is_offered(9))
        self.put("Moved again", 12, href=href)
        self.run_import()
        self.assertFalse(self.is_offered(12))
        self.assertTrue(self.is_offered(15))

    def test_when_the_server_cannot_tell_either_all_times_are_closed_and_the_owner_knows_why(self):
        self.run_import()
        href = self.put()
        with self.fault("no_contents", how=500, of=href, queries=True):
            for _try in range(3):
                self.run_import()
            self.offer.stale_policy = "show"
            self.assertFalse(self.starts(self.offer))
            self.assertIn("Open it on your phone", self.lines()[0].message)
            self.assertIn("not offered", self.mara.with_user(self.mara).icloud_trouble)
        self.row(href).next_reading = fields.Datetime.now()
        self.run_import()
        self.assertTrue(self.is_offered(9))
        self.assertFalse(self.is_offered(15))

    def test_a_stale_entry_does_not_block(self):
        href = self.put()
        self.put("Dentist", 11)
        self.run_import()
        with self.fault("stale_entry", href=href):
            self.put("Ghost", 15, href=href)
            for _try in range(3):
                self.run_import()
        self.assertTrue(self.is_offered(15))
        self.assertFalse(self.is_offered(11))
        self.assertIn("does not have it any more", self.lines()[0].message)

    def test_a_resource_that_shows_late_is_asked_for_half_a_minute_later(self):
        self.run_import()
        href = self.put()
        with self.fault("poison_member", path=href):
            self.run_import()
        wait = self.account.next_import - fields.Datetime.now()
        self.assertLess(wait, timedelta(seconds=100))
        cron = self.env.ref("icloud_calendar_sync.cron_import")
        soon = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).mapped("call_at")
        ahead = [moment - fields.Datetime.now() for moment in soon]
        self.assertTrue(any(timedelta() < each <= timedelta(seconds=30) for each in ahead), ahead)

    def test_a_malformed_file_blocks_when_it_takes_place(self):
        self.run_import()
        href = self.put()
        data = self.cloud.events("mara@icloud.com", "home")[href]
        with self.fault("garbled", href=href):
            self.put("Changed", 15, href=href)
            self.run_import()
        self.assertIn(b"DTSTART", data)
        self.assertTrue(self.row(href).set_aside)
        self.assertFalse(self.is_offered(15))
        self.assertTrue(self.is_offered(9))

    def test_a_file_too_large_blocks_when_it_takes_place(self):
        self.run_import()
        href = self.put("Huge", 10, description="x" * 3_000_000)
        self.run_import()
        self.assertTrue(self.row(href).set_aside)
        self.assertFalse(self.is_offered(10))
        self.assertTrue(self.is_offered(9))

    def test_what_nobody_can_read_and_lies_on_a_booking_is_told(self):
        self.run_import()
        booking = self.book(10, user_id=self.mara.id)
        self.put("Huge", 10, description="x" * 3_000_000)
        self.run_import()
        activity = booking.activity_ids
        self.assertEqual(activity.user_id, self.mara)
        self.assertIn("busy from", activity.note)

    def test_what_was_set_aside_before_the_upgrade_is_looked_for(self):
        href = self.put()
        self.cloud.set_fault("no_contents", how=404, of=href)
        self.run_import()
        self.home.write({"unread": {href: 4}, "incomplete": False})
        tokens = self.cloud_tokens()
        self.home.write({**tokens, "last_import": fields.Datetime.now()})
        self.env.flush_all()
        spec = spec_from_file_location("migration", file_path(SCRIPT))
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertTrue(self.is_offered(15))
        self.run_import()
        self.assertFalse(self.is_offered(15))
        self.assertTrue(self.is_offered(9))

    def cloud_tokens(self):
        """What a complete look would have left on the calendar."""
        account = self.account.sudo()
        with account._open_client(10) as client:
            listed = {each.href: each for each in list_calendars(client, account.home_url)}
        home = listed[self.home.href]
        return {"listed_token": home.sync_token, "sync_token": home.sync_token}


class AskedAgain(Fault):
    """Notes who asks for the data of these members."""

    name = "asked_again"
    methods = ("REPORT", "GET")
    noted = ()

    def __init__(self, *, hrefs, **common):
        super().__init__(**common)
        self._hrefs = hrefs
        AskedAgain.noted = []

    def after(self, request, answer):
        asked = request.body.decode() + request.path if b"multiget" in request.body else ""
        self.noted += [href for href in self._hrefs if f"{href}<" in asked]
        return answer


class StaleEntry(Fault):
    """A member is listed and not there: 404 for who asks, and no search finds it."""

    name = "stale_entry"
    methods = ("REPORT", "GET")

    def __init__(self, *, href, **common):
        super().__init__(**common)
        self._href = href

    def matches(self, request):
        return b"sync-collection" not in request.body

    def after(self, request, answer):
        if request.method == "GET":
            return Answer(404) if request.path == self._href else answer
        for each in list(answer.multistatus if answer.multistatus is not None else ()):
            if each.findtext("{DAV:}href") == self._href:
                answer.multistatus.remove(each)
        return answer


class Garbled(Fault):
    """A member's data end in the middle, wherever one asks."""

    name = "garbled"
    methods = ("REPORT", "GET")

    def __init__(self, *, href, **common):
        super().__init__(**common)
        self._href = href

    def after(self, request, answer):
        if request.method == "GET" and request.path == self._href:
            answer.body = answer.body.partition(b"DTSTART")[0]
        data = "{urn:ietf:params:xml:ns:caldav}calendar-data"
        for each in answer.multistatus if answer.multistatus is not None else ():
            if (
                each.findtext("{DAV:}href") == self._href
                and (found := each.find(f".//{data}")) is not None
            ):
                found.text = (found.text or "").partition("DTSTART")[0]
        return answer


class TestUnreadCopy(ImportCase):
    """A copy of ours that was dragged to another calendar, and could not be read there at first."""

    def setUp(self):
        super().setUp()
        self.work = self.account.sudo().calendar_ids.filtered(
            lambda calendar: calendar.href.endswith("/work/")
        )
        self.work.check_conflicts = True
        self.run_import()
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.copy = booking.event_id.sudo().icloud_event_ids
        ((href, data),) = self.cloud.events("mara@icloud.com", "home").items()
        self.cloud.delete_event(href)
        self.there = f"{self.work.href}{href.rpartition('/')[2]}"
        self.data = data

    def dragged(self):
        """It was set aside there, and can be read again."""
        unreadable = self.data.replace(b"BEGIN:VEVENT", b"BEGIN:")
        self.cloud.put_event("mara@icloud.com", "work", unreadable, href=self.there)
        self.run_import()
        row = self.env["icloud.event"].search([("href", "=", self.there)])
        self.assertTrue(row.set_aside)
        self.cloud.delete_event(self.there)
        self.cloud.put_event("mara@icloud.com", "work", self.data, href=self.there)
        return row

    def assert_followed(self, row):
        self.assertFalse(row.exists())
        self.assertEqual((self.copy.href, self.copy.calendar_id), (self.there, self.work))
        self.assertFalse(self.copy.last_error)
        self.assertFalse(self.account.sudo().last_error)
        self.assertEqual(len(self.in_icloud(self.mara, "work")), 1)
        self.assertFalse(self.in_icloud(self.mara))

    def test_a_look_follows_it(self):
        row = self.dragged()
        self.run_import()
        self.assert_followed(row)

    def test_a_push_follows_it(self):
        row = self.dragged()
        self.copy.event_id.location = "Elsewhere"
        self.push()
        self.assert_followed(row)
