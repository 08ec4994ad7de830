"""How often strangers may do something: generous to people, tight to programs."""

from concurrent.futures import ThreadPoolExecutor

from odoo.addons.icloud_calendar_sync.guard.clients import mailbox_of, network_of
from odoo.addons.icloud_calendar_sync.guard.limits import DEFAULTS, Limit, limits_from
from odoo.sql_db import db_connect
from odoo.tests.common import TransactionCase

from .stranger import StrangerCase


class Counted(StrangerCase):
    LIMITS = ""

    def starts_of(self, booking_type, count, **options):
        slots = booking_type.slots(self.iso(0, days=3), self.iso(0, days=40), **options)
        return [slot["start"] for slot in slots[:count]]

    # -- programs ------------------------------------------------------------------------------

    def test_a_program_that_books_on_and_on_is_stopped(self):
        answers = [
            self.post_booking(self.type, start, f"person{number}@example.com")
            for number, start in enumerate(self.starts_of(self.type, 28))
        ]
        codes = [answer.status_code for answer in answers]
        self.assertEqual(set(codes), {303, 429})
        self.assertEqual(self.type.booking_count, DEFAULTS["book.visitor"].count)
        refused = answers[-1]
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        self.assertIn("One moment, please", refused.text)
        self.assertIn('value="person27@example.com"', refused.text)  # nothing typed is lost

    def test_a_new_session_each_time_does_not_help(self):
        self.set_limits("book.network=5/6000")
        codes = []
        for number, start in enumerate(self.starts_of(self.type, 8)):
            self.new_browser()
            codes.append(self.post_booking(self.type, start, f"p{number}@example.com").status_code)
        self.assertEqual(codes, [303] * 5 + [429] * 3)

    def test_nor_do_endless_sessions_fill_the_store(self):
        self.set_limits("page.network=2/6000")
        rows = []
        for _number in range(6):
            self.new_browser()
            self.get("/bookings")
            with db_connect(self.env.cr.dbname).cursor() as cursor:
                cursor.execute("SELECT count(*) FROM icloud_limit")
                rows += cursor.fetchone()
        self.assertEqual(rows[1:], rows[1:2] * 5)

    def test_nor_does_another_address_of_the_same_ipv6_network(self):
        self.set_limits("book.network=3/6000")
        codes = []
        for number, start in enumerate(self.starts_of(self.type, 5)):
            self.new_browser()
            self.address = f"2001:db8:0:1::{number:x}"
            codes.append(self.post_booking(self.type, start, f"p{number}@example.com").status_code)
        self.assertEqual(codes[-1], 429)
        self.address = "2001:db8:0:2::1"
        self.new_browser()
        start = self.starts_of(self.type, 9)[-1]
        self.assertEqual(self.post_booking(self.type, start).status_code, 303)

    def test_what_is_refused_counts_too_and_rolls_back_nothing_of_it(self):
        for _number in range(DEFAULTS["book.visitor"].count):
            self.assertEqual(self.post_booking(self.type, "tomorrow").status_code, 422)
        self.assertEqual(self.post_booking(self.type, "tomorrow").status_code, 429)

    def test_a_program_that_asks_for_times_is_stopped_in_its_own_language(self):
        self.set_limits("times.visitor=5/600")
        path = f"/bookings/{self.type.slug}/slots?from={self.day()}&to={self.day()}"
        for _number in range(5):
            self.assertEqual(self.get(path).status_code, 200)
        answer = self.get(path)
        self.assertEqual(answer.status_code, 429)
        self.assertIn("One moment, please", answer.json()["error"])
        self.assertGreater(int(answer.headers["Retry-After"]), 0)

    def test_places_in_a_waiting_list(self):
        self.book(10, booking_type=self.offer)
        self.env.flush_all()
        codes = [
            self.queue(self.offer, self.iso(10), f"person{number}@example.com").status_code
            for number in range(14)
        ]
        self.assertEqual(codes, [303] * 10 + [429] * 4)

    def test_moving_to_and_fro(self):
        self.set_limits("mail=off")
        token = self.book(10).token
        codes = [
            self.post(f"/booking/{token}/move", start=self.iso(11 + number % 2)).status_code
            for number in range(18)
        ]
        self.assertEqual(codes, [303] * 15 + [429] * 3)

    def test_links_that_lead_nowhere(self):
        token = self.book(10).token
        for number in range(DEFAULTS["guess.network"].count):
            self.assertEqual(self.get(f"/booking/guess{number}").status_code, 404)
        self.assertEqual(self.get("/booking/guess").status_code, 429)
        self.assertEqual(self.get("/booking/waiting/guess").status_code, 429)
        # A hit is not told from a miss any more.
        self.assertEqual(self.get(f"/booking/{token}").status_code, 429)
        self.address = "192.0.2.7"
        self.assertEqual(self.get(f"/booking/{token}").status_code, 200)

    # -- people --------------------------------------------------------------------------------

    def test_others_are_not_held_up(self):
        for _number in range(25):
            self.post_booking(self.type, "tomorrow")
        self.address = "192.0.2.2"
        self.new_browser()
        self.assertEqual(self.post_booking(self.type, self.iso(10)).status_code, 303)

    def test_a_mother_books_five_visits_and_moves_two(self):
        for start in self.starts_of(self.type, 5):
            answer = self.post_booking(self.type, start)
            self.assertEqual(answer.status_code, 303)
        for hour in (15, 16):
            path = answer.headers["Location"].partition("?")[0]
            self.assertEqual(self.post(f"{path}/move", start=self.iso(hour)).status_code, 303)

    def test_a_school_has_one_address(self):
        self.set_limits("book.network=5/600 book.visitor=2/600")
        lesson = self.make_type(self.jonas, kind="class", seats=500, slug="lesson")
        self.book(10, booking_type=lesson)
        self.env.flush_all()
        for number in range(12):
            self.new_browser()
            self.assertEqual(self.get("/bookings/lesson").status_code, 200)
            answer = self.post_booking(lesson, self.iso(10), f"pupil{number}@example.com")
            self.assertEqual(answer.status_code, 303)
        # 500 questions within 33 seconds are no person's; 1,000 people who open a page are.
        self.assertLess(DEFAULTS["times.visitor"].count, 250)
        # And 1,000 who come within a minute are let in one after the other, within ten.
        self.assertGreaterEqual(DEFAULTS["page.network"].count, 1_000)
        limit = DEFAULTS["class.network"]
        self.assertLess((1_000 - limit.count) * limit.cost, 600)

    # -- one e-mail address --------------------------------------------------------------------

    def test_nobody_has_us_flood_a_mailbox(self):
        ways = (
            "vic@example.com",
            "VIC@Example.com",
            "vic+{0}@example.com",
            "V {0} <vic@example.com>",
        )
        codes = []
        for number, start in enumerate(self.starts_of(self.type, 28)):
            self.address = f"192.0.2.{number}"
            self.new_browser()
            email = ways[number % 4].format(number)
            codes.append(self.post_booking(self.type, start, email).status_code)
        self.assertEqual(codes, [303] * 20 + [429] * 8)
        self.assertEqual(len(self.mails_to("vic")), 20)

    def test_who_is_always_too_late_may_try_on(self):
        self.set_limits("book.visitor=off")
        self.book(10)
        self.book(10)  # by the other host
        self.env.flush_all()
        for _number in range(14):
            self.assertEqual(self.post_booking(self.type, self.iso(10)).status_code, 409)
        self.assertEqual(self.post_booking(self.type, self.iso(12)).status_code, 303)

    def test_the_refusal_is_the_same_for_whoever_has_bookings_and_whoever_has_none(self):
        self.set_limits("mail=2/86400")
        one_each = self.make_type(self.jonas, customer_max=1, slug="one-each")
        texts = []
        for email, start in (("has.one@example.com", 9), ("has.two@example.com", 14)):
            self.post_booking(one_each, self.iso(start), email)
            other = one_each if "one" in email else self.type
            self.post_booking(other, self.iso(start + 1), email)
            answer = self.post_booking(self.type, self.iso(16), email)
            self.assertEqual(answer.status_code, 429)
            texts.append(answer.text.partition('role="alert"')[2].partition("</div>")[0])
        self.assertEqual(*texts)
        self.assertIn("Too much was asked for this e-mail address today", texts[0])

    def test_cancelling_is_always_possible_and_counts(self):
        self.set_limits("mail=2/86400")
        for hour in (9, 12):
            answer = self.post_booking(self.type, self.iso(hour))
        path = answer.headers["Location"].partition("?")[0]
        self.assertEqual(self.post(f"{path}/cancel").status_code, 303)
        booking = self.env["icloud.booking"].search([("token", "=", path.rpartition("/")[2])])
        self.assertEqual(booking.state, "cancelled")
        self.assertEqual(self.post_booking(self.type, self.iso(15)).status_code, 429)

    # -- the store -----------------------------------------------------------------------------

    def test_without_a_store_nothing_goes(self):
        token = self.book(10).token
        rename = "ALTER TABLE icloud_limit RENAME TO icloud_limit_away"
        back = "ALTER TABLE IF EXISTS icloud_limit_away RENAME TO icloud_limit"
        self.in_database(rename)
        self.addCleanup(self.in_database, back)
        for method, path in (
            ("POST", f"/bookings/{self.type.slug}"),
            ("POST", f"/bookings/{self.offer.slug}/wait"),
            ("POST", f"/booking/{token}/move"),
            ("POST", f"/booking/{token}/cancel"),
            ("GET", f"/booking/{token}"),
            ("GET", f"/bookings/{self.type.slug}/slots"),
            ("GET", "/bookings"),
        ):
            with self.assertLogs("odoo", "ERROR"):
                answer = self.ask(method, path, data={"csrf_token": self.csrf})
            self.assertEqual(answer.status_code, 503, path)
            self.assertIn("We cannot answer at the moment.", answer.text)
            self.assertEqual(answer.headers["Retry-After"], "30")
        self.in_database(back)
        self.assertEqual(self.get("/bookings").status_code, 200)

    def test_a_store_that_is_busy_holds_nobody_up(self):
        with db_connect(self.env.cr.dbname).cursor() as cursor:
            cursor.execute("LOCK TABLE icloud_limit IN EXCLUSIVE MODE")
            with self.assertLogs("odoo", "ERROR"):
                self.assertEqual(self.get("/bookings").status_code, 503)
        self.assertEqual(self.get("/bookings").status_code, 200)

    def test_nobody_reads_whom_we_counted(self):
        self.post_booking(self.type, self.iso(10), "anna@example.com")
        with db_connect(self.env.cr.dbname).cursor() as cursor:
            cursor.execute("SELECT key FROM icloud_limit")
            keys = [key for (key,) in cursor.fetchall()]
        self.assertTrue(keys)
        for key in keys:
            self.assertRegex(key, r"\A[0-9a-f]{40}\Z")

    def in_database(self, statement):
        with db_connect(self.env.cr.dbname).cursor() as cursor:
            cursor.execute(statement)


