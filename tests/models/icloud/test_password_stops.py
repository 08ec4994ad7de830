"""A password that stops working: one refusal, one notice, and silence until there is a new one."""

from unittest.mock import patch

from odoo.addons.icloud_calendar_sync import operator_settings
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from tests.models.common import PASSWORD, ICloudCase


class PasswordCase(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.run_import()
        self.cloud.clear_requests()

    def revoke(self):
        self.cloud.revoke("mara@icloud.com")

    def refusals(self):
        return [each for each in self.cloud.requests() if each["status"] == 401]


class TestSilence(PasswordCase):
    """After a 401 not one request goes out."""

    def everything_waits(self):
        """Several orders in a push, several calendars in an import."""
        for hour in (9, 10, 11, 12):
            self.book(hour, user_id=self.mara.id)
        self.account.sudo().calendar_ids.write({"check_conflicts": True})
        self.settle()

    def nothing_more_is_asked(self):
        asked = len(self.cloud.requests())
        for _again in range(2):
            self.push()
            self.run_import()
        with self.assertRaisesRegex(UserError, "Connect iCloud first"):
            self.account.with_user(self.mara).action_sync_now()
        booking = self.env["icloud.booking"].search([("user_id", "=", self.mara.id)], limit=1)
        booking.event_id.location = "Elsewhere"
        self.push()
        self.account.sudo().primary_calendar_id = self.account.sudo().calendar_ids.filtered(
            lambda calendar: calendar.href.endswith("/work/")
        )
        self.push()
        self.run_import()
        self.assertEqual(len(self.cloud.requests()), asked)

    def test_a_push_that_is_refused_is_the_last_request(self):
        self.everything_waits()
        self.revoke()
        self.push()
        # The host that has the calendars, and the front door, which says the same.
        self.assertEqual(len(self.cloud.requests()), 2)
        self.assertEqual(len(self.refusals()), 2)
        self.nothing_more_is_asked()

    def test_an_import_that_is_refused_is_the_last_request(self):
        self.everything_waits()
        self.revoke()
        self.run_import()
        # The host that has the calendars, and the front door, which says the same.
        self.assertEqual(len(self.cloud.requests()), 2)
        self.assertEqual(len(self.refusals()), 2)
        self.nothing_more_is_asked()

    def test_removing_with_a_refused_password_asks_nothing(self):
        self.everything_waits()
        self.push()
        self.revoke()
        self.run_import()
        asked = len(self.cloud.requests())
        self.account.with_user(self.mara).action_disconnect(remove=True)
        self.push()
        self.assertEqual(len(self.cloud.requests()), asked)
        self.assertEqual(self.account.state, "disconnected")
        self.assertEqual(len(self.in_icloud(self.mara)), 4)
        log = self.env["icloud.log"].search([("account_id", "=", self.account.id)])
        self.assertTrue([line for line in log if "4 bookings could not be removed" in line.message])
        self.cloud.change_password("mara@icloud.com", PASSWORD)

    def test_a_new_password_brings_everything(self):
        self.everything_waits()
        self.revoke()
        self.push()
        self.cloud.change_password("mara@icloud.com", PASSWORD)
        self.connect(self.mara)
        self.push()
        self.assertEqual(len(self.in_icloud(self.mara)), 4)


class TestNotice(PasswordCase):
    def notices(self):
        return (
            self.env["mail.message"]
            .search(
                [("partner_ids", "in", self.mara.partner_id.ids), ("message_type", "!=", "email")]
            )
            .filtered(lambda message: "iCloud" in (message.subject or ""))
        )

    def mails(self):
        return self.env["mail.mail"].search([("recipient_ids", "in", self.mara.partner_id.ids)])

    def stop(self):
        self.revoke()
        self.run_import()
        self.push()
        self.run_import()

    def test_it_names_the_cause_what_it_means_and_one_link(self):
        self.type.max_age = 45
        self.stop()
        (notice,) = self.notices()
        words = html2plaintext(notice.body)
        self.assertEqual(notice.subject, "iCloud needs a new password")
        self.assertIn("changed your main Apple password: that revokes all", words)
        self.assertIn("reach your iPhone as soon as you have connected again", words)
        self.assertIn("not been read for 45 minutes, your times are no longer offered", words)
        self.assertEqual(notice.body.count("<a "), 1)
        self.assertIn(f'href="{self.account.get_base_url()}/odoo/icloud-connect"', notice.body)

    def test_who_is_no_host_reads_nothing_of_times_offered(self):
        self.type.host_ids.filtered(lambda host: host.user_id == self.mara).unlink()
        self.stop()
        self.assertNotIn("offered", self.notices().body)

    def test_who_is_shown_with_a_warning_reads_that(self):
        self.type.stale_policy = "show"
        self.stop()
        self.assertIn("times are still offered", self.notices().body)

    def test_a_lost_key_is_not_apples_doing(self):
        self.account.sudo().secret = "no longer readable"
        self.run_import()
        self.assertIn("cannot be read with this server's key", html2plaintext(self.notices().body))
        self.assertNotIn("Apple no longer", self.notices().body)

    def test_a_key_that_cannot_be_read_just_now_stops_nobody_for_good(self):
        self.book(10, user_id=self.mara.id)
        unreadable = patch.object(operator_settings, "secret_key", side_effect=PermissionError)
        with unreadable:
            self.push()
            self.run_import()
            with self.assertRaisesRegex(UserError, "cannot keep your password"):
                self.connect(self.mara)
        self.assertEqual(self.account.state, "connected")
        self.assertIn("cannot read its key", self.account.last_error)
        self.assertFalse(self.notices())
        self.assertFalse(self.cloud.requests())
        self.account.with_user(self.mara).action_sync_now()
        self.push()
        self.run_import()
        self.assertEqual(len(self.in_icloud(self.mara)), 1)
        self.assertFalse(self.account.last_error)

    def test_it_comes_in_odoo_and_by_mail_whatever_the_owner_prefers(self):
        for preference in ("email", "inbox"):
            self.mara.notification_type = preference
            before = self.mails()
            self.stop()
            (mail,) = self.mails() - before
            self.assertIn("/odoo/icloud-connect", mail.body_html)
            self.cloud.change_password("mara@icloud.com", PASSWORD)
            self.connect(self.mara)
            self.run_import()
        inbox = self.notices().notification_ids.filtered(
            lambda each: each.notification_type == "inbox"
        )
        self.assertEqual(len(inbox), 1)

    def test_it_comes_once_per_stop(self):
        for count in (1, 2):
            self.stop()
            self.assertEqual(len(self.notices()), count)
            self.cloud.change_password("mara@icloud.com", PASSWORD)
            self.connect(self.mara)
            self.run_import()

    def test_it_speaks_the_owners_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.mara.lang = "de_DE"
        said = []
        account = type(self.account)
        self.patch(
            account,
            "_notify",
            lambda each, *words: said.append((each.env.lang, words)),
        )
        self.env = self.env(context={**self.env.context, "lang": "fr_FR"})
        self.account = self.account.with_env(self.env)
        self.stop()
        self.assertEqual([lang for lang, _words in said], ["de_DE"])

    def test_an_owner_without_an_address_stops_like_anybody(self):
        self.mara.partner_id.email = False
        self.stop()
        self.assertEqual(self.account.state, "password_needed")
        self.assertEqual(len(self.notices()), 1)
