"""Beside Odoo's ratings."""

import re

from odoo.tests import HttpCase, tagged

from tests.models.booking.test_reminders import ReminderCase


@tagged("-at_install", "post_install", "standard")
class TestRating(ReminderCase, HttpCase):
    def test_a_visit_is_rated_by_a_click_and_a_post_and_by_no_link_that_is_only_opened(self):
        booking = self.ahead(hours=-3)
        self.work()
        thanks = self.mails(booking.email)[-1]
        links = re.findall(r'href="([^"]*/rate/[^"]*)"', thanks.body_html)
        self.assertEqual([link[-2:] for link in links], ["/5", "/3", "/1"])
        address = links[0][links[0].index("/rate/") :]
        self.assertEqual(self.url_open(address).status_code, 200)
        self.assertFalse(booking.rating_ids.filtered("consumed"))
        token = address.split("/")[2]
        self.authenticate(None, None)
        answer = self.url_open(
            f"/rate/{token}/submit_feedback",
            {"rate": 5, "feedback": "Lovely", "csrf_token": self.csrf_token()},
        )
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(booking.rating_last_value, 5)
        self.assertEqual(booking.rating_last_feedback, "Lovely")
        self.assertEqual(booking.rating_ids.rated_partner_id, booking.user_id.partner_id)

    def csrf_token(self):
        from odoo.http import Request

        return Request.csrf_token(self)

    def test_who_did_not_come_is_not_asked(self):
        booking = self.ahead(hours=-3)
        booking.state = "no_show"
        self.work()
        self.assertFalse(booking.rating_ids)