class Buckets(TransactionCase):
    def setUp(self):
        super().setUp()
        self.limits = self.env["icloud.limit"]

    def set_limits(self, words):
        self.env["ir.config_parameter"].set_param("icloud_calendar_sync.limits", words)

    def test_what_is_used_comes_back_one_after_the_other(self):
        self.set_limits("guess.network=2/10000000")
        who = [("guess.network", self.id())]
        waits = [self.limits._spend(who) for _number in range(4)]
        self.assertEqual(waits[:2], [0, 0])
        for wait in waits[2:]:  # what was refused costs nothing
            self.assertAlmostEqual(wait, 5_000_000, delta=60)
        self.assertAlmostEqual(self.limits._wait_for(who), 5_000_000, delta=60)

    def test_who_come_at_once_are_counted_one_by_one(self):
        self.set_limits("guess.network=50/10000000 page.network=1000/10000000")
        # As a gate spends them; the second row is the one that all have in common.
        wishes = [("guess.network", self.id()), ("page.network", "everybody")]
        self.limits._wait_for(wishes)  # what parameters say is remembered now
        with ThreadPoolExecutor(12) as pool:
            waits = list(pool.map(lambda _n: self.limits._spend(wishes), range(120)))
        self.assertEqual(waits.count(0), 50)

    def test_what_is_given_back_can_be_spent_again(self):
        self.set_limits("mail=1/10000000")
        who = [("mail", self.id())]
        self.assertEqual(self.limits._spend(who), 0)
        self.limits._give_back(who)
        self.assertEqual(self.limits._spend(who), 0)
        self.assertGreater(self.limits._spend(who), 0)
        self.assertEqual(self.limits._spend(who, forced=True), 0)
        self.assertGreater(self.limits._spend(who), 10_000_000)

    def test_what_is_back_is_forgotten(self):
        self.env.cr.execute(
            "INSERT INTO icloud_limit (key, back_at) VALUES ('over', 1), ('on', 1e12)"
        )
        self.limits._forget()
        self.env.cr.execute("SELECT key FROM icloud_limit WHERE key IN ('over', 'on')")
        self.assertEqual(self.env.cr.fetchall(), [("on",)])

    def test_the_operator_changes_them(self):
        with self.assertLogs("odoo.addons.icloud_calendar_sync.guard.limits", "WARNING") as logs:
            limits = limits_from("book.visitor=5/60, mail=off times.type=0/1 nonsense book=1/1")
        self.assertEqual(limits["book.visitor"], Limit(5, 60))
        self.assertIsNone(limits["mail"])
        self.assertEqual(limits["times.type"], DEFAULTS["times.type"])
        self.assertEqual(len(logs.records), 3)
        self.assertEqual(set(limits_from("all=off").values()), {None})
        self.assertEqual(limits_from("all=off mail=3/60")["mail"], Limit(3, 60))

    def test_networks(self):
        for address, network in (
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::/64"),
            ("2001:db8:0:0:ffff::2%eth0", "2001:db8::/64"),
            # Some proxies tell the port as well, another one each time.
            ("192.0.2.1:51234", "192.0.2.1"),
            ("[2001:db8::1]:51234", "2001:db8::/64"),
            ("[2001:db8::1]", "2001:db8::/64"),
            ("", ""),
            (None, ""),
            ("unknown" * 50, ("unknown" * 50)[:64]),
        ):
            self.assertEqual(network_of(address), network)

    def test_mailboxes(self):
        for email, mailbox in (
            ("Anna@Example.COM", "anna@example.com"),
            ("anna+shop@example.com", "anna@example.com"),
            ("a.n.n.a+x@googlemail.com", "anna@gmail.com"),
            ("a.nna@example.com", "a.nna@example.com"),
            ("anna@ex\u00e4mple.com", "anna@xn--exmple-cua.com"),
            ("anna@" + "\u00e4" * 300, "anna@" + "\u00e4" * 300),
            ("+@example.com", "+@example.com"),
        ):
            self.assertEqual(mailbox_of(email), mailbox)
