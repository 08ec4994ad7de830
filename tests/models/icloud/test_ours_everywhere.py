"""A host's booking is nobody's busy time, in whose iCloud its copy is ever met."""

from tests.models.common import PASSWORD, ICloudCase


class TestOursEverywhere(ICloudCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only_jonas = cls.make_type(cls.jonas, name="Only Jonas")

    def setUp(self):
        super().setUp()
        self.mara_account = self.connect(self.mara).sudo()
        accounts = self.env["icloud.account"].with_user(self.jonas)
        self.jonas_account = accounts.connect("mara@icloud.com", PASSWORD).sudo()
        self.run_import()

    def copies(self, account):
        return self.env["icloud.event"].search(
            [("account_id", "=", account.id), ("origin", "=", "odoo")]
        )

    def test_two_users_of_one_apple_account_do_not_block_each_other(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.run_import()
        self.assertIn((10, 0), self.starts(self.only_jonas))
        self.assertIn((10, 0), self.starts(user_id=self.jonas.id))
        self.book(10, user_id=self.jonas.id)

    def test_their_own_events_block_both(self):
        self.cloud.put_event(
            "mara@icloud.com", "home", summary="Trip", start=self.aware(12), stop=self.aware(13)
        )
        self.run_import()
        self.assertNotIn((12, 0), self.starts(self.only_jonas))
        self.assertNotIn((12, 0), self.starts(self.make_type(self.mara)))

    def test_anothers_copy_is_not_taken_for_ones_own(self):
        self.book(10, user_id=self.mara.id)
        self.push()
        self.run_import()
        [copy] = self.copies(self.mara_account)
        self.assertFalse(self.copies(self.jonas_account))
        etag, href = copy.etag, copy.href
        ((place, data),) = self.cloud.events("mara@icloud.com", "home").items()
        moved = data.replace(
            self.aware(10).strftime("T%H%M%S").encode(), self.aware(9).strftime("T%H%M%S").encode()
        )
        self.cloud.put_event("mara@icloud.com", "home", moved, href=place)
        self.run_import()
        self.assertEqual(copy.href, href)
        self.assertNotEqual(copy.etag, etag)
        self.assertIn((9, 0), self.starts(self.only_jonas))
        self.push()
        self.assertIn(self.aware(10).strftime("T%H%M%S").encode(), self.in_icloud(self.mara)[0])

    def test_a_cancelled_booking_leaves_nothing_behind(self):
        booking = self.book(10, user_id=self.mara.id)
        self.push()
        self.run_import()
        booking.action_cancel()
        self.push()
        self.run_import()
        self.assertFalse(
            self.env["calendar.event"].search(
                [("user_id", "=", self.jonas.id), ("icloud_origin_id", "!=", False)]
            )
        )
        self.assertIn((10, 0), self.starts(self.only_jonas))
