"""A host decides about a booking by a link of the own."""

import re

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from tests.models.booking.test_mails import MailCase


class DecisionCase(MailCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type.write({"needs_approval": True, "host_ids": [(2, cls.type.host_ids[1].id)]})

    def link(self, mail):
        """The path behind the button."""
        return re.search(r'href="[^"]*(/booking/decide/[^"]*)"', mail.body_html)[1]

    def post(self, path, **form):
        self.authenticate(None, None)
        return self.url_open(path, {**form, "csrf_token": Request.csrf_token(self)})

    def start(self, booking):
        return f"{booking.start.isoformat(timespec='seconds')}Z"


@tagged("-at_install", "post_install", "standard")
class TestDecision(DecisionCase):
    def test_opening_the_link_decides_nothing_and_posting_does(self):
        for decision, state, news in [
            ("confirm", "confirmed", "First visit"),
            ("decline", "cancelled", "Not possible"),
        ]:
            with self.subTest(decision=decision):
                booking = self.ask()
                path = self.link(self.mails("mara@example.com")[-1])
                page = self.url_open(path)
                self.assertEqual(page.status_code, 200)
                self.assertIn("anna@example.com", page.text)
                self.assertEqual(booking.state, "pending")
                page = self.post(path, decision=decision, start=self.start(booking))
                self.assertEqual(page.status_code, 200)
                self.env.invalidate_all()
                self.assertEqual(booking.state, state)
                self.assertEqual(self.news("anna@example.com")[-1], news)
                # By the host, who hears nothing of it.
                self.assertEqual(self.news("mara@example.com")[-1], "Please decide")
                tracked = booking.message_ids.filtered("tracking_value_ids")
                self.assertEqual(tracked.author_id, self.mara.partner_id)
                again = self.post(path, decision="confirm", start=self.start(booking))
                self.assertEqual(booking.state, state)
                self.assertNotIn('value="confirm"', again.text)
                self.own(booking).filtered("holds_time").action_cancel()

    def test_what_was_moved_meanwhile_is_looked_at_again(self):
        booking = self.ask()
        before, path = self.start(booking), self.link(self.mails("mara@example.com")[-1])
        self.own(booking).reschedule(self.iso(14))
        answer = self.post(path, decision="confirm", start=before)
        self.assertEqual(answer.status_code, 409)
        self.env.invalidate_all()
        self.assertEqual(booking.state, "pending")

    def test_a_link_that_was_changed_or_whose_host_may_not_decide_leads_nowhere(self):
        booking = self.ask()
        path = self.link(self.mails("mara@example.com")[-1])
        token = path.rpartition("/")[2]
        other = token.replace(f"-{self.mara.id}-", f"-{self.jonas.id}-")
        for wrong in (other, f"{token[:-1]}x", "1-2-3", "1", "-", f"{booking.id}-{self.mara.id}-"):
            with self.subTest(wrong=wrong):
                self.assertEqual(self.url_open(f"/booking/decide/{wrong}").status_code, 404)
        # Signed, but of nobody who may decide.
        foreign = booking._decision_token(self.jonas)
        self.assertEqual(self.url_open(f"/booking/decide/{foreign}").status_code, 404)
        self.post(f"/booking/decide/{foreign}", decision="confirm", start=self.start(booking))
        self.env.invalidate_all()
        self.assertEqual(booking.state, "pending")
        self.mara.active = False
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_the_mail_shows_the_hosts_own_day_and_nobody_elses(self):
        other = self.make_type(self.mara, name="Lunch")
        foreign = self.make_type(self.jonas, name="Secret")
        self.ask(12, booking_type=other, name="Ben", email="ben@example.com")
        self.ask(13, booking_type=foreign, name="Carl", email="carl@example.com")
        self.ask(10)
        text = self.text(self.mails("mara@example.com")[-1])
        self.assertIn("Ben, Lunch", text)
        self.assertIn("Anna Berg (this one)", text)
        self.assertNotIn("Carl", text)
