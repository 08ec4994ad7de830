from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from tests.models.common import ICloudCase

# What a stranger to the records may do all the same; everything else is refused.
ALLOWED = {
    # Anybody inside may ask a booking type that they see why a time is not offered.
    ("colleague", "icloud.booking.why", "create"),
    # Whose question it is sees it; the answer needs the type, which is not theirs.
    ("manager elsewhere", "icloud.booking.why", "create"),
    ("manager elsewhere", "icloud.booking.publish", "create"),
    # It shows nothing of a type that is not theirs.
    ("manager elsewhere", "icloud.booking.preview", "create"),
}


@tagged("-at_install", "post_install", "standard")
class TestEveryModel(ICloudCase):
    """Who has nothing to do with a record of ours makes, changes, copies and deletes none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        manager = "base.group_user,icloud_calendar_sync.group_booking_manager"
        cls.actors = {
            "colleague": cls.colleague,
            "manager elsewhere": new_test_user(
                cls.env,
                login="elsewhere",
                groups=manager,
                company_id=cls.elsewhere.id,
                company_ids=[Command.set(cls.elsewhere.ids)],
            ),
            "portal": new_test_user(cls.env, login="portal", groups="base.group_portal"),
            "public": cls.env.ref("base.public_user"),
        }
        cls.models = sorted(
            name
            for name, model in cls.env.registry.items()
            if name.startswith("icloud.") and not model._abstract
        )

    def records(self):
        """{model: one record that is Mara's, or her company's}."""
        self.connect(self.mara)
        self.cloud.put_event(
            "mara@icloud.com", "home", summary="School", start=self.aware(15), stop=self.aware(16)
        )
        self.run_import()
        menu = self.make_type(
            self.mara, name="Menu", kind="service", service_ids=[Command.create({"name": "Cut"})]
        )
        menu.service_ids.staff_ids = [Command.create({"host_id": menu.host_ids.id})]
        menu.override_ids = [Command.create({})]
        self.book(9, booking_type=menu, service_ids=menu.service_ids.ids)
        lesson = self.make_type(
            self.mara, kind="class", seats=1, waiting_list=True, max_per_day=3, name="Lesson"
        )
        self.book(12, booking_type=lesson)
        customer = {"name": "Ben", "email": "ben@example.com"}
        lesson.join_waiting_list(self.iso(12), customer)
        self.settle()
        account = self.env["icloud.account"].search([("user_id", "=", self.mara.id)])
        account._ask_workers("import")
        account._tell("info", "Hello")
        lesson.booking_ids.event_id._bookings_changed()
        self.env["icloud.booking.notice"].create(
            {
                "booking_id": lesson.booking_ids[:1].id,
                "reminder_id": lesson.reminder_ids.id,
                "start": lesson.booking_ids[:1].start,
            }
        )
        self.env["icloud.booking.form"]._sent("a-form-that-was-sent", self.iso(12))
        for wizard in ("icloud.booking.why", "icloud.booking.publish", "icloud.booking.preview"):
            self.env[wizard].with_user(self.env.ref("base.user_admin")).create(
                {"type_id": self.type.id}
            )
        self.env["icloud.health.view"].create({})
        self.env["icloud.limit"].create({"key": "somebody", "back_at": 1})
        self.env["icloud.tally"].create(
            {"hour": "2026-11-26", "method": "PUT", "outcome": "201", "requests": 1, "seconds": 1}
        )
        self.env.flush_all()
        found = {}
        for model in self.models:
            rows = self.env[model].search([], limit=1, order="id desc")
            self.assertTrue(rows, f"{model} has no row to try it on")
            found[model] = rows
        return found

    def attempts(self, record):
        """{operation: function of a recordset of the actor}."""
        columns = {
            name: field.convert_to_write(record[name], record)
            for name, field in record._fields.items()
            if field.store and field.column_type and name not in MAGIC_COLUMNS
        }
        yield "create", lambda own: own.browse().create(columns)
        yield "unlink", lambda own: own.unlink()
        yield "copy", lambda own: own.copy()
        for name, field in record._fields.items():
            if name in MAGIC_COLUMNS or not (field.store or field.inverse):
                continue
            value = columns.get(name, [Command.clear()])
            yield f"write {name}", lambda own, name=name, value=value: own.write({name: value})
        yield "load", self._load

    def _load(self, own):
        name = next(name for name in own._fields if name not in MAGIC_COLUMNS)
        result = own.browse().load([".id", name], [[str(own.id), "1"]])
        if not result["ids"]:
            raise UserError(str(result["messages"]))

    def test_strangers_make_change_copy_and_delete_nothing(self):
        for model, record in self.records().items():
            for who, user in self.actors.items():
                for operation, attempt in self.attempts(record):
                    with self.subTest(model=model, who=who, operation=operation):
                        if (who, model, operation) in ALLOWED:
                            attempt(record.with_user(user))
                        else:
                            self.assert_refused(attempt, record.with_user(user))

    def assert_refused(self, attempt, record):
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                attempt(record)
                self.env.flush_all()
        except (UserError, IntegrityError):
            # Some rows are refused for being the second of their kind, before anything is asked.
            self.env.invalidate_all()
        else:
            self.fail("Nobody refused it.")

    def test_nor_do_they_read_what_is_private(self):
        # Colleagues see what is offered and when others are busy, never who comes, or an account.
        open_inside = {
            "icloud.booking.type",
            "icloud.booking.host",
            "icloud.booking.service",
            "icloud.booking.staff",
            "icloud.booking.override",
            "icloud.booking.reminder",
            "icloud.booking.reservation",
        }
        for model, record in self.records().items():
            for who, user in self.actors.items():
                with self.subTest(model=model, who=who):
                    if who == "colleague" and model in open_inside:
                        record.with_user(user).read(["id"])
                        continue
                    with self.assertRaises(UserError):
                        record.with_user(user).read(["id"])
