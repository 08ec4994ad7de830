"""Whatever strangers send, to any of our routes, they are answered with words."""

from http import HTTPStatus
from urllib.parse import quote

from odoo.addons.icloud_calendar_sync.guard.fields import FIELDS

from .stranger import StrangerCase

OURS = "odoo.addons.icloud_calendar_sync."
ODD = (
    "",
    "\0",
    "a\0b",
    "-1",
    "٣",
    "²",
    "1e9",
    "9" * 4_500,
    "(" * 4_500,
    "(" * 254,
    "0000-00-00",
    "0001-01-01",
    "99999-01-01",
    "9999-12-31T23:59:59+23:59",
    "2026-12-01T10:00:00Z",
    "[1, 2]",
    '{"id": 1}',
    "../../etc/passwd",
    "%(name)s %s {0} {name.__class__}",
    "<script>alert(1)</script>",
    "'; DROP TABLE icloud_booking; --",
    "\u200b\u202e\ufeff\U000e0001",
    "😀" * 1_000,
    "\r\nSet-Cookie: a=b",
    "1,2,,3," * 500,
)
BROKEN = (b"\xed\xa0\x80", b"\xff\xfe", b"%", b"%zz", b"%u0041", b"%00", b"a%0d%0ab")
# Names that Python, Odoo or somebody's framework may take for something else.
NAMES = ("self", "cls", "args", "kwargs", "slug", "token", "number", "endpoint", "__class__", "a[]")
NAMES += (
    "context",
    "lang",
    "debug",
    "method",
    "_method",
    "db",
    "name[]",
    "name.x",
    "",
)


