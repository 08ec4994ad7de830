from functools import partial

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from tests.models.common import BookingCase


@tagged("-at_install", "post_install", "standard")
class TestCompanies(BookingCase):
    """A manager of one company takes nothing of another's: no host, room, hours, type."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.manager = new_test_user(
            cls.env,
            login="elsewhere",
            groups="base.group_user,icloud_calendar_sync.group_booking_manager",
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
            tz="Europe/Brussels",
        )
        cls.own = (
            cls.env["icloud.booking.type"]
            .with_user(cls.manager)
            .create(
                {
                    "name": "Theirs",
                    "kind": "service",
                    "tz": "Europe/Brussels",
                    "host_ids": [Command.create({"user_id": cls.manager.id})],
                    "service_ids": [Command.create({"name": "Cut"})],
                }
            )
        )
        cls.menu = cls.make_type(
            cls.mara,
            name="Ours",
            kind="service",
            service_ids=[Command.create({"name": name}) for name in ("Colour", "Care")],
        )
        cls.menu.service_ids[0].staff_ids = [Command.create({"host_id": cls.menu.host_ids.id})]
        cls.menu.override_ids = [Command.create({})]
        cls.room = cls.env["resource.resource"].create(
            {"name": "Room", "resource_type": "material", "company_id": cls.company.id}
        )
        cls.schedule.company_id = cls.company

    def test_no_host_room_or_hours_come_from_another_company(self):
        own, host = self.own, self.own.host_ids
        values = {
            "host": partial(own.write, {"host_ids": [Command.create({"user_id": self.mara.id})]}),
            "user of a host": partial(host.write, {"user_id": self.mara.id}),
            "hours": partial(own.write, {"schedule_id": self.schedule.id}),
            "hours of a host": partial(host.write, {"schedule_id": self.schedule.id}),
            "room": partial(own.write, {"room_ids": [Command.link(self.room.id)]}),
            "equipment": partial(own.write, {"equipment_ids": [Command.link(self.room.id)]}),
            "room of a service": partial(
                own.service_ids.write, {"room_ids": [Command.link(self.room.id)]}
            ),
            "staff": partial(
                own.service_ids.write,
                {"staff_ids": [Command.create({"host_id": self.menu.host_ids.id})]},
            ),
            "day": partial(
                own.write, {"override_ids": [Command.create({"host_id": self.menu.host_ids.id})]}
            ),
            "a new type": partial(
                own.create,
                {"name": "New", "host_ids": [Command.create({"user_id": self.mara.id})]},
            ),
        }
        for name, attempt in values.items():
            with self.subTest(name), self.assertRaises(UserError):
                attempt()
        self.assertEqual(own.host_ids.user_id, self.manager)

    def test_nothing_is_handed_to_a_company_or_a_type_of_another(self):
        own = self.own
        parts = {
            "type": (own, {"company_id": self.company.id}),
            "host": (own.host_ids, {"type_id": self.menu.id}),
            "service": (own.service_ids, {"type_id": self.menu.id}),
            "staff": (
                self.env["icloud.booking.staff"]
                .with_user(self.manager)
                .create({"service_id": own.service_ids.id, "host_id": own.host_ids.id}),
                {"service_id": self.menu.service_ids[1].id, "host_id": self.menu.host_ids.id},
            ),
            "day": (
                self.env["icloud.booking.override"]
                .with_user(self.manager)
                .create({"type_id": own.id}),
                {"type_id": self.menu.id},
            ),
        }
        for name, (record, values) in parts.items():
            with self.subTest(name):
                with self.assertRaises(UserError):
                    record.write(values)
                self.assertEqual(record.company_id, self.elsewhere)
                with self.assertRaises(UserError):
                    record.copy(values)
                with self.assertRaises(UserError):
                    record.create({**record.copy_data()[0], **values})

    def test_another_companys_offers_are_neither_read_nor_asked_nor_booked(self):
        theirs = self.menu.with_user(self.manager)
        customer = {"name": "Anna Berg", "email": "anna@example.com"}
        services = self.menu.service_ids[:1].ids
        for attempt in (
            partial(theirs.read, ["name"]),
            partial(theirs.slots, self.iso(9), self.iso(17), service_ids=services),
            partial(theirs.why_not, self.iso(10), service_ids=services),
            partial(theirs.book, self.iso(10), customer, service_ids=services),
            partial(theirs.join_waiting_list, self.iso(10), customer),
            theirs.publish_check,
            theirs.action_unpublish,
            theirs.unlink,
            partial(self.menu.host_ids.with_user(self.manager).write, {"priority": 9}),
            partial(self.menu.service_ids.with_user(self.manager).write, {"price": 0}),
        ):
            with self.subTest(attempt=str(attempt)), self.assertRaises(AccessError):
                attempt()
        dialog = (
            self.env["icloud.booking.why"]
            .with_user(self.manager)
            .create({"type_id": self.menu.id, "start": self.at(10)})
        )
        self.assertNotIn("Mara", dialog.answer)
        with self.assertRaises(AccessError):
            dialog.read(["host_user_ids"])

    def test_a_type_does_not_leave_its_hosts_and_rooms_behind(self):
        self.env.user.company_ids |= self.elsewhere
        for values in ({}, {"room_ids": [Command.link(self.room.id)]}):
            left = self.make_type(self.mara, schedule_id=False, **values)
            with self.assertRaises(UserError):
                left.company_id = self.elsewhere
        free = self.make_type(self.mara, schedule_id=False)
        self.mara.company_ids |= self.elsewhere
        free.company_id = self.elsewhere
        self.assertEqual(free.host_ids.company_id, self.elsewhere)

    def test_hosts_are_internal_users(self):
        portal = new_test_user(self.env, login="portal", groups="base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            with self.assertRaisesRegex(ValidationError, "cannot be a host"):
                self.make_type(user)

    def test_who_left_the_company_is_not_offered_any_more(self):
        self.assertIn((10, 0), self.starts(user_id=self.mara.id))
        self.mara.write(
            {
                "company_ids": [Command.set(self.elsewhere.ids)],
                "company_id": self.elsewhere.id,
            }
        )
        self.assertIn((10, 0), self.starts())
        self.assertEqual(self.starts(user_id=self.mara.id), [])
        self.assertEqual(self.book().user_id, self.jonas)
