"""Services in a row, done by several hosts: they stay together, whatever is changed later."""

import base64
from datetime import UTC

from icalendar import Calendar
from odoo.exceptions import UserError
from odoo.tests import tagged

from tests.models.common import ICloudCase
from tests.models.planning.test_services import MenuCase


class ChainCase(MenuCase):
    """A dye that must rest half an hour, a wash meanwhile by Jonas, and a drying by Mara again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dye = cls.service("Dye", 30, 10, cls.by_mara, buffer_after=30)
        cls.wash = cls.service("Wash", 15, 10, cls.by_jonas)
        cls.dry = cls.service("Dry", 30, 10, cls.by_mara)

    def spans(self, booking):
        """What is reserved for each part: [(resource, start, stop)], the host's first."""
        return [
            [
                (row.resource_id, row.start, row.stop)
                for row in part.event_id.reservation_ids.sorted("resource_id")
            ]
            for part in booking._parts()
        ]


@tagged("-at_install", "post_install", "standard")
class TestMoved(ChainCase):
    """A finish in a cabin, which is to be cleaned for half an hour, by either host."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cabin = cls.room("Cabin")
        cls.finish = cls.service(
            "Finish",
            30,
            10,
            cls.by_mara,
            cls.by_jonas,
            buffer_after=30,
            room_ids=[(6, 0, cls.cabin.ids)],
        )

    def assertFinishIsReserved(self, booking, since, days=8):
        """The host is kept until the cabin is clean, and the cabin for as long."""
        reserved = booking.event_id.reservation_ids
        host = booking.user_id.booking_resource_id
        self.assertEqual(reserved.resource_id, host | self.cabin)
        self.assertEqual(set(reserved.mapped("stop")), {self.at(12, days=days)})
        own = reserved.filtered(lambda row: row.resource_id == host)
        self.assertEqual(own.start, since)
        # Nobody else gets the cabin meanwhile.
        other = (self.by_mara | self.by_jonas).filtered(
            lambda each: each.user_id != booking.user_id
        )
        massage = self.service("Massage", 30, 10, other, room_ids=[(6, 0, self.cabin.ids)])
        with self.assertRaises(UserError):
            self.order(massage, hour=11, days=days, email="ben@example.com")

    def test_parts_that_become_one_keep_buffer_and_room(self):
        self.busy(self.mara, 11, 13)
        booking = self.order(self.colour, self.finish)
        self.assertEqual(booking.child_ids.user_id, self.jonas)
        self.busy(self.jonas, 9, 17, days=8)
        booking.reschedule(self.iso(10, days=8))
        self.assertFalse(booking.child_ids)
        self.assertFinishIsReserved(booking, since=self.at(10, days=8))

    def test_a_part_that_is_added_has_buffer_and_room(self):
        booking = self.order(self.colour, self.finish)
        self.assertFalse(booking.child_ids)
        self.busy(self.mara, 11, 13, days=8)
        booking.reschedule(self.iso(10, days=8))
        part = booking.child_ids
        self.assertEqual((booking.user_id, part.user_id), (self.mara, self.jonas))
        self.assertFinishIsReserved(part, since=self.at(11, days=8))

    def test_services_keep_their_order_through_every_move(self):
        wanted = ["Colour", "Cut", "Finish"]
        self.busy(self.mara, 12, 13)
        booking = self.order(self.colour, self.cut, self.finish, hour=10, minute=30)
        self.assertEqual(booking._parts().mapped("line_ids.name"), wanted)
        self.assertEqual(booking.child_ids.line_ids.name, "Finish")
        self.busy(self.jonas, 9, 17, days=8)
        for days in (8, 7, 8):
            booking.reschedule(self.iso(10, 30, days=days))
            self.env.invalidate_all()
            self.assertEqual(booking._parts().mapped("line_ids.name"), wanted)
        self.assertFalse(booking.child_ids)

    def test_a_part_may_begin_beside_the_steps(self):
        rinse = self.service("Rinse", 20, 10, self.by_mara)
        booking = self.order(rinse, self.finish)
        self.assertFalse(booking.child_ids)
        self.busy(self.mara, 11, 13, days=8)
        booking.reschedule(self.iso(10, 30, days=8))
        self.assertEqual(booking.child_ids.start, self.at(10, 50, days=8))
        self.assertEqual(booking.child_ids.user_id, self.jonas)

    def test_a_session_dragged_by_its_host_stays_in_its_room(self):
        second = self.room("Second cabin")
        massage = self.service(
            "Massage", 30, 10, self.by_jonas, room_ids=[(6, 0, (self.cabin | second).ids)]
        )
        booking = self.order(massage)
        reserved = booking.event_id.reservation_ids.resource_id
        booking.event_id.with_user(self.jonas).write(
            {"start": self.at(10, 30), "stop": self.at(11)}
        )
        self.assertEqual(booking.event_id.reservation_ids.resource_id, reserved)


@tagged("-at_install", "post_install", "standard")
class TestReturning(ChainCase):
    """The first host comes back for the last part, while the buffer of the first one runs."""

    def setUp(self):
        super().setUp()
        self.booking = self.order(self.dye, self.wash, self.dry)
        self.first, self.second, self.third = self.booking._parts()

    def test_each_part_has_a_reservation_of_its_own(self):
        mara, jonas = self.mara.booking_resource_id, self.jonas.booking_resource_id
        self.assertEqual(
            self.spans(self.booking),
            [
                [(mara, self.at(10), self.at(10, 45))],
                [(jonas, self.at(10, 30), self.at(10, 45))],
                [(mara, self.at(10, 45), self.at(11, 15))],
            ],
        )

    def test_it_moves_as_one_also_into_its_own_time(self):
        self.booking.reschedule(self.iso(10, 30))
        self.assertEqual(
            self.booking._parts().mapped("start"),
            [self.at(10, 30), self.at(11), self.at(11, 15)],
        )
        self.assertTrue(all(self.spans(self.booking)))
        self.assertIn((9, 30), self.offered(self.cut, user=self.mara))

    def test_no_part_is_torn_out_by_its_host(self):
        for part in self.booking._parts():
            span = part.start, part.stop
            for change in (
                {"start": self.at(14), "stop": self.at(14, 30)},
                {"stop": self.at(11, 30)},
                {"user_id": ((self.mara | self.jonas) - part.user_id).id},
            ):
                with (
                    self.assertRaisesRegex(UserError, "several services in a row"),
                    self.env.cr.savepoint(),
                ):
                    part.event_id.with_user(part.user_id).write(change)
                self.assertEqual((part.event_id.start, part.event_id.stop), span)
        # What does not move it is the host's to change.
        self.third.event_id.with_user(self.mara).write({"location": "Upstairs"})
        self.assertEqual(self.third.event_id.location, "Upstairs")

    def test_a_host_who_archives_the_last_part_cancels_all(self):
        self.third.event_id.with_user(self.mara).action_archive()
        self.assertEqual(set(self.booking._parts().mapped("state")), {"cancelled"})
        self.assertIn((10, 0), self.offered(self.dye, self.wash, self.dry))

    def test_the_customers_calendar_gets_it_from_the_first_to_the_last(self):
        mail = self.env["mail.mail"].search([("email_to", "=", "anna@example.com")])
        (attached,) = mail.attachment_ids
        (event,) = Calendar.from_ical(base64.b64decode(attached.datas)).walk("VEVENT")
        times = [
            event[name].dt.astimezone(UTC).replace(tzinfo=None) for name in ("DTSTART", "DTEND")
        ]
        self.assertEqual(times, [self.at(10), self.at(11, 15)])

    def test_a_host_who_comes_back_takes_one_place_of_the_day(self):
        self.booking.action_cancel()
        self.menu.host_max_per_day = 1
        self.assertIn((10, 0), self.offered(self.dye, self.wash, self.dry))
        self.order(self.dye, self.wash, self.dry)
        self.assertEqual(self.offered(self.cut), [])


@tagged("-at_install", "post_install", "standard")
class TestReturningInICloud(ChainCase, ICloudCase):
    def test_who_comes_back_has_both_parts_on_the_phone(self):
        self.connect(self.mara)
        self.run_import()
        booking = self.order(self.dye, self.wash, self.dry)
        self.push()
        titles = sorted(
            Calendar.from_ical(data).walk("VEVENT")[0]["SUMMARY"]
            for data in self.in_icloud(self.mara)
        )
        self.assertEqual(titles, ["Dry: Anna Berg", "Dye: Anna Berg"])
        booking.action_cancel()
        self.push()
        self.assertEqual(self.in_icloud(self.mara), [])
