"""What a browser and other sites may do with an answer, whichever it is."""

from unittest.mock import patch

from odoo.exceptions import ValidationError

from .stranger import StrangerCase


class Headers(StrangerCase):
    def setUp(self):
        super().setUp()
        self.token, self.waiting = self.have_links()

    def assertPrivate(self, answer, code):
        self.assertEqual(answer.status_code, code, answer.url)
        self.assertEqual(answer.headers["Content-Security-Policy"], "frame-ancestors 'none'")
        self.assertEqual(answer.headers["X-Frame-Options"], "DENY")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")

    def assertNotFramed(self, answer, code):
        self.assertEqual(answer.status_code, code, answer.url)
        self.assertEqual(answer.headers["Content-Security-Policy"], "frame-ancestors 'self'")
        self.assertEqual(answer.headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertEqual(answer.headers["Cache-Control"], "private, no-cache")

    def test_nobody_keeps_or_frames_what_a_link_leads_to(self):
        booking, waiting = f"/booking/{self.token}", f"/booking/waiting/{self.waiting}"
        for path in (
            booking,
            f"{booking}/move",
            f"{booking}/cancel",
            f"{booking}/calendar",
            waiting,
        ):
            self.assertPrivate(self.get(path), 200)
        # Answers that no route of ours makes.
        self.assertPrivate(self.get(f"{booking}/nothing"), 404)
        self.assertPrivate(self.get(f"/en_US{booking}"), 301)
        self.assertPrivate(self.get("/booking/nothing"), 404)
        self.assertPrivate(self.get("/booking/nothing/move"), 303)
        self.assertPrivate(self.get(f"{booking}/take"), 405)
        self.assertPrivate(self.ask("POST", f"{booking}/cancel"), 400)  # no token
        self.assertPrivate(self.post(f"{booking}/take"), 303)
        self.assertPrivate(self.post(f"{booking}/move", start="tomorrow"), 422)
        for _tap in range(2):
            self.assertPrivate(self.post(f"{waiting}/leave"), 303)
        self.assertPrivate(self.post(f"{booking}/cancel"), 303)
        self.assertPrivate(self.post("/booking/waiting/nothing/leave"), 303)
        self.set_limits("page.visitor=1/600")
        self.get(booking)
        self.assertPrivate(self.get(booking), 429)

    def test_nobody_frames_an_offer(self):
        path = f"/bookings/{self.offer.slug}"
        for page in ("/bookings", path, "/bookings/fuzzed-menu", f"{path}/written"):
            self.assertNotFramed(self.get(page), 200)
        self.assertNotFramed(self.get("/bookings/nothing"), 404)
        self.assertNotFramed(self.ask("POST", path), 400)
        self.assertNotFramed(self.post(path, start="tomorrow"), 422)
        self.assertNotFramed(self.post_booking(self.type, self.iso(12)), 303)

    def test_a_site_that_the_type_names_may_show_it(self):
        path = f"/bookings/{self.offer.slug}"
        self.offer.frame_sites = "https://www.Example.com/\nhttps://*.example.org:8443"
        policy = "frame-ancestors 'self' https://www.example.com https://*.example.org:8443"
        for answer in (self.get(path), self.post(path, start="tomorrow")):
            self.assertEqual(answer.headers["Content-Security-Policy"], policy)
            self.assertNotIn("X-Frame-Options", answer.headers)
            # What is booked has a page of its own, which nobody frames.
            self.assertIn('target="_top"', answer.text)
        self.assertPrivate(self.get(f"/booking/{self.token}"), 200)
        self.assertNotFramed(self.get("/bookings/fuzzed-menu"), 200)

    def test_only_sites_are_named(self):
        for wrong in (
            "*",
            "'none'",
            "http://example.com",
            "https://",
            "https://example.com/path",
            "https://example.com;script-src",
            "https://exa mple.com",
            "javascript:alert(1)",
            "https://a.example, https://b.example",
            "https://*",
            "https://" + "a-" * 200 + "example.com",
            "\n".join(f"https://site{number}.example" for number in range(21)),
        ):
            with self.assertRaises(ValidationError, msg=wrong):
                self.offer.frame_sites = wrong

    def test_a_form_of_an_old_page_is_sent_again_with_what_was_typed(self):
        fields = {"name": 'Anna "A" <b>', "email": "anna@example.com", "start": self.iso(12)}
        self.csrf = "0" * 40 + "o1"
        answer = self.post(f"/bookings/{self.type.slug}", **fields)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Please press the button once more", answer.text)
        self.assertIn('value="Anna &#34;A&#34; &lt;b&gt;"', answer.text)
        self.assertIn(f'value="{self.iso(12)}"', answer.text)
        self.assertEqual(self.type.booking_count, 0)

    def test_what_stands_in_an_address_does_not_speak_for_a_form(self):
        path = f"/bookings/{self.type.slug}?start={self.iso(12)}&name=Eve&email=eve@example.com"
        self.assertEqual(self.post(path).status_code, 422)
        self.assertEqual(self.type.booking_count, 0)

    def test_whoever_follows_a_link_to_a_form_gets_the_page(self):
        answer = self.get(f"/bookings/{self.offer.slug}/wait")
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith(f"/bookings/{self.offer.slug}"))

    def test_what_nobody_expected_shows_nothing_of_our_inside(self):
        def fail(*_args, **_options):
            raise ZeroDivisionError("the inside")

        types = self.env.registry["icloud.booking.type"]
        path = f"/bookings/{self.type.slug}"
        for asked in (f"{path}/slots?from=2026-12-01&to=2026-12-02", f"{path}?plain=1&debug=1"):
            with patch.object(types, "slots", fail), self.assertLogs("odoo.http", "ERROR"):
                answer = self.get(asked)
            self.assertEqual(answer.status_code, 500)
            self.assertIn("Something went wrong on our side", answer.text)
            self.assertNotIn("the inside", answer.text)
            self.assertNotIn("Traceback", answer.text)

    def test_a_host_header_makes_no_link(self):
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        fields = {"name": "Anna", "email": "anna@example.com", "start": self.iso(12)}
        self.ask(
            "POST",
            f"/bookings/{self.type.slug}",
            headers=headers,
            data={**fields, "csrf_token": self.csrf},
        )
        self.assertNotIn("evil.example", self.mails_to("anna@example.com").body_html)
