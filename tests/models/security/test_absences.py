"""Whoever may enter an absence of their own may not make it somebody else's."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from tests.models.common import BookingCase


class AbsenceCase(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Resource = cls.env["resource.resource"]
        cls.own = Resource.create({"name": "Colleague", "user_id": cls.colleague.id})
        leaves = cls.env["resource.calendar.leaves"].with_user(cls.colleague)
        cls.absence = leaves.create(
            {
                "name": "Away",
                "resource_id": cls.own.id,
                "calendar_id": False,
                "date_from": cls.at(0),
                "date_to": cls.at(23),
            }
        )
        cls.env.flush_all()

    def free(self):
        self.env.flush_all()
        return len(self.type.slots(self.iso(9), self.iso(17)))

    def test_an_absence_is_handed_to_nobody_else(self):
        free = self.free()
        self.assertTrue(free)
        for name, attempt in {
            "to a host": {"resource_id": self.mara.sudo().booking_resource_id.id},
            "to everybody": {"resource_id": False, "calendar_id": self.schedule.id},
        }.items():
            with self.subTest(name):
                with self.assertRaises(AccessError):
                    self.absence.write(attempt)
                self.assertEqual(self.free(), free)

    def test_ones_own_is_still_ones_own(self):
        self.absence.write({"date_to": self.at(12), "name": "Away till noon"})
        self.assertEqual(self.absence.date_to, self.at(12))
        self.absence.unlink()

    def test_a_room_that_bookings_need_is_closed_by_those_who_may_change_it(self):
        rooms = self.env["resource.resource"].create(
            [{"name": name, "resource_type": "material"} for name in ("Booked", "Cellar")]
        )
        self.type.room_ids = rooms[0]
        free = self.free()
        span = {"date_from": self.at(0), "date_to": self.at(23), "calendar_id": False}
        leaves = self.absence.browse()
        for name, attempt in {
            "new": lambda: leaves.create({**span, "resource_id": rooms[0].id}),
            "handed on": lambda: self.absence.write({"resource_id": rooms[0].id}),
        }.items():
            with self.subTest(name):
                with self.assertRaises(AccessError):
                    attempt()
                self.assertEqual(self.free(), free)
        # What bookings do not need is as open as Odoo has it.
        leaves.create({**span, "resource_id": rooms[1].id}).unlink()
        manager = self.env.ref("icloud_calendar_sync.group_booking_manager")
        self.jonas.group_ids |= manager
        closed = leaves.with_user(self.jonas).create({**span, "resource_id": rooms[0].id})
        self.assertFalse(self.free())
        with self.assertRaises(AccessError):
            closed.with_user(self.colleague).unlink()
        closed.unlink()
        self.assertEqual(self.free(), free)

    def test_a_managers_room_becomes_nobodys_own(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env,
            login="manager",
            groups="base.group_user,icloud_calendar_sync.group_booking_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        rooms = self.env["resource.resource"].with_user(manager)
        room = rooms.create({"name": "Room", "resource_type": "material"})
        span = {"date_from": self.at(0), "date_to": self.at(23), "calendar_id": False}
        self.absence.with_user(manager).create({**span, "resource_id": room.id})
        free = self.free()
        for name, attempt in {
            "handed over": lambda: room.write({"user_id": self.mara.id}),
            "a person": lambda: room.write({"resource_type": "user", "user_id": self.mara.id}),
            "new": lambda: rooms.create(
                {"name": "New", "resource_type": "material", "user_id": self.mara.id}
            ),
        }.items():
            with self.subTest(name):
                with self.assertRaises(AccessError):
                    attempt()
                self.assertEqual(self.free(), free)
        room.write({"name": "Blue room"})

    def test_hours_that_a_manager_wrote_are_moved_into_nobodys_schedule(self):
        manager = self.env.ref("icloud_calendar_sync.group_booking_manager")
        self.jonas.group_ids |= manager
        own = self.schedule.copy().with_user(self.jonas)
        self.own.calendar_id = self.schedule
        with self.assertRaises(AccessError):
            own.attendance_ids[0].write({"calendar_id": self.schedule.id})
        own.attendance_ids[0].write({"hour_from": 8})

    def test_another_companys_hours_are_no_managers(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env,
            login="manager",
            groups="base.group_user,icloud_calendar_sync.group_booking_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        theirs = self.schedule.with_user(manager)
        self.assertEqual(self.schedule.company_id, self.env.company)
        free = self.free()
        for name, attempt in {
            "name": lambda: theirs.write({"name": "Mine"}),
            "lines": lambda: theirs.write({"attendance_ids": [Command.clear()]}),
            "a line": lambda: theirs.attendance_ids[0].write({"hour_to": 10}),
        }.items():
            with self.subTest(name):
                with self.assertRaises(AccessError):
                    attempt()
                self.assertEqual(self.free(), free)
        own = theirs.create({"name": "Own", "company_id": elsewhere.id})
        own.attendance_ids[0].write({"hour_from": 8})
        with self.assertRaises(AccessError):
            own.attendance_ids[0].write({"calendar_id": theirs.id})
