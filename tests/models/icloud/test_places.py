"""A calendar that is gone, or read-only: believed when it is said twice, and told once."""

from dataclasses import replace
from unittest.mock import patch

from odoo import fields
from odoo.addons.icloud_calendar_sync.icloud.discovery import list_calendars
from odoo.addons.icloud_calendar_sync.sync import home
from odoo.tools import html2plaintext

from tests.models.icloud.import_case import ImportCase


class TestPlaces(ImportCase):
    def setUp(self):
        super().setUp()
        self.work = self.account.calendar_ids.filtered(lambda each: each.name == "Work").sudo()

    def listed(self, **changes):
        """Has iCloud list calendars otherwise.

        :param changes: name → what is other, or None: not listed
        """

        def otherwise(*arguments):
            calendars = list_calendars(*arguments)
            kept = (each for each in calendars if changes.get(each.name, ()) is not None)
            return tuple(replace(each, **changes.get(each.name, {})) for each in kept)

        return patch.object(home, "list_calendars", otherwise)

    def told(self):
        """Subjects and texts of what this owner was told."""
        return [
            (message.subject, html2plaintext(message.body))
            for message in self.env["mail.message"].search(
                [
                    ("partner_ids", "in", self.mara.partner_id.ids),
                    ("message_type", "=", "user_notification"),
                ],
                order="id",
            )
            if "iCloud" in (message.subject or "")
        ]

    # -- one flap ----------------------------------------------------------------------------------

    def test_a_calendar_missing_from_one_listing_is_not_missing(self):
        self.work.check_conflicts = True
        self.run_import()
        with self.listed(Work=None):
            self.run_import()
        self.assertFalse(self.work.missing)
        self.run_import()
        with self.listed(Work=None):
            self.run_import()
        self.assertFalse(self.work.missing)
        self.assertFalse(self.told())

    def test_a_calendar_missing_from_two_listings_is_told_once(self):
        self.work.check_conflicts = True
        self.run_import()
        with self.listed(Work=None):
            for _look in range(4):
                self.run_import()
        self.assertTrue(self.work.missing)
        ((subject, said),) = self.told()
        self.assertIn("no longer in iCloud", subject)
        self.assertIn("still blocks", said)
        self.assertIn(f"read for {self.type.max_age} minutes", said)
        self.run_import()
        self.assertFalse(self.work.missing)
        self.assertEqual(len(self.told()), 1)

    def test_calendars_that_are_missing_together_are_told_together(self):
        others = self.account.calendar_ids.sudo() - self.home
        others.check_conflicts = True
        self.run_import()
        with self.listed(**dict.fromkeys(others.mapped("name"))):
            for _look in range(3):
                self.run_import()
        self.assertGreater(len(others), 1)
        self.assertTrue(all(others.mapped("missing")))
        ((_subject, said),) = self.told()
        for name in others.mapped("name"):
            self.assertIn(name, said)

    def test_what_the_notice_says_of_the_times_is_true(self):
        only_mara = self.make_type(self.mara)
        self.run_import()
        with self.listed(Home=None):
            for _look in range(2):
                self.run_import()
        self.assertTrue(self.starts(only_mara))
        self.home.last_import = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=only_mara.max_age + 1
        )
        with self.listed(Home=None):
            self.run_import()
        self.assertFalse(self.starts(only_mara))

    # -- the primary calendar ----------------------------------------------------------------------

    def test_a_primary_that_becomes_read_only_is_told_once_and_bookings_wait(self):
        self.run_import()
        with self.listed(Home={"writable": False}):
            self.run_import()
            self.assertFalse(self.told())
            for _look in range(3):
                self.run_import()
        ((subject, said),) = self.told()
        self.assertIn("cannot be written", subject)
        self.assertIn("Bookings are still taken in Odoo, and wait there", said)
        self.assertNotIn("no longer offered", said)
        self.assertTrue(self.starts(self.make_type(self.mara)))
        self.run_import()
        self.assertFalse(self.account.sudo().primary_trouble)
        self.assertEqual(len(self.told()), 1)

    def test_a_primary_that_is_gone_is_told_once(self):
        self.run_import()
        with self.listed(Home=None):
            for _look in range(4):
                self.run_import()
        ((subject, said),) = self.told()
        self.assertIn("cannot be written", subject)
        self.assertIn("no longer lists Home", said)

    def test_bookings_go_out_to_another_primary(self):
        self.run_import()
        self.book(10, user_id=self.mara.id)
        with self.listed(Home={"writable": False}):
            for _look in range(2):
                self.run_import()
            self.account.with_user(self.mara).primary_calendar_id = self.work
            self.push()
            self.run_import()
        self.assertEqual(len(self.in_icloud(self.mara, "work")), 1)
        self.assertEqual(len(self.told()), 1)

    def test_what_connect_guessed_is_not_checked_once_another_is_chosen(self):
        self.put()
        self.run_import()
        self.assertTrue(self.home.check_conflicts)
        self.account.with_user(self.mara).primary_calendar_id = self.work
        self.assertFalse(self.home._is_read())
        self.assertFalse(self.imported())

    def prefer(self, primary, *conflicts):
        """What the page of preferences writes in one save."""
        user = self.env["res.users"].with_user(self.mara).browse(self.mara.id)
        user.write(
            {
                "icloud_primary_calendar_id": primary.id,
                "icloud_conflict_calendar_ids": [(6, 0, [each.id for each in conflicts])],
            }
        )

    def test_a_former_primary_ticked_in_the_same_save_forgets_nothing(self):
        self.put()
        self.run_import()
        event, token = self.imported(), self.home.sync_token
        self.assertTrue(event and token)
        self.prefer(self.work, self.work, self.home)
        self.assertTrue(self.home._is_read() and self.work._is_read())
        self.assertEqual(self.imported(), event)
        self.assertEqual(self.home.sync_token, token)

    def test_a_former_primary_unticked_in_the_same_save_is_forgotten(self):
        self.put()
        self.run_import()
        self.prefer(self.work, self.work)
        self.assertFalse(self.home._is_read())
        self.assertFalse(self.imported())
        self.assertEqual(self.account.primary_calendar_id, self.work.sudo(False))

    def test_a_primary_unticked_before_is_forgotten_once_another_is_chosen(self):
        self.put()
        self.run_import()
        self.home.with_user(self.mara).check_conflicts = False
        self.assertTrue(self.imported())
        self.account.with_user(self.mara).primary_calendar_id = self.work
        self.assertFalse(self.imported())

    def test_what_its_owner_ticked_stays_checked(self):
        self.home.with_user(self.mara).check_conflicts = True
        self.account.with_user(self.mara).primary_calendar_id = self.work
        self.assertTrue(self.home._is_read())
        self.account.with_user(self.mara).primary_calendar_id = self.home
        self.assertTrue(self.work._is_read())
