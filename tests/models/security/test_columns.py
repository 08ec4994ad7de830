from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from tests.models.common import ICloudCase

# Fields of our addons on Odoo's own models. Who adds one puts it on one of the two lists.
OPEN = {
    "calendar.event": {"seats"},
    "res.users": {
        "booking_mail_cancelled",
        "booking_mail_confirmed",
        "booking_mail_moved",
        "booking_mail_requested",
        "icloud_conflict_calendar_ids",
        "icloud_primary_calendar_id",
    },
}
CLOSED = {
    "calendar.attendee": {"busy_start", "busy_stop", "in_session"},
    "calendar.event": {
        "booking_ids",
        "booking_type_id",
        "busy_start",
        "busy_stop",
        "icloud_declined",
        "icloud_event_ids",
        "icloud_free",
        "icloud_origin_id",
        "icloud_recurrence_id",
        "icloud_title",
        "icloud_travel",
        "icloud_unanswered",
        "is_veiled",
        "reservation_ids",
        "seat_ids",
        "seats_taken",
        "waiting_ids",
    },
    "res.users": {
        "booking_resource_id",
        "icloud_account_ids",
        "icloud_apple_id",
        "icloud_calendar_count",
        "icloud_last_error",
        "icloud_last_import",
        "icloud_next_import",
        "icloud_state",
        "icloud_trouble",
    },
}
# A value that the field would take, were it open.
_SAMPLES = {
    "boolean": True,
    "char": "19700101",
    "datetime": "2026-11-26 10:00:00",
    "html": "<p>X</p>",
    "integer": 7,
    "many2many": [Command.clear()],
    "many2one": 1,
    "one2many": [Command.clear()],
    "selection": "none",
}


