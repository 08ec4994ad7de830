"""What strangers type: names, addresses and notes as they are stored, shown and mailed."""

import re
import runpy
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.icloud_calendar_sync.models.booking import typed
from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from tests.models.booking.test_class import ClassCase

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


LABELS = st.text("abcäß日-0", min_size=1, max_size=8).filter(
    lambda label: label.strip("-") == label and label[2:4] != "--"
)


@tagged("-at_install", "post_install", "standard")
class TestTyped(BaseCase):
    def test_an_address_that_mail_can_reach(self):
        for written, stored in [
            ("o'brien@example.com", "o'brien@example.com"),
            ("Anna+visit@Example.COM", "anna+visit@example.com"),
            ("a@exämple.com", "a@xn--exmple-cua.com"),
            ("a@EXÄMPLE.com", "a@xn--exmple-cua.com"),
            ("a@例え。jp", "a@xn--r8jz45g.jp"),
            ("ä@example.com", "ä@example.com"),
            ("a\u0308@example.com", "ä@example.com"),
            ("Anna Berg <anna@example.com>", "anna@example.com"),
            ("a@xn--exmple-cua.com", "a@xn--exmple-cua.com"),
            ("{a}|b/c=d!e#f$g&h*i?j^k`l~m@example.com", "{a}|b/c=d!e#f$g&h*i?j^k`l~m@example.com"),
            ("\u200banna@example.com\u200e", "anna@example.com"),
        ]:
            with self.subTest(written=written):
                assert typed.address(written) == stored

    def test_an_address_that_it_cannot_reach(self):
        for written in [
            "",
            None,
            ["a@example.com"],
            "anna",
            "@example.com",
            "anna@",
            "anna@localhost",
            "anna@127.0.0.1",
            "anna@[127.0.0.1]",
            "anna@-x.com",
            "anna@x..com",
            "anna@example.com, ben@example.com",
            "anna@example.com\nBcc: ben@example.com",
            "anna ben@example.com",
            '"anna"@example.com',
            "anna@exa_mple.com",
            "anna@ex\u2028ample.com",
            "a" * 65 + "@example.com",
            "anna@" + "a." * 130 + "com",
            "anna@xn--\u00e4.com",
        ]:
            with self.subTest(written=written):
                assert typed.address(written) == ""

    def test_a_line_is_what_can_be_seen(self):
        for written, stored in [
            ("\u200b", ""),
            ("\u2800\u3164 \u00ad\u034f", ""),
            ("\u202eanna", "anna"),
            (f"An{TURNING}na", "Anna"),
            ("A\x00n\x1bn\ud800a\nBerg\u2028Maes", "A n n a Berg Maes"),
            ("می\u200cخواهم", "می\u200cخواهم"),
            ("👩\u200d🔬", "👩\u200d🔬"),
            ("❤\ufe0f", "❤\ufe0f"),
            ("\u200dAnna\u200c \u200d Berg\u200d", "Anna Berg"),
            ("ന\u0d4d\u200d", "ന\u0d4d\u200d"),
            ("A\u200d\u200d\u200cnna", "A\u200dnna"),
            ("\u0301\u0301", ""),
            ("Zoe\u0308", "Zoë"),
            ({"filename": "x"}, ""),
            (False, ""),
            (12, "12"),
        ]:
            with self.subTest(written=written):
                assert typed.one_line(written) == stored

    @given(st.text(st.characters() | st.sampled_from(TURNING + "\u200b\u200c\u200d\u00ad\u0308a ")))
    def test_whatever_is_typed_is_one_line_that_turns_nothing_around(self, text):
        line = typed.one_line(text)
        assert typed.one_line(line) == line
        assert not set(line) & set(TURNING + "\u200b\u2060\ufeff")
        assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in line)
        assert line == line.strip()
        assert line == "" or any(unicodedata.category(char)[0] in "LNPS" for char in line)

    @given(
        st.text("abcAÄé'+!#$%&*/=?^_`{|}~.", min_size=1, max_size=20),
        st.lists(LABELS, min_size=1, max_size=3),
    )
    def test_whatever_address_is_taken_is_one_that_mail_needs(self, local_part, labels):
        written = f"{local_part}@{'.'.join(labels)}.example"
        stored = typed.address(written)
        before, _at, domain = stored.rpartition("@")
        assert before.casefold() == local_part.casefold()
        assert domain.isascii()
        assert typed.address(stored) == stored
        assert f"{before}@{'.'.join(labels)}.example" in typed.spellings(stored)

    @given(st.lists(st.sampled_from(["http", "://", "www", ".", "evil", "@", "de", " ", "/", ":"])))
    def test_no_name_holds_an_address_of_the_web(self, pieces):
        name = typed.name("".join(pieces))
        assert not re.search(r"\w\.\w\w|\w:/|@\w", name)
        assert typed.name(name) == name

    def test_a_name_is_no_link(self):
        for written, shown in [
            ("Visit http://evil.example", "Visit http: //evil. example"),
            ("www.evil.example/x?y=1", "www. evil. example/x?y=1"),
            ("evil.co", "evil. co"),
            ("evil\u3002com", "evil\u3002 com"),
            ("москва.рф", "москва. рф"),
            ("भारत.भारत", "भारत. भारत"),
            ("http://3232235777", "http: //3232235777"),
            ("1.2.3.4", "1. 2. 3. 4"),
            ("mailto:anna@evil.example", "mailto: anna@ evil. example"),
            ("J.R. Berg", "J.R. Berg"),
            ("Dr. Anna O'Brien-Maes, Jr.", "Dr. Anna O'Brien-Maes, Jr."),
            ("Anna Berg", "Anna Berg"),
        ]:
            with self.subTest(written=written):
                assert typed.name(written) == shown
                assert typed.name(shown) == shown


