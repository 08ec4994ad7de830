"""What a host chose stays with the calendar, whatever becomes of the connection."""

from urllib.parse import urlsplit

from odoo.addons.icloud_calendar_sync.models.icloud.icloud_calendar import OWNER_MAY_WRITE

from tests.models.common import PASSWORD, ICloudCase

NEW_PASSWORD = "qrst-uvwx-yzab-cdef"


class TestReconnect(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.work = self.calendar("work")
        self.env["res.users"].with_user(self.mara).browse(self.mara.id).write(
            {
                "icloud_primary_calendar_id": self.work.id,
                "icloud_conflict_calendar_ids": [(6, 0, [self.work.id])],
            }
        )
        self.choose_what_is_not_the_default(self.work)
        self.chosen = self.choices()

    def calendar(self, name):
        return self.account.sudo().calendar_ids.filtered(
            lambda calendar: calendar.href.endswith(f"/{name}/")
        )

    def choose_what_is_not_the_default(self, calendar):
        """Whatever an owner may choose of a calendar, now and in times to come."""
        for name in OWNER_MAY_WRITE - {"check_conflicts"}:
            field = calendar._fields[name]
            others = [True, False]
            if field.type == "selection":
                others = field.get_values(self.env)
            before = calendar[name]
            calendar[name] = next(each for each in others if each != before)
            self.assertNotEqual(calendar[name], before)

    def choices(self):
        """What was chosen of each calendar, by its id in Odoo."""
        self.env.invalidate_all()
        return {
            each.id: {name: each[name] for name in OWNER_MAY_WRITE}
            for each in self.account.sudo().calendar_ids
        }

    def assert_as_chosen(self):
        self.assertEqual(self.choices(), self.chosen)
        self.assertEqual(self.account.primary_calendar_id.sudo(), self.work)
        self.assertFalse(any(self.account.sudo().calendar_ids.mapped("missing")))

    def test_connecting_again_keeps_the_choices(self):
        self.connect(self.mara)
        self.assert_as_chosen()

    def test_a_new_password_keeps_the_choices(self):
        self.cloud.change_password("mara@icloud.com", NEW_PASSWORD)
        self.run_import()
        self.assertEqual(self.account.state, "password_needed")
        self.connect(self.mara, NEW_PASSWORD)
        self.assert_as_chosen()

    def test_disconnecting_and_connecting_keeps_the_choices(self):
        for remove in (False, True):
            with self.subTest(remove=remove):
                self.run_import()
                self.book(10 + remove, user_id=self.mara.id)
                self.push()
                self.account.with_user(self.mara).action_disconnect(remove=remove)
                self.push()
                self.assertEqual(self.account.state, "disconnected")
                self.connect(self.mara)
                self.assert_as_chosen()

    def test_a_calendar_that_vanishes_and_comes_back_keeps_its_choices(self):
        href = self.work.href
        for way in (self.run_import, lambda: self.connect(self.mara)):
            self.cloud.delete_calendar("mara@icloud.com", href)
            for _listing in range(2):
                way()
            self.assertTrue(self.work.missing)
            self.assertEqual(self.account.primary_calendar_id.sudo(), self.work)
            self.cloud.create_calendar("mara@icloud.com", "work", "Work")
            way()
            self.assert_as_chosen()

    def test_the_same_account_on_another_host_is_the_same(self):
        # iCloud moves accounts from partition to partition.
        path = urlsplit(self.account.sudo().home_url).path
        for home in (f"https://p181-caldav.icloud.com:443{path}", path.rstrip("/")):
            self.account.sudo().home_url = home
            self.connect(self.mara)
            self.assert_as_chosen()

    def test_the_same_account_under_another_address_is_the_same(self):
        self.account.sudo().username = "mara.lindt@me.com"
        self.connect(self.mara)
        self.assertEqual(self.account.with_user(self.mara).apple_id, "mara@icloud.com")
        self.assert_as_chosen()

    def test_another_apple_account_begins_anew(self):
        self.cloud.add_account("mara.new@icloud.com", PASSWORD)
        self.env["icloud.account"].with_user(self.mara).connect("mara.new@icloud.com", PASSWORD)
        self.assertFalse(self.choices().keys() & self.chosen.keys())
        self.assertFalse(self.work.exists())
        self.assertTrue(self.account.primary_calendar_id.sudo().href.endswith("/home/"))

    def test_each_booking_is_in_icloud_once_after_all_of_it(self):
        self.run_import()
        self.book(10, user_id=self.mara.id)
        self.push()
        self.connect(self.mara)
        self.account.with_user(self.mara).action_disconnect()
        self.connect(self.mara)
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara, "work")), 1)
        self.assertFalse(self.in_icloud(self.mara, "home"))
