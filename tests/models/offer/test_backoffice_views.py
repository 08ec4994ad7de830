"""The back office as its users see it: forms that fit each kind, and who may see what."""

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from tests.models.common import BookingCase

MODELS = (
    "icloud.booking.type",
    "icloud.booking.service",
    "icloud.booking",
    "icloud.booking.waiting",
)


class BackOfficeCase(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            login="manager",
            groups="icloud_calendar_sync.group_booking_manager",
            tz="Europe/Brussels",
        )

    def as_user(self, user, model):
        return self.env[model].with_user(user)


class TestForms(BackOfficeCase):
    def new_type(self, **values):
        form = Form(self.as_user(self.manager, "icloud.booking.type"))
        form.name = "Salon"
        for name, value in values.items():
            setattr(form, name, value)
        with form.host_ids.new() as host:
            host.user_id = self.mara
        return form

    def test_each_kind_is_made_with_the_form_and_published_with_its_dialog(self):
        for kind in ("class", "round_robin", "collective"):
            with self.subTest(kind=kind):
                booking_type = self.new_type(kind=kind, schedule_id=self.schedule).save()
                action = booking_type.action_publish()
                dialog = self.as_user(self.manager, action["res_model"])
                Form(dialog.with_context(**action["context"])).save().action_publish()
                self.assertTrue(booking_type.is_published)

    def test_a_menu_gets_its_services_then_their_staff(self):
        booking_type = self.new_type(kind="service", schedule_id=self.schedule).save()
        with Form(booking_type) as form, form.service_ids.new() as service:
            service.name = "Cut"
            service.price = 48
            service.duration = 45
            with service.staff_ids.new() as staff:
                staff.host_id = booking_type.host_ids
                staff.duration = 60
                staff.has_own_price = True
                staff.price = 39
        service = booking_type.service_ids
        self.assertEqual(service._duration_by(booking_type.host_ids), 60)
        self.assertEqual(service._price_by(booking_type.host_ids), 39)
        self.assertFalse(booking_type.publish_check()["problems"])

    def test_date_overrides_are_added_in_the_form(self):
        with Form(self.type.with_user(self.manager)) as form, form.override_ids.new() as override:
            override.first_day = self.day(7)
            self.assertEqual(override.last_day, self.day(7))
        self.assertFalse(self.starts())

    def test_managers_add_rooms_and_hours(self):
        room = Form(
            self.as_user(self.manager, "resource.resource").with_context(
                default_resource_type="material"
            ),
            "icloud_calendar_sync.view_room_form",
        )
        room.name = "Basin"
        self.assertEqual(room.save().resource_type, "material")
        with Form(self.as_user(self.manager, "resource.calendar")) as hours:
            hours.name = "Evenings"
        with self.assertRaises(AccessError):
            self.as_user(self.mara, "resource.resource").create({"name": "Basin"})

    def test_everybody_may_open_every_view(self):
        views = [(False, kind) for kind in ("list", "form", "search")]
        for user in (self.mara, self.manager):
            for model in MODELS:
                with self.subTest(user=user.name, model=model):
                    found = self.as_user(user, model).get_views(views)["views"]
                    self.assertEqual(len(found), 3)

    def test_managers_of_bookings_do_not_decide_about_people(self):
        resource = self.mara.sudo().booking_resource_id
        hours = self.env.company.resource_calendar_id
        for record, values in (
            (resource, {"name": "Somebody else"}),
            (hours, {"name": "No more hours"}),
            (hours.attendance_ids[0], {"hour_to": 24}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.manager).write(values)
        self.as_user(self.manager, "resource.calendar").create({"name": "Ours"}).name = "Salon"
        with self.assertRaises(AccessError):
            self.as_user(self.manager, "resource.resource").create(
                {"name": "Somebody", "resource_type": "user"}
            )

    def test_only_managers_are_shown_publish(self):
        for user, expected in ((self.manager, 1), (self.mara, 0)):
            view = self.as_user(user, "icloud.booking.type").get_view(view_type="form")
            buttons = etree.fromstring(view["arch"]).xpath("//button[@name='action_publish']")
            self.assertEqual(len(buttons), expected)


class TestRights(BackOfficeCase):
    def test_offers_are_read_by_all_and_changed_by_managers(self):
        menu = self.make_type(
            kind="service", is_published=False, service_ids=[(0, 0, {"name": "Cut"})]
        )
        service = menu.service_ids
        self.assertEqual(service.with_user(self.colleague).name, "Cut")
        with self.assertRaises(AccessError):
            service.with_user(self.colleague).price = 1
        service.with_user(self.manager).price = 1

    def test_another_companys_menu_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.mara.company_ids |= other
        menu = self.make_type(
            self.mara,
            kind="service",
            is_published=False,
            company_id=other.id,
            schedule_id=False,
            service_ids=[(0, 0, {"name": "Cut"})],
            override_ids=[(0, 0, {})],
        )
        for records in (menu.service_ids, menu.override_ids):
            self.assertFalse(records.with_user(self.manager).has_access("read"))

    def test_a_bookings_services_are_seen_by_its_host_and_managers(self):
        menu = self.make_type(self.mara, kind="service", service_ids=[(0, 0, {"name": "Cut"})])
        booking = self.book(booking_type=menu, service_ids=menu.service_ids.ids)
        line = booking.line_ids
        for user, sees in ((self.mara, True), (self.manager, True), (self.colleague, False)):
            with self.subTest(user=user.name):
                self.assertEqual(line.with_user(user).has_access("read"), sees)
                self.assertFalse(line.with_user(user).has_access("write"))

    def test_seats_and_the_waiting_list_likewise(self):
        lesson = self.make_type(self.mara, kind="class", seats=1, waiting_list=True)
        booking = self.book(booking_type=lesson)
        waiting = lesson.join_waiting_list(
            self.iso(10), {"name": "Ben Holt", "email": "ben@example.com"}
        )
        self.env.flush_all()
        for records in (booking.seat_ids, waiting):
            for user, sees in ((self.mara, True), (self.manager, True), (self.colleague, False)):
                with self.subTest(model=records._name, user=user.name):
                    self.assertEqual(records.with_user(user).has_access("read"), sees)
                    self.assertFalse(records.with_user(user).has_access("write"))

    def test_what_only_code_uses_is_nobodys(self):
        for model in ("icloud.booking.quota", "icloud.recount", "icloud.due"):
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(self.as_user(self.manager, model).has_access(operation))

    def test_a_dialog_is_its_users_own(self):
        asked = self.as_user(self.mara, "icloud.booking.why").create({"type_id": self.type.id})
        with self.assertRaises(AccessError):
            asked.with_user(self.colleague).read(["answer"])
