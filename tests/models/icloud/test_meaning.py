"""What the host's calendar means: which events block is the host's choice, calendar by calendar."""

from odoo.addons.icloud_calendar_sync.icloud.discovery import RemoteCalendar
from odoo.exceptions import AccessError

from tests.models.icloud.import_case import ImportCase


class TestMeaning(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only_mara = cls.make_type(cls.mara, name="Only Mara")

    def holiday(self, days=2, title="Holiday"):
        return self.put(title, start=self.day(), stop=self.day(7 + days), transp="TRANSPARENT")

    def choose(self, **values):
        self.home.with_user(self.mara).write(values)

    def is_offered(self, hour=15):
        return (hour, 0) in self.starts(self.only_mara)

    def invitation(self, answer="NEEDS-ACTION", organizer="boss@example.com"):
        return self.put(
            "Meeting",
            **{
                f"organizer:mailto:{organizer}\r\nattendee;partstat={answer}": (
                    "mailto:mara@icloud.com"
                )
            },
        )

    def why(self, hour=15):
        [host] = self.only_mara.why_not(self.iso(hour))["hosts"]
        return " ".join(host["reasons"])

    # -- all-day events ------------------------------------------------------------------------

    def test_a_holiday_that_apple_marked_free_is_not_sold(self):
        self.holiday()
        self.run_import()
        self.assertFalse(self.starts(self.only_mara))
        self.assertFalse(self.starts(self.only_mara, days=8))
        self.assertTrue(self.starts(self.only_mara, days=9))

    def test_a_single_day_blocks_as_it_is_marked(self):
        self.holiday(days=1)
        self.run_import()
        self.assertTrue(self.is_offered())
        self.put("Fair", start=self.day(9), stop=self.day(10))
        self.run_import()
        self.assertFalse(self.starts(self.only_mara, days=9))

    def test_a_choice_counts_at_once_and_asks_icloud_nothing(self):
        self.holiday(days=1)
        self.put("Fair", start=self.day(9), stop=self.day(10))
        self.holiday(days=2)
        self.run_import()
        self.cloud.clear_requests()
        offered = {}
        for choice in ("several_days", "as_marked", "always", "never"):
            self.choose(all_day_blocks=choice)
            offered[choice] = [bool(self.starts(self.only_mara, days)) for days in (7, 8, 9)]
        self.assertEqual(
            offered,
            {
                "several_days": [False, False, False],
                "as_marked": [True, True, False],
                "always": [False, False, False],
                "never": [True, True, True],
            },
        )
        self.assertFalse(self.cloud.requests())

    def test_a_choice_also_holds_for_what_comes_later(self):
        self.choose(all_day_blocks="always", free_blocks=True)
        self.holiday(days=1)
        self.put(
            "Maybe", start=self.aware(12, days=8), stop=self.aware(13, days=8), transp="TRANSPARENT"
        )
        self.run_import()
        self.assertFalse(self.is_offered())
        self.assertNotIn((12, 0), self.starts(self.only_mara, days=8))

    # -- invitations, and what is marked free --------------------------------------------------

    def test_an_unanswered_invitation_blocks_until_the_host_says_otherwise(self):
        self.invitation()
        self.run_import()
        self.assertFalse(self.is_offered())
        self.choose(unanswered_blocks=False)
        self.assertTrue(self.is_offered())

    def test_what_was_answered_or_sent_by_the_host_blocks(self):
        for values in ({"answer": "ACCEPTED"}, {"organizer": "mara@icloud.com"}):
            href = self.invitation(**values)
            self.choose(unanswered_blocks=False)
            self.run_import()
            self.assertFalse(self.is_offered(), values)
            self.cloud.delete_event(href)

    def test_declined_and_cancelled_events_never_block(self):
        self.choose(all_day_blocks="always", free_blocks=True)
        self.invitation("DECLINED")
        self.put("Off", 12, status="CANCELLED")
        self.run_import()
        self.assertTrue(self.is_offered())
        self.assertTrue(self.is_offered(12))

    def test_events_marked_free_block_if_the_host_wants_them_to(self):
        self.put("Maybe", transp="TRANSPARENT")
        self.run_import()
        self.assertTrue(self.is_offered())
        self.choose(free_blocks=True)
        self.assertFalse(self.is_offered())

    def test_what_begins_to_block_is_held_against_the_bookings(self):
        self.put("Maybe", 10, transp="TRANSPARENT")
        self.run_import()
        booking = self.book(10, booking_type=self.only_mara)
        self.choose(free_blocks=True)
        self.assertEqual(booking.activity_ids.user_id, self.mara)

    # -- in words ------------------------------------------------------------------------------

    def test_why_not_names_the_choice_and_no_title(self):
        self.holiday()
        self.run_import()
        self.assertIn("All-day events of this calendar block, as chosen", self.why())
        self.assertNotIn("Holiday", self.why())

    def test_why_not_names_the_choice_of_invitations_and_free_events(self):
        self.invitation()
        self.put("Maybe", 12, transp="TRANSPARENT")
        self.choose(free_blocks=True)
        self.run_import()
        self.assertIn("Invitations not answered yet block", self.why())
        self.assertIn("Events marked free block", self.why(12))

    def test_why_not_says_nothing_of_choices_that_changed_nothing(self):
        self.put("Fair", start=self.day(), stop=self.day(8))
        self.choose(all_day_blocks="always")
        self.run_import()
        self.assertNotIn("as chosen", self.why())

    def test_the_owner_sees_an_example_from_that_very_calendar(self):
        self.holiday(days=9)
        self.holiday(days=1, title="Birthday")
        self.put("Maybe", 12, transp="TRANSPARENT")
        self.run_import()
        own = self.home.with_user(self.mara)
        self.assertRegex(
            own.all_day_example, r"^Holiday, .*–.*, is marked free\. Block such days\?$"
        )
        self.assertRegex(own.free_example, "^Maybe, .* 12:00, is marked free")
        self.assertFalse(own.unanswered_example)
        self.assertFalse(
            own.sudo().with_user(self.env.ref("base.user_admin")).sudo().all_day_example
        )

    def test_a_summary_tells_what_blocks(self):
        self.assertEqual(
            self.home.blocking_summary,
            "All-day events of two days or more block, others as marked; "
            "unanswered invitations block",
        )

    # -- whose choice, and how long it lasts ---------------------------------------------------

    def test_nobody_chooses_for_another(self):
        with self.assertRaises(AccessError):
            self.home.with_user(self.jonas).write({"free_blocks": True})
        with self.assertRaises(AccessError):
            self.home.with_user(self.mara).write({"free_blocks": True, "name": "X"})

    def test_a_choice_survives_a_new_password_a_reconnect_and_a_calendar_that_was_away(self):
        work = self.account.sudo().calendar_ids.filtered(lambda each: each.href.endswith("/work/"))
        chosen = {"check_conflicts": True, "all_day_blocks": "never", "free_blocks": True}
        work.with_user(self.mara).write(chosen)
        self.run_import()
        self.cloud.change_password("mara@icloud.com", "efgh-ijkl-mnop-qrst")
        self.run_import()
        self.connect(self.mara, "efgh-ijkl-mnop-qrst")
        self.assertEqual(work.read(list(chosen))[0], {"id": work.id, **chosen})
        self.account.with_user(self.mara).action_disconnect()
        self.connect(self.mara, "efgh-ijkl-mnop-qrst")
        self.assertEqual(work.read(list(chosen))[0], {"id": work.id, **chosen})
        href = work.href
        listed = [each for each in self.account.sudo().calendar_ids if each != work]
        for is_confirmed in (False, True):
            self.account.sudo()._store_calendars([_as_listed(each) for each in listed])
            self.assertEqual(work.missing, is_confirmed)
        self.account.sudo()._store_calendars([_as_listed(each) for each in [*listed, work]])
        self.assertFalse(work.missing)
        self.assertEqual((work.href, work.read(list(chosen))[0]), (href, {"id": work.id, **chosen}))


def _as_listed(calendar):
    return RemoteCalendar(
        href=calendar.href,
        name=calendar.name,
        color=calendar.color or "",
        writable=calendar.writable,
        sync_token=None,
        ctag=None,
    )
