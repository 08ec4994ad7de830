"""What fails steps behind, its owner hears of it, and it heals by itself."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.icloud_calendar_sync.models.icloud.account import notices
from odoo.addons.icloud_calendar_sync.models.icloud.push import telling
from odoo.addons.icloud_calendar_sync.sync.orders import Feed
from odoo.addons.icloud_calendar_sync.sync.push import Run

from tests.models.common import ICloudCase


class PushCase(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara).sudo()
        self.run_import()
        self.cloud.clear_requests()

    def copies(self, booking):
        return booking.event_id.sudo().icloud_event_ids

    def lines(self):
        self.env.invalidate_all()
        return self.env["icloud.log"].search([], order="id").mapped("message")

    def notices(self, user=None):
        """Messages to Mara, and mails to her; or to another host."""
        domain = [("partner_ids", "in", (user or self.mara).partner_id.ids)]
        return self.env["mail.message"].search(domain, order="id")

    def refuse(self, copy, status=403):
        self.cloud.set_fault("refused", status=status, methods=["PUT"], path=copy.href)

    def home(self):
        return self.cloud.events("mara@icloud.com", "home")


class TestOrder(PushCase):
    def test_a_fresh_booking_goes_before_a_backlog_and_before_what_failed(self):
        failed = self.copies(self.book(9, user_id=self.mara.id))
        self.settle()
        self.refuse(failed)
        self.push()
        old = [self.copies(self.book(10 + hour, user_id=self.mara.id)) for hour in range(3)]
        self.settle()
        for copy in old:
            self.age(copy, minutes=10)
        fresh = self.copies(self.book(15, user_id=self.mara.id))
        self.time_passes()
        self.cloud.clear_faults()
        self.cloud.clear_requests()
        self.push()
        sent = [each["path"] for each in self.puts()]
        self.assertEqual(sent[0], fresh.href)
        self.assertEqual(set(sent[1:-1]), {copy.href for copy in old})
        self.assertEqual(sent[-1], failed.href)

    def age(self, copy, **ago):
        self.env.cr.execute(
            "UPDATE icloud_event SET write_date = write_date - %s WHERE id = %s",
            [timedelta(**ago), copy.id],
        )

    def test_one_that_can_never_be_sent_stops_no_other(self):
        for status in (500, 403, 400):
            poison = self.copies(self.book(9, user_id=self.mara.id))
            self.settle()
            self.cloud.set_fault(
                "unavailable", status=status, retry_after=None, methods=["PUT"], path=poison.href
            )
            good = [self.book(10 + hour, user_id=self.mara.id) for hour in range(2)]
            self.push()
            for booking in good:
                self.assertFalse(self.copies(booking).last_error)
            self.assertTrue(poison.last_error)
            self.assertFalse(self.account.quiet_until)
            (poison.event_id.booking_ids | good[0] | good[1]).action_cancel()
            self.cloud.clear_faults()
            self.time_passes()
            self.push()
            self.assertFalse(self.home())

    def test_a_pause_in_the_far_future_is_not_believed(self):
        copy = self.copies(self.book(10, user_id=self.mara.id))
        self.settle()
        hour = timedelta(hours=1)
        for name in ("next_try", "leased_until"):
            copy.outcome_id[name] = fields.Datetime.now() + hour
        self.account.write({"quiet_until": fields.Datetime.now() + hour, "quiet_seconds": 30})
        self.push()
        self.assertEqual(len(self.home()), 1)

    def test_the_work_of_one_batch_costs_a_fixed_number_of_queries(self):
        def claim(count, hour):
            for number in range(count):
                self.book(hour + number // 2, 30 * (number % 2), user_id=self.mara.id)
            self.settle()
            self.env.invalidate_all()
            worker = self.env["icloud.push"].sudo()
            before = self.env.cr.sql_log_count
            [orders] = worker._claim().values()
            self.assertEqual(len(orders), count)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = claim(2, 9)
        self.assertLessEqual(claim(10, 10), few)


class TestTold(PushCase):
    def fail_once(self):
        booking = self.book(10, user_id=self.mara.id)
        self.settle()
        self.refuse(self.copies(booking))
        self.push()
        return booking

    def again(self):
        self.time_passes()
        self.push()

    def test_a_line_at_once_and_once_for_a_reason(self):
        self.fail_once()
        self.again()
        [line] = self.lines()
        self.assertIn("First visit: Anna Berg", line)
        self.assertIn("not on your iPhone", line)

    def test_a_notice_after_five_tries_and_one_only(self):
        booking = self.fail_once()
        for _try in range(3):
            self.again()
        self.assertFalse(self.notices())
        for _try in range(4):
            self.again()
        [notice] = self.notices()
        self.assertIn("do not reach your iPhone", notice.subject)
        self.assertIn("First visit: Anna Berg", notice.body)
        self.assertIn("keeps trying", notice.body)
        self.assertTrue(notice.mail_ids or notice.notification_ids)
        self.assertTrue(self.copies(booking).is_told)

    def test_a_notice_after_an_hour(self):
        copy = self.copies(self.fail_once())
        copy.outcome_id.failing_since = fields.Datetime.now() - timedelta(hours=2)
        self.again()
        self.assertEqual(len(self.notices()), 1)

    def test_many_are_told_together(self):
        self.cloud.set_fault("refused", status=403, methods=["PUT"])
        for hour in range(9, 16):
            self.book(hour, user_id=self.mara.id)
        with patch.object(telling, "OFTEN", 1):
            self.push()
        self.assertEqual(len(self.notices()), 1)
        self.assertLessEqual(len([line for line in self.lines() if "reach" not in line]), 3)
        self.assertIn("more", self.notices().body)

    def test_the_booking_says_so_to_its_host_and_to_managers_and_heals(self):
        booking = self.fail_once()
        self.assertIn("not on your iPhone yet", self.said(self.mara, booking))
        self.assertFalse(self.said(self.colleague, booking.sudo()))
        manager = self.env.ref("base.user_admin")
        self.assertIn("Mara’s iPhone", self.said(manager, booking))
        self.cloud.clear_faults()
        self.again()
        self.assertFalse(self.said(self.mara, booking))
        self.assertIn("is on your iPhone now", self.lines()[-1])

    def said(self, user, booking):
        self.env.invalidate_all()
        return booking.with_user(user).sudo(booking.env.su).not_on_phone

    def test_a_booking_that_waits_for_a_password_says_so(self):
        self.cloud.revoke("mara@icloud.com")
        self.push_refused()
        late = self.book(12, user_id=self.mara.id)
        self.settle()
        self.assertIn("password", self.said(self.mara, late))

    def push_refused(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.assertEqual(self.account.state, "password_needed")


class TestGone(PushCase):
    """Gone is what a second look confirms; what is gone is remembered."""

    def cancelled(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        copy = self.copies(booking)
        [data] = self.home().values()
        booking.action_cancel()
        return copy, data

    def test_an_answer_that_confirms_nothing_ends_nothing(self):
        for fault, options in (
            ("refused", {"status": 404, "methods": ["GET", "REPORT", "DELETE"]}),
            ("refused", {"status": 410, "methods": ["GET", "REPORT", "DELETE"]}),
            ("refused", {"status": 412, "methods": ["DELETE"], "times": 2}),
            ("nonsense", {"methods": ["DELETE"], "times": 1}),
        ):
            with self.subTest(fault=fault, **options):
                copy, _data = self.cancelled()
                self.cloud.set_fault(fault, **options)
                self.push()
                self.assertTrue(self.home())
                self.assertNotEqual(copy.pushed_revision, copy.revision)
                self.cloud.clear_faults()
                self.time_passes()
                self.push()
                self.assertFalse(self.home())
                self.assertEqual(copy.pushed_revision, copy.revision)
                self.run_import()
                self.assertIn((10, 0), self.starts(self.make_type(self.mara)))

    def test_what_reappears_is_deleted_again_and_never_imported(self):
        copy, data = self.cancelled()
        self.push()
        self.assertFalse(self.home())
        self.cloud.put_event("mara@icloud.com", "work", data, href=self.work_href(copy))
        self.account.calendar_ids.check_conflicts = True
        self.run_import()
        self.assertFalse(self.env["calendar.event"].search([("icloud_origin_id", "!=", False)]))
        self.push()
        self.assertFalse(self.cloud.events("mara@icloud.com", "work"))
        self.cloud.clear_requests()
        self.push()
        self.assertFalse(self.cloud.requests())

    def work_href(self, copy):
        work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        return work.href + copy.href.rpartition("/")[2]

    def test_it_is_remembered_for_a_year_and_then_forgotten(self):
        copy, _data = self.cancelled()
        self.push()
        self.env["icloud.event"]._gc_buried()
        self.assertTrue(copy.exists())
        copy.outcome_id.pushed_at = fields.Datetime.now() - timedelta(days=401)
        self.env["icloud.event"]._gc_buried()
        self.assertFalse(copy.exists())

    def test_disconnecting_ends_although_one_cannot_be_deleted(self):
        bookings = [self.book(hour, user_id=self.mara.id) for hour in (10, 11)]
        self.push()
        stuck = self.copies(bookings[0])
        self.cloud.set_fault("refused", status=403, methods=["DELETE"], path=stuck.href)
        self.account.with_user(self.mara).action_disconnect(remove=True)
        for _try in range(6):
            self.time_passes()
            self.push()
        self.assertEqual(self.account.state, "disconnecting")
        self.time_passes()
        stuck.outcome_id.failing_since -= timedelta(hours=25)
        self.push()
        self.assertEqual(self.account.state, "disconnected")
        self.assertFalse(self.account.secret)
        self.assertIn("1 bookings could not be removed", self.lines()[-1])
        stays = f"They stay there until you connect again: {stuck._in_words()}"
        self.assertIn(stays, self.lines()[-1])
        self.assertEqual(len(self.home()), 1)
        self.cloud.clear_faults()
        self.connect(self.mara)
        self.push()
        self.assertNotIn(stuck.href, self.home())
        self.assertEqual(len(self.home()), 2)

    def test_a_delete_that_does_nothing_is_not_believed(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.cloud.set_fault("nonsense", status=200, methods=["DELETE"])
        self.account.with_user(self.mara).action_disconnect(remove=True)
        for _try in range(6):
            self.time_passes()
            self.push()
        self.assertEqual(self.account.state, "disconnecting")
        self.assertIn("A booking is still on your iPhone", self.lines()[-1])
        self.cloud.clear_faults()
        self.time_passes()
        self.push()
        self.assertEqual(self.account.state, "disconnected")
        self.assertFalse(self.home())


class TestPutBack(PushCase):
    """What the host changes on the phone is put back, and the host is told."""

    def setUp(self):
        super().setUp()
        self.booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.run_import()
        [(self.href, self.data)] = self.home().items()

    def edit(self, old, new):
        edited = self.data.replace(old, new)
        self.assertNotEqual(edited, self.data)
        self.cloud.put_event("mara@icloud.com", "home", edited, href=self.href)

    def look(self):
        self.run_import()
        self.push()

    def test_each_change_is_put_back_and_named(self):
        start = self.aware(10).strftime("T%H%M%S").encode()
        earlier = self.aware(9).strftime("T%H%M%S").encode()
        for old, new, word in (
            (b"SUMMARY:First", b"SUMMARY:Worst", "renamed"),
            (start, earlier, "moved"),
            (b"TRANSP:OPAQUE", b"TRANSP:TRANSPARENT", "marked as free"),
            (b"12 Rose", b"13 Rose", "given another place"),
        ):
            with self.subTest(word):
                self.edit(old, new)
                self.look()
                self.assertIn(new not in self.data and old, self.home()[self.href])
                line = self.lines()[-1]
                self.assertIn(f"was {word} on your iPhone", line)
                self.assertIn("put it back", line)
        # Four in an hour: one notice.
        self.assertEqual(len(self.notices()), 1)

    def test_what_was_deleted_or_emptied_is_put_back_and_told(self):
        self.cloud.delete_event(self.href)
        self.look()
        self.assertIn("was deleted on your iPhone", self.lines()[-1])
        texts = (b"SUMMARY", b"DESCRIPTION", b"LOCATION")
        lines = [line for line in self.data.split(b"\r\n") if not line.startswith(texts)]
        self.cloud.put_event("mara@icloud.com", "home", b"\r\n".join(lines), href=self.href)
        self.look()
        self.assertIn("renamed, given another text, and given another place", self.lines()[-1])
        self.assertIn(b"SUMMARY:First visit", self.home()[self.href])
        self.assertEqual(len(self.lines()), 2)

    def test_several_of_one_look_make_one_notice(self):
        other = self.copies(self.book(12, user_id=self.mara.id))
        self.push()
        self.run_import()
        self.edit(b"SUMMARY:First", b"SUMMARY:Worst")
        self.cloud.delete_event(other.href)
        self.look()
        [notice] = self.notices()
        self.assertEqual(notice.body.count("<p>"), 2)
        self.assertEqual(len(self.lines()), 2)

    def test_a_whole_calendar_that_was_emptied_makes_one_notice_that_counts_all(self):
        """They come in several batches; the owner reads of all of them once."""
        many = notices.MOST_LINES + 5
        for number in range(many - 1):
            self.book(
                9 + number % 8, 30 * (number // 8 % 2), 8 + number // 16, user_id=self.mara.id
            )
        self.push()
        self.run_import()
        hrefs = list(self.home())
        self.assertEqual(len(hrefs), many)
        for href in hrefs:
            self.cloud.delete_event(href)
        self.look()
        self.assertEqual(len(self.home()), many)
        self.assertEqual(len(set(self.lines())), many)
        [notice] = self.notices()
        self.assertEqual(notice.body.count("was deleted on your iPhone"), notices.MOST_LINES)
        self.assertIn("5 more were put back", notice.body)

    def test_each_host_of_a_session_is_told_of_the_own_copy(self):
        self.connect(self.jonas)
        self.run_import()
        both = self.make_type(kind="collective", name="Both")
        self.book(14, booking_type=both)
        self.push()
        self.run_import()
        for email in ("mara@icloud.com", "jonas@icloud.com"):
            for href, data in self.cloud.events(email, "home").items():
                renamed = data.replace(b"SUMMARY:", b"SUMMARY:Worst ")
                self.cloud.put_event(email, "home", renamed, href=href)
        self.look()
        for user, count in ((self.mara, 2), (self.jonas, 1)):
            [notice] = self.notices(user)
            self.assertEqual(notice.body.count("renamed on your iPhone"), count)

    def test_what_was_put_back_again_within_the_hour_is_told_with_the_next_notice(self):
        other = self.copies(self.book(12, user_id=self.mara.id))
        self.push()
        self.run_import()
        self.edit(b"SUMMARY:First", b"SUMMARY:Worst")
        self.look()
        self.edit(b"12 Rose", b"13 Rose")
        self.look()
        self.assertEqual(len(self.notices()), 1)
        self.cloud.delete_event(other.href)
        self.look()
        _first, second = self.notices().sorted("id")
        self.assertIn("given another place", second.body)
        self.assertIn("deleted", second.body)

    def test_what_a_push_finds_before_any_look_is_told_too(self):
        self.edit(b"SUMMARY:First", b"SUMMARY:Worst")
        self.booking.event_id.location = "Elsewhere"
        self.push()
        self.assertIn("was changed on your iPhone", self.lines()[-1])

    def test_additions_and_dragging_need_no_word(self):
        self.edit(b"END:VEVENT", b"X-NOTE:1\r\nEND:VEVENT")
        self.look()
        work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        work.check_conflicts = True
        data = self.home()[self.href]
        self.cloud.delete_event(self.href)
        there = work.href + self.href.rpartition("/")[2]
        self.cloud.put_event("mara@icloud.com", "work", data, href=there)
        self.look()
        self.assertEqual(self.copies(self.booking).calendar_id, work)
        self.assertFalse(self.home())
        self.assertFalse(self.lines())
        self.assertFalse(self.notices())


class TestTravel(PushCase):
    """Travel time that the host adds to a booking on the phone blocks."""

    def setUp(self):
        super().setUp()
        self.booking = self.book(12, user_id=self.mara.id)
        self.push()
        self.run_import()
        [(self.href, self.data)] = self.home().items()

    def travel(self, minutes):
        line = f"X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT{minutes}M\r\nEND:VEVENT".encode()
        edited = self.data.replace(b"END:VEVENT", line)
        self.cloud.put_event("mara@icloud.com", "home", edited, href=self.href)
        self.run_import()

    def offered(self):
        return self.starts(self.make_type(self.mara))

    def test_it_blocks_moves_and_goes(self):
        self.assertIn((11, 30), self.offered())
        self.travel(30)
        self.assertNotIn((11, 30), self.offered())
        self.booking.reschedule(self.iso(15))
        self.settle()
        self.assertIn((11, 30), self.offered())
        self.assertNotIn((14, 30), self.offered())
        self.push()
        self.assertIn(b"X-APPLE-TRAVEL-DURATION", self.home()[self.href])
        self.assertNotIn((14, 30), self.offered())
        self.data = self.home()[self.href]
        gone = b"\r\n".join(line for line in self.data.split(b"\r\n") if b"TRAVEL" not in line)
        self.cloud.put_event("mara@icloud.com", "home", gone, href=self.href)
        self.run_import()
        self.assertIn((14, 30), self.offered())

    def test_it_is_not_in_the_way_of_its_own_session(self):
        self.travel(30)
        self.booking.reschedule(self.iso(11, 30))
        self.assertEqual(self.booking.event_id.start, self.at(11, 30))

    def test_it_goes_with_the_booking_and_with_the_connection(self):
        self.travel(30)
        self.account.with_user(self.mara).action_disconnect()
        self.assertIn((11, 30), self.offered())
        self.connect(self.mara)
        self.run_import()
        self.assertNotIn((11, 30), self.offered())
        self.booking.action_cancel()
        self.settle()
        self.assertIn((11, 30), self.offered())


class TestDied(PushCase):
    """A worker that died between two commits."""

    def setUp(self):
        super().setUp()
        self.booking = self.book(10, user_id=self.mara.id)
        self.settle()
        self.worker = self.env["icloud.push"].sudo()

    def send(self):
        """What a worker does up to its last commit before it dies."""
        [(account, orders)] = self.worker._claim().items()
        with account._open_client(60) as client:
            run = Run(client, account.home_url, Feed(orders), lambda: datetime.now(UTC))
            return [*run.batches()]

    def test_before_its_requests(self):
        self.worker._claim()
        self.push()
        self.assertFalse(self.home())  # Another worker waits until it is sure.
        self.time_passes()
        self.push()
        self.assertEqual(len(self.home()), 1)

    def test_after_its_requests(self):
        self.send()
        self.time_passes()
        self.cloud.clear_requests()
        self.push()
        self.assertEqual(len(self.home()), 1)
        self.assertFalse(self.puts())
        copy = self.copies(self.booking)
        self.assertEqual(copy.pushed_revision, copy.revision)

    def test_and_what_was_cancelled_meanwhile_leaves_nothing(self):
        self.send()
        self.booking.action_cancel()
        self.time_passes()
        self.push()
        self.assertFalse(self.home())

    def test_what_is_not_sent_in_time_is_due_as_before(self):
        copy = self.copies(self.booking)
        [orders] = self.worker._claim().values()
        self.worker._give_back({order.key for order in orders})
        self.assertEqual((copy.attempts, copy.leased_until), (0, False))
        self.push()
        self.assertEqual(len(self.home()), 1)
