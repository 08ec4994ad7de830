"""Who hears what of a booking by mail, and what becomes of the mail."""

from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.models.planning.zones import zone_words
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import format_date, html2plaintext, mute_logger

from tests.models.booking.test_back_office import OfficeCase

BROKEN = "{{ object.no_such_thing }}"


class MailCase(OfficeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Customers book as strangers, not as the superuser who prepares all this.
        cls.public = cls.env.ref("base.public_user")

    def ask(self, hour=10, booking_type=None, lang="en_US", **customer):
        """A stranger's booking, made as the page makes it."""
        booking_type = (booking_type or self.type).with_user(self.public).sudo()
        customer = {"name": "Anna Berg", "email": "anna@example.com", **customer}
        booking = booking_type.with_context(lang=lang).book(self.iso(hour), customer)
        return booking.with_context(lang=False)

    def own(self, booking):
        """The booking as its customer changes it by the link."""
        return booking.with_user(self.public).sudo()

    def mails(self, to):
        """The mails to an address, in the order in which they were written."""
        return self.env["mail.mail"].search([("email_to", "ilike", to)]).sorted("id")

    def news(self, to):
        return [mail.subject.partition(":")[0] for mail in self.mails(to)]

    def text(self, mail):
        """As a program shows it that knows no HTML."""
        return html2plaintext(mail.body_html)

    def template(self, name):
        return self.env.ref(f"icloud_calendar_sync.{name}")

    def spoil(self, template, **values):
        """An administrator saves nonsense while there is no booking that Odoo could try it on."""
        with patch.object(type(template), "_check_can_be_rendered"):
            template.write(values)


@tagged("-at_install", "post_install", "standard")
class TestWhoHears(MailCase):
    def test_customer_and_host_hear_of_a_booking_that_is_made_moved_and_cancelled(self):
        self.type.host_ids[1:].unlink()
        booking = self.ask()
        self.own(booking).reschedule(self.iso(14))
        self.own(booking).action_cancel()
        self.assertEqual(
            self.news("anna@example.com"),
            ["First visit", "New time for First visit", "Cancelled"],
        )
        self.assertEqual(self.news("mara@example.com"), ["New booking", "Moved", "Cancelled"])
        for reader in ("anna@example.com", "mara@example.com"):
            moved = self.text(self.mails(reader)[1])
            self.assertIn("2:00\u202fPM – 2:30\u202fPM", moved)
            self.assertIn("Instead of", moved)
            self.assertIn("10:00\u202fAM – 10:30\u202fAM", moved)

    def test_who_does_it_knows_it(self):
        self.type.needs_approval = True
        booking = self.ask()
        host = booking.user_id
        self.assertEqual(self.news(host.email), ["Please decide"])
        booking.with_user(host).action_confirm()
        booking.with_user(host).action_cancel()
        self.assertEqual(self.news(host.email), ["Please decide"])
        self.assertEqual(
            self.news("anna@example.com"), ["We have your request", "First visit", "Cancelled"]
        )

    def test_a_host_hears_what_others_decide(self):
        self.type.needs_approval = True
        first, second = self.ask(10), self.ask(10, email="ben@example.com", name="Ben")
        manager = self.env.ref("base.user_admin")
        first.with_user(manager).action_decline()
        second.with_user(manager).action_confirm()
        self.assertEqual(self.news(first.user_id.email), ["Please decide", "Declined"])
        self.assertEqual(self.news(second.user_id.email), ["Please decide", "New booking"])

    def test_a_host_chooses_what_to_hear_of(self):
        for switch, silent in [
            ("booking_mail_confirmed", "New booking"),
            ("booking_mail_moved", "Moved"),
            ("booking_mail_cancelled", "Cancelled"),
        ]:
            with self.subTest(switch=switch):
                self.mara.with_user(self.mara).write({switch: False})
                lesson = self.make_type(self.mara, name=switch)
                before = len(self.mails("mara@example.com"))
                booking = self.ask(booking_type=lesson)
                self.own(booking).reschedule(self.iso(14))
                self.own(booking).action_cancel()
                heard = self.news("mara@example.com")[before:]
                self.assertEqual(len(heard), 2)
                self.assertNotIn(silent, heard)
                self.mara[switch] = True

    def test_a_host_whom_a_booking_leaves_is_told_and_so_is_the_next(self):
        booking = self.ask()
        former = booking.user_id
        other = (self.mara | self.jonas) - former
        manager = self.env.ref("base.user_admin")
        booking.event_id.with_user(manager).write({"user_id": other.id})
        self.assertEqual(self.news(former.email), ["New booking", "Not yours any more"])
        self.assertIn(b"METHOD:CANCEL", self.mails(former.email)[1].attachment_ids.raw)
        self.assertEqual(self.news(other.email), ["New booking"])

    def test_all_hosts_of_a_session_hear_of_it(self):
        both = self.make_type(name="Both", kind="collective")
        booking = self.ask(booking_type=both)
        self.own(booking).action_cancel()
        for host in self.mara | self.jonas:
            self.assertEqual(self.news(host.email), ["New booking", "Cancelled"])

    def test_guests_are_told_when_the_customer_moves(self):
        booking = self.ask()
        guest = self.env["res.partner"].create({"name": "Gus", "email": "gus@example.com"})
        booking.event_id.with_context(no_mail_to_attendees=True).partner_ids = [
            Command.link(guest.id)
        ]
        self.own(booking).reschedule(self.iso(14))
        told = self.env["mail.mail"].search([("recipient_ids", "in", guest.ids)])
        self.assertEqual(len(told), 1)
        self.assertIn(b"DTSTART", told.attachment_ids.raw)
        hosts = (self.mara | self.jonas).partner_id
        self.assertFalse(self.env["mail.mail"].search([("recipient_ids", "in", hosts.ids)]))


@tagged("-at_install", "post_install", "standard")
class TestHowItReads(MailCase):
    def test_both_clocks_are_named_where_they_differ_the_readers_first(self):
        booking = self.ask(14, tz="America/New_York")
        customers = self.text(self.mails("anna@example.com"))
        hosts = self.text(self.mails(booking.user_id.email))
        self.assertLess(customers.index("8:00\u202fAM"), customers.index("2:00\u202fPM"))
        self.assertLess(hosts.index("2:00\u202fPM"), hosts.index("8:00\u202fAM"))
        for text in (customers, hosts):
            for city in ("America/New_York", "Europe/Brussels"):
                self.assertIn(zone_words(city, booking.start), text)

    def test_one_clock_is_enough_where_both_show_the_same(self):
        self.ask(tz="Europe/Paris")
        text = self.text(self.mails("anna@example.com"))
        self.assertIn("Paris", text)
        self.assertNotIn("Brussels", text)

    def test_each_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.lang"]._activate_lang("fr_FR")
        # A contact that is known keeps its language; the page was read in German.
        self.env["res.partner"].create(
            {"name": "Anna", "email": "anna@example.com", "lang": "fr_FR"}
        )
        (self.mara | self.jonas).lang = "fr_FR"
        booking = self.ask(lang="de_DE")
        self.assertEqual(booking.lang, "de_DE")
        self.assertIn("10:00 – 10:30", self.text(self.mails("anna@example.com")))
        for reader, lang in (("anna@example.com", "de_DE"), (booking.user_id.email, "fr_FR")):
            day = format_date(self.env, self.day(), lang_code=lang, date_format="full")
            self.assertIn(day, self.mails(reader).subject)

    def test_the_company_signs_and_colours(self):
        company = self.type.company_id
        company.write({"email_secondary_color": "#123456", "phone": "+32 2 555 00 00"})
        self.ask()
        mail = self.mails("anna@example.com")
        self.assertIn("background-color: #123456", mail.body_html)
        self.assertIn(company.name, self.text(mail))
        self.assertIn("+32 2 555 00 00", self.text(mail))

    def test_who_sees_the_booking_does_not_read_what_its_host_may_do(self):
        booking = self.ask()
        messages = booking.message_ids.filtered("notification_ids")
        to_host = messages.filtered(lambda each: "New booking" in each.subject)
        self.assertEqual(len(to_host), 1)
        self.assertFalse(html2plaintext(to_host.body).strip())
        self.assertIn("you are booked", html2plaintext((messages - to_host).body))


@tagged("-at_install", "post_install", "standard")
class TestHostFile(MailCase):
    def test_a_host_without_icloud_gets_the_file_that_updates_and_removes_itself(self):
        self.type.host_ids[1:].unlink()
        booking = self.ask()
        self.own(booking).reschedule(self.iso(14))
        self.own(booking).action_cancel()
        files = [mail.attachment_ids.raw for mail in self.mails("mara@example.com")]
        self.assertEqual(len(files), 3)
        uids = {line for file in files for line in file.split(b"\r\n") if line.startswith(b"UID")}
        self.assertEqual(len(uids), 1)
        self.assertNotIn(uids.pop(), self.mails("anna@example.com")[0].attachment_ids.raw)
        self.assertIn(b"METHOD:CANCEL", files[2])

    def test_a_host_with_icloud_sees_it_there_already(self):
        account = self.env["icloud.account"].create({"user_id": self.mara.id})
        calendar = self.env["icloud.calendar"].create(
            {"account_id": account.id, "name": "Home", "href": "/home/", "writable": True}
        )
        account.primary_calendar_id = calendar
        lesson = self.make_type(self.mara, name="Lesson")
        self.ask(booking_type=lesson)
        self.assertFalse(self.mails("mara@example.com").attachment_ids)


@tagged("-at_install", "post_install", "standard")
class TestWhatBecomesOfIt(MailCase):
    def send(self, fails=False):
        """What Odoo's queue does, with a mail server that takes all, or nothing."""
        server = self.env["ir.mail_server"]
        outcome = {"side_effect": OSError("no such server")} if fails else {"return_value": "id"}
        with (
            patch.object(type(server), "_disable_send", return_value=False),
            patch.object(type(server), "_connect__", return_value=None),
            patch.object(type(server), "send_email", **outcome),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()

    def states(self, booking):
        notices = booking.message_ids.notification_ids
        return {each.mail_email_address: each.notification_status for each in notices}

    def test_the_booking_knows_what_was_delivered_and_what_was_not(self):
        booking = self.ask()
        addresses = {"anna@example.com", booking.user_id.email}
        self.assertEqual(self.states(booking), dict.fromkeys(addresses, "ready"))
        self.send()
        self.assertEqual(self.states(booking), dict.fromkeys(addresses, "sent"))
        self.assertFalse(self.mails("anna@example.com"))
        refused = self.ask(12)
        self.send(fails=True)
        self.assertEqual(set(self.states(refused).values()), {"exception"})

    def test_what_did_not_arrive_is_named_and_found(self):
        good, bad = self.ask(), self.ask(12, email="ben@example.com")
        anna = self.mails("anna@example.com")
        anna.mail_message_id.notification_ids.notification_status = "sent"
        bad.message_ids.notification_ids.filtered(
            lambda each: each.mail_email_address == "ben@example.com"
        ).write({"notification_status": "bounce", "failure_type": "mail_bounce"})
        self.env.invalidate_all()
        self.assertFalse(good.mail_trouble)
        self.assertIn("did not reach ben@example.com: Bounce", bad.mail_trouble)
        found = self.env["icloud.booking"].search([("mail_trouble", "!=", False)])
        self.assertIn(bad, found)
        self.assertNotIn(good, found)
        rest = self.env["icloud.booking"].search([("mail_trouble", "=", False)])
        self.assertIn(good, rest)
        self.assertNotIn(bad, rest)

    def test_the_queue_is_woken(self):
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.ask()
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))