class EveryField(StrangerCase):
    def setUp(self):
        super().setUp()
        self.token, self.waiting = self.have_links()

    # -- what there is -------------------------------------------------------------------------

    def rules(self):
        rules = self.env["ir.http"].routing_map().iter_rules()
        return [rule for rule in rules if rule.endpoint.__module__.startswith(OURS)]

    def paths(self):
        """(method, path) of every route, with links that lead somewhere."""
        found = []
        for rule in self.rules():
            path = rule.rule.replace("<string:slug>", "fuzzed").replace("<string:number>", "1")
            token = self.waiting if "/waiting/" in path else self.token
            method = "POST" if "POST" in rule.methods else "GET"
            found.append((method, path.replace("<string:token>", token)))
        return [*found, ("GET", "/bookings/fuzzed-menu"), ("POST", "/bookings/fuzzed-menu")]

    def assertWords(self, answer, what):
        self.assertLess(answer.status_code, 500, what)
        self.assertNotIn("Traceback", answer.text, what)
        is_refused = answer.status_code >= 400
        if is_refused and answer.request.method != "HEAD":
            has_words = any(sign in answer.text for sign in ("<h1", '"error"', "<p>", ". "))
            self.assertTrue(has_words, (what, answer.text[:200]))

    def valid(self):
        return {
            "name": "Anna Berg",
            "email": "anna@example.com",
            "start": self.iso(11),
            "from": self.day().isoformat(),
            "to": self.day(8).isoformat(),
        }

    def send(self, method, path, fields, **options):
        if method == "GET":
            return self.ask(method, path, params=fields, **options)
        fields = [*fields, ("csrf_token", self.csrf)]
        return self.ask(method, path, data=fields, **options)

    # -- and what is done to it ----------------------------------------------------------------

    def test_every_route_of_ours_passes_the_gate(self):
        self.assertGreater(len(self.rules()), 12)
        for rule in self.rules():
            self.assertIn("guard", rule.endpoint.routing, rule)

    def test_odd_values(self):
        names = sorted(FIELDS)
        for method, path in self.paths():
            for turn in range(0, len(ODD), 5):
                # Another value in each field, and after all turns each value in many fields.
                odd = {name: ODD[(turn + number) % len(ODD)] for number, name in enumerate(names)}
                answer = self.send(method, path, list(odd.items()))
                self.assertWords(answer, (method, path, turn))

    def test_one_odd_value_among_good_ones(self):
        for method, path in self.paths():
            if "POST" in method or path.endswith("slots"):
                for number, name in enumerate(sorted(FIELDS)):
                    fields = {**self.valid(), name: ODD[number]}
                    answer = self.send(method, path, list(fields.items()))
                    self.assertWords(answer, (method, path, name))

    def test_addresses_that_parsers_choke_on(self):
        for email in (
            "(" * 4_500,
            "(" * 254,
            "(a" * 127,
            "<" * 254,
            '"' * 254,
            "a@" * 127,
            "[" * 254,
        ):
            for path in ("/bookings/fuzzed", "/bookings/fuzzed/wait"):
                answer = self.send("POST", path, list({**self.valid(), "email": email}.items()))
                self.assertEqual(answer.status_code, 422, email[:4])
                self.assertIn("Please give an e-mail address we can write to.", answer.text)

    def test_fields_that_come_twice_or_under_odd_names(self):
        for method, path in self.paths():
            twice = [(name, value) for name in sorted(FIELDS) for value in ("1", "2")]
            self.assertWords(self.send(method, path, twice), (method, path, "twice"))
            odd = [*self.valid().items(), *((name, "odd") for name in NAMES)]
            self.assertWords(self.send(method, path, odd), (method, path))

    def test_files_instead_of_texts(self):
        for number, (method, path) in enumerate(self.paths()):
            names = [*sorted(FIELDS), "csrf_token"]
            for some in (names, [names[number % len(names)]]):
                files = dict.fromkeys(some, ("a.txt", b"text", "text/plain"))
                answer = self.ask(method, path, data={"csrf_token": self.csrf}, files=files)
                self.assertEqual(answer.status_code, 400, (method, path, some))
                self.assertWords(answer, (method, path, some))

    def test_bytes_that_are_no_text(self):
        for method, path in self.paths():
            for shift in (0, 3):
                values = [BROKEN[(shift + n) % len(BROKEN)] for n in range(len(FIELDS))]
                pairs = zip(sorted(FIELDS), values, strict=True)
                body = b"&".join(name.encode() + b"=" + value for name, value in pairs)
                if method == "GET":
                    answer = self.ask(method, f"{path}?{body.decode('latin-1')}")
                else:
                    body += b"&csrf_token=" + self.csrf.encode()
                    kind = {"Content-Type": "application/x-www-form-urlencoded"}
                    answer = self.ask(method, path, data=body, headers=kind)
                self.assertWords(answer, (method, path, shift))

    def test_bodies_of_other_kinds(self):
        kinds = (
            ("application/json", b"{"),
            ("application/json", b'{"params": [1]}'),
            ("multipart/form-data", b"--a\r\n\r\n"),
            ("multipart/form-data; boundary=", b"name=a&name"),
            ("multipart/form-data; boundary=a; charset=bogus", b"--a\r\n\r\nb\r\n--a--"),
            ("application/x-www-form-urlencoded; charset=bogus", b"name=a"),
            ("a" * 300, b"name=a"),
            ("", b"name=a"),
        )
        for method, path in self.paths():
            for kind, body in kinds:
                answer = self.ask(method, path, data=body, headers={"Content-Type": kind})
                self.assertWords(answer, (method, path, kind, body))

    def test_too_much(self):
        for method, path in self.paths():
            body = {"csrf_token": self.csrf, "note": "a" * 1_000_000}
            answer = self.ask(method, path, data=body)
            self.assertEqual(answer.status_code, 413, (method, path))
            self.assertWords(answer, (method, path, "long"))
            many = {f"field{number}": "1" for number in range(5_000)}
            self.assertWords(self.ask(method, path, data=many), (method, path, "many"))

    def test_other_methods(self):
        for _method, path in self.paths():
            for method in ("HEAD", "PUT", "DELETE", "TRACE", "ODD"):
                answer = self.ask(method, path, data={"start": self.iso(11)})
                self.assertWords(answer, (method, path))

    def test_asking_which_methods_there_are_does_nothing(self):
        form = {**self.valid(), "csrf_token": self.csrf}
        for _method, path in self.paths():
            answer = self.ask("OPTIONS", path, data=form)
            self.assertEqual(answer.status_code, HTTPStatus.NO_CONTENT, path)
        self.env.invalidate_all()
        booking = self.env["icloud.booking"].search([("token", "=", self.token)])
        self.assertEqual(booking.state, "confirmed")
        waiting = self.env["icloud.booking.waiting"].search([("token", "=", self.waiting)])
        self.assertEqual(waiting.state, "waiting")
        self.assertEqual(self.offer.booking_count, 1)

    def test_tokens_against_forgery_that_are_none(self):
        for method, path in self.paths():
            for token in ("", "é", "o" + "9" * 5_000, self.csrf[:-1] + "٣", f"é{self.csrf}"):
                if method == "POST":
                    answer = self.ask(method, path, data={**self.valid(), "csrf_token": token})
                    self.assertEqual(answer.status_code, 400, (path, token[:20]))
                    self.assertWords(answer, (path, token[:20]))
                    # Odoo takes the form's, whatever stands in the address.
                    answer = self.ask(
                        method, f"{path}?csrf_token=a", data={**self.valid(), "csrf_token": token}
                    )
                    self.assertEqual(answer.status_code, 400, (path, token[:20], "both"))

    def test_odd_paths(self):
        odd = ["%ff%00%zz%", "%ed%a0%80", "😀", "a" * 5_000, "..%2f..", "a%0d%0ab;?+", "%5C\\"]
        odd += ["//evil.example"]
        for rule in self.rules():
            for piece in odd:
                path = rule.rule
                for name in ("<string:slug>", "<string:token>", "<string:number>"):
                    path = path.replace(
                        name, piece if "%" in piece else quote(piece, safe="/?;+\\")
                    )
                method = "POST" if "POST" in rule.methods else "GET"
                data = {"csrf_token": self.csrf} if method == "POST" else None
                answer = self.ask(method, path, data=data)
                self.assertWords(answer, (method, path[:80]))
                to = answer.headers.get("Location", "/")
                self.assertTrue(
                    to.startswith(("/book", self.base_url() + "/book")) or to == "/", to
                )

    def test_a_picture_of_a_huge_number(self):
        for number in ("1" * 5_000, "٣", "-1", "0", str(self.menu.service_ids.id)):
            answer = self.ask("GET", f"/bookings/fuzzed-menu/picture/{quote(number)}")
            self.assertEqual(answer.status_code, 404)

    def test_odd_cookies_and_headers(self):
        for method, path in self.paths():
            for value in ("a" * 3_000, "\xe9", "%00../..", "Moon/Crater"):
                cookie = f"tz={value}; frontend_lang={value}; cids={value}"
                names = ("Accept-Language", "Referer", "User-Agent", "X-Forwarded-For")
                headers = {"Cookie": cookie, **dict.fromkeys(names, value)}
                encoded = {name: text.encode("latin-1") for name, text in headers.items()}
                self.assertWords(self.ask(method, path, headers=encoded), (path, value))