@tagged("-at_install", "post_install", "standard")
class TestCustomers(ClassCase):
    EVIL = "Visit http://evil.example/login"

    def test_every_address_that_mail_reaches_books(self):
        for hour, email in enumerate(("o'brien@example.com", "a@exämple.com", "ä@example.com"), 9):
            booking = self.type.book(self.iso(hour), {"name": "Anna", "email": email})
            self.assertEqual(booking.email, typed.address(email))
            self.assertEqual(booking.partner_id.email_normalized, booking.email)
            self.assertTrue(self.mails_to(booking.email))

    def test_a_contact_is_found_however_its_domain_is_written(self):
        known = self.env["res.partner"].create({"name": "Anna", "email": "anna@exämple.com"})
        booking = self.type.book(self.iso(9), {"name": "Anna", "email": "anna@exämple.com"})
        self.assertEqual(booking.partner_id, known)

    def test_nobody_books_or_waits_without_a_name_that_can_be_seen(self):
        nobody = {"name": "\u200b", "email": "anna@example.com"}
        with self.assertRaisesRegex(UserError, "your name"):
            self.type.book(self.iso(9), nobody)
        self.yoga.write({"waiting_list": True, "seats": 1})
        self.attend("Ben")
        with self.assertRaisesRegex(UserError, "your name"):
            self.yoga.join_waiting_list(self.iso(10), nobody)

    def test_text_is_not_turned_around_anywhere(self):
        customer = {
            "name": "Anna\u202e greB",
            "email": "anna@example.com",
            "phone": "\u202e10 10 555",
        }
        booking = self.type.book(
            self.iso(9), customer, answers={"No\u202ete": "One\u202e\r\nTwo\u2066"}
        )
        texts = (
            booking.customer_name,
            booking.phone,
            str(booking.answers),
            booking.event_id.name,
            booking.partner_id.name,
            booking.partner_id.phone,
            booking._summary(),
            self.mails_to("anna@example.com").body_html,
        )
        for text in texts:
            self.assertFalse(set(text) & set(TURNING), ascii(text))
        self.assertEqual(booking.answers, {"Note": "One\nTwo"})

    def test_a_name_is_no_link_in_mails_on_the_phone_and_in_files(self):
        booking = self.type.book(
            self.iso(9),
            {"name": self.EVIL, "email": "victim@example.com"},
            answers={"Note": "http://evil.example/note"},
        )
        booking.reschedule(self.iso(14))
        booking.action_cancel()
        mails = self.mails_to("victim@example.com")
        self.assertEqual(len(mails), 3)
        for mail in mails:
            sent = self.sent(mail)
            self.assertIn("evil. example", sent)
            self.assertNotIn("evil.example", sent)
            self.assertNotIn("http://evil", sent)
        self.assertNotIn("evil.example", booking.event_id.name)
        self.assertNotIn("evil.example", booking.partner_id.display_name)

    def test_only_the_host_reads_the_addresses_in_a_note(self):
        booking = self.type.book(
            self.iso(9),
            {"name": "Anna", "email": "anna@example.com"},
            answers={"Our site": "https://berg.example"},
        )
        self.assertIn("https://berg.example", booking._summary())
        self.assertNotIn("berg.example", self.sent(self.mails_to("anna@example.com")))

    def test_who_waits_is_mailed_no_link_either(self):
        self.yoga.write({"waiting_list": True, "seats": 1})
        self.attend("Ben")
        self.yoga.join_waiting_list(
            self.iso(10), {"name": self.EVIL, "email": "victim@example.com"}
        )
        self.assertNotIn("evil.example", self.sent(self.mails_to("victim@example.com")))

    def test_names_from_before_are_cleaned_when_the_addon_is_updated(self):
        anna, eve, nobody = (self.book(hour) for hour in (9, 10, 11))
        self.settle()
        for booking, name in ((eve, self.EVIL), (nobody, "\u202e")):
            self.env.cr.execute(
                "UPDATE icloud_booking SET customer_name = %s WHERE id = %s", [name, booking.id]
            )
        path = Path(typed.__file__).parents[2] / "migrations/19.0.1.1.0/post-bookings.py"
        runpy.run_path(str(path))["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        names = [booking.customer_name for booking in (anna, eve, nobody)]
        self.assertEqual(
            names, ["Anna Berg", "Visit http: //evil. example/login", "anna@example.com"]
        )

    def mails_to(self, email):
        return self.env["mail.mail"].search([("email_to", "=", email)])

    def sent(self, mail):
        """All that can be read of one mail: subject, texts, files."""
        texts = [mail.subject, mail.body_html, mail.body]
        for file in mail.attachment_ids:
            unfolded = file.raw.decode().replace("\r\n ", "")
            texts.append(unfolded)
        return "\n".join(texts)