@tagged("-at_install", "post_install", "standard")
class TestBrokenTemplate(MailCase):
    def todos(self, user):
        return self.env["mail.activity"].search(
            [("user_id", "=", user.id), ("summary", "ilike", "is broken")]
        )

    def test_the_booking_stands_the_plain_mail_goes_and_administrators_are_told_once(self):
        admin = self.env.ref("base.user_admin")
        for field, broken in [
            ("subject", BROKEN),
            ("body_html", '<p t-out="object.no_such_thing"/>'),
            ("email_from", BROKEN),
            ("lang", BROKEN),
            ("body_html", "<p t-out='object.env.cr.execute(\"SELECT no_such_thing\")'/>"),
        ]:
            with self.subTest(field=field), mute_logger("odoo.addons.mail", "odoo.sql_db"):
                template = self.template("mail_booking_confirmed")
                before = template[field]
                self.spoil(template, **{field: broken})
                booking = self.ask(email="carl@example.com")
                self.assertEqual(booking.state, "confirmed")
                mail = self.mails("carl@example.com")[-1]
                self.assertTrue(mail.subject.startswith("You are booked: First visit"))
                self.assertIn(booking.customer_url, self.text(mail))
                self.assertIn(b"BEGIN:VEVENT", mail.attachment_ids.raw)
                self.assertEqual(len(self.todos(admin)), 1)
                self.assertIn("Booking: confirmed", self.todos(admin).summary)
                self.own(booking).action_cancel()
                self.spoil(template, **{field: before})
        self.assertIn("no_such_thing", html2plaintext(self.todos(admin).note))

    def test_a_template_that_was_deleted_is_as_good_as_broken(self):
        self.template("mail_host_confirmed").unlink()
        booking = self.ask()
        self.assertEqual(self.news(booking.user_id.email), ["New booking"])
        self.assertTrue(self.todos(self.env.ref("base.user_admin")))

    def test_a_template_that_was_archived_is_not_sent_any_more(self):
        self.template("mail_booking_confirmed").active = False
        self.ask()
        self.assertFalse(self.mails("anna@example.com"))
        self.assertFalse(self.todos(self.env.ref("base.user_admin")))

    def test_guests_do_not_stop_a_move_whose_template_is_broken(self):
        booking = self.ask()
        guest = self.env["res.partner"].create({"name": "Gus", "email": "gus@example.com"})
        booking.event_id.with_context(no_mail_to_attendees=True).partner_ids = [
            Command.link(guest.id)
        ]
        template = self.env.ref("calendar.calendar_template_meeting_changedate")
        self.spoil(template, body_html='<p t-out="object.no_such_thing"/>')
        self.own(booking).reschedule(self.iso(14))
        self.assertEqual(booking.start, self.at(14))
        self.assertTrue(self.todos(self.env.ref("base.user_admin")))


