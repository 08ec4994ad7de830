"""Administrators see the states of everybody's connection, and nothing of what is private in it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from tests.models.common import ICloudCase

CLOSED = ("username", "secret", "home_url", "addresses", "home_database")


class TestAdministrator(ICloudCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.run_import()
        self.admin = self.env.ref("base.user_admin")
        (self.admin | self.mara).group_ids += self.env.ref("base.group_allow_export")
        self.accounts = self.env["icloud.account"].with_user(self.admin)
        self.seen = self.account.with_user(self.admin)
        self.env.flush_all()
        self.env.invalidate_all()

    def nothing_private(self, text):
        for word in ("mara@icloud.com", "icloud.com", "/calendars/", "Home", "Work"):
            self.assertNotIn(word, str(text))

    def test_states_are_there_to_see(self):
        (line,) = self.accounts.search_read(
            [("user_id", "=", self.mara.id)], ["user_id", "state", "last_import", "last_error"]
        )
        self.assertEqual(line["state"], "connected")
        self.assertTrue(line["last_import"])

    def test_reading_everything_shows_nothing_private(self):
        self.account.with_user(self.mara).apple_id  # noqa: B018  (warms the shared cache)
        self.nothing_private(self.seen.read())
        self.nothing_private(self.accounts.search_read([]))
        self.nothing_private(self.accounts.web_search_read([], {"apple_id": {}, "state": {}}))
        self.assertFalse(self.seen.apple_id)

    def test_columns_with_addresses_are_closed_on_every_way(self):
        for name in CLOSED:
            for way in (
                lambda name=name: self.seen.read([name]),
                lambda name=name: self.seen.export_data([name]),
                lambda name=name: self.accounts.search([(name, "ilike", "a")]),
                lambda name=name: self.accounts.search([], order=name),
                lambda name=name: self.accounts.formatted_read_group([], [name], ["__count"]),
                lambda name=name: (
                    self.env["res.users"]
                    .with_user(self.admin)
                    .search([(f"icloud_account_ids.{name}", "ilike", "a")])
                ),
                lambda name=name: self.mara.with_user(self.admin).export_data(
                    [f"icloud_account_ids/{name}"]
                ),
            ):
                with self.subTest(name), self.assertRaises(UserError):
                    way()
            self.assertNotIn(name, self.accounts.fields_get())

    def test_the_apple_account_is_its_owners_to_read(self):
        own = self.account.with_user(self.mara)
        self.assertEqual(own.apple_id, "mara@icloud.com")
        self.assertEqual(own.read(["apple_id"])[0]["apple_id"], "mara@icloud.com")
        for way in (
            lambda: self.accounts.search([("apple_id", "ilike", "mara")]),
            lambda: self.accounts.search([("apple_id", "!=", False)]),
            lambda: (
                self.env["res.users"]
                .with_user(self.admin)
                .search([("icloud_account_ids.apple_id", "ilike", "mara")])
            ),
        ):
            with self.assertRaises(AccessError):
                way()
        for way in (
            lambda: self.accounts.search([], order="apple_id"),
            lambda: self.accounts.formatted_read_group([], ["apple_id"], ["__count"]),
        ):
            with self.assertRaises(ValueError):
                way()
        self.nothing_private(self.seen.export_data(["apple_id", "display_name"]))

    def test_names_find_no_apple_account(self):
        self.assertFalse(self.accounts.name_search("icloud.com"))
        self.assertFalse(self.accounts.name_search("mara@"))
        self.nothing_private(self.seen.display_name)

    def test_calendars_are_not_theirs_to_see(self):
        calendars = self.env["icloud.calendar"].with_user(self.admin)
        self.assertFalse(calendars.search([]))
        with self.assertRaises(AccessError):
            self.seen.primary_calendar_id.display_name  # noqa: B018
        for domain in (
            [("primary_calendar_id.name", "ilike", "Home")],
            [("calendar_ids.name", "ilike", "Home")],
            [("primary_calendar_id", "ilike", "Home")],
        ):
            with self.subTest(domain):
                self.assertFalse(self.accounts.search(domain))
        with self.assertRaises(AccessError):
            self.seen.export_data(["primary_calendar_id"])
        with self.assertRaises(AccessError):
            self.seen.primary_calendar_id = False

    def test_the_list_opens(self):
        view = self.accounts.get_view(
            self.env.ref("icloud_calendar_sync.view_icloud_account_list").id, "list"
        )
        self.nothing_private(view["arch"])

    # -- leaving -------------------------------------------------------------------------------

    def test_an_administrator_disconnects_others_and_removes_their_bookings(self):
        self.connect(self.jonas)
        self.run_import()
        for user in (self.mara, self.jonas):
            self.book(10, user_id=user.id)
        self.push()
        self.accounts.search([]).action_disconnect_others_and_remove()
        self.push()
        for user in (self.mara, self.jonas):
            self.assertFalse(self.in_icloud(user))
        self.assertEqual(set(self.accounts.search([]).mapped("state")), {"disconnected"})

    def test_nobody_else_disconnects_others(self):
        others = self.account.with_user(self.jonas)
        for ask in (others.action_disconnect_others, others.action_disconnect_others_and_remove):
            with self.assertRaises(AccessError):
                ask()
        self.assertEqual(self.account.state, "connected")

    def test_who_uninstalls_is_told_how_many_are_connected(self):
        module = self.env.ref("base.module_icloud_calendar_sync")
        other = self.env.ref("base.module_portal")
        wizards = self.env["base.module.uninstall"].with_user(self.admin)
        self.assertEqual(wizards.create({"module_ids": module.ids}).icloud_connected, 1)
        self.assertEqual(wizards.create({"module_ids": other.ids}).icloud_connected, 1)
        self.account.with_user(self.mara).action_disconnect()
        wizard = wizards.create({"module_ids": module.ids})
        self.assertEqual(wizard.icloud_connected, 0)
        self.assertEqual(Form(wizard).icloud_connected, 0)

    def test_the_last_error_names_no_calendar_and_no_file(self):
        account = self.account.sudo()
        account._pause_import(
            "Home, dentist.ics: Odoo can neither store this event nor set it aside."
        )
        (line,) = self.accounts.search_read([("user_id", "=", self.mara.id)], ["last_error"])
        self.assertIn("see the log", line["last_error"])
        self.nothing_private(line)
        self.assertNotIn("dentist", str(line))
        log = self.env["icloud.log"].with_user(self.mara).search([])
        self.assertTrue([each for each in log if "dentist.ics" in each.message])
