"""What of a session shows to whom."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from tests.models.security.session_case import GUEST, PLACE, QUIET, TITLE, SessionCase


@tagged("-at_install", "post_install", "standard")
class TestWhatTheySee(SessionCase):
    """A session says “Booked” to whoever may not see its booking."""

    SECRETS = ("Zoë", "Wedding", "Quast", "Elm 7", GUEST)

    def assert_no_secret(self, answer):
        for secret in self.SECRETS:
            self.assertNotIn(secret, str(answer))

    def test_they_read_booked_on_every_way(self):
        export = self.env.ref("base.group_allow_export")
        for user in self.strangers():
            user.group_ids |= export
            session = self.of(user)
            # What code with all rights has just looked at is still not theirs.
            self.assertEqual(session.sudo().name, TITLE)
            spec = {
                "display_name": {},
                "name": {},
                "location": {},
                "partner_ids": {"fields": {"display_name": {}, "email": {}}},
                "attendee_ids": {"fields": {"common_name": {}, "email": {}}},
            }
            answers = [
                session.read(),
                session.read(["name", "display_name", "location", "partner_ids"]),
                session.web_read(spec),
                session.web_search_read([("id", "=", session.id)], spec),
                session.search_read([("id", "=", session.id)]),
                session.name_search("Booked"),
                session.export_data(["name", "location", "partner_ids/name", "attendee_ids/email"]),
                session.copy_data(),
                session.mapped("name"),
                session.mapped("partner_ids").mapped("name"),
                session.mapped("attendee_ids.email"),
                session.partner_ids.browse(self.guest.id).get_attendee_detail(session.ids),
                [message.body for message in session.message_ids],
                session.message_ids.browse().search_read([("res_id", "=", session.id)], ["body"]),
                session.attendee_ids.search_read([("event_id", "=", session.id)]),
            ]
            for number, answer in enumerate(answers):
                with self.subTest(user=user.login, number=number):
                    self.assert_no_secret(answer)
            (row,) = session.read(["name", "display_name", "location", "description", "start"])
            self.assertEqual((row["name"], row["display_name"]), ("Booked", "Booked"))
            self.assertEqual((row["location"], row["description"]), (False, False))
            self.assertEqual(row["start"], self.session.start)
            self.assertFalse(session.user_can_edit)

    def test_nor_do_files_to_dos_and_followers_tell_them(self):
        here = {"res_model": "calendar.event", "res_id": self.session.id}
        file = self.env["ir.attachment"].create({**here, "name": "Wedding.txt", "raw": b"Quast"})
        to_do = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("calendar.event"),
                "res_id": self.session.id,
                "summary": "Wedding",
                "user_id": self.mara.id,
            }
        )
        self.session.message_subscribe(self.guest.ids)
        follower = self.session.message_follower_ids.filtered(
            lambda follower: follower.partner_id == self.guest
        )
        found = [("res_model", "=", "calendar.event"), ("res_id", "=", self.session.id)]
        for user in self.strangers():
            with self.subTest(user=user.login):
                for rows in (file, to_do, follower):
                    theirs = rows.with_user(user)
                    for domain in (found, [("id", "=", rows.id)]):
                        self.assertFalse(theirs.search(domain))
                        self.assertFalse(theirs.search_read(domain))
                    with self.assertRaises(AccessError):
                        theirs.read()
        for user in (self.mara, self.manager):
            self.assertEqual(file.with_user(user).search(found), file)
            self.assertIn(follower, follower.with_user(user).search(found))
            self.assertEqual(file.with_user(user).raw, b"Quast")

    def test_mails_that_a_colleague_renders_say_booked(self):
        template = self.env["mail.template"].create(
            {
                "name": "Mine",
                "model_id": self.env["ir.model"]._get_id("calendar.event"),
                "subject": "{{ object.name }} {{ object.location }}",
                "body_html": '<t t-out="object.display_name"/><t t-out="object.partner_ids"/>',
                "email_to": "me@example.com",
            }
        )
        self.colleague.group_ids |= self.env.ref("mail.group_mail_template_editor")
        mail = template.with_user(self.colleague).send_mail(self.session.id)
        mail = self.env["mail.mail"].browse(mail)
        self.assertIn("Booked", mail.subject)
        self.assert_no_secret((mail.subject, mail.body_html))

    def test_they_find_sort_and_group_nothing_by_it(self):
        for user in self.strangers():
            Event = self.of(user).browse()
            for domain in (
                [("name", "ilike", "Wedding")],
                [("display_name", "ilike", "Wedding")],
                [("location", "=ilike", "Zoë%")],
                [("description", "!=", False)],
                [("notes", "ilike", "shy")],
                [("partner_ids", "in", self.guest.ids)],
                [("partner_ids.email", "=", GUEST)],
                [("attendee_ids.email", "=", GUEST)],
                [("attendee_ids.partner_id", "in", self.guest.ids)],
                [("message_ids.body", "ilike", "shy")],
                ["!", ("name", "not ilike", "Wedding")],
            ):
                with self.subTest(user=user.login, domain=domain):
                    self.assertNotIn(self.session, Event.search(domain))
            attendees = Event.env["calendar.attendee"]
            self.assertFalse(attendees.search([("event_id.name", "ilike", "Wedding")]))
            self.assertFalse(attendees.search([("partner_id", "=", self.guest.id)]))
            groups = Event.formatted_read_group(
                [("id", "=", self.session.id)], ["name"], ["__count", "location:array_agg"]
            )
            self.assert_no_secret(groups)
            taken = Event.env["icloud.booking.reservation"]
            for path in ("event_id.name", "event_id.location", "event_id.partner_ids"):
                if user.company_id == self.env.company:
                    of_session = [("event_id", "=", self.session.id)]
                    (group,) = taken.formatted_read_group(of_session, [path], ["__count"])
                    self.assertFalse(group[path])
            self.assertEqual(Event.name_search("Wedding"), [])
            partners = Event.env["res.partner"]
            self.assertFalse(
                partners.search([("meeting_ids", "in", self.session.ids)]) & self.guest
            )
            self.assertNotIn(self.session, self.guest.with_user(user).meeting_ids)
            self.assertFalse(self.guest.with_user(user).meeting_count)
            of_guest = [("id", "=", self.guest.id)]
            self.assertEqual(partners.formatted_read_group(of_guest, ["meeting_ids"]), [])

    def test_nor_through_the_customers_own_user(self):
        customer = new_test_user(self.env, login="quast", groups="base.group_portal")
        self.session.with_context(**QUIET).partner_ids |= customer.partner_id
        self.env.flush_all()
        users = self.env["res.users"].with_user(self.colleague)
        for domain in (
            [("meeting_ids", "in", self.session.ids)],
            [("partner_id.meeting_ids", "in", self.session.ids)],
            [("partner_id.meeting_ids", "!=", False)],
        ):
            with self.subTest(domain=domain):
                self.assertNotIn(customer, users.search(domain))
        of_customer = [("id", "=", customer.id)]
        for path in ("meeting_ids", "partner_id.meeting_ids"):
            with self.subTest(path):
                self.assertEqual(users.formatted_read_group(of_customer, [path]), [])
        colleagues = users.search([("meeting_ids", "in", self.session.ids)])
        self.assertEqual(colleagues, self.mara)

    def test_the_order_of_a_list_tells_nothing(self):
        Event = self.env["calendar.event"].with_context(no_mail_to_attendees=True)
        span = {"start": self.at(8), "stop": self.at(9), "user_id": self.colleague.id}
        others = Event.create([{**span, "name": place, "location": place} for place in "AX"])
        domain = [("id", "in", (others | self.session).ids)]
        places = {}
        for location in ("0", "M", "ZZZ"):
            self.session.location = location
            self.env.flush_all()
            found = Event.with_user(self.colleague).search(domain, order="location, id")
            places[location] = found.ids.index(self.session.id)
        self.assertEqual(len(set(places.values())), 1)

    def test_the_calendar_of_a_colleague_still_shows_the_time(self):
        domain = [("partner_ids", "in", self.mara.partner_id.ids), ("start", ">=", self.at(0))]
        for user in self.strangers():
            found = self.of(user).browse().search(domain)
            self.assertIn(self.session, found)
            self.assertEqual(self.session.with_user(user).partner_ids.sudo(), self.mara.partner_id)

    def test_the_host_who_booked_and_the_managers_read_all(self):
        for user in (self.mara, self.manager):
            (row,) = self.of(user).read(["name", "display_name", "location", "partner_ids"])
            self.assertEqual((row["name"], row["display_name"]), (TITLE, TITLE))
            self.assertEqual(row["location"], PLACE)
            self.assertIn(self.guest.id, row["partner_ids"])
            found = self.of(user).search([("name", "ilike", "Wedding")], order="location")
            self.assertEqual(found, self.session)

    def test_links_to_a_session_say_booked(self):
        (row,) = self.booking.with_user(self.mara).read(["event_id"])
        self.assertEqual(row["event_id"][1], "Booked")
        self.env["mail.activity"].with_user(self.mara).create(
            {
                "res_model_id": self.env["ir.model"]._get_id("calendar.event"),
                "res_id": self.session.id,
                "summary": "Call",
            }
        )
        activity = (
            self.session.sudo()
            .message_ids.env["mail.activity"]
            .search([("res_id", "=", self.session.id), ("res_model", "=", "calendar.event")])
        )
        self.assertEqual(activity.res_name, "Booked")

    def test_every_field_of_an_event_is_known_to_be_harmless_or_veiled(self):
        Event = self.env["calendar.event"].with_user(self.colleague)
        veiled = {name for name, field in Event._fields.items() if hasattr(field, "_without")}
        # Made of what the user reads, or of rows with rules of their own.
        made = {
            name
            for name, field in Event._fields.items()
            if not field.store and field.compute and not field.compute_sudo
        }
        own_rules = {
            "booking_ids",
            "icloud_event_ids",
            "reservation_ids",
            "seat_ids",
            "waiting_ids",
            "icloud_title",
            "icloud_free",
            "icloud_unanswered",
            "icloud_declined",
        }
        # The columns of other calendar services and of ratings, installed here.
        elsewhere = {
            "rating_ids",
            "google_id",
            "guests_readonly",
            "microsoft_id",
            "microsoft_recurrence_master_id",
            "ms_universal_event_id",
            "need_sync",
            "need_sync_m",
        }
        harmless = Event._always_shown() | own_rules | elsewhere
        self.assertEqual(set(Event._fields) - veiled - made - harmless, set())

    def test_a_month_of_a_thousand_costs_as_many_queries_as_one_of_ten(self):
        counts = {}
        spec = {name: {} for name in ("display_name", "name", "location", "partner_ids", "start")}
        for number in (10, 1000):
            self.env["calendar.event"].with_context(**QUIET).create(
                [
                    {
                        "name": f"Wedding {each}",
                        "start": self.at(9, days=30 + number),
                        "stop": self.at(10, days=30 + number),
                        "user_id": self.mara.id,
                        "partner_ids": [Command.set(self.mara.partner_id.ids)],
                        "attendee_ids": [Command.create({"partner_id": self.mara.partner_id.id})],
                        "booking_type_id": self.type.id,
                    }
                    for each in range(number)
                ]
            )
            self.env.cr.flush()
            domain = [
                ("partner_ids", "in", self.mara.partner_id.ids),
                ("start", ">=", self.at(8, days=30 + number)),
                ("start", "<=", self.at(11, days=30 + number)),
            ]
            for user in (self.colleague, self.mara):
                Event = self.env["calendar.event"].with_user(user)
                Event.web_search_read(domain, spec, limit=1)
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                found = Event.web_search_read(domain, spec)
                counts[user.login, number] = self.env.cr.sql_log_count - before
                self.assertEqual(len(found["records"]), number)
        for login in ("colleague", "mara"):
            self.assertEqual(counts[login, 1000], counts[login, 10], counts)