@tagged("-at_install", "post_install", "standard")
class TestVisit(MailCase):
    def test_the_mail_says_what_to_bring_where_it_is_and_until_when_it_can_be_changed(self):
        self.type.write({"bring": "Your shoes", "change_notice": 24 * 60})
        booking = self.ask()
        text = self.text(self.mails("anna@example.com"))
        self.assertIn("Your shoes", text)
        self.assertIn("query=12+Rose+Street", text)
        until = format_date(self.env, self.day(6), date_format="full")
        self.assertIn(f"You can move or cancel until {until}, 10:00", text)
        self.assertIn("calendar.google.com", text)
        self.assertIn("outlook.live.com", text)
        self.assertIn(f"{booking.customer_url}/calendar", text)

    def test_a_place_that_is_no_address_has_no_map(self):
        self.type.location_on_map = False
        self.ask()
        self.assertNotIn("query=", self.text(self.mails("anna@example.com")))

    def test_the_link_stands_in_both_calendars(self):
        booking = self.ask()
        link = booking.customer_url
        self.assertIn(link, booking._ical_attachment()["raw"].decode().replace("\r\n ", ""))
        self.assertIn(link, booking._summary())


@tagged("-at_install", "post_install", "standard")
class TestPreview(MailCase):
    def preview(self, name, **values):
        manager = self.env.ref("base.user_admin")
        manager.email = "admin@example.com"
        wizard = self.env["icloud.booking.preview"].with_user(manager)
        template = self.template(name).id
        return wizard.create({"type_id": self.type.id, "template_id": template, **values})

    def test_each_mail_is_shown_before_anybody_has_booked_and_nobody_hears_of_it(self):
        before = len(self.mails("example.com"))
        templates = self.env["mail.template"].search([("model", "=", "icloud.booking")])
        self.assertGreater(len(templates), 12)
        for template in templates:
            with self.subTest(template=template.name):
                name = template.get_external_id()[template.id].partition(".")[2]
                preview = self.preview(name)
                preview.action_show()
                reader = "Mara" if "_host_" in name else "Anna Berg"
                self.assertIn(f"Hello {reader},", preview.plain)
        self.assertEqual(len(self.mails("example.com")), before)
        self.assertFalse(self.env["icloud.booking"].search([("type_id", "=", self.type.id)]))
        self.assertEqual(len(self.starts()), 16)

    def test_a_test_goes_to_whoever_asks_alone(self):
        before = self.env["mail.mail"].search([])
        self.preview("mail_booking_moved").action_send_test()
        mail = self.env["mail.mail"].search([]) - before
        self.assertIn("admin@example.com", mail.email_to)
        self.assertTrue(mail.subject.startswith("Test: New time for First visit"))
        self.assertFalse(mail.recipient_ids)

    def test_a_broken_template_says_what_is_wrong_with_it(self):
        self.spoil(self.template("mail_booking_moved"), body_html='<p t-out="object.nothing"/>')
        with self.assertRaisesRegex(UserError, "nothing"), mute_logger("odoo.addons.mail"):
            self.preview("mail_booking_moved").action_show()
        self.assertFalse(self.env["icloud.booking"].search([("type_id", "=", self.type.id)]))

    def test_hosts_who_administer_nothing_preview_nothing(self):
        with self.assertRaises(UserError):
            self.env["icloud.booking.preview"].with_user(self.mara).create(
                {"type_id": self.type.id}
            )