@tagged("-at_install", "post_install", "standard")
class TestColumns(ICloudCase):
    """What sync and engine believe is written by code alone, on every way in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = {
            (model_name, name)
            for model_name, model in cls.env.registry.items()
            # What a dialog shows is forgotten with it.
            if not model_name.startswith("icloud.") and not model._abstract and not model._transient
            for name, field in model._fields.items()
            if not field.inherited
            and field._modules
            and field._modules[0].startswith("icloud_calendar_sync")
        }

    def events(self):
        """{kind: an event of Mara's}, with her attendance."""
        self.connect(self.mara)
        self.cloud.put_event(
            "mara@icloud.com", "home", summary="School", start=self.aware(15), stop=self.aware(16)
        )
        self.run_import()
        imported = self.env["calendar.event"].search([("icloud_origin_id", "!=", False)])
        meeting = (
            self.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": "Lunch",
                    "start": self.at(12),
                    "stop": self.at(13),
                    "user_id": self.mara.id,
                    "partner_ids": [Command.set(self.mara.partner_id.ids)],
                }
            )
        )
        return {
            "imported": imported,
            "session": self.book(user_id=self.mara.id).event_id,
            "meeting": meeting,
        }

    def test_each_of_our_fields_is_either_open_or_closed(self):
        listed = {
            (model, name)
            for names in (OPEN, CLOSED)
            for model, fields in names.items()
            for name in fields
        }
        self.assertEqual(self.ours, listed)
        for model, name in sorted(self.ours):
            with self.subTest(model=model, field=name):
                records = self.env[model].with_user(self.mara)
                self.assertEqual(
                    records._has_field_access(records._fields[name], "write"),
                    name in OPEN.get(model, ()),
                )

    def test_not_even_administrators_write_them(self):
        events = self.events()
        targets = {
            "calendar.event": [events["meeting"], events["imported"], events["session"]],
            "calendar.attendee": events["meeting"].attendee_ids | events["session"].attendee_ids,
            "res.users": [self.mara],
        }
        admin = self.env.ref("base.user_admin")
        for model, names in CLOSED.items():
            for name in sorted(names):
                value = _SAMPLES[self.env[model]._fields[name].type]
                for user in (self.colleague, self.mara, admin):
                    for target in targets[model]:
                        with (
                            self.subTest(field=name, user=user.login, target=str(target)),
                            self.assertRaises(UserError),
                        ):
                            target.with_user(user).write({name: value})

    def test_nor_are_they_created_imported_copied_or_defaults(self):
        events = self.events()
        Event = self.env["calendar.event"].with_user(self.colleague)
        plain = {"name": "Mine", "start": self.at(9), "stop": self.at(10)}
        mine = Event.create(plain)
        origin = events["imported"].icloud_origin_id
        for name in sorted(CLOSED["calendar.event"]):
            field = Event._fields[name]
            value = origin.id if name == "icloud_origin_id" else _SAMPLES[field.type]
            ways = {
                "create": lambda name=name, value=value: Event.create({**plain, name: value}),
                "default": lambda name=name, value=value: Event.with_context(
                    **{f"default_{name}": value}
                ).create(plain),
                "copy": lambda name=name, value=value: mine.copy({name: value}),
                "save": lambda name=name, value=value: Event.web_save({**plain, name: value}, {}),
                "through a recurrence": lambda name=name, value=value: (
                    self.env["calendar.recurrence"]
                    .with_user(self.colleague)
                    .create({"calendar_event_ids": [Command.create({**plain, name: value})]})
                ),
                "through an attendee's partner": lambda name=name, value=value: (
                    self.colleague.partner_id.with_user(self.env.ref("base.user_admin")).write(
                        {"meeting_ids": [Command.create({**plain, name: value})]}
                    )
                ),
            }
            for way, attempt in ways.items():
                with self.subTest(field=name, way=way), self.assertRaises(AccessError):
                    attempt()

    def test_no_default_of_a_users_own_gets_into_them(self):
        defaults = self.env["ir.default"].with_user(self.colleague)
        for model, name, value in (
            ("calendar.event", "icloud_origin_id", self.events()["imported"].icloud_origin_id.id),
            ("calendar.event", "booking_type_id", self.type.id),
            ("calendar.event", "busy_stop", 7),
            ("icloud.booking", "state", "attended"),
            ("icloud.booking", "hold_until", "2020-01-01 00:00:00"),
            ("icloud.booking.reservation", "active", False),
        ):
            defaults.set(model, name, value, user_id=True)
        event = (
            self.env["calendar.event"]
            .with_user(self.colleague)
            .create({"name": "Mine", "start": self.at(9), "stop": self.at(10)})
        )
        self.assertFalse(event.icloud_origin_id or event.booking_type_id)
        customer = {"name": "Anna Berg", "email": "anna@example.com"}
        one = self.make_type(self.jonas)
        booking = one.with_user(self.colleague).book(self.iso(11), customer).sudo()
        self.assertEqual((booking.state, booking.hold_until), ("confirmed", False))
        self.assertTrue(booking.event_id.reservation_ids.active)
        self.assertNotIn((11, 0), self.starts(one))

    def test_a_file_that_is_imported_brings_none_of_them(self):
        names = ["name", "start", "stop", "icloud_recurrence_id", "busy_stop"]
        row = ["Mine", str(self.at(9)), str(self.at(10)), "x", "7"]
        result = self.env["calendar.event"].with_user(self.colleague).load(names, [row])
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])

    def test_what_was_read_of_the_phone_keeps_its_hour(self):
        event = self.events()["imported"]
        only_mara = self.make_type(self.mara)
        self.assertNotIn((15, 0), self.starts(only_mara))
        theirs = event.with_user(self.colleague)
        attempts = [
            lambda: theirs.write({"busy_start": 0, "busy_stop": 0}),
            lambda: theirs.write({"alarm_ids": [Command.clear()]}),
            lambda: theirs.write({"follow_recurrence": True}),
            theirs.unlink,
            theirs.action_archive,
            lambda: theirs.attendee_ids.write({"state": "declined"}),
            lambda: theirs.attendee_ids.do_decline(),
            theirs.attendee_ids.unlink,
            lambda: (
                self.env["calendar.attendee"]
                .with_user(self.colleague)
                .create({"event_id": event.id, "partner_id": self.colleague.partner_id.id})
            ),
        ]
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assertRaises(UserError):
                attempt()
        self.assertNotIn((15, 0), self.starts(only_mara))

    def test_its_owner_may_be_reminded_and_decline(self):
        event = self.events()["imported"].with_user(self.mara)
        alarm = self.env["calendar.alarm"].search([], limit=1)
        event.alarm_ids = alarm
        event.attendee_ids.do_decline()
        self.assertEqual(event.attendee_ids.state, "declined")
        self.assertNotIn((15, 0), self.starts(self.make_type(self.mara)))

    def test_the_time_of_a_host_is_nobodys_to_move_or_delete(self):
        resource = self.mara._ensure_booking_resource()
        # As Odoo's HR app has it: officers look after everybody's resources.
        officers = self.env["res.groups"].create({"name": "Officers"})
        self.env["ir.model.access"].create(
            {
                "name": "resource.resource officers",
                "model_id": self.env["ir.model"]._get_id("resource.resource"),
                "group_id": officers.id,
                **dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_unlink"), True),
            }
        )
        users = {
            "manager": self.env.ref("icloud_calendar_sync.group_booking_manager"),
            "officer": officers | self.env.ref("base.group_erp_manager"),
        }
        other = self.env["res.company"].create({"name": "Elsewhere"})
        for name, group in users.items():
            self.colleague.group_ids |= group
            theirs = resource.with_user(self.colleague)
            for values in (
                {"active": False},
                {"user_id": self.colleague.id},
                {"company_id": other.id},
                {"tz": "Asia/Tokyo"},
                {"resource_type": "material"},
            ):
                with self.subTest(user=name, values=values), self.assertRaises(AccessError):
                    theirs.write(values)
            for attempt in (
                theirs.unlink,
                theirs.action_archive,
                lambda: self.mara.with_user(self.colleague).write(
                    {"resource_ids": [Command.delete(resource.id)]}
                ),
            ):
                with self.subTest(user=name), self.assertRaises(AccessError):
                    attempt()
        resource.with_user(self.colleague).name = "Mara Lind"
        self.assertTrue(resource.exists().active)
