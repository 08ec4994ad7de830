"""A copy that was dragged into a calendar that is not read: nobody does anything to it unseen."""

from datetime import timedelta

from odoo import fields

from tests.models.icloud.import_case import ImportCase

MARA = "mara@icloud.com"


class TestDragged(ImportCase):
    def setUp(self):
        super().setUp()
        self.run_import()
        self.booking = self.book(10, user_id=self.mara.id)
        self.sync()
        self.copy = self.booking.event_id.sudo().icloud_event_ids
        self.work = self.account.calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        data = self.cloud.events(MARA, "home")[self.copy.href]
        self.cloud.delete_event(self.copy.href)
        self.href = self.work.href + self.copy.href.rpartition("/")[2]
        self.cloud.put_event(MARA, "work", data, href=self.href)
        for _found_then_confirmed in range(2):
            self.sync()
        self.assertEqual(self.copy.href, self.href)
        self.assertFalse(self.work._is_read())
        self.cloud.clear_requests()

    def sync(self):
        self.account.sudo().next_import = False
        self.run_import()
        self.push()

    def there(self):
        """What stands in `work`, by href."""
        return {href: data.decode() for href, data in self.cloud.events(MARA, "work").items()}

    def asked(self):
        return [each["method"] for each in self.cloud.requests()]

    def test_deleted_there_it_is_put_back(self):
        self.cloud.delete_event(self.href)
        self.sync()
        self.assertIn("First visit", self.there()[self.href])
        self.assertFalse(self.in_icloud(self.mara))

    def test_renamed_there_it_is_put_back(self):
        data = self.there()[self.href]
        self.cloud.put_event(
            MARA, "work", data.replace("SUMMARY:First", "SUMMARY:Mine"), href=self.href
        )
        self.sync()
        self.assertEqual(self.there(), {self.href: self.there()[self.href]})
        self.assertIn("SUMMARY:First", self.there()[self.href])

    def test_dragged_on_it_is_followed(self):
        data = self.there()[self.href]
        self.cloud.delete_event(self.href)
        home = self.home.href + self.href.rpartition("/")[2]
        self.cloud.put_event(MARA, "home", data, href=home)
        self.sync()
        self.assertFalse(self.there())
        self.assertEqual(self.copy.href, home)

    def test_other_events_there_are_neither_read_nor_touched(self):
        own = self.cloud.put_event(
            MARA, "work", summary="Own", start=self.aware(15), stop=self.aware(16)
        )
        self.sync()
        self.assertEqual({*self.there()}, {self.href, own})
        self.assertFalse(self.imported())
        self.assertNotIn("PUT", self.asked())
        self.cloud.clear_requests()
        self.sync()
        self.assertEqual(self.asked(), ["PROPFIND"])

    def test_what_a_worker_has_in_its_hands_is_looked_at_once_more(self):
        self.cloud.delete_event(self.href)
        leased = fields.Datetime.now() + timedelta(minutes=4)
        self.copy.outcome_id.leased_until = leased
        self.sync()
        # That worker had read it before it was deleted, and says so only now.
        self.copy.outcome_id.write({"leased_until": False, "pushed_revision": self.copy.revision})
        self.sync()
        self.assertIn(self.href, self.there())

    def test_once_a_day_and_when_its_owner_asks_it_is_looked_at_all_the_same(self):
        self.copy.outcome_id.pushed_at = self.before(days=2)
        self.sync()
        self.assertIn("REPORT", self.asked())
        self.cloud.clear_requests()
        self.account.with_user(self.mara).action_sync_now()
        self.sync()
        self.assertIn(self.work.href, [each["path"] for each in self.cloud.requests()])

    def test_a_session_that_is_over_is_left_as_it_is(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE calendar_event SET start = %s, stop = %s WHERE id = %s",
            [self.before(hours=2), self.before(hours=1), self.copy.event_id.id],
        )
        self.env.invalidate_all()
        self.cloud.delete_event(self.href)
        self.sync()
        self.assertFalse(self.there())
