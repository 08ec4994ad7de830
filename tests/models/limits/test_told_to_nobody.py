"""Who waits or has bookings is told to the owner of the address, and to nobody else."""

import re

from .stranger import StrangerCase

# Tokens against forgery, and the second in which the page was made.
# Tokens of a form, and the moment.
VARIES = re.compile(r'[0-9a-f]{40}o\d+|name="once" value="[\w-]+"|\d\d(?::|%3A)\d\d(?::|%3A)\d\dZ')


class ToldToNobody(StrangerCase):
    def seen(self, answer):
        """All that a stranger can see, from the answer on."""
        seen = [answer.status_code, answer.headers.get("Location"), VARIES.sub("", answer.text)]
        if answer.status_code == 303:
            page = self.get(answer.headers["Location"].removeprefix(self.base_url()))
            seen += [page.status_code, VARIES.sub("", page.text)]
        return seen

    def test_who_waits(self):
        self.book(10, booking_type=self.offer)
        self.env.flush_all()
        first = self.seen(self.queue(self.offer, self.iso(10), "wai@example.com"))
        again = self.seen(self.queue(self.offer, self.iso(10), "wai@example.com"))
        other = self.seen(self.queue(self.offer, self.iso(10), "other@example.com"))
        self.assertEqual(first[0], 303)
        self.assertEqual(first, again)
        self.assertEqual(first, other)
        self.assertIn("Please look into your mailbox", first[-1])
        places = self.env["icloud.booking.waiting"].search([("type_id", "=", self.offer.id)])
        self.assertEqual(places.mapped("email"), ["wai@example.com", "other@example.com"])
        # The owner reads the place, and gets the link, each time.
        mails = self.mails_to("wai@example.com")
        self.assertEqual(len(mails), 2)
        for mail in mails:
            self.assertIn("place 1", mail.subject)
            self.assertIn(places[0].token, mail.body_html)

    def test_who_has_as_many_bookings_as_one_person_can_have(self):
        one_each = self.make_type(customer_max=1, slug="one-each")
        first = self.seen(self.post_booking(one_each, self.iso(10)))
        again = self.seen(self.post_booking(one_each, self.iso(11)))
        other = self.seen(self.post_booking(one_each, self.iso(12), "other@example.com"))
        self.assertEqual(first[0], 303)
        self.assertEqual(first, again)
        self.assertEqual(first, other)
        bookings = self.env["icloud.booking"].search([("type_id", "=", one_each.id)], order="id")
        self.assertEqual(bookings.mapped("email"), ["anna@example.com", "other@example.com"])
        done, refused = self.mails_to("anna@example.com")
        self.assertIn(bookings[0].token, done.body_html)
        self.assertEqual(refused.subject, "First visit: not booked once more")
        self.assertIn("you have as many as one person can have (1)", refused.body_html)
        self.assertIn(bookings[0].token, refused.body_html)

    def test_a_time_that_is_taken_tells_nothing_of_the_address_either(self):
        one_each = self.make_type(self.mara, customer_max=1, slug="one-each")
        self.book(10, booking_type=one_each)
        self.env.flush_all()
        known = self.post_booking(one_each, self.iso(10))
        unknown = self.post_booking(one_each, self.iso(10), "other@example.com")
        self.assertEqual((known.status_code, unknown.status_code), (409, 409))
        text = VARIES.sub("", unknown.text).replace("other@example.com", "anna@example.com")
        self.assertEqual(VARIES.sub("", known.text), text)

    def test_who_waits_with_as_many_bookings_as_one_can_have(self):
        lesson = self.make_type(
            self.jonas, kind="class", seats=1, waiting_list=True, slug="lesson", customer_max=1
        )
        self.book(10, booking_type=lesson)
        self.env.flush_all()
        known = self.seen(self.queue(lesson, self.iso(10), "anna@example.com"))
        unknown = self.seen(self.queue(lesson, self.iso(10), "other@example.com"))
        self.assertEqual(known, unknown)
        places = self.env["icloud.booking.waiting"].search([("type_id", "=", lesson.id)])
        self.assertEqual(places.mapped("email"), ["other@example.com"])
        self.assertIn("not booked once more", self.mails_to("anna@example.com")[-1].subject)
